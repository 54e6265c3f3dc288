# SPDX-License-Identifier: Apache-2.0
"""`check` finds each defect of an exporter by its own code, and reports conforming exporters as such."""

from __future__ import annotations

import array
import io
import json
import mmap
import os
import pickle
import pkgutil
import signal
import sysconfig
import threading
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

import mutants
import swiftbuffer
import swiftbuffer.testing
from swiftbuffer._check import CATALOGUE, rules
from swiftbuffer._check.catalogue import RULES, SUBJECTS, TENSOR_RULES


@pytest.mark.parametrize("code", mutants.MUTANTS)
def test_a_broken_exporter_is_found_by_its_own_code_and_no_other(code: str) -> None:
    broken = mutants.make(code)
    report = swiftbuffer.check(broken.obj, **broken.options)
    assert report.codes == (code,), str(report)


def test_every_code_has_an_exporter_that_breaks_it() -> None:
    # test_check_consumers.py has the consumers, test_check_tensors.py the producers of DLPack.
    elsewhere = ("BUF8", "DLP") if hasattr(bytes, "__buffer__") else ("BUF6", "BUF8", "DLP")
    assert set(mutants.MUTANTS) == {code for code in CATALOGUE if not code.startswith(elsewhere)}


def test_every_module_of_rules_is_in_the_catalogue() -> None:
    modules = {f"{rules.__name__}.{module.name}" for module in pkgutil.iter_modules(rules.__path__)}
    assert modules == {subject.__name__ for subject in SUBJECTS if subject.__name__.startswith(rules.__name__)}


def test_every_code_of_exporters_has_a_check() -> None:
    checked = {code.code for rule in (*RULES, *TENSOR_RULES) for code in rule.codes}
    # Releases and the child process are observed by every check.
    assert CATALOGUE.keys() - checked == {"BUF512", "BUF514", "BUF901", "BUF902", "DLP191", "DLP192"} | {
        code for code in CATALOGUE if code.startswith("BUF8")
    }


CLEAN: dict[str, Callable[[], Any]] = {
    "bytes": lambda: b"abcdef",
    "no bytes": lambda: b"",
    "bytearray": lambda: bytearray(b"abcdef"),
    "empty bytearray": bytearray,
    "array.array": lambda: array.array("d", [1, 2, 3]),
    "empty array.array": lambda: array.array("i"),
    "mmap": lambda: mmap.mmap(-1, 4096),
    "read-only mmap": lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ),
    "PickleBuffer": lambda: pickle.PickleBuffer(bytearray(b"abc")),
    "memoryview": lambda: memoryview(bytearray(8)),
    "memoryview with step": lambda: memoryview(bytes(12))[::3],
    "memoryview backwards": lambda: memoryview(bytes(12))[::-1],
    "memoryview in 3-d": lambda: memoryview(bytearray(24)).cast("B").cast("h", (2, 2, 3)),
    "memoryview in 0-d": lambda: memoryview(bytearray(8)).cast("d", ()),
    "BytesIO.getbuffer": lambda: io.BytesIO(b"abc").getbuffer(),
    "Array": lambda: swiftbuffer.zeros((3, 4), "f"),
    "Array in Fortran order": lambda: swiftbuffer.zeros((3, 4), "f", order="F"),
    "Array in 0-d": lambda: swiftbuffer.zeros((), "d"),
    "empty Array": lambda: swiftbuffer.zeros((0, 3), "d"),
    "Array of records": lambda: swiftbuffer.zeros((3,), "T{i:x:d:y:}"),
    "Array in 64-d": lambda: swiftbuffer.zeros((1,) * 64, "i"),
    "View": lambda: swiftbuffer.View(swiftbuffer.zeros((3, 4), "f")),
    "View with steps": lambda: swiftbuffer.View(swiftbuffer.zeros((6, 8), "i"))[::2, ::-3],
    "View of bytes": lambda: swiftbuffer.View(b"abc"),
    "from_memory": lambda: swiftbuffer.from_memory(id(None), 8),
    "broken by no rule": lambda: swiftbuffer.testing.broken(),
    "broken by no rule, read-only": lambda: swiftbuffer.testing.broken(swiftbuffer.View(b"abc")),
}
try:
    import _testbuffer as tb
except ImportError:  # Debian keeps it in a package of its own.
    pass
else:
    items = list(range(12))
    for name, arguments in {
        "1-d": {"shape": [12]},
        "2-d": {"shape": [3, 4]},
        "Fortran": {"shape": [3, 4], "flags": tb.ND_FORTRAN},
        "writable": {"shape": [3, 4], "flags": tb.ND_WRITABLE},
        "strided": {"shape": [3, 2], "strides": [4, 2]},
        "backward": {"shape": [12], "strides": [-1], "offset": 11},
        "overlapping": {"shape": [3, 4], "strides": [1, 1]},
        "suboffsets": {"shape": [3, 4], "flags": tb.ND_PIL},
        "empty": {"shape": [0, 4]},
    }.items():
        CLEAN[f"_testbuffer.ndarray, {name}"] = lambda arguments=arguments: tb.ndarray(items, **arguments)
    CLEAN["_testbuffer.ndarray, scalar"] = lambda: tb.ndarray(7, shape=[], format="i")
    CLEAN["_testbuffer.ndarray, re-exported"] = lambda: tb.ndarray(tb.ndarray(items, shape=[3, 4]))


def processor_time() -> float:
    """The processor time of this process and its children, in seconds."""
    times = os.times()
    return sum(times[:4])


# Free-threaded, CPython's own exporters count exports without a lock, and may lose some of them during the checks with
# threads: they may then refuse or grant a resize wrongly.
HAS_NO_GIL = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))

DEVIATIONS = {"BUF302", "BUF307", "BUF701", "BUF703"}


@pytest.mark.parametrize("name", CLEAN)
def test_conforming_exporters_pass_within_two_seconds(name: str) -> None:
    obj = CLEAN[name]()
    started = processor_time()
    report = swiftbuffer.check(obj)
    taken = processor_time() - started
    assert report.ok, str(report)
    assert set(report.codes) <= DEVIATIONS, str(report)
    # Free-threaded, the processor time is the sum over all threads.
    assert taken < (10 if HAS_NO_GIL else 2)
    if name.startswith(("Array", "View", "from_memory", "memoryview", "broken")):
        assert not report.findings, str(report)


RESIZED: dict[str, tuple[Callable[[], Any], Callable[[Any], object]]] = {
    "bytearray": (lambda: bytearray(8), lambda obj: obj.extend(bytes(100_000))),
    "array.array": (lambda: array.array("i", range(8)), lambda obj: obj.extend(range(10_000))),
    # Private: Linux allows shared anonymous mappings to grow beyond their memory.
    "mmap": (lambda: mmap.mmap(-1, 4096, mmap.MAP_PRIVATE), lambda obj: obj.resize(len(obj) + 4096)),
    "Array": (lambda: swiftbuffer.array([1, 2, 3], "h"), lambda obj: obj.extend([4] * 10_000)),
}


@pytest.mark.parametrize("name", RESIZED)
def test_exporters_that_refuse_to_resize_while_exported_pass(name: str) -> None:
    make, resize = RESIZED[name]
    report = swiftbuffer.check(make(), resize=resize)
    excused = {"BUF507", "BUF508"} if HAS_NO_GIL and name != "Array" else set()
    assert {finding.code for finding in report.violations} <= excused, str(report)


def test_an_exporter_that_refuses_to_close_while_exported_passes() -> None:
    report = swiftbuffer.check(mmap.mmap(-1, 4096), close=lambda obj: obj.close())
    excused = {"BUF507", "BUF509"} if HAS_NO_GIL else set()
    assert {finding.code for finding in report.violations} <= excused, str(report)


def test_an_exporter_that_keeps_its_memory_until_the_last_release_passes() -> None:
    class Closing:
        """Drops its memory when closed, which outstanding exports keep alive."""

        def __init__(self) -> None:
            self.memory = bytearray(64)

    holder = Closing()
    report = swiftbuffer.check(memoryview(holder.memory), close=lambda _: setattr(holder, "memory", None))
    assert report.ok, str(report)


def test_a_resize_that_always_raises_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"AttributeError.*no attribute 'grow'"):
        swiftbuffer.check(b"abc", resize=lambda obj: obj.grow())


def test_an_isolated_check_does_not_change_the_object() -> None:
    obj = bytearray(8)
    swiftbuffer.check(obj, resize=lambda obj: obj.append(1))
    assert len(obj) == 8


def test_a_check_without_isolation_resizes_the_object_itself() -> None:
    obj = swiftbuffer.zeros(8, "B")
    report = swiftbuffer.check(obj, resize=lambda obj: obj.append(1), isolate=False)
    assert report.ok, str(report)
    assert len(obj) > 8


def test_a_crash_prints_nothing_even_with_a_signal_handler(capfd: pytest.CaptureFixture[str]) -> None:
    before = signal.signal(signal.SIGSEGV, lambda *_: print("a dump", flush=True))
    try:
        report = swiftbuffer.check(mutants.make("BUF901").obj)
    finally:
        signal.signal(signal.SIGSEGV, before)
    assert report.codes == ("BUF901",)
    assert report.findings[0].answered.startswith("SIGSEGV while answering ")
    assert capfd.readouterr() == ("", "")


def test_a_check_can_be_made_from_any_thread() -> None:
    reports: list[swiftbuffer.Report] = []
    thread = threading.Thread(target=lambda: reports.append(swiftbuffer.check(mutants.make("BUF901").obj)))
    thread.start()
    thread.join()
    assert reports[0].codes == ("BUF901",)


def test_isolation_does_not_change_the_findings() -> None:
    obj = swiftbuffer.testing.broken(strides=None, when=swiftbuffer.capi.PyBUF_STRIDES, leak=True)
    here, there = swiftbuffer.check(obj, isolate=False), swiftbuffer.check(obj)
    assert here.codes == there.codes
    assert here.codes


def test_objects_that_export_no_buffer_are_a_type_error() -> None:
    with pytest.raises(TypeError, match="int object exports no buffer"):
        swiftbuffer.check(3)


class SpeechlessError(Exception):
    """Raises for its text and for its truth value."""

    def __str__(self) -> str:
        raise RuntimeError

    def __bool__(self) -> bool:
        raise RuntimeError


@pytest.mark.parametrize("isolate", [True, False])
@pytest.mark.parametrize(
    ("error", "answered"),
    [
        (SpeechlessError(), "test_check.SpeechlessError: <RuntimeError from its __str__>"),
        (SystemExit(3), "SystemExit: 3"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (ValueError("\udc80\0\n"), "ValueError: \udc80\0\n"),
    ],
    ids=["speechless", "exit", "interrupt", "text"],
)
def test_exceptions_of_exporters_do_not_end_the_check(error: BaseException, answered: str, isolate: bool) -> None:
    exporter = swiftbuffer.testing.broken(error=error, when=swiftbuffer.capi.PyBUF_F_CONTIGUOUS)
    report = swiftbuffer.check(exporter, isolate=isolate)
    assert report.codes == ("BUF301",), str(report)
    assert report.findings[0].answered.removeprefix("Tests.python.check.") == answered
    json.dumps(report.to_dict())


def test_exceptions_without_text_are_reported_from_releases_and_resizes() -> None:
    def fail(*_: object) -> None:
        raise SpeechlessError

    report = swiftbuffer.check(swiftbuffer.testing.broken(release=fail))
    assert report.codes == ("BUF514",)
    with pytest.raises(ValueError, match="SpeechlessError: <RuntimeError from its __str__>"):
        swiftbuffer.check(bytearray(8), resize=fail)


class TestReport:
    def report(self) -> swiftbuffer.Report:
        return swiftbuffer.check(mutants.make("BUF301").obj)

    def test_has_one_finding_for_each_code_with_all_requests(self) -> None:
        report = self.report()
        assert len(report) == 1
        (finding,) = report
        assert (finding.code, finding.severity) == ("BUF301", "violation")
        assert "PyBUF_F_CONTIGUOUS" in finding.requests
        assert len(finding.requests) > 10
        assert finding.answered == "ValueError: not Fortran"

    def test_as_text_has_the_verdict_the_code_and_its_source(self) -> None:
        text = str(self.report())
        assert text.startswith("swiftbuffer.testing._broken.BrokenExporter ")
        assert "violates the protocol (1 violation)" in text
        assert "BUF301 wrong-exception: a refusal raises something other than BufferError" in text
        assert "Buffer Protocol, PyObject_GetBuffer" in text

    def test_names_the_simplest_request_first(self) -> None:
        report = swiftbuffer.check(swiftbuffer.testing.broken(swiftbuffer.zeros(8, "B"), strides=(1,)))
        (finding,) = report
        assert finding.requests[:2] == ("PyBUF_SIMPLE", "PyBUF_WRITABLE")
        flags = [request.count("|") for request in finding.requests]
        assert flags == sorted(flags)
        assert self.report().findings[0].requests[0] == "PyBUF_F_CONTIGUOUS"

    def test_shows_the_answer_to_the_request_that_it_names_first(self) -> None:
        def refuse(request: swiftbuffer.testing.Request) -> Exception:
            return ValueError(f"no {request.flags:#x}")

        (finding,) = swiftbuffer.check(
            swiftbuffer.testing.broken(error=refuse, when=swiftbuffer.capi.PyBUF_F_CONTIGUOUS)
        )
        assert finding.requests[0] == "PyBUF_F_CONTIGUOUS"
        assert finding.answered == f"ValueError: no {swiftbuffer.capi.PyBUF_F_CONTIGUOUS:#x}"

    def test_is_one_line_as_repr(self) -> None:
        report = self.report()
        name = f"swiftbuffer.testing._broken.BrokenExporter {swiftbuffer.__version__}"
        assert repr(report) == f"<Report of {name}: violates the protocol (1 violation): BUF301>"
        clean = swiftbuffer.check(swiftbuffer.zeros(3))
        assert repr(clean).endswith(": conforms to the protocol (no findings)>")

    def test_is_one_line_as_repr_for_any_name_of_the_type(self) -> None:
        report = swiftbuffer.check(type("two\nlines\x1b[31m", (bytes,), {})(b"abc"))
        assert len(repr(report).splitlines()) == 1
        assert repr(report).isprintable()

    def test_is_a_table_in_notebooks(self) -> None:
        text = self.report()._repr_html_()
        root = ElementTree.fromstring(f"<div>{text}</div>")
        cells = ["".join(cell.itertext()) for cell in root.iter("td")]
        assert cells[0] == "BUF301"
        assert cells[1] == "violation: a refusal raises something other than BufferError"
        assert cells[2].startswith("PyBUF_F_CONTIGUOUS, ")
        assert cells[3] == "ValueError: not Fortran"
        links = [link.get("href") for link in root.iter("a")]
        assert links == [CATALOGUE["BUF301"].url]

    def test_escapes_messages_of_exporters_in_notebooks(self) -> None:
        loud = swiftbuffer.testing.broken(error=ValueError("<script>&\x1b"), when=swiftbuffer.capi.PyBUF_F_CONTIGUOUS)
        text = swiftbuffer.check(loud)._repr_html_()
        assert "ValueError: &lt;script&gt;&amp;\\x1b" in text
        assert "<script>" not in text

    def test_without_findings_is_a_line_in_notebooks(self) -> None:
        assert "<table>" not in swiftbuffer.check(swiftbuffer.zeros(3))._repr_html_()

    def test_can_be_stored_as_json(self) -> None:
        stored = json.loads(json.dumps(self.report().to_dict()))
        assert stored["ok"] is False
        assert stored["findings"][0]["code"] == "BUF301"
        assert stored["findings"][0]["url"].startswith("https://docs.python.org/")

    def test_has_no_truth_value(self) -> None:
        with pytest.raises(TypeError, match=r"use report\.ok"):
            bool(self.report())

    def test_a_deviation_alone_is_ok(self) -> None:
        report = swiftbuffer.check(bytearray(8))
        assert report.codes == ("BUF703",)
        assert report.ok
        assert not report.violations


class TestIgnore:
    def test_takes_codes(self) -> None:
        assert swiftbuffer.check(mutants.make("BUF301").obj, ignore=["BUF301"]).ok

    def test_takes_prefixes_of_codes(self) -> None:
        assert not swiftbuffer.check(bytearray(8), ignore={"BUF7"}).findings

    @pytest.mark.parametrize("wrong", ["BUF999", "", "E501"])
    def test_refuses_unknown_codes(self, wrong: str) -> None:
        with pytest.raises(ValueError, match="no code begins with"):
            swiftbuffer.check(b"", ignore=[wrong])

    def test_refuses_a_plain_string(self) -> None:
        with pytest.raises(TypeError, match="collection of strings"):
            swiftbuffer.check(b"", ignore="BUF301")


class TestAssertConforms:
    def test_returns_for_conforming_exporters(self) -> None:
        swiftbuffer.assert_conforms(bytearray(8))

    def test_raises_with_the_report(self) -> None:
        with pytest.raises(AssertionError, match="BUF301 wrong-exception"):
            swiftbuffer.assert_conforms(mutants.make("BUF301").obj)

    def test_raises_for_deviations_if_strict(self) -> None:
        with pytest.raises(AssertionError, match="BUF703"):
            swiftbuffer.assert_conforms(bytearray(8), strict=True)
        swiftbuffer.assert_conforms(swiftbuffer.zeros((3, 4), "i"), strict=True)


# Exporters of the test kit that violate the protocol on purpose, to test consumers with.
AWKWARD = {
    "suboffsets_idle": {"BUF108"},
    "ignores_flags": {"BUF104", "BUF106", "BUF110", "BUF401"},
    "null_obj": {"BUF102", "BUF104", "BUF106", "BUF110", "BUF401"},
}


def test_exporters_of_the_test_kit_violate_only_what_they_are_meant_to() -> None:
    found = {
        case.name: {finding.code for finding in swiftbuffer.check(case.exporter).violations}
        for case in swiftbuffer.testing.exporters()
    }
    assert {name: codes for name, codes in found.items() if codes} == AWKWARD
    assert len(found) > 50
