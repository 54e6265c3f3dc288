# SPDX-License-Identifier: Apache-2.0
"""The test kit: ready-made exporters, the recorder, exporters that refuse or break the rules, the pytest plugin."""

from __future__ import annotations

import ctypes
import doctest
import gc
import os
import struct
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from swiftbuffer import capi, testing
from swiftbuffer.testing import _broken, _exporters, _failing, _recorder

NAMES = _exporters.names()


def read(view: Any) -> Any:
    """The items of a Py_buffer as nested lists, by the definition of the protocol: PyBuffer_GetPointer."""
    shape = view.shape or ()

    def nested(position: list[int]) -> Any:
        if len(position) < len(shape):
            return [nested([*position, index]) for index in range(shape[len(position)])]
        address = capi.PyBuffer_GetPointer(view, position)
        return bytes(capi.PyMemoryView_FromMemory(address, view.itemsize, capi.PyBUF_READ))

    return nested([])


def packed(items: Any, depth: int, pack: Callable[[Any], bytes]) -> Any:
    """The same items, each as bytes."""
    return [packed(item, depth - 1, pack) for item in items] if depth else pack(items)


# -- exporters -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_each_exporter_answers_with_its_documented_values(name: str) -> None:
    case = _exporters.by_name(name)
    assert case.name == str(case) == name
    with capi.PyObject_GetBuffer(case.exporter, case.flags) as view:  # type: ignore[arg-type]
        assert (view.len, view.itemsize, bool(view.readonly)) == (case.nbytes, case.itemsize, case.readonly)
        if case.flags == capi.PyBUF_FULL_RO:
            assert (view.shape or (), view.strides or (), view.suboffsets or ()) == (
                case.shape,
                case.strides,
                # Suboffsets that are all negative may be NULL as well.
                case.suboffsets if view.suboffsets else (),
            )
            assert (view.ndim, view.format) == (case.ndim, case.format)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("format_")])
def test_each_exporter_holds_its_documented_items(name: str) -> None:
    case = _exporters.by_name(name)
    if case.flags == capi.PyBUF_FULL_RO:
        with capi.PyObject_GetBuffer(case.exporter, case.flags) as view:  # type: ignore[arg-type]
            found = read(view)
    else:
        data = capi.PyObject_GetBuffer(case.exporter, case.flags)  # type: ignore[arg-type]
        raw = bytes(capi.PyMemoryView_FromMemory(data.buf or 0, data.len, capi.PyBUF_READ))
        found = [raw[at : at + case.itemsize] for at in range(0, len(raw), case.itemsize)]
        for length in reversed(case.shape[1:]):
            found = [found[at : at + length] for at in range(0, len(found), length)]
    assert found == packed(case.expected, case.ndim, lambda item: struct.pack(case.format, item))


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("format_")])
def test_each_format_holds_its_documented_items(name: str) -> None:
    case = _exporters.by_name(name)
    try:
        with capi.PyObject_GetBuffer(case.exporter, case.flags) as view:  # type: ignore[arg-type]
            for raw, item in zip(read(view), case.expected, strict=True):
                values = item if isinstance(item, tuple) else (item,)
                assert raw == struct.pack(case.format, *values)
    except struct.error:
        # Formats of PEP 3118 that struct does not know.
        from swiftbuffer import View

        assert View(case.exporter).tolist() == case.expected  # type: ignore[arg-type]


@pytest.mark.parametrize("name", NAMES)
def test_each_conforming_exporter_counts_its_references(name: str) -> None:
    case = _exporters.by_name(name)
    before = sys.getrefcount(case.exporter)
    for flags in (capi.PyBUF_SIMPLE, capi.PyBUF_FULL_RO, capi.PyBUF_FULL, capi.PyBUF_F_CONTIGUOUS, case.flags):
        try:
            capi.PyObject_GetBuffer(case.exporter, flags).release()  # type: ignore[arg-type]
        except BufferError:
            continue
    # Counted first: an assertion that pytest has rewritten keeps references of its own.
    after = sys.getrefcount(case.exporter)
    assert after == before


def test_every_awkward_layout_is_there() -> None:
    made = list(testing.exporters())
    assert len({case.name for case in made}) == len(made) > 100
    assert any(case.ndim == 0 for case in made)
    assert any(0 in case.shape for case in made)
    assert any(case.ndim == 64 for case in made)
    assert any(stride < 0 for case in made for stride in case.strides)
    assert any(0 in case.strides for case in made)
    assert any(max(case.suboffsets, default=-1) > 0 for case in made)
    assert {case.format for case in made} > set("?cbBhHiIlLqQnNefdP")
    assert {case.readonly for case in made} == {True, False}
    assert any(capi.PyObject_GetBuffer(case.exporter, case.flags).obj is None for case in made)  # type: ignore[arg-type]
    assert any(capi.PyObject_GetBuffer(case.exporter, case.flags).shape is None for case in made if case.ndim)  # type: ignore[arg-type]


# -- recorder --------------------------------------------------------------------------------------------------------


def test_recorder_logs_flags_thread_and_kind() -> None:
    recorder = testing.recorder(bytearray(4))
    view = memoryview(recorder)
    assert view.obj is recorder
    thread = threading.Thread(target=view.release)
    thread.start()
    thread.join()
    acquired, released = recorder.log
    assert (acquired.kind, acquired.flags, acquired.thread) == ("acquire", capi.PyBUF_FULL_RO, threading.get_ident())
    assert (released.kind, released.flags, released.token) == ("release", capi.PyBUF_FULL_RO, acquired.token)
    assert released.thread != acquired.thread
    recorder.assert_balanced()


def test_recorder_shows_leaks() -> None:
    recorder = testing.recorder(b"abc")
    view = capi.PyObject_GetBuffer(recorder, capi.PyBUF_SIMPLE)
    assert [event.flags for event in recorder.live] == [capi.PyBUF_SIMPLE]
    with pytest.raises(AssertionError, match="never released: acquire #1, flags 0x0"):
        recorder.assert_balanced()
    view.release()
    assert recorder.live == []
    recorder.assert_balanced()


def test_recorder_shows_and_survives_double_releases() -> None:
    recorder = testing.recorder(b"abc")
    release = ctypes.pythonapi.PyBuffer_Release
    buffer = (ctypes.c_char * 200)()
    acquire = ctypes.pythonapi.PyObject_GetBuffer
    acquire.argtypes = [ctypes.py_object, ctypes.c_void_p, ctypes.c_int]
    release.argtypes = [ctypes.c_void_p]
    release.restype = None
    before = sys.getrefcount(recorder)
    assert acquire(recorder, ctypes.addressof(buffer), 0) == 0
    copy = (ctypes.c_char * 200).from_buffer_copy(buffer)
    release(ctypes.addressof(buffer))
    release(ctypes.addressof(copy))
    assert [event.kind for event in recorder.log] == ["acquire", "release", "double release"]
    assert sys.getrefcount(recorder) == before
    with pytest.raises(AssertionError, match="released twice"):
        recorder.assert_balanced()


def test_recorder_logs_refusals_and_passes_them_on() -> None:
    recorder = testing.recorder(b"abc")
    with pytest.raises(BufferError):
        capi.PyObject_GetBuffer(recorder, capi.PyBUF_WRITABLE)
    assert [(event.kind, event.flags) for event in recorder.log] == [("refuse", capi.PyBUF_WRITABLE)]
    recorder.assert_balanced()


@pytest.mark.parametrize("make", [testing.recorder, testing.broken, partial(testing.failing, nth=9)])
def test_a_buffer_that_its_exporter_keeps_is_garbage_with_it(make: Callable[[object], Any]) -> None:
    unraisable: list[object] = []
    previous, sys.unraisablehook = sys.unraisablehook, lambda report: unraisable.append(report.exc_value)
    try:
        source = bytearray(4)
        # What the exporter answers refers to the exporter, and to a buffer of the source.
        exporter = make(source)
        exporter.kept = [memoryview(exporter), capi.PyObject_GetBuffer(exporter, capi.PyBUF_SIMPLE)]
        reference = weakref.ref(exporter)
        del exporter
        gc.collect()
    finally:
        sys.unraisablehook = previous
    assert reference() is None
    assert unraisable == []
    source.append(1)


def test_an_outstanding_export_keeps_the_exporter_alive() -> None:
    exporter = testing.recorder(bytearray(b"abcd"))
    exporter.kept = memoryview(exporter)  # type: ignore[attr-defined]
    view = memoryview(exporter)
    reference = weakref.ref(exporter)
    del exporter
    gc.collect()
    assert reference() is not None
    assert bytes(view) == b"abcd"
    view.release()
    gc.collect()
    assert reference() is None


def test_recorder_keeps_the_source_exported() -> None:
    source = bytearray(4)
    view = memoryview(testing.recorder(source))
    with pytest.raises(BufferError):
        source.append(1)
    view.release()
    source.append(1)


@pytest.mark.parametrize("name", NAMES)
def test_recorder_answers_as_its_source_does(name: str) -> None:
    case = _exporters.by_name(name)
    recorder = testing.recorder(case.exporter)
    fields = ["buf", "len", "itemsize", "readonly", "ndim", "format", "shape", "strides", "suboffsets"]
    for flags in (
        0,
        capi.PyBUF_ND,
        capi.PyBUF_STRIDED_RO,
        capi.PyBUF_FULL_RO,
        capi.PyBUF_FULL,
        capi.PyBUF_C_CONTIGUOUS,
    ):
        try:
            expected = capi.PyObject_GetBuffer(case.exporter, flags)  # type: ignore[arg-type]
        except BufferError:
            with pytest.raises(BufferError):
                capi.PyObject_GetBuffer(recorder, flags)
            continue
        with expected, capi.PyObject_GetBuffer(recorder, flags) as found:
            assert [getattr(found, field) for field in fields] == [getattr(expected, field) for field in fields]
    recorder.assert_balanced()


# -- failing ---------------------------------------------------------------------------------------------------------


def test_failing_refuses_the_nth_request() -> None:
    exporter = testing.failing(b"abc", nth=2)
    assert bytes(exporter) == b"abc"
    with pytest.raises(BufferError, match="on demand"):
        bytes(exporter)
    assert bytes(exporter) == b"abc"
    assert (exporter.refused, exporter.exports) == (1, 0)


def test_failing_refuses_chosen_flags_with_a_chosen_exception() -> None:
    exporter = testing.failing(when=capi.PyBUF_WRITABLE, error=KeyError("no"))
    with pytest.raises(KeyError, match="no"):
        capi.PyObject_GetBuffer(exporter, capi.PyBUF_FULL)
    assert memoryview(exporter).shape == (3, 4)


def test_failing_keeps_nothing_of_what_it_refused() -> None:
    exporter = testing.failing()
    kept = weakref.ref(exporter)
    with pytest.raises(BufferError, match="on demand"):
        memoryview(exporter)
    del exporter
    gc.collect()
    assert kept() is None


def test_failing_refuses_everything_by_default() -> None:
    with pytest.raises(KeyError):
        memoryview(testing.failing(error=KeyError))


# -- broken ----------------------------------------------------------------------------------------------------------

FIELDS: list[tuple[str, Any]] = [
    ("len", 5),
    ("itemsize", 3),
    ("ndim", 7),
    ("readonly", 2),
    ("format", None),
    ("format", "Zz"),
    ("shape", None),
    ("shape", (1, 2, -3)),
    ("strides", None),
    ("strides", (0, -(1 << 62), 5)),
    ("suboffsets", (0, -1)),
    ("buf", None),
    ("buf", (1 << 64) - 8),
]


@pytest.mark.parametrize(("field", "value"), FIELDS)
def test_each_field_can_be_wrong_for_chosen_requests(field: str, value: Any) -> None:
    exporter = testing.broken(when={capi.PyBUF_FULL_RO}, **{field: value})
    exact = capi.PyObject_GetBuffer(exporter, capi.PyBUF_FULL)
    assert getattr(exact, field) != value or value is None
    exact.release()
    _, raw = acquire(exporter, capi.PyBUF_FULL_RO)
    found = getattr(raw, field)
    if isinstance(value, tuple):
        assert tuple(found[: len(value)]) == value
    elif value is None:
        assert not found
    else:
        assert (found.decode() if isinstance(value, str) else found) == value
    ctypes.pythonapi.PyBuffer_Release(ctypes.byref(raw))
    assert exporter.exports == 0


class PyBuffer(ctypes.Structure):
    _fields_ = [
        ("buf", ctypes.c_void_p), ("obj", ctypes.c_void_p), ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t), ("readonly", ctypes.c_int), ("ndim", ctypes.c_int),
        ("format", ctypes.c_char_p), ("shape", ctypes.POINTER(ctypes.c_ssize_t)),
        ("strides", ctypes.POINTER(ctypes.c_ssize_t)), ("suboffsets", ctypes.POINTER(ctypes.c_ssize_t)),
        ("internal", ctypes.c_void_p),
    ]  # fmt: skip


def acquire(exporter: object, flags: int) -> tuple[int, PyBuffer]:
    """What the exporter left in a Py_buffer full of 0xAA, and the status; the exception is dropped."""
    view = PyBuffer()
    ctypes.memset(ctypes.byref(view), 0xAA, ctypes.sizeof(view))
    call = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.c_void_p, ctypes.c_int)(
        ("PyObject_GetBuffer", ctypes.pythonapi)
    )
    try:
        return call(exporter, ctypes.addressof(view), flags), view
    except Exception:
        return -1, view


def test_a_refusal_leaves_obj_null_by_default() -> None:
    status, view = acquire(testing.broken(error=BufferError("no")), 0)
    assert (status, view.obj) == (-1, None)
    # A class: the traceback of an exception that is kept would refer to the exporter.
    exporter = testing.broken(error=BufferError, obj=testing.SELF)
    before = sys.getrefcount(exporter)
    status, view = acquire(exporter, 0)
    assert (status, view.obj) == (-1, id(exporter))
    assert sys.getrefcount(exporter) == before


def test_a_request_that_must_be_refused_can_be_accepted() -> None:
    exporter = testing.broken(b"abcd", accept=True, when=capi.PyBUF_WRITABLE)
    assert capi.PyObject_GetBuffer(exporter, capi.PyBUF_WRITABLE).len == 4
    strided = testing.broken(testing.ndarray([1, 2, 3, 4], [2], [2]), accept=True)
    view = capi.PyObject_GetBuffer(strided, capi.PyBUF_SIMPLE)
    assert (view.shape, view.strides, view.format, view.ndim) == (None, None, None, 1)


def test_a_format_of_more_bytes_than_the_items_have_is_refused_before_memory_for_it_is_asked_for() -> None:
    """Without a GIL the allocator promises terabytes, and the process dies where it uses them."""
    grid = testing.ndarray(testing.broken(format="999999999999i"), getbuf=testing.PyBUF_FULL)
    with pytest.raises(struct.error, match="3999999999996 bytes"):
        grid.tolist()
    with pytest.raises(struct.error, match="3999999999996 bytes"):
        grid[0][0] = 5
    assert grid.tobytes() == struct.pack("12i", *range(12))


@pytest.mark.parametrize(("count", "form"), [(4, f"{2**42}s"), (2**20, f"{2**26}s")])
def test_items_that_no_memory_holds_are_a_memory_error(count: int, form: str) -> None:
    with pytest.raises(MemoryError):
        testing.ndarray([b""] * count, shape=[count], format=form)


def test_failing_without_an_exception_and_succeeding_with_one() -> None:
    with pytest.raises(SystemError):
        memoryview(testing.broken(status=-1))
    assert testing.broken(error=KeyError, status=0, obj=testing.SELF).exports == 0


def test_memory_can_differ_each_time() -> None:
    kept = [bytearray(4) for _ in range(3)]
    exporter = testing.broken(lambda request: kept[request.number - 1])
    assert len({capi.PyObject_GetBuffer(exporter, 0).buf for _ in range(3)}) == 3


def test_memory_moves_only_if_that_was_asked_for() -> None:
    steady, moving = testing.broken(bytearray(4)), testing.broken(bytearray(4), moves=True)
    with memoryview(steady), pytest.raises(BufferError):
        steady.move()
    steady.move()
    with memoryview(moving) as view:
        old = capi.PyMemoryView_GET_BUFFER(view).buf
        moving.move()
        assert capi.PyObject_GetBuffer(moving, 0).buf != old
        view[0] = 1


def test_leaks_are_counted() -> None:
    exporter = testing.broken(leak=True)
    before = sys.getrefcount(exporter)
    for _ in range(3):
        memoryview(exporter).release()
    assert sys.getrefcount(exporter) == before + 3


@pytest.mark.parametrize(("release", "copied", "left"), [("right", 0, 0), ("address", 1, 1), ("never", 1, 1)])
def test_release_may_refuse_copies(release: str, copied: int, left: int) -> None:
    exporter = testing.broken(bytearray(4), release=release)
    # A memoryview keeps a copy of the struct only on some versions; the C call below always does.
    import ctypes

    buffer = (ctypes.c_char * 200)()
    ctypes.pythonapi.PyObject_GetBuffer.argtypes = [ctypes.py_object, ctypes.c_void_p, ctypes.c_int]
    assert ctypes.pythonapi.PyObject_GetBuffer(exporter, ctypes.addressof(buffer), 0) == 0
    copy = (ctypes.c_char * 200).from_buffer_copy(buffer)
    ctypes.pythonapi.PyBuffer_Release.argtypes = [ctypes.c_void_p]
    ctypes.pythonapi.PyBuffer_Release(ctypes.addressof(copy))
    assert exporter.exports == left
    assert bool(left) == bool(copied)


def test_release_may_run_code() -> None:
    seen: list[Any] = []
    exporter = testing.broken(bytearray(4), release=lambda request, address: seen.append((request.flags, address)))
    memoryview(exporter).release()
    assert seen[0][0] == capi.PyBUF_FULL_RO
    assert exporter.exports == 0


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(TypeError, match="colour"):
        testing.broken(colour=1)
    with pytest.raises(ValueError, match="release"):
        testing.broken(release="sometimes")


def test_without_rules_a_broken_exporter_is_right() -> None:
    exporter = testing.broken()
    assert memoryview(exporter).tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    assert exporter.exports == 0


def test_exporters_are_freed() -> None:
    exporter = testing.broken(bytearray(4))
    watch = weakref.ref(exporter)
    memoryview(exporter).release()
    del exporter
    gc.collect()
    assert watch() is None


# -- the module ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", [_broken, _exporters, _failing, _recorder], ids=lambda module: module.__name__)
def test_examples_in_docstrings_work(module: Any) -> None:
    failed, attempted = doctest.testmod(module)
    assert attempted
    assert not failed


def test_importing_the_package_does_not_import_the_test_kit() -> None:
    code = "import sys, swiftbuffer; sys.exit(bool({'swiftbuffer.testing', 'swiftbuffer._testing'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_test_kit_is_an_extension_module_of_its_own_that_an_attribute_loads() -> None:
    code = """
import sys, swiftbuffer
assert swiftbuffer.testing.ndarray([1, 2], [2]).tolist() == [1, 2]
module = sys.modules["swiftbuffer._testing"]
assert module is swiftbuffer._testing and module.__spec__.name == module.__name__ == "swiftbuffer._testing"
assert module.__file__ == swiftbuffer._core.__file__
assert not {name for name in vars(module) if not name.startswith("__")} & set(vars(swiftbuffer._core))
assert swiftbuffer.testing.slice_indices.__module__ == module.__name__
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_types_cannot_be_subclassed() -> None:
    for base in (testing.ndarray, testing.staticarray):
        with pytest.raises(TypeError, match="not an acceptable base type"):
            type("Derived", (base,), {})


def test_plugin_offers_exporters_and_a_recorder(tmp_path: Any) -> None:
    (tmp_path / "test_consumer.py").write_text(
        "def test_read(buffer_exporter):\n"
        "    assert buffer_exporter.name\n"
        "def test_release(buffer_recorder):\n"
        "    memoryview(buffer_recorder(b'abc')).release()\n"
        "def test_leak(buffer_recorder):\n"
        "    global kept\n"
        "    kept = memoryview(buffer_recorder(b'abc'))\n"
    )
    line = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "swiftbuffer._pytest"]
    # Named here, since the tests may run where the package is not installed; and so not found a second time.
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    run = subprocess.run([*line, tmp_path], capture_output=True, text=True, check=False, env=alone)
    assert f"{len(NAMES) + 2} passed, 1 error" in run.stdout, run.stdout
    assert "never released: acquire #1" in run.stdout
