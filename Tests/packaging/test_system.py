# SPDX-License-Identifier: Apache-2.0
"""A Debian machine without Python's headers gets them where the user may install, or prints the command."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

import pythons
import run_tests
import system


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH of fake commands that write what they are called with to `log`."""
    monkeypatch.delenv("NO_SYSTEM", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin")
    fake(tmp_path, "apt-get", 0)
    return tmp_path


def fake(folder: Path, name: str, status: int) -> None:
    file = folder / name
    file.write_text(f'#!/bin/sh\necho "{name} $*" >> "{folder}/log"\nexit {status}\n')
    file.chmod(0o755)


def test_root_installs_without_questions(
    commands: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert system.install(["python3-dev"])
    first = capsys.readouterr().out.splitlines()[0]
    assert first == "-- installing on this machine: python3-dev (NO_SYSTEM=1 forbids it)"
    assert (commands / "log").read_text() == "apt-get -q -y install --no-install-recommends python3-dev\n"


def test_nothing_is_installed_where_the_user_forbids_it(
    commands: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("NO_SYSTEM", "1")
    assert not system.install(["python3-dev"])
    assert not (commands / "log").exists()
    assert capsys.readouterr().out == ""


def test_stale_package_lists_are_renewed(commands: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    fake(commands, "apt-get", 100)
    assert not system.install(["python3-dev"])
    assert [line.split()[3] for line in (commands / "log").read_text().splitlines()] == ["install", "update", "install"]


def test_a_user_with_sudo_installs_through_it(commands: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    fake(commands, "sudo", 0)
    assert system.install(["python3-dev"])
    assert "sudo -n env DEBIAN_FRONTEND=noninteractive apt-get" in (commands / "log").read_text()


def test_a_user_whose_sudo_asks_for_a_password_installs_nothing(
    commands: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    fake(commands, "sudo", 1)
    assert not system.install(["python3-dev"])
    assert (commands / "log").read_text() == "sudo -n true\n"


def test_who_may_not_install_is_told_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = dataclasses.replace(pythons.find()[0], prefix="/usr", minor="3.11", has_headers=False)
    monkeypatch.setattr(system, "install", lambda _: False)
    run_tests.provide_headers([bare])
    assert "`sudo apt-get install python3-dev python3.11-dev`" in capsys.readouterr().out


def test_other_peoples_pythons_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "install", lambda _: pytest.fail("nothing to install"))
    built = dataclasses.replace(pythons.find()[0], prefix="/opt/python", has_headers=False)
    assert run_tests.provide_headers([built]) == [built]
