# SPDX-License-Identifier: Apache-2.0
"""`python -m swiftbuffer`: its output and its exit status."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

import codes_pages
from swiftbuffer._check import CATALOGUE


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "swiftbuffer", *arguments],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **variables},
    )


class TestCheck:
    def test_exits_with_0_without_violations(self) -> None:
        done = run("check", "bytearray(8)")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("bytearray: conforms to the protocol (1 deviation)\n")

    def test_exits_with_1_for_violations(self) -> None:
        done = run("check", "numpy.zeros((3, 4)).T")
        assert (done.returncode, done.stderr) == (1, "")
        assert "BUF301 wrong-exception" in done.stdout

    @pytest.mark.parametrize(
        ("target", "said"),
        [
            ("3", "int object exports no buffer"),
            ("1 +", "'1 +' is not an expression"),
            ("no_such_name_anywhere", "NameError"),
            ("no_such_module_anywhere:x", "cannot import no_such_module_anywhere"),
            ("1 / 0", "ZeroDivisionError"),
            ("sys.exit(0)", "SystemExit: 0"),
        ],
    )
    def test_exits_with_2_and_one_line_if_the_target_is_unusable(self, target: str, said: str) -> None:
        done = run("check", target)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
        assert done.stderr.count("\n") == 1

    def test_exits_with_2_for_unknown_codes_and_without_a_target(self) -> None:
        assert run("check", "b''", "--ignore", "X1").returncode == 2
        assert run("check").returncode == 2

    def test_evaluates_targets_in_a_module(self) -> None:
        assert run("check", "array:array('i', [1])").returncode == 0

    def test_imports_submodules(self) -> None:
        assert run("check", "xml.dom.minidom.__doc__.encode()").returncode == 0

    def test_ignores_codes(self) -> None:
        assert run("check", "numpy.zeros((3, 4)).T", "--ignore", "BUF301").returncode == 0

    def test_resizes_by_an_expression(self) -> None:
        done = run("check", "numpy.zeros(3)", "--resize", "obj.resize(obj.size + 100000, refcheck=False)")
        assert done.returncode == 1
        assert "BUF508" in done.stdout

    def test_exits_with_2_if_the_resizing_expression_raises(self) -> None:
        done = run("check", "bytearray(3)", "--resize", "obj.grow()")
        assert done.returncode == 2
        assert "no attribute 'grow'" in done.stderr

    def test_writes_json(self) -> None:
        done = run("check", "numpy.zeros((3, 4)).T", "--json")
        report = json.loads(done.stdout)
        assert done.returncode == 1
        assert report["exporter"] == "numpy.ndarray"
        assert report["findings"][0]["code"] == "BUF301"

    def test_examines_the_protocol_that_is_chosen(self) -> None:
        both, buffers, tensors = (
            json.loads(run("check", "numpy.zeros(3)", "--json", *options).stdout)["protocols"]
            for options in ((), ("--protocol", "buffer"), ("--protocol", "dlpack"))
        )
        assert (both, buffers, tensors) == (["buffer", "dlpack"], ["buffer"], ["dlpack"])
        refused = run("check", "bytes(3)", "--protocol", "dlpack")
        assert refused.returncode == 2
        assert "bytes object has no __dlpack__" in refused.stderr

    def test_is_coloured_on_terminals_only(self) -> None:
        assert "\x1b[" not in run("check", "bytearray(8)").stdout
        assert "\x1b[1mbytearray" in on_terminal()
        assert "\x1b[" not in on_terminal(NO_COLOR="1")

    def test_lists_every_code(self) -> None:
        done = run("check", "--list")
        assert done.returncode == 0
        assert all(f"{code.code} {code.name}" in done.stdout for code in CATALOGUE.values())
        assert len(json.loads(run("check", "--list", "--json").stdout)) == len(CATALOGUE)


class TestExplain:
    def test_shows_all_that_is_known_about_a_code(self) -> None:
        done = run("explain", "buf103")
        code = CATALOGUE["BUF103"]
        assert (done.returncode, done.stderr) == (0, "")
        text = " ".join(done.stdout.split())
        assert all(part in text for part in (code.name, code.sentence, code.rule, code.url, code.remedy))
        assert "today: bytes(obj) crashes." in text

    def test_takes_beginnings_of_codes(self) -> None:
        heads = [line for line in run("explain", "BUF7", "BUF301").stdout.splitlines() if not line.startswith(" ")]
        assert [head.split()[0] for head in heads if head] == ["BUF301", "BUF701", "BUF702", "BUF703", "BUF704"]

    def test_exits_with_2_for_unknown_codes(self) -> None:
        done = run("explain", "X1")
        assert (done.returncode, done.stdout) == (2, "")
        assert "no code begins with 'X1'" in done.stderr


class TestInfo:
    def test_shows_the_answer_to_each_request(self) -> None:
        lines = run("info", "swiftbuffer.zeros((2, 3), 'f')").stdout.splitlines()
        header, simple = lines[0].split(), lines[1].split()
        assert header[:3] == ["request", "ndim", "itemsize"]
        assert simple == ["SIMPLE", "1", "4", "24", "0", "NULL", "NULL", "NULL", "NULL"]
        assert any(line.startswith("F_CONTIGUOUS") and "BufferError" in line for line in lines)
        assert "(12, 4)" in lines[-1]

    def test_writes_json(self) -> None:
        answers = json.loads(run("info", "swiftbuffer.zeros((2, 3), 'f')", "--json").stdout)
        assert answers["FULL_RO"]["shape"] == [2, 3]
        assert answers["F_CONTIGUOUS"]["refused"] == "BufferError"

    def test_exits_with_2_if_the_target_is_no_exporter(self) -> None:
        assert run("info", "3").returncode == 2


def on_terminal(**variables: str) -> str:
    """The output of a check on a terminal."""
    control, terminal = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    with subprocess.Popen(
        [sys.executable, "-m", "swiftbuffer", "check", "bytearray(8)"],
        stdout=terminal,
        env={**environment, "TERM": "xterm", **variables},
    ) as process:
        os.close(terminal)
        text = b""
        while True:
            try:
                piece = os.read(control, 4096)
            except OSError:  # On Linux, the other end is closed.
                break
            if not piece:
                break
            text += piece
    os.close(control)
    assert process.returncode == 0
    return text.decode()


def test_the_checker_is_imported_on_first_use() -> None:
    line = "import swiftbuffer, sys; print(any(name.startswith('swiftbuffer._check') for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", line], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"


def test_the_test_kit_is_imported_on_first_use() -> None:
    line = (
        "import swiftbuffer, sys; print('swiftbuffer.testing' in sys.modules);"
        "print(swiftbuffer.testing.__name__, 'testing' in dir(swiftbuffer))"
    )
    done = subprocess.run([sys.executable, "-c", line], check=True, capture_output=True, text=True)
    assert done.stdout == "False\nswiftbuffer.testing True\n"


def test_every_code_has_the_page_that_the_tool_generates() -> None:
    folder = Path(__file__).resolve().parents[3] / "docs" / "codes"
    assert {path.name: path.read_text() for path in folder.glob("*.md")} == codes_pages.pages()


def test_the_page_of_real_exporters_names_existing_codes() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "exporters.md").read_text()
    named = set(re.findall(r"\[((?:BUF|DLP)\d+)\]\(codes/(\w+)\.md\) ([a-z0-9-]+)", text))
    assert {(code, code, CATALOGUE[code].name) for code, _, _ in named} == named
    assert text.count("\n| ") > 15
