# SPDX-License-Identifier: Apache-2.0
"""`check_consumer` finds each defect of a consumer by its own code, and reports conforming consumers as such."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

import consumer_mutants
import swiftbuffer
from swiftbuffer import capi, check_consumer, testing
from swiftbuffer._check import CATALOGUE


def writable() -> bytearray:
    return bytearray(range(64))


def read_only() -> memoryview:
    return memoryview(bytearray(range(64))).toreadonly()


@pytest.mark.parametrize("isolate", [True, False], ids=["isolated", "here"])
@pytest.mark.parametrize("code", consumer_mutants.MUTANTS)
def test_a_broken_consumer_is_found_by_its_own_code_and_no_other(code: str, isolate: bool) -> None:
    source = read_only() if code in consumer_mutants.READ_ONLY else None
    report = check_consumer(consumer_mutants.MUTANTS[code], source, isolate=isolate)
    assert report.codes == (code,), str(report)
    assert not report.ok
    assert report.findings[0].requests == ("PyBUF_SIMPLE",)


def test_every_code_has_a_consumer_that_breaks_it() -> None:
    assert set(consumer_mutants.MUTANTS) == {code for code in CATALOGUE if code.startswith("BUF8")}


@pytest.mark.parametrize("name", consumer_mutants.HOLD)
def test_consumers_whose_result_holds_the_buffer_pass(name: str) -> None:
    report = check_consumer(consumer_mutants.HOLD[name])
    assert (report.codes, report.holds) == ((), True), str(report)


@pytest.mark.parametrize("name", consumer_mutants.RELEASE)
def test_consumers_that_copy_and_release_pass(name: str) -> None:
    report = check_consumer(consumer_mutants.RELEASE[name])
    assert (report.codes, report.holds) == ((), False), str(report)


LIBRARIES: dict[str, tuple[Callable[[Any], object], bool]] = {
    "numpy.frombuffer": (lambda exporter: np.frombuffer(exporter, "u1"), True),
    "numpy.asarray": (np.asarray, True),
    "numpy.asarray, a part": (lambda exporter: np.asarray(exporter)[3:7], True),
    "numpy.array": (np.array, False),
    "Pillow, frombytes": (lambda exporter: Image.frombytes("L", (8, 8), exporter), False),
    "Pillow, frombuffer": (lambda exporter: Image.frombuffer("L", (8, 8), exporter, "raw", "L", 0, 1), True),
    "pyarrow.py_buffer": (pa.py_buffer, True),
    "pyarrow, hexadecimal": (lambda exporter: pa.py_buffer(exporter).hex(), False),
}


@pytest.mark.parametrize("name", LIBRARIES)
def test_conforming_consumers_of_libraries_pass(name: str) -> None:
    consume, holds = LIBRARIES[name]
    report = check_consumer(consume)
    assert (report.codes, report.holds) == ((), holds), str(report)


def test_the_constructor_of_numpy_arrays_keeps_the_object_and_no_buffer() -> None:
    """Known as numpy#23305."""
    report = check_consumer(lambda exporter: np.ndarray((8, 8), "u1", exporter))
    assert (report.codes, report.holds) == (("BUF801",), False), str(report)
    assert "the result references the object, which does not keep the memory valid" in report.findings[0].answered


def test_a_consumer_that_keeps_only_the_object_passes_with_a_memoryview() -> None:
    """As torch.frombuffer in docs/checker.md: it keeps view->obj, which for a memoryview is the memoryview."""
    report = check_consumer(lambda exporter: consumer_mutants.Interface(memoryview(exporter)))
    assert (report.codes, report.holds) == ((), True)


def test_memory_of_several_dimensions_and_formats_can_be_offered() -> None:
    source = np.arange(24, dtype="<f4").reshape(4, 6)
    report = check_consumer(np.asarray, source)
    assert (report.codes, report.holds) == ((), True)
    assert check_consumer(np.array, np.asfortranarray(source)).ok
    assert check_consumer(np.array, source[::2, ::-1]).ok


class TestUseAfterTheRelease:
    def codes(self, consume: Callable[[Any], object], **options: Any) -> tuple[str, ...]:
        return check_consumer(consume, **options).codes

    def test_is_found_by_the_address_of_the_result(self) -> None:
        report = check_consumer(consumer_mutants.Interface)
        assert report.codes == ("BUF801",)
        seen = report.findings[0].answered
        assert seen.startswith(
            "data_ptr() of the result has the address of the object's memory, while no buffer is held"
        )
        assert seen.endswith("the result references the object, which does not keep the memory valid")

    def test_is_found_in_a_buffer_that_the_result_exports(self) -> None:
        def consume(exporter: Any) -> object:
            with memoryview(exporter) as view, capi.PyMemoryView_GET_BUFFER(view) as inner:
                address = inner.buf
            return swiftbuffer.from_memory(address, 64, readonly=False)

        report = check_consumer(consume)
        assert report.codes == ("BUF801",)
        assert report.findings[0].answered.startswith("a buffer of the result has the address of the object's memory")

    def test_is_found_by_values_that_change(self) -> None:
        report = check_consumer(consumer_mutants.reads_after_the_release)
        assert report.findings[0].answered.startswith("the result changes with the memory")

    def test_is_found_by_a_function_that_reads_the_result(self) -> None:
        def consume(exporter: Any) -> object:
            window = consumer_mutants.reads_after_the_release(exporter)
            return [lambda: window.tobytes()[0]]  # type: ignore[attr-defined]

        assert self.codes(consume) == ()
        assert self.codes(consume, read=lambda result: result[0]()) == ("BUF801",)

    @pytest.mark.parametrize("when", ["read", "deleted"])
    def test_is_found_by_memory_that_is_written(self, when: str) -> None:
        report = check_consumer(lambda exporter: consumer_mutants.WritesLate(exporter, when=when))
        assert report.codes == ("BUF801",)
        assert f"written when the result was {when}" in report.findings[0].answered

    def test_is_not_found_in_results_that_change_independently(self) -> None:
        class Clock:
            def __init__(self, exporter: Any) -> None:
                self.size, self.ticks = len(memoryview(exporter)), 0

            def __repr__(self) -> str:
                self.ticks += 1
                return str(self.ticks)

        assert self.codes(Clock) == ()

    def test_restores_the_memory(self) -> None:
        source = writable()
        check_consumer(consumer_mutants.reads_after_the_release, source, isolate=False)
        assert source == writable()
        source.append(1)

    def test_does_not_change_pointers_to_objects(self) -> None:
        source = np.array([None, "x", 3], dtype=object)
        assert check_consumer(lambda exporter: len(memoryview(exporter)), source).ok


class TestReleases:
    def test_errors_that_leave_a_buffer_behind_are_BUF802(self) -> None:  # noqa: N802
        def consume(exporter: Any) -> None:
            consumer_mutants.kept.append(consumer_mutants.acquired(exporter))
            raise ValueError("after the request")

        assert check_consumer(consume).codes == ("BUF802",)

    def test_a_buffer_in_a_traceback_is_released_with_it(self) -> None:
        def consume(exporter: Any) -> None:
            view = memoryview(exporter)
            raise ValueError(view[0])

        with pytest.raises(ValueError, match="the consumer raised ValueError: 1; pass a source that it accepts"):
            check_consumer(consume)

    def test_the_recorder_distinguishes_unknown_from_double_releases(self) -> None:
        recorder = testing.recorder(bytearray(8))
        consumer_mutants.releases_twice(recorder)
        consumer_mutants.releases_a_made_up_buffer(recorder)
        kinds = [event.kind for event in recorder.log]
        assert kinds == ["acquire", "release", "double release", "acquire", "unknown release"]
        with pytest.raises(AssertionError, match="released without acquisition: unknown release"):
            recorder.assert_balanced()


class TestReport:
    def test_has_the_requests_in_order_each_once(self) -> None:
        def consume(exporter: Any) -> None:
            for flags in (capi.PyBUF_F_CONTIGUOUS, capi.PyBUF_SIMPLE, capi.PyBUF_SIMPLE):
                try:
                    capi.PyObject_GetBuffer(exporter, flags).release()
                except BufferError:
                    continue

        report = check_consumer(consume, swiftbuffer.zeros((2, 3)))
        assert report.requests == ("PyBUF_F_CONTIGUOUS", "PyBUF_SIMPLE")

    def test_as_text_has_the_verdict_and_the_observation(self) -> None:
        report = check_consumer(consumer_mutants.never_releases)
        assert repr(report) == (
            "<ConsumerReport of consumer_mutants.never_releases: violates the protocol (1 violation): BUF802>"
        )
        assert "\n    observed     buffers held after the result was deleted: 1\n" in str(report)
        assert "<table>" in report._repr_html_()
        assert check_consumer(np.asarray).title == f"numpy.asarray {np.__version__}"

    def test_can_be_stored_as_json(self) -> None:
        stored = json.loads(json.dumps(check_consumer(consumer_mutants.never_releases).to_dict()))
        assert stored["ok"] is False
        assert stored["findings"][0]["code"] == "BUF802"
        assert stored["requests"] == ["PyBUF_SIMPLE"]
        assert stored["holds"] is True

    def test_ignores_codes(self) -> None:
        assert check_consumer(consumer_mutants.never_releases, ignore=["BUF8"]).ok


class TestUnusableConsumers:
    def test_that_acquire_no_buffer_are_a_value_error(self) -> None:
        with pytest.raises(ValueError, match="the consumer acquired no buffer"):
            check_consumer(id)

    def test_that_raise_are_a_value_error(self) -> None:
        with pytest.raises(ValueError, match="the consumer raised ValueError: buffer size must be a multiple"):
            check_consumer(lambda exporter: np.frombuffer(exporter, "V7"))

    @pytest.mark.skipif(sys.version_info >= (3, 12), reason="Python supports PEP 688")
    @pytest.mark.parametrize("check", [swiftbuffer.check, lambda obj: check_consumer(memoryview, obj)])
    def test_with_a_source_of_pep_688_are_a_type_error_before_3_12(self, check: Callable[[Any], object]) -> None:
        class Exporter:
            def __buffer__(self, flags: int) -> memoryview:
                raise NotImplementedError

        with pytest.raises(TypeError, match="PEP 688"):
            check(Exporter())

    def test_with_a_source_that_exports_no_buffer_are_a_type_error(self) -> None:
        with pytest.raises(TypeError, match="int object exports no buffer: there is nothing to consume"):
            check_consumer(memoryview, 3)


def test_a_consumer_that_crashes_is_BUF901() -> None:  # noqa: N802
    report = check_consumer(lambda exporter: os.kill(os.getpid(), signal.SIGSEGV) or exporter)
    assert report.codes == ("BUF901",)
    assert report.findings[0].answered == "SIGSEGV while consuming the buffer"


def test_a_consumer_that_hangs_is_BUF902() -> None:  # noqa: N802
    assert check_consumer(lambda exporter: time.sleep(60) or exporter, timeout=0.5).codes == ("BUF902",)
