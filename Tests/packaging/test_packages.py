# SPDX-License-Identifier: Apache-2.0
"""What `swiftbuffer.build` makes of the packages of Swift authors, with the package as users install it."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from conftest import Run

PIP = ("-m", "pip", "--disable-pip-version-check")
ALONE = ("--no-build-isolation", "--no-deps")


@pytest.fixture(scope="module")
def author(run: Run, built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that has the package, and sees the build tools of this one."""
    folder = tmp_path_factory.mktemp("author")
    venv.create(folder, with_pip=False)
    (packages,) = folder.glob("lib/python3*/site-packages")
    (here,) = Path(sys.prefix).glob("lib/python3*/site-packages")
    (packages / "build-tools.pth").write_text(f"{here}\n")
    python = folder / "bin" / "python"
    installed = run(*PIP, "--python", python, "install", "--no-deps", built, cwd=folder)
    assert installed.returncode == 0, installed.stdout
    return python


@pytest.fixture
def fresh(author: Path) -> Path:
    """The same, without what another test installed."""
    for name in ("signals", "meters"):
        subprocess.run([author, *PIP, "uninstall", "-q", "-y", name], check=True, capture_output=True)
    return author


def make(run: Run, python: Path, folder: Path, kind: str = "exporter") -> Path:
    made = run("-m", "swiftbuffer", "new", "signals", "--kind", kind, cwd=folder, python=python)
    assert made.returncode == 0, made.stdout
    return folder / "signals"


def test_two_commands_lead_from_nothing_to_passing_tests(fresh: Path, tmp_path: Path) -> None:
    for line in ([fresh, "-m", "swiftbuffer", "new", "signals"], ["make", "-C", "signals", "test", f"PYTHON={fresh}"]):
        shown = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "5 passed" in shown.stdout
    assert "Test run with 2 tests in 0 suites passed" in shown.stdout + shown.stderr


@pytest.mark.parametrize("kind", ["function", "consumer"])
def test_new_packages_of_other_kinds_pass_their_tests(run: Run, fresh: Path, tmp_path: Path, kind: str) -> None:
    make(run, fresh, tmp_path, kind)
    line = ["make", "-C", "signals", "test", f"PYTHON={fresh}"]
    shown = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "4 passed" in shown.stdout
    assert "in 0 suites passed" in shown.stdout + shown.stderr


def test_an_editable_install_follows_its_sources(run: Run, fresh: Path, tmp_path: Path) -> None:
    project = make(run, fresh, tmp_path, "function")
    installed = run(*PIP, "install", *ALONE, "-e", project, cwd=tmp_path, python=fresh)
    assert installed.returncode == 0, installed.stdout
    use = ("-c", "import signals; print(signals.clamp(7, high=3))")
    # Without Swift: nothing has changed, so that nothing is compiled.
    assert run(*use, cwd=tmp_path, python=fresh, PATH="/nowhere").stdout == "3.0\n"

    source = project / "Sources" / "signals" / "Module.swift"
    first = source.read_text()
    source.write_text(first.replace("return min(max(value, low), high)", "return -min(max(value, low), high)"))
    shown = run(*use, cwd=tmp_path, python=fresh)
    assert shown.stdout == "-- compiling signals: its sources have changed\n-3.0\n"
    assert run(*use, cwd=tmp_path, python=fresh).stdout == "-3.0\n"

    # Type checkers see what was compiled.
    (stub,) = project.glob("build/editable/*/signals/__init__.pyi")
    assert stub.with_name("py.typed").exists()
    assert "Return the nearest" in stub.read_text()
    source.write_text(first.replace("Return the nearest", "Return the closest"))
    assert "compiling" in run(*use, cwd=tmp_path, python=fresh).stdout
    assert "Return the closest" in stub.read_text()

    # The last build may have been for another Python.
    (project / ".swiftbuffer").unlink()
    (project / ".swiftbuffer").symlink_to("/nowhere")
    source.write_text(first.replace("return min", "return mim"))
    broken = run(*use, cwd=tmp_path, python=fresh)
    assert broken.returncode == 1
    assert "ImportError: signals cannot be compiled; `swift build` says:" in broken.stdout
    assert "cannot find 'mim' in scope" in broken.stdout
    # What was compiled last can still be used.
    assert run(*use, cwd=tmp_path, python=fresh, SWIFTBUFFER_EDITABLE="0").stdout == "3.0\n"


@pytest.fixture(scope="module")
def wheel(run: Run, author: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel made of a source distribution. The folder's name has a space in it."""
    folder = tmp_path_factory.mktemp("a place")
    project = make(run, author, folder, "function")
    # A library of its own next to the module, and a setting of each kind.
    text = (project / "pyproject.toml").read_text()
    (project / "python" / "meters").mkdir(parents=True)
    (project / "python" / "meters" / "__init__.py").write_text("from meters._signals import clamp\n")
    (project / "LICENSE").write_text("Mine.\n")
    text = text.replace('name = "signals"', 'name = "meters"\nlicense = "MIT"\nlicense-files = ["LICENSE"]')
    settings = 'product = "signals"\nmodule = "meters._signals"\npython-source = "python"\n'
    (project / "pyproject.toml").write_text(f"{text}\n[tool.swiftbuffer]\n{settings}")
    source = project / "Sources" / "signals" / "Module.swift"
    source.write_text(
        source.read_text().replace("PyInit_signals", "PyInit__signals").replace('"signals"', '"_signals"')
    )
    shown = run("-m", "build", "--no-isolation", "--outdir", folder, project, cwd=folder, python=author)
    assert shown.returncode == 0, shown.stdout
    (wheel,) = folder.glob("*.whl")
    return wheel


def test_a_wheel_of_a_source_distribution_works(run: Run, fresh: Path, wheel: Path, tmp_path: Path) -> None:
    installed = run(*PIP, "install", "--no-deps", wheel, cwd=tmp_path, python=fresh)
    assert installed.returncode == 0, installed.stdout
    use = ("-c", "import meters; print(meters.clamp(7, high=3), meters.clamp.__module__)")
    assert run(*use, cwd=tmp_path, python=fresh, PATH="/nowhere").stdout == "3.0 meters._signals\n"


def test_wheels_have_all_that_belongs_to_the_module(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = archive.read("meters-0.1.0.dist-info/METADATA").decode()
        bom = json.loads(archive.read("meters-0.1.0.dist-info/sboms/meters-0.1.0.cdx.json"))
        stub = archive.read("meters/_signals.pyi").decode()
        tag = archive.read("meters-0.1.0.dist-info/WHEEL").decode().partition("Tag: ")[2].strip()
    compiled = f"meters/_signals{sysconfig.get_config_var('EXT_SUFFIX')}"
    licences = {"LICENSE", "swiftbuffer/LICENSE", "swiftbuffer/licenses/Swift.txt", "swiftbuffer/licenses/LLVM.txt"}
    assert {compiled, "meters/__init__.py", "meters/_signals.pyi", "meters/py.typed"} <= names
    assert "def clamp(value: " in stub
    assert "high: typing.SupportsFloat | typing.SupportsIndex = 1.0) -> float:" in stub
    assert {f"meters-0.1.0.dist-info/licenses/{name}" for name in licences} <= names
    assert all(f"License-File: {name}\n" in metadata for name in licences)
    assert {part["name"] for part in bom["components"]} == {"swift-runtime", "llvm", "swiftbuffer"}
    assert wheel.name == f"meters-0.1.0-{tag}.whl"
    assert tag.partition("manylinux_2_")[1], "the platform is the oldest that can load the module"


def test_modules_export_their_entry_alone_and_load_no_swift(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".so")]
        file = archive.extract(name, tmp_path)
    with ELFFile.load_from_path(file) as elf:
        symbols = elf.get_section_by_name(".dynsym").iter_symbols()
        defined = {symbol.name for symbol in symbols if symbol["st_shndx"] != "SHN_UNDEF"}
        tags = elf.get_section_by_name(".dynamic").iter_tags()
        needed = {tag.needed for tag in tags if tag.entry.d_tag == "DT_NEEDED"}
        assert elf.get_section_by_name(".symtab") is None
    assert defined == {"PyInit__signals"}
    assert not [library for library in needed if "swift" in library]
