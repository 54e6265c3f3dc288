# SPDX-License-Identifier: Apache-2.0
"""`python -m swiftbuffer` with output that cannot be written or encoded: no traceback, and never status 1."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import formatted

VIOLATES = "numpy.zeros((3, 4)).T"
COMMANDS = [
    ("check", VIOLATES),
    ("check", VIOLATES, "--json"),
    ("check", "bytearray(8)"),
    ("check", "--list"),
    ("info", "bytearray(8)"),
    ("info", "bytearray(8)", "--json"),
    ("--help",),
    ("--version",),
    ("check", "3"),
    ("check", "1 +"),
    ("nonsense",),
]
BEGIN = [sys.executable, "-m", "swiftbuffer"]
FULL = Path("/dev/full")
# Where the command line finds `formatted`.
SUPPORT = Path(formatted.__file__).parent


@pytest.fixture(params=["", "1"], ids=["buffered", "unbuffered"])
def buffering(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unbuffered, a write fails at once; buffered, when the process ends."""
    monkeypatch.setenv("PYTHONUNBUFFERED", request.param)


def run(*arguments: str, redirection: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Through a shell, which closes and redirects descriptors before Python begins."""
    return subprocess.run(
        ["sh", "-c", f'"$@" {redirection}', "sh", *BEGIN, *arguments],
        check=False,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, **variables},
        cwd=SUPPORT,
    )


def status(arguments: tuple[str, ...]) -> int:
    """The exit status of a command whose output cannot be written."""
    return 2 if arguments in {("check", "3"), ("check", "1 +"), ("nonsense",)} else 3


def assert_status(done: subprocess.CompletedProcess[str], arguments: tuple[str, ...], message: str) -> None:
    """That a command whose output cannot be written ends with its status and, for status 3, a message."""
    assert done.returncode == status(arguments)
    assert "Traceback" not in done.stderr
    if done.returncode == 3:
        assert done.stderr == message


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")
@pytest.mark.usefixtures("buffering")
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_full_device_is_status_3_and_one_line(arguments: tuple[str, ...]) -> None:
    done = run(*arguments, redirection=">/dev/full")
    assert_status(done, arguments, "error: cannot write to standard output: [Errno 28] No space left on device\n")


@pytest.mark.parametrize(
    "arguments", [command for command in COMMANDS if not command[0].startswith("--")], ids=" ".join
)
def test_a_closed_descriptor_is_status_3_and_one_line(arguments: tuple[str, ...]) -> None:
    assert_status(run(*arguments, redirection=">&-"), arguments, "error: standard output is closed\n")


@pytest.mark.usefixtures("buffering")
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_broken_pipe_is_status_3_and_silent(arguments: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*BEGIN, *arguments], check=False, stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert_status(done, arguments, "")


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-", "<&- 2>&-"])
def test_an_error_that_cannot_be_written_is_discarded(redirection: str) -> None:
    done = run("check", "3", redirection=redirection)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


def test_all_descriptors_closed_is_status_3() -> None:
    assert run("check", VIOLATES, redirection="<&- >&- 2>&-").returncode == 3
    assert run("check", VIOLATES, redirection=">/dev/full 2>/dev/full").returncode == 3


def test_a_report_is_written_with_standard_input_and_error_closed() -> None:
    done = run("check", VIOLATES, redirection="<&- 2>&-")
    assert done.returncode == 1
    assert "BUF301" in done.stdout


def test_output_of_the_expression_that_cannot_be_written_is_an_error() -> None:
    for unbuffered, expected in (("", 3), ("1", 2)):
        done = run("check", "print('x') or 3", redirection=">/dev/full", PYTHONUNBUFFERED=unbuffered)
        assert done.returncode == expected
        assert "No space left on device" in done.stderr
        assert "Traceback" not in done.stderr


ODD = "formatted:exporter('T{i:\u00e4\u6e29:}', 40)"


@pytest.mark.parametrize("encoding", ["ascii", "ascii:strict", "latin-1", "cp1252", "utf-8"])
@pytest.mark.parametrize(
    "arguments", [("check", ODD), ("info", ODD), ("check", ODD, "--json"), ("info", ODD, "--json")]
)
def test_characters_that_the_stream_cannot_encode_are_escaped(arguments: tuple[str, ...], encoding: str) -> None:
    done = subprocess.run(
        [*BEGIN, *arguments],
        check=False,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        cwd=SUPPORT,
    )
    assert done.stderr == b""
    assert done.returncode == (arguments[0] == "check")
    text = done.stdout.decode(encoding.partition(":")[0])
    assert ("\u6e29" if encoding == "utf-8" and "--json" not in arguments else "\\u6e29") in text


def test_characters_in_errors_are_escaped() -> None:
    done = run("check", "\u6e29", PYTHONIOENCODING="ascii:strict")
    assert done.returncode == 2
    assert "name '\\u6e29' is not defined" in done.stderr


def test_bytes_that_are_not_utf8_are_escaped() -> None:
    odd = "formatted:exporter(b'T{i:\\xe4:}', 4)"
    for command in ("check", "info"):
        done = run(command, odd, PYTHONIOENCODING="utf-8:strict")
        assert (done.returncode, done.stderr) == (0, "")
        assert "T{i:\\udce4:}" in done.stdout


def test_control_characters_are_escaped() -> None:
    done = run("info", "formatted:exporter('\\x1b[31m', 1)")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "\\x1b[31m" in done.stdout


def test_a_check_that_cannot_fork_is_status_2() -> None:
    line = "import os, sys; os.fork = lambda: open(os.devnull + '/too/many');"
    line += "from swiftbuffer._check.cli import main; sys.exit(main(['check', 'bytearray()']))"
    done = subprocess.run([sys.executable, "-c", line], check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("error: cannot check in a child process: ")
    assert done.stderr.count("\n") == 1


def test_an_unexpected_error_is_status_2_with_its_traceback() -> None:
    line = "import sys, swiftbuffer._check.cli as cli; cli.check = lambda *_, **__: {}['missing'];"
    done = subprocess.run(
        [sys.executable, "-c", f"{line} sys.exit(cli.main(['check', 'bytearray()']))"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("Traceback")
    assert done.stderr.endswith("KeyError: 'missing'\n")


def test_the_exit_statuses_are_documented() -> None:
    help_ = run("check", "--help", COLUMNS="200").stdout
    assert "0 no violations, 1 violations, 2 cannot run, 3 output cannot be written" in help_
