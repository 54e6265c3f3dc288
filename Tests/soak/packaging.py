# SPDX-License-Identifier: Apache-2.0
"""The sdist builds in a root made of Debian's packages and a Swift toolchain alone, with the network off.

Debian has no Swift that is new enough (its newest is 6.2.3), so the toolchain that is here is mounted into the root,
read-only, at the place that it has here. What Debian must provide beside it is the list below: Python with its
headers and setuptools, what Swift's compiler and linker need of C, and the libraries that Swift's tools are linked to.
Needs root, and a machine whose apt has Debian's archive: the root comes from the same mirror.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import envs
import swiftpm
import system
from archive import Archive, UnavailableError

SUITE = "trixie"
PYTHON = ["python3-dev", "python3-pip", "python3-setuptools", "python3-wheel"]
COMPILER = ["libc6-dev", "libgcc-14-dev", "libstdc++-14-dev", "binutils", "pkgconf", "git", "ca-certificates"]
LIBRARIES = ["libcurl4t64", "libxml2", "libsqlite3-0", "libncurses6", "libedit2", "zlib1g"]
# Runs as an ordinary user, who may write to /build alone.
SCRIPT = """
set -eu
cd /build
mkdir -p source wheels
tar -xzf /sdist/*.tar.gz -C source --strip-components=1
cd source
# No network: below two lines of headings there is the loopback interface alone.
test -z "$(tail -n +3 /proc/net/dev | grep -v '^ *lo:')"
python3 -m pip wheel -v --no-index --no-build-isolation --no-deps -w /build/wheels . > /build/log 2>&1 \
    || { tail -n 60 /build/log; exit 1; }
python3 -m pip install -q --no-index --no-deps --target /build/site /build/wheels/*.whl
cd /
PYTHONPATH=/build/site python3 - <<'END'
import swiftbuffer as sb
from swiftbuffer import testing
view = sb.View(sb.array([[1, 2, 3], [4, 5, 6]], "i"))[:, ::-1]
assert view.T.copy().tolist() == [[3, 6], [2, 5], [1, 4]]
for case in testing.exporters():
    if case.flags == testing.PyBUF_FULL_RO:
        assert sb.View(case.exporter).tolist() == case.expected, case
assert sb.check(sb.zeros(3)).ok
print("built and used:", sb._core.__file__)
END
"""


def run(*line: str | Path, **options: object) -> None:
    print("+", *line[:6], *(["..."] if len(line) > 6 else []), flush=True)
    subprocess.run([str(part) for part in line], check=True, **options)  # type: ignore[call-overload]


def make_sdist(folder: Path) -> None:
    executable = envs.ensure("packaging", envs.current())
    run(
        executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", folder, envs.ROOT, stdout=subprocess.DEVNULL
    )


def make_root(root: Path) -> None:
    """A Debian without recommended packages; nothing of this machine is in it."""
    if shutil.which("debootstrap") is None and not system.install(["debootstrap"]):
        sys.exit(f"error: no debootstrap here; {system.advice(['debootstrap'])}")
    with tempfile.TemporaryDirectory() as folder:
        mirror, key = Archive(Path(folder)).system()
    options = ["--variant=minbase", f"--include={','.join(PYTHON + COMPILER + LIBRARIES)}"]
    if key is not None:
        options.append(f"--keyring={key}")
    run("debootstrap", *options, SUITE, root, mirror, stdout=subprocess.DEVNULL)


def build_in(root: Path, sdist: Path) -> None:
    """Builds in the root, in namespaces of its own: no network, and mounts that go when it ends."""
    toolchain = Path(swiftpm.swift_command()).resolve().parent.parent.parent
    if toolchain == Path("/"):
        sys.exit("error: this toolchain is part of the system; one in a folder of its own can be mounted elsewhere")
    inside = root / toolchain.relative_to("/")
    for folder in (inside, root / "sdist", root / "build"):
        folder.mkdir(parents=True, exist_ok=True)
    mounts = f"""
        set -eu
        mount --bind '{toolchain}' '{inside}'
        mount -o remount,ro,bind '{inside}'
        mount --bind '{sdist}' '{root}/sdist'
        mount -t proc proc '{root}/proc'
        mount --bind /dev '{root}/dev'
        exec chroot '{root}' env -i PATH='{toolchain}/usr/bin:/usr/bin:/bin' LANG=C.UTF-8 HOME=/build sh -c "$1"
    """
    run("unshare", "--mount", "--net", "--pid", "--fork", "sh", "-c", mounts, "sh", SCRIPT)


def main() -> int:
    if os.geteuid() != 0:
        print("error: a root of Debian's packages can be made by root alone; run it with sudo")
        return 1
    with tempfile.TemporaryDirectory(prefix="swiftbuffer-packaging-") as place:
        root, sdist = Path(place, "root"), Path(place, "sdist")
        sdist.mkdir()
        try:
            make_sdist(sdist)
            make_root(root)
            build_in(root, sdist)
        except subprocess.CalledProcessError as error:
            print(f"error: exit code {error.returncode} from {error.cmd[0]}")
            return 1
        except UnavailableError as error:
            print(f"error: {error}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
