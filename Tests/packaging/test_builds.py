# SPDX-License-Identifier: Apache-2.0
"""The source distribution builds on its own, in each way that pip has."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import venv
from pathlib import Path

import pytest

from conftest import ROOT, WHEEL, Run

SHOW = "import swiftbuffer, swiftbuffer._core as core; print(swiftbuffer.__version__, core.__file__)"


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """The interpreter of a new environment that sees this one's setuptools."""
    venv.create(tmp_path / "env", with_pip=False)
    (packages,) = (tmp_path / "env").glob("lib/python3*/site-packages")
    (here,) = Path(sys.prefix).glob("lib/python3*/site-packages")
    (packages / "build-tools.pth").write_text(f"{here}\n")
    return tmp_path / "env" / "bin" / "python"


def test_sdist_holds_all_tracked_sources(sdist: Path) -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("this tree is not a git repository")
    with tarfile.open(sdist) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    # What only a clone and its host use.
    apart = (".ci/", ".github/", ".gitignore", ".editorconfig", ".swift-version", ".spi.yml", ".pre-commit-config.yaml")
    apart = (*apart, "Fuzzing/corpus/")
    assert [name for name in listed.stdout.splitlines() if not name.startswith(apart) and name not in packed] == []


def test_sdist_holds_nothing_that_was_built(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = [name for name in archive.getnames() if "/python/swiftbuffer/build/" not in name]
    assert [name for name in names if name.endswith((".so", ".pyc")) or "/.build/" in name or "/build/" in name] == []


def test_second_build_compiles_nothing(run: Run, built: Path, tree: Path, tmp_path: Path) -> None:
    shown = run(*WHEEL, "-w", tmp_path, ".", cwd=tree)
    assert shown.returncode == 0, shown.stdout
    assert "Compiling" not in shown.stdout
    assert [wheel.name for wheel in tmp_path.glob("*.whl")] == [built.name]


@pytest.mark.usefixtures("built")
def test_install(run: Run, tree: Path, tmp_path: Path, fresh: Path) -> None:
    installed = run(
        *("-m", "pip", "--python", fresh, "install", "--no-build-isolation", "--no-deps", "--ignore-installed", "."),
        cwd=tree,
    )
    assert installed.returncode == 0, installed.stdout
    shown = run("-c", SHOW, cwd=tmp_path, python=fresh)
    assert shown.returncode == 0, shown.stdout
    assert str(tmp_path / "env") in shown.stdout


@pytest.mark.usefixtures("built")
def test_editable_install_uses_the_sources(run: Run, tree: Path, tmp_path: Path, fresh: Path) -> None:
    options = ("install", "--no-build-isolation", "--no-deps", "--ignore-installed", "-e", ".")
    installed = run("-m", "pip", "--python", fresh, *options, cwd=tree)
    assert installed.returncode == 0, installed.stdout
    (compiled,) = (tree / "python" / "swiftbuffer").glob("_core.*.so")
    # The tested wheel of this environment would come first through the borrowed packages: ask the new one alone.
    shown = run(
        "-c",
        f"import sys; sys.path = [p for p in sys.path if {sys.prefix!r} not in p]; {SHOW}",
        cwd=tmp_path,
        python=fresh,
    )
    assert shown.returncode == 0, shown.stdout
    assert str(compiled) in shown.stdout
