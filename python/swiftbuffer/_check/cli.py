# SPDX-License-Identifier: Apache-2.0
"""``python -m swiftbuffer``: checks exporters, explains codes, shows answers, draws memory, makes packages, stubs."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from swiftbuffer import __version__, capi
from swiftbuffer._check import output
from swiftbuffer._check.answers import Answer, acquire
from swiftbuffer._check.catalogue import CATALOGUE
from swiftbuffer._check.codes import Code, select
from swiftbuffer._check.practice import in_practice
from swiftbuffer._check.report import Report, details
from swiftbuffer._check.requests import NAMED
from swiftbuffer._check.runner import check
from swiftbuffer._check.target import UnusableTargetError, compiled, evaluate
from swiftbuffer._console import is_coloured, printable
from swiftbuffer._new import KINDS, create

__all__ = ["main"]

TARGET = """\
TARGET is an expression, such as `numpy.zeros((3, 4)).T`; the modules that it names are imported. After `module:`, the
expression is evaluated in the namespace of that module: `package.images:sample()`.
"""
STATUSES = "Exit status: 0 no violations, 1 violations, 2 cannot run, 3 output cannot be written."
_COLOURS = {"violation": "31", "deviation": "33", "inconsistency": "35", "good": "32", "bold": "1", "dim": "2"}


class Style:
    """Colours text for a terminal, unless NO_COLOR is set (no-color.org)."""

    def __init__(self, stream: TextIO | None) -> None:
        self._on = is_coloured(stream)

    def __call__(self, kind: str, text: str) -> str:
        return f"\x1b[{_COLOURS[kind]}m{text}\x1b[0m" if self._on else text


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line; returns the exit status, one of those in ``STATUSES``."""
    output.occupy()
    try:
        try:
            status = _run(arguments)
        finally:
            # What the expression printed, or the help text.
            output.finish()
    except output.OutputError as error:
        if str(error):
            output.complain(f"error: {error}")
        return 3
    return status


def _run(arguments: Sequence[str] | None) -> int:
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace, Style], int] = options.run
    try:
        return run(options, Style(sys.stdout))
    except output.OutputError:
        raise
    except (UnusableTargetError, ValueError, RuntimeError, OSError) as error:
        output.complain(f"error: {error}")
    except Exception:
        output.complain(traceback.format_exc().rstrip())
    return 2


class Parser(argparse.ArgumentParser):
    """Writes help and errors with the functions of ``output``."""

    def _print_message(self, message: str, file: Any = None) -> None:
        if file is not None and file is sys.stdout:
            output.show(message.rstrip("\n"))
        else:
            output.complain(message.rstrip("\n"))


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m swiftbuffer", description="Tools for CPython's buffer protocol.")
    parser.add_argument("--version", action="version", version=f"swiftbuffer {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND")

    def explain(_options: argparse.Namespace, _style: Style) -> int:
        parser.print_help()
        return 0

    # Without a command.
    parser.set_defaults(run=explain)

    checking = commands.add_parser(
        "check",
        help="check whether an exporter conforms to the protocol",
        description="Make every request that a consumer of buffers or of DLPack can make, and check the answers.",
        epilog=f"{TARGET} {STATUSES}",
    )
    checking.add_argument("target", metavar="TARGET", nargs="?", help="the exporter, as a Python expression")
    checking.add_argument("--json", action="store_true", help="write the report as JSON")
    checking.add_argument("--list", action="store_true", help="explain all codes, except those in --ignore")
    checking.add_argument("--protocol", choices=("buffer", "dlpack"), help="what to check (default: what it has)")
    checking.add_argument("--ignore", metavar="CODES", default="", help="codes or prefixes to ignore: BUF302,BUF7")
    checking.add_argument("--resize", metavar="EXPR", help="how to resize the exporter, `obj`: 'obj.append(0)'")
    checking.add_argument("--close", metavar="EXPR", help="how to close the exporter, `obj`: 'obj.close()'")
    checking.add_argument(
        "--timeout", metavar="SECONDS", type=float, default=60.0, help="how long to wait for each answer (default: 60)"
    )
    checking.set_defaults(run=_check)

    explaining = commands.add_parser(
        "explain",
        help="explain codes of the checker",
        description="Show the rule behind a code, what happens because of it, and the remedy.",
    )
    explaining.add_argument("codes", metavar="CODE", nargs="+", help="a code, or the beginning of some: BUF301, BUF7")
    explaining.set_defaults(run=_explain_codes)

    showing = commands.add_parser(
        "info",
        help="show the answer to each request",
        description="Show the answers of an exporter to all requests that have a name, as a table.",
        epilog=TARGET,
    )
    showing.add_argument("target", metavar="TARGET", help="the exporter, as a Python expression")
    showing.add_argument("--json", action="store_true", help="write the table as JSON")
    showing.set_defaults(run=_info)

    drawing = commands.add_parser(
        "draw",
        help="draw which byte belongs to which index",
        description="Draw the memory of an exporter: items, fields, padding, strides. Of two: what they share.",
        epilog=TARGET.replace("TARGET", "EXPRESSION"),
    )
    drawing.add_argument("expressions", metavar="EXPRESSION", nargs="+", help="an exporter, or two")
    drawing.add_argument("--output", metavar="FILE", help="write SVG to a file, or text if its name ends with .txt")
    drawing.add_argument("--width", metavar="BYTES", type=int, help="the bytes of a line (default: a stride)")
    drawing.add_argument("--title", help="a line above the picture")
    drawing.set_defaults(run=_draw)

    stubbing = commands.add_parser(
        "stubs",
        help="write the stub of a module in Swift",
        description="Import a module that Swift code declares with PythonModules, and show its stub (.pyi).",
    )
    stubbing.add_argument("module", metavar="MODULE", help="the name of the module, such as `package.signals`")
    stubbing.add_argument("--output", metavar="FOLDER", help="write the files into a folder, and show their paths")
    stubbing.set_defaults(run=_stubs)

    making = commands.add_parser(
        "new",
        help="make a Swift package that is a Python module",
        description="Make a folder with a Swift package that is a Python module, its tests and its workflow.",
        epilog="Kinds: " + "; ".join(f"{kind}, {text}" for kind, text in KINDS.items()) + ".",
    )
    making.add_argument("name", metavar="NAME", help="the module's name, and the folder's")
    making.add_argument("--kind", choices=KINDS, default="exporter", help="what it begins with (default: exporter)")
    making.set_defaults(run=_new)
    return parser


def _check(options: argparse.Namespace, style: Style) -> int:
    ignored = [code.strip() for code in options.ignore.split(",") if code.strip()]
    if options.list:
        chosen = CATALOGUE.keys() - select(ignored, CATALOGUE)
        codes = [CATALOGUE[code] for code in sorted(chosen)]
        output.show(json.dumps([asdict(code) for code in codes], indent=2) if options.json else _explain(codes, style))
        return 0
    if options.target is None:
        raise UnusableTargetError("check needs a TARGET, or --list")
    obj, names = evaluate(options.target)

    def change(expression: str | None) -> Callable[[object], object] | None:
        if expression is None:
            return None
        code = compiled(expression)
        return lambda obj: eval(code, {**names, "obj": obj})

    changes: dict[str, Any] = {"resize": change(options.resize), "close": change(options.close)}
    try:
        report = check(obj, protocol=options.protocol, ignore=ignored, timeout=options.timeout, **changes)
    except TypeError as error:
        raise UnusableTargetError(str(error)) from None
    output.show(json.dumps(report.to_dict(), indent=2) if options.json else _coloured(report, style))
    return 0 if report.ok else 1


def _explain_codes(options: argparse.Namespace, style: Style) -> int:
    chosen = sorted(select(options.codes, CATALOGUE))
    output.show("\n\n".join(_page(CATALOGUE[code], style) for code in chosen))
    return 0


def _page(code: Code, style: Style) -> str:
    """All that is known about a code."""
    texts = {
        "rule": code.rule,
        "source": f"{code.section}, {code.url}",
        "consequence": code.consequence,
        "today": in_practice(code.code).replace("`", ""),
        "remedy": code.remedy,
    }
    lines = [f"{style(code.severity, code.code)} {style('bold', code.name)} ({code.severity})", f"    {code.sentence}"]
    for name, text in texts.items():
        label = f"    {name + ':':<13}"
        wrapped = textwrap.wrap(text, 108, initial_indent=label, subsequent_indent=" " * len(label))
        lines += [line.replace(label, style("dim", label), 1) for line in wrapped]
    return "\n".join(lines)


def _info(options: argparse.Namespace, style: Style) -> int:
    obj, _ = evaluate(options.target)
    if not capi.PyObject_CheckBuffer(obj):
        raise UnusableTargetError(f"{type(obj).__name__} object exports no buffer")
    answers: dict[str, Answer] = {}
    for name, request in NAMED.items():
        # Each buffer is released before the next request.
        answers[name], _handle = acquire(obj, request)
        del _handle
    if options.json:
        output.show(json.dumps({name: _cells(answer) for name, answer in answers.items()}, indent=2))
    else:
        output.show(_table(answers, style))
    return 0


def _draw(options: argparse.Namespace, _style: Style) -> int:
    from swiftbuffer._draw import draw

    if len(options.expressions) > 2:
        raise UnusableTargetError(f"draw takes one or two expressions, not {len(options.expressions)}")
    objects = [evaluate(expression)[0] for expression in options.expressions]
    for obj in objects:
        if not (capi.PyObject_CheckBuffer(obj) or hasattr(type(obj), "__dlpack__")):
            raise UnusableTargetError(f"{type(obj).__name__} object exports no buffer")
    picture = draw(*objects, width=options.width, title=options.title)  # type: ignore[arg-type]
    if options.output:
        picture.save(options.output)
        return 0
    output.show(picture._text_for(sys.stdout))
    return 0


def _stubs(options: argparse.Namespace, _style: Style) -> int:
    from swiftbuffer._stubs import stub_files, write

    try:
        if options.output:
            output.show("\n".join(str(path) for path in write(options.module, Path(options.output))))
            return 0
        files = stub_files(options.module)
    except ImportError as error:
        raise UnusableTargetError(f"module '{options.module}' cannot be imported: {error}") from None
    if len(files) == 1:
        output.show(next(iter(files.values())).rstrip("\n"))
        return 0
    output.show("\n".join(f"# {path}\n{text}" for path, text in files.items()).rstrip("\n"))
    return 0


def _new(options: argparse.Namespace, _style: Style) -> int:
    folder = create(options.name, options.kind, Path.cwd())
    output.show(f"{folder.name} is ready; `make -C {folder.name} test` compiles and tests it")
    return 0


def _coloured(report: Report, style: Style) -> str:
    lines = [f"{style('bold', report.title)}: {style('good' if report.ok else 'violation', report.verdict)}"]
    for finding in report:
        lines += [
            "",
            f"{style(finding.severity, finding.code)} {style('bold', finding.about.name)}: {finding.about.title}",
        ]
        for label, text in details(finding):
            lines += textwrap.wrap(
                text, 108, initial_indent=style("dim", label), subsequent_indent=" " * len(label)
            ) or [label]
    return "\n".join(lines)


def _explain(codes: Sequence[Code], style: Style) -> str:
    blocks = []
    for code in codes:
        head = f"{style(code.severity, code.code)} {style('bold', code.name)} ({code.severity})"
        body = textwrap.wrap(f"{code.sentence} {code.rule}", 108)
        blocks.append("\n".join([head, *(f"    {line}" for line in body), f"    {code.url}"]))
    return "\n\n".join(blocks)


COLUMNS = ("ndim", "itemsize", "len", "readonly", "format", "shape", "strides", "suboffsets")


def _cells(answer: Answer) -> dict[str, object]:
    if not answer.granted:
        return {"refused": answer.error, "message": answer.message}
    numbers: dict[str, object] = {name: answer[name] for name in COLUMNS[:4]}
    return numbers | {name: getattr(answer, name) for name in COLUMNS[4:]}


def _table(answers: dict[str, Answer], style: Style) -> str:
    rows: list[tuple[str, ...]] = [("request", *COLUMNS)]
    for name, answer in answers.items():
        if answer.granted:
            cells = _cells(answer).values()
            rows.append((name, *("NULL" if cell is None else printable(str(cell)) for cell in cells)))
        else:
            rows.append((name,))
    widths = [max(len(row[column]) for row in rows if column < len(row)) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        text = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
        if len(row) == 1:
            refusal = answers[row[0]]
            said = printable(f"{refusal.error}: {refusal.message}")
            text = f"{row[0].ljust(widths[0])}  {style('dim', said)}"
        lines.append(style("bold", text) if row is rows[0] else text)
    return "\n".join(lines)
