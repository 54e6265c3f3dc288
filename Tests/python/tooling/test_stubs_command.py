# SPDX-License-Identifier: Apache-2.0
"""``python -m swiftbuffer stubs``: the stub of a module in Swift, shown or written into a folder."""

from __future__ import annotations

import subprocess
import sys
import types
from pathlib import Path

import pytest

import swiftbuffer._core
from swiftbuffer._check.cli import main
from swiftbuffer._stubs import stub_files, write


def module(name: str, text: str, monkeypatch: pytest.MonkeyPatch, **names: object) -> types.ModuleType:
    """A module that says its stub as those of Swift do: by a built-in function."""
    made = types.ModuleType(name)
    vars(made).update(names, _stub_=f"{text}\n".lower)
    monkeypatch.setitem(sys.modules, name, made)
    return made


def test_stub_is_shown(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    module("package.signals", "def peak() -> float: ...", monkeypatch)
    assert main(["stubs", "package.signals"]) == 0
    assert capfd.readouterr().out == "def peak() -> float: ...\n"


def test_submodules_have_files_of_their_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    deep = module("signals.inner.deep", "z: int", monkeypatch)
    inner = module("signals.inner", "y: int", monkeypatch, deep=deep)
    module("signals", "x: int", monkeypatch, inner=inner, other=types)
    expected = {"signals/__init__.pyi": "x: int\n", "signals/inner/__init__.pyi": "y: int\n"}
    assert stub_files("signals") == {**expected, "signals/inner/deep.pyi": "z: int\n"}
    assert main(["stubs", "signals", "--output", str(tmp_path)]) == 0
    assert capfd.readouterr().out.split() == [str(path) for path in write("signals", tmp_path)]
    assert (tmp_path / "signals/inner/deep.pyi").read_text() == "z: int\n"
    assert main(["stubs", "signals"]) == 0
    assert capfd.readouterr().out.startswith("# signals/__init__.pyi\nx: int\n")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no_such_module", "error: module 'no_such_module' cannot be imported: No module named 'no_such_module'"),
        ("json", "error: module 'json' is not declared with PythonModules, and has no stub to write"),
        ("swiftbuffer._core", "error: module 'swiftbuffer._core' is not declared with PythonModules"),
    ],
)
def test_module_without_stub_is_an_error(name: str, message: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["stubs", name]) == 2
    assert message in capfd.readouterr().err
    assert swiftbuffer._core is not None


def test_command_runs_as_a_program(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "swiftbuffer", "stubs", "json"]
    ran = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
