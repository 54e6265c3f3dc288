# SPDX-License-Identifier: Apache-2.0
"""Exports that stand: memory is pinned on purpose, and errors say who holds it and where it was acquired."""

from __future__ import annotations

import gc
import inspect
import subprocess
import sys
import textwrap
import threading
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import c_oracle
import swiftbuffer as sb
from swiftbuffer import capi, trace_exports

# -- Pins -------------------------------------------------------------------------------------------------------------

CHANGES: dict[str, Any] = {
    "append": lambda a: a.append(4),
    "extend": lambda a: a.extend([4]),
    "pop": lambda a: a.pop(),
    "resize": lambda a: a.resize(9),
    "frombytes": lambda a: a.frombytes(bytes(8)),
    "freeze": lambda a: a.freeze(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_pinned_array_keeps_its_size(change: str) -> None:
    array = sb.array([1, 2, 3])
    with array.pinned() as view:
        view[0] = 7
        with pytest.raises(BufferError, match="1 export outstanding"):
            CHANGES[change](array)
    assert array.tolist() == [7, 2, 3]
    CHANGES[change](array)


def test_a_pin_is_released_by_hand_or_by_its_end() -> None:
    array = sb.array([1, 2, 3])
    pin = array.pinned()
    another = array.pinned()
    with pytest.raises(BufferError, match="2 exports outstanding"):
        array.append(4)
    pin.release()
    pin.release()
    del another
    array.append(4)
    assert array.tolist() == [1, 2, 3, 4]


def test_a_pinned_array_is_read_and_written_as_ever() -> None:
    array = sb.array([[1, 2], [3, 4]])
    with array.pinned() as view:
        assert type(view) is sb.View
        assert view.tolist() == array.tolist()
        assert view.readonly == array.readonly
        array[0, 0] = 9
        assert view[0, 0] == 9


def test_a_pinned_view_keeps_the_memory_behind_it() -> None:
    array = sb.array([1, 2, 3])
    view = array[1:]
    pin = view.pinned()
    view.release()
    assert pin.tolist() == [2, 3]
    with pytest.raises(BufferError):
        array.append(4)
    pin.release()
    array.append(4)
    base = bytearray(3)
    with sb.View(base).pinned(), pytest.raises(BufferError):
        base.append(1)


def test_released_memory_cannot_be_pinned() -> None:
    view = sb.View(b"abc")
    view.release()
    with pytest.raises(ValueError, match="released"):
        view.pinned()


# -- Tracing ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def tracing() -> Iterator[None]:
    trace_exports()
    yield
    trace_exports(False)


def refusal(array: Any) -> str:
    with pytest.raises(BufferError) as caught:
        array.append(1)
    return str(caught.value)


@pytest.mark.usefixtures("tracing")
def test_the_error_shows_where_each_export_was_acquired() -> None:
    array = sb.array([1, 2, 3])
    first = memoryview(array)
    line = inspect.currentframe().f_lineno - 1  # type: ignore[union-attr]
    second = np.asarray(array)
    gone = memoryview(array)
    gone.release()
    text = refusal(array)
    assert text.startswith(
        "Existing exports of data: object cannot be re-sized (2 exports outstanding), "
        "held by: 2 memoryview\nacquired at"
    )
    assert text.count("acquired at") == 2
    assert f'File "{__file__}", line {line}, in test_the_error_shows_where' in text
    assert "first = memoryview(array)" in text
    assert "second = np.asarray(array)" in text
    assert "gone = " not in text
    assert "_tracing.py" not in text
    del first, second
    array.append(4)


@pytest.mark.usefixtures("tracing")
def test_slices_views_and_c_consumers_are_traced() -> None:
    array = sb.array([1, 2, 3])
    part = array[1:]
    assert "part = array[1:]" in refusal(array)
    del part
    view = sb.View(array)
    assert "view = sb.View(array)" in refusal(array)
    del view
    with array.pinned():
        assert "with array.pinned():" in refusal(array)
    with capi.PyObject_GetBuffer(array, capi.PyBUF_FULL):
        assert "capi.PyObject_GetBuffer(array, capi.PyBUF_FULL)" in refusal(array)
    array.append(4)


@pytest.mark.usefixtures("tracing")
def test_a_view_that_is_not_released_says_who_holds_it() -> None:
    view = sb.View(bytearray(3))
    held = memoryview(view)
    with pytest.raises(BufferError) as caught:
        view.release()
    assert "view has 1 exported buffer; release it first, held by: memoryview" in str(caught.value)
    assert "held = memoryview(view)" in str(caught.value)
    held.release()
    view.release()


def test_exports_from_before_the_switch_are_counted_only() -> None:
    array = sb.array([1, 2, 3])
    before = memoryview(array)
    trace_exports()
    try:
        after = memoryview(array)
        text = refusal(array)
        assert "(2 exports outstanding)" in text
        assert text.count("acquired at") == 1
        assert "after = memoryview(array)" in text
        before.release()
        trace_exports()
        assert "acquired at" not in refusal(array)
        after.release()
    finally:
        trace_exports(False)
    array.append(4)


def test_tracing_records_nothing_while_off() -> None:
    trace_exports()
    array = sb.array([1, 2, 3])
    traced = memoryview(array)
    trace_exports(False)
    plain = memoryview(array)
    assert refusal(array) == "Existing exports of data: object cannot be re-sized (2 exports outstanding)"
    with capi.PyObject_GetBuffer(array, capi.PyBUF_FULL) as buffer:
        assert buffer.internal is None
    del traced, plain
    array.append(4)


@pytest.mark.usefixtures("tracing")
def test_answers_are_the_same_while_it_is_on() -> None:
    array = sb.array([[1, 2], [3, 4]], "h")
    assert memoryview(array).tolist() == [[1, 2], [3, 4]]
    with pytest.raises(BufferError, match="F-contiguous buffer requested"):
        capi.PyObject_GetBuffer(array, capi.PyBUF_F_CONTIGUOUS)
    assert sb.check(sb.zeros(3)).ok
    assert sb.View(np.asarray(array)[:, ::-1]).tolist() == [[2, 1], [4, 3]]


@pytest.mark.usefixtures("tracing")
def test_threads_acquire_and_release_while_it_is_on() -> None:
    array = sb.array([1, 2, 3])

    def use() -> None:
        for _ in range(200):
            memoryview(array).release()
            sb.View(array)[1:].release()

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    array.append(4)


def test_tracing_leaves_nothing_behind() -> None:
    array = sb.zeros(3)

    def use() -> None:
        trace_exports()
        memoryview(array).release()
        trace_exports(False)

    c_oracle.assert_no_growth(use, array, rounds=3000)


def test_tracing_may_be_on_when_the_interpreter_ends() -> None:
    script = """
        import sys
        import swiftbuffer as sb
        sb.trace_exports()
        sys.array = sb.zeros(3)
        sys.kept = [memoryview(sys.array), sb.View(sys.array)]
        sys.kept.append(sys.kept)
        """
    child = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False)
    assert (child.returncode, child.stderr) == (0, "")


def test_an_error_of_the_tracer_is_reported_and_harms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda report: reported.append(report.exc_type))
    sb._core._trace_exports(object())
    try:
        array = sb.array([1, 2, 3])
        view = memoryview(array)
        assert reported == [AttributeError]
        assert refusal(array) == "Existing exports of data: object cannot be re-sized (1 export outstanding)"
        view.release()
        array.append(4)
    finally:
        trace_exports(False)
    gc.collect()


# -- Other errors that speak to who reads them -------------------------------------------------------------------------


def test_a_refused_request_says_what_a_user_of_python_can_do() -> None:
    part = sb.zeros((3, 4))[:, ::2]
    with pytest.raises(BufferError, match=r"\.copy\(\) makes a contiguous copy, \.tobytes\(\) gives the bytes"):
        zlib.crc32(part)
    with pytest.raises(BufferError, match=r"\.copy\(order=\"F\"\) makes an F-contiguous copy"):
        capi.PyObject_GetBuffer(part, capi.PyBUF_F_CONTIGUOUS)
    with pytest.raises(BufferError, match=r"read-only; \.copy\(\) makes a writable copy"):
        capi.PyObject_GetBuffer(sb.View(b"abc"), capi.PyBUF_WRITABLE)
    assert bytes(part.copy()) == part.tobytes()


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: sb.zeros(2, 3), r"zeros\(\) takes the shape as one argument: zeros\(\(2, 3\)\)"),
        (lambda: sb.zeros(2, 3, 4), r"zeros\(\(2, 3, 4\)\)"),
        (lambda: sb.empty(2, 3), r"empty\(\(2, 3\)\)"),
        (lambda: sb.full(2, 3, 7), r"full\(\(2, 3\), 7\)"),
        (lambda: sb.full(2, 3, 4, 7), r"full\(\(2, 3, 4\), 7\)"),
    ],
)
def test_an_error_says_how_a_shape_in_several_arguments_is_written(call: Any, text: str) -> None:
    with pytest.raises(TypeError, match=text):
        call()


class OnlyPython:
    """What exports by PEP 688 alone."""

    def __buffer__(self, flags: int) -> memoryview:
        return memoryview(b"abc")


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="CPython calls __buffer__ since 3.12")
@pytest.mark.parametrize("use", [sb.View, sb.array, sb.Array, lambda obj: sb.array([obj]), sb.check])
def test_an_error_says_that_buffer_methods_need_3_12(use: Any) -> None:
    with pytest.raises(TypeError, match=r"'OnlyPython' .*__buffer__.* from 3\.12 on \(PEP 688\)"):
        use(OnlyPython())


@pytest.mark.skipif(sys.version_info < (3, 12), reason="CPython calls __buffer__ since 3.12")
@pytest.mark.parametrize("use", [sb.View, sb.array])
def test_a_buffer_method_is_called_since_3_12(use: Any) -> None:
    assert use(OnlyPython()).tobytes() == b"abc"
