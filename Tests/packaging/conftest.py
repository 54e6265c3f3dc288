# SPDX-License-Identifier: Apache-2.0
"""Packaging is tested on what users get: an unpacked sdist, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import swiftpm

ROOT = Path(__file__).resolve().parent.parent.parent
Run = Callable[..., "subprocess.CompletedProcess[str]"]
WHEEL = ("-m", "pip", "wheel", "-v", "--no-build-isolation", "--no-deps")


@pytest.fixture(scope="session")
def run() -> Run:
    """Runs this interpreter and returns what it wrote, both streams as one."""

    def run(*arguments: str | Path, cwd: Path, python: str | Path = sys.executable, **env: str | None) -> object:
        variables = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"} | env
        return subprocess.run(
            [str(python), *map(str, arguments)],
            cwd=cwd,
            env={name: value for name, value in variables.items() if value is not None},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    return run  # type: ignore[return-value]


@pytest.fixture(scope="session")
def sdist(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution of this tree."""
    folder = tmp_path_factory.mktemp("sdist")
    built = run("-m", "build", "--sdist", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    assert built.returncode == 0, built.stdout
    (archive,) = folder.glob("*.tar.gz")
    return archive


@pytest.fixture(scope="session")
def tree(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, unpacked. The folder's name has a space in it."""
    folder = tmp_path_factory.mktemp("a tree")
    subprocess.run(["tar", "-xzf", sdist, "-C", folder], check=True)
    (tree,) = folder.iterdir()
    return tree


@pytest.fixture(scope="session")
def built(run: Run, tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first wheel of the unpacked source distribution, built by a user who has no home."""
    folder = tmp_path_factory.mktemp("first")
    shown = run(*WHEEL, "-w", folder, ".", cwd=tree, HOME=str(folder / "absent"), XDG_CACHE_HOME=None)
    assert shown.returncode == 0, shown.stdout
    assert "Compiling" in shown.stdout, "progress is shown"
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def swift_options() -> Iterator[list[str]]:
    """The compiler's options to find the library's modules, built for this interpreter if they are not yet."""
    maps = [ROOT / "Sources" / "CPython" / "module.modulemap"]
    with swiftpm.built_release("--target", "PythonEmbedding") as release:
        maps += sorted(release.glob("*Shims.build/module.modulemap"))
        line = ["-I", str(release / "Modules"), "-swift-version", "6", "-package-name", "author"]
        clang = [f"-fmodule-map-file={file}" for file in maps] + [f"-I{folder}" for folder in swiftpm.include_dirs()]
        for option in clang:
            line += ["-Xcc", option]
        yield line
