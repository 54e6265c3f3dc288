# SPDX-License-Identifier: Apache-2.0
"""`python -m swiftbuffer draw`, and pictures in files and terminals."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import swiftbuffer as sb
from swiftbuffer._check.cli import main
from swiftbuffer._console import is_coloured


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(arguments)
    output, errors = capsys.readouterr()
    return status, output, errors


def test_draw_prints_the_picture(capsys: pytest.CaptureFixture[str]) -> None:
    status, output, errors = run(capsys, "draw", "swiftbuffer.zeros((2, 3), 'h').T")
    assert (status, errors) == (0, "")
    assert output == f"{sb.draw(sb.zeros((2, 3), 'h').T)}\n"


def test_draw_of_two_says_what_they_share(capsys: pytest.CaptureFixture[str]) -> None:
    status, output, _ = run(capsys, "draw", "b'abcd'", "bytes(4)", "--title", "two", "--width", "2")
    assert status == 0
    assert output.startswith("two\na: bytes, shape (4,)")
    assert "a and b have no byte in common" in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["3"], "int object exports no buffer"),
        (["b''", "b''", "b''"], "draw takes one or two expressions, not 3"),
        (["b'a'", "--width", "0"], "width must be 1 or more bytes, not 0"),
        (["b'a'", "--output", "/"], "Is a directory"),
        (["no_such_name"], "NameError"),
    ],
)
def test_draw_exits_with_2_where_it_cannot(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    status, output, errors = run(capsys, "draw", *arguments)
    assert (status, output) == (2, "")
    assert message in errors
    assert len(errors.splitlines()) == 1


def test_pictures_are_written_to_files(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for name in ("a.svg", "a.txt"):
        assert run(capsys, "draw", "bytes(3)", "--output", str(tmp_path / name)) == (0, "", "")
    picture = sb.draw(bytes(3))
    assert (tmp_path / "a.svg").read_text(encoding="utf-8") == picture.svg() == picture._repr_svg_()
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == f"{picture}\n"


def test_no_command_prints_help(capsys: pytest.CaptureFixture[str]) -> None:
    status, output, _ = run(capsys)
    assert status == 0
    assert "draw" in output


def test_text_without_colours_and_in_ascii_says_the_same() -> None:
    picture = sb.draw(sb.zeros((3, 400), "T{b:a:i:b:}"))
    assert picture.text(ascii=True).isascii()
    coloured = picture.text(colour=True)
    assert "\x1b[30;48;5;" in coloured
    plain = "".join(part.partition("m")[2] if number else part for number, part in enumerate(coloured.split("\x1b[")))
    assert plain == picture.text() == str(picture)


def test_colours_are_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal:
        closed = False

        def isatty(self) -> bool:
            return True

    terminal: object = Terminal()
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert is_coloured(terminal)  # type: ignore[arg-type]
    monkeypatch.setenv("NO_COLOR", "1")
    assert not is_coloured(terminal)  # type: ignore[arg-type]
    assert not is_coloured(None)


def test_importing_the_package_imports_no_pictures() -> None:
    code = "import sys, swiftbuffer; print([name for name in sys.modules if name.startswith('swiftbuffer._draw')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
