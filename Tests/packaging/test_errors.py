# SPDX-License-Identifier: Apache-2.0
"""A failed build ends with one line that says why, without a traceback."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path

import pytest

from conftest import ROOT, Run

BUILD = ("setup.py", "build_ext")
PIP = ("-m", "pip", "wheel", "--no-build-isolation", "--no-deps", ".")


def errors(output: str) -> list[str]:
    """The lines that report an error of ours, wherever pip puts them."""
    assert "Traceback" not in output
    return [line.strip() for line in output.splitlines() if line.strip().startswith("error: ")]


def pretend(folder: Path, code: str) -> str:
    """A PYTHONPATH under which every interpreter runs `code` at start."""
    (folder / "sitecustomize.py").write_text(f"import sys, sysconfig\n{code}\n")
    return str(folder)


def fake_swift(folder: Path, answer: str) -> str:
    """A PATH whose only `swift` answers this to everything."""
    (folder / "swift").write_text(f"#!/bin/sh\necho '{answer}'\n")
    (folder / "swift").chmod(0o755)
    return f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin"


def test_no_swift(run: Run, tree: Path, tmp_path: Path) -> None:
    built = run(*BUILD, cwd=tree, PATH=str(tmp_path))
    assert built.returncode != 0
    assert len(errors(built.stdout)) == 1
    assert errors(built.stdout)[0].startswith(
        "error: no `swift` on PATH; building swiftbuffer needs Swift 6.3 or newer"
    )


def test_no_swift_as_pip_shows_it(run: Run, tree: Path, tmp_path: Path) -> None:
    built = run(*PIP, cwd=tree, PATH=str(tmp_path))
    assert built.returncode != 0
    assert any("no `swift` on PATH" in line for line in errors(built.stdout))


@pytest.mark.parametrize("version", ["5.10.1", "6.0.3", "6.2.3"])
def test_swift_too_old(run: Run, tree: Path, tmp_path: Path, version: str) -> None:
    built = run(*BUILD, cwd=tree, PATH=fake_swift(tmp_path, f"Swift version {version} (swift-RELEASE)"))
    assert built.returncode != 0
    (error,) = errors(built.stdout)
    assert "needs Swift 6.3 or newer" in error
    assert error.endswith(f"is {'.'.join(version.split('.')[:2])}")


def test_something_else_called_swift(run: Run, tree: Path, tmp_path: Path) -> None:
    built = run(*BUILD, cwd=tree, PATH=fake_swift(tmp_path, "usage: swift [options] (OpenStack object storage)"))
    assert built.returncode != 0
    (error,) = errors(built.stdout)
    assert "names no version" in error


def test_no_headers(run: Run, tree: Path, tmp_path: Path) -> None:
    path = pretend(tmp_path, f"sysconfig.get_path = lambda name, *rest: {str(tmp_path)!r}")
    built = run(*BUILD, cwd=tree, PYTHONPATH=path)
    assert built.returncode != 0
    (error,) = errors(built.stdout)
    assert f"is not in {tmp_path}" in error
    assert "`apt-get install python3-dev`" in error
    assert f"python{sys.version_info.major}.{sys.version_info.minor}-dev" in error


def test_python_too_old(run: Run, tree: Path, tmp_path: Path) -> None:
    path = pretend(tmp_path, "sys.version_info = (3, 10, 4, 'final', 0)")
    built = run(*BUILD, cwd=tree, PYTHONPATH=path)
    assert built.returncode != 0
    assert errors(built.stdout) == ["error: swiftbuffer needs CPython 3.11 or newer; this is 3.10.4"]


def test_old_pythons_can_read_the_script_that_refuses_them() -> None:
    ast.parse((ROOT / "setup.py").read_text(), feature_version=(3, 7))


def test_not_cpython(run: Run, tree: Path, tmp_path: Path) -> None:
    path = pretend(tmp_path, "sys.implementation.name = 'pypy'")
    built = run(*BUILD, cwd=tree, PYTHONPATH=path)
    assert built.returncode != 0
    (error,) = errors(built.stdout)
    assert error.startswith("error: swiftbuffer extends CPython itself")


@pytest.mark.parametrize(
    ("code", "machine"),
    [("sys.byteorder = 'big'", "64-bit big-endian"), ("sys.maxsize = 2**31 - 1", "32-bit little-endian")],
)
def test_machines_of_another_kind(run: Run, tree: Path, tmp_path: Path, code: str, machine: str) -> None:
    built = run(*BUILD, cwd=tree, PYTHONPATH=pretend(tmp_path, code))
    assert built.returncode != 0
    (error,) = errors(built.stdout)
    assert "for 64-bit little-endian machines only" in error
    assert f"this CPython is {machine}" in error


def test_a_build_that_fails_says_where_to_look(run: Run, tree: Path, tmp_path: Path) -> None:
    script = tmp_path / "swift"
    script.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Swift version 6.3" && exit\necho broken >&2\nexit 3\n')
    script.chmod(0o755)
    built = run(*BUILD, cwd=tree, PATH=f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin")
    assert built.returncode != 0
    assert "broken" in built.stdout
    assert errors(built.stdout) == ["error: `swift build` failed with exit code 3; its own messages are above"]
