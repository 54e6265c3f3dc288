# SPDX-License-Identifier: Apache-2.0
"""Arrow: arrays of ours in pyarrow and Pillow, theirs here, and bad ones."""

from __future__ import annotations

import ctypes
import gc
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import arrow
import swiftbuffer as sb
from arrow import Level, Producer
from view_layouts import arrays, shapes

SUPPORT = Path(__file__).parents[1] / "support"
TYPES = {
    "b": pa.int8(),
    "B": pa.uint8(),
    "h": pa.int16(),
    "H": pa.uint16(),
    "i": pa.int32(),
    "I": pa.uint32(),
    "q": pa.int64(),
    "Q": pa.uint64(),
    "e": pa.float16(),
    "f": pa.float32(),
    "d": pa.float64(),
    "5s": pa.binary(5),
}
SIX = (ctypes.c_int32 * 6)(*range(6))


def items_of(array: Any) -> Any:
    """What a nested array of pyarrow's has below all lists."""
    while isinstance(array, pa.FixedSizeListArray):
        array = array.flatten()
    return array


@pytest.mark.parametrize("code", TYPES)
def test_pyarrow_reads_every_type_at_its_address(code: str) -> None:
    array = sb.zeros(4, code)
    array.cast("B")[...] = bytes(range(1, array.nbytes + 1))
    shown = pa.array(array)
    assert shown.type == TYPES[code]
    assert shown.null_count == 0
    assert shown.to_pylist() == array.tolist()
    assert shown.buffers()[1].address == array.address
    shown.validate(full=True)
    assert pa.DataType._import_from_c_capsule(array.__arrow_c_schema__()) == TYPES[code]


@given(shapes(), st.sampled_from(["B", "h", "d"]))
def test_axes_are_lists_of_fixed_size(shape: tuple[int, ...], code: str) -> None:
    count = int(np.prod(shape, dtype=int))
    array = sb.array(np.arange(count).astype(np.dtype(code)).reshape(shape), code)
    shown = pa.array(array)
    shown.validate(full=True)
    expected = TYPES[code]
    for length in reversed(shape[1:]):
        expected = pa.list_(expected, length)
    assert shown.type == expected
    assert shown.to_pylist() == (array.tolist() if shape else [array[()]])
    back = sb.from_arrow(shown, shape)
    assert back.shape == shape
    assert back == array
    if count:
        assert back.address == array.address
        assert sb.from_arrow(shown).shape == (shape or (1,))


@given(arrays(st.sampled_from(["B", "h", "d", ">i2", "?", "F"])))
def test_other_layouts_are_refused_and_their_copies_are_not(source: np.ndarray[Any, Any]) -> None:
    view = sb.View(source)
    if source.dtype.char in "?F" or source.dtype.byteorder == ">":
        with pytest.raises(BufferError, match="Arrow has no type"):
            view.__arrow_c_array__()
        with pytest.raises(BufferError, match="Arrow has no type"):
            view.__arrow_c_schema__()
        return
    if not source.flags.c_contiguous:
        with pytest.raises(BufferError, match=r"neither strides.*copy\(\)"):
            view.__arrow_c_array__()
        view = sb.View(view.copy())
    assert sb.from_arrow(view, source.shape).tolist() == source.tolist()


@pytest.mark.parametrize("code", ["c", "m", "Zf", "g", "T{i:a:}", "2i", "3w", "<h" if sys.byteorder == "big" else ">h"])
def test_items_that_arrow_has_not_are_refused(code: str) -> None:
    array = sb.zeros(2, code)
    for use in (array.__arrow_c_schema__, array.__arrow_c_array__):
        with pytest.raises(BufferError, match="Arrow has no type"):
            use()
    array.append(array[0])


def test_misaligned_memory_is_refused() -> None:
    with pytest.raises(BufferError, match="multiple of 4"):
        sb.View(bytearray(9))[1:].cast("i").__arrow_c_array__()


def test_the_export_stands_until_the_array_is_released() -> None:
    array = sb.array([[1, 2], [3, 4]], "i")
    flat = sb.array([1, 2, 3])
    for memory, change in [(array, lambda: array.resize(0)), (flat, lambda: flat.append(1))]:
        shown = pa.array(memory)
        gc.collect()
        with pytest.raises(BufferError, match="1 export"):
            memory.freeze()
        del shown
        gc.collect()
        if memory is flat:
            change()
        capsules = memory.__arrow_c_array__()
        with pytest.raises(BufferError, match="1 export"):
            memory.freeze()
        del capsules
        memory.freeze()


def test_a_child_may_outlive_its_parent() -> None:
    array = sb.array([[1, 2, 3], [4, 5, 6]], "h")
    inner = pa.array(array).values
    gc.collect()
    assert inner.to_pylist() == [1, 2, 3, 4, 5, 6]
    with pytest.raises(BufferError):
        array.freeze()
    consumer = arrow.Consumer(array.__arrow_c_array__()[1])
    child = arrow.Array()
    ctypes.pointer(child)[0] = consumer.array.children[0].contents
    consumer.array.children[0].contents.release = None
    consumer.end()
    del inner
    gc.collect()
    with pytest.raises(BufferError, match="1 export"):
        array.freeze()
    assert list(ctypes.cast(child.buffers[1], ctypes.POINTER(ctypes.c_int16))[:6]) == [1, 2, 3, 4, 5, 6]
    arrow.ReleaseArray(child.release)(child)
    array.freeze()


def test_a_thread_that_python_does_not_know_releases_an_array() -> None:
    array = sb.zeros(3)
    libc = ctypes.CDLL(None)
    consumer = arrow.Consumer(array.__arrow_c_array__()[1])
    thread = ctypes.c_ulong()
    assert libc.pthread_create(ctypes.byref(thread), None, ctypes.c_void_p(consumer.release), consumer.argument) == 0
    assert libc.pthread_join(thread, None) == 0
    assert consumer.release == 0
    array.append(1)


def test_arrays_may_outlive_the_interpreter() -> None:
    script = """if True:
        import ctypes
        import arrow, swiftbuffer as sb
        array = sb.zeros((2, 3))
        consumer = arrow.Consumer(array.__arrow_c_array__()[1])
        ctypes.CDLL(None).__cxa_atexit(ctypes.c_void_p(consumer.release), consumer.argument, None)
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(consumer.array))
        print("survived")
        """
    environment = {**os.environ, "PYTHONPATH": str(SUPPORT)}
    child = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120, env=environment
    )
    assert (child.returncode, child.stdout, child.stderr) == (0, "survived\n", "")


# -- Inward ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", TYPES)
def test_arrays_of_pyarrow_come_in_read_only(code: str) -> None:
    values = [b"abcde", b"fghij"] if code == "5s" else [1, 2]
    source = pa.array(values, TYPES[code])
    view = sb.from_arrow(source)
    assert (view.format, view.tolist(), view.readonly) == (code, values, True)
    assert view.address == source.buffers()[1].address
    with pytest.raises(TypeError):
        view[0] = view[1]
    writable = sb.from_arrow(source, writable=True)
    writable[0] = writable[1]
    assert source[0] == source[1]


@given(st.lists(st.integers(0, 4), min_size=1, max_size=4), st.data())
def test_parts_of_nested_arrays_come_in(shape: list[int], data: st.DataObject) -> None:
    numbers = np.arange(int(np.prod(shape)), dtype="i2").reshape(shape)
    source: Any = pa.array(numbers.ravel())
    for length in reversed(shape[1:]):
        if length == 0:
            return
        source = pa.FixedSizeListArray.from_arrays(source, length)
    start = data.draw(st.integers(0, shape[0]))
    stop = data.draw(st.integers(start, shape[0]))
    part = source.slice(start, stop - start)
    assert sb.from_arrow(part).tolist() == numbers[start:stop].tolist()


def test_shapes_are_checked() -> None:
    source = pa.array(range(6), pa.int8())
    assert sb.from_arrow(source, (2, 3)).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert sb.from_arrow(source, shape=(-1, 2)).shape == (3, 2)
    assert sb.from_arrow(source, 6).shape == (6,)
    for shape in [(2, 2), (7,), (-1, 4), (-2, 3)]:
        with pytest.raises(ValueError, match=r"shape|reshape|length"):
            sb.from_arrow(source, shape)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (pa.array([1, None, 3]), "item 1 of the array is missing"),
        (pa.FixedSizeListArray.from_arrays(pa.array([1, 2, None, 4]), 2), "item 2 of the array is missing"),
        (pa.array([[1, 2], None], pa.list_(pa.int8(), 2)), "item 1 of the array is missing"),
        (pa.array([True, False]), "single bits"),
        (pa.array(["a", "b"]), "no format describes"),
        (pa.array([[1], [2, 3]]), "no format describes"),
        (pa.array([1, 2], pa.timestamp("s")), "no format describes"),
        (pa.array(["a", "b", "a"]).dictionary_encode(), "dictionary"),
        (pa.array([{"a": 1}]), "no format describes"),
        (pa.nulls(3), "no format describes"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value.type),
)
def test_arrays_without_a_buffer_of_items_are_refused(source: Any, message: str) -> None:
    with pytest.raises(BufferError, match=message):
        sb.from_arrow(source)


def test_nulls_outside_of_the_part_do_not_matter() -> None:
    assert sb.from_arrow(pa.array([None, 1, 2, None]).slice(1, 2)).tolist() == [1, 2]


def test_chunks_are_refused_with_advice() -> None:
    with pytest.raises(TypeError, match="combine them"):
        sb.from_arrow(pa.chunked_array([[1], [2]]))  # type: ignore[arg-type]
    for thing in (5, b"abc", np.zeros(3)):
        with pytest.raises(TypeError, match="__arrow_c_array__"):
            sb.from_arrow(thing)  # type: ignore[arg-type]


def made(**changes: Any) -> Producer:
    return Producer(Level("i", 6, **{"buffers": (None, SIX), **changes}))


def nested(outer: dict[str, Any] | None = None, inner: dict[str, Any] | None = None) -> Producer:
    return Producer(
        Level(**{"code": "+w:3", "length": 2, **(outer or {})}),
        Level(**{"code": "i", "length": 6, "buffers": (None, SIX), **(inner or {})}),
    )


def test_a_view_and_its_parts_keep_the_array() -> None:
    for producer in (made(), nested()):
        view = sb.from_arrow(producer)
        part = memoryview(view[1:])
        del view
        gc.collect()
        assert producer.released == 0
        part.release()
        del part
        gc.collect()
        assert producer.released == 1


BAD = {
    "no data": lambda: made(buffers=(None, None)),
    "negative length": lambda: Producer(Level("i", -1, buffers=(None, SIX))),
    "negative offset": lambda: made(offset=-1),
    "one buffer": lambda: made(buffers=(None,)),
    "too long": lambda: Producer(Level("l", 2**61, buffers=(None, SIX))),
    "behind memory": lambda: Producer(Level("l", 2**59, offset=2**60, buffers=(None, 2**64 - 4096))),
    "huge offset": lambda: made(offset=2**62),
    "offset overflow": lambda: made(offset=2**63 - 1, buffers=(SIX, SIX), null_count=-1),
    "no child": lambda: nested({"n_children": 0}),
    "two children": lambda: nested({"n_children": 2}),
    "short child": lambda: nested(inner={"length": 5}),
    "child offset": lambda: nested({"offset": 1}),
    "negative list": lambda: nested({"code": "+w:-3"}),
    "list of text": lambda: nested({"code": "+w:x"}),
    "huge list": lambda: nested({"code": f"+w:{2**62}"}),
    "list beyond an int": lambda: nested({"code": f"+w:{2**70}"}),
    "child with a negative length": lambda: nested(inner={"length": -6}),
    "child with a negative offset": lambda: nested(inner={"offset": -6}),
    "no format": lambda: Producer(Level("", 1, buffers=(None, SIX))),
    "negative bytes": lambda: Producer(Level("w:-4", 1, buffers=(None, SIX))),
    "null": lambda: made(buffers=(SIX, SIX), null_count=-1),
    "too deep": lambda: Producer(*[Level("+w:1", 1)] * 64, Level("i", 1, buffers=(None, SIX))),
}


@pytest.mark.parametrize("make", BAD.values(), ids=BAD)
def test_bad_arrays_are_refused_and_released_once(make: Any) -> None:
    producer = make()
    with pytest.raises(BufferError):
        sb.from_arrow(producer)
    gc.collect()
    assert producer.released == 1


def test_an_array_is_used_once() -> None:
    producer = made()
    capsules = producer.__arrow_c_array__()

    class Same:
        def __arrow_c_array__(self) -> Any:
            return capsules

    view = sb.from_arrow(Same())
    with pytest.raises(BufferError, match="used before"):
        sb.from_arrow(Same())
    assert view.tolist() == list(range(6))
    del view
    assert producer.released == 1


def test_one_of_many_threads_gets_an_array() -> None:
    for _ in range(20):
        producer = made()
        capsules = producer.__arrow_c_array__()

        class Same:
            def __arrow_c_array__(self, capsules: Any = capsules) -> Any:
                return capsules

        got: list[object] = []
        start = threading.Barrier(4)

        def take(source: Any, got: list[object] = got, start: threading.Barrier = start) -> None:
            start.wait()
            try:
                got.append(sb.from_arrow(source))
            except BufferError:
                got.append(None)

        threads = [threading.Thread(target=take, args=(Same(),)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(view is not None for view in got) == 1
        got.clear()
        gc.collect()
        assert producer.released == 1


def test_other_capsules_and_results_are_refused() -> None:
    swapped = Producer(Level("i", 6, buffers=(None, SIX)), names=(b"arrow_array", b"arrow_schema"))
    with pytest.raises(TypeError, match="arrow_schema"):
        sb.from_arrow(swapped)
    assert swapped.released == 0

    class Liar:
        def __init__(self, result: object) -> None:
            self.result = result

        def __arrow_c_array__(self) -> Any:
            return self.result

    for result in (None, (), (1, 2), made().__arrow_c_array__()[::-1]):
        with pytest.raises(TypeError):
            sb.from_arrow(Liar(result))
    with pytest.raises(TypeError):
        sb.zeros(3).__arrow_c_array__(5)  # type: ignore[arg-type]
    assert sb.zeros(3).__arrow_c_array__(sb.zeros(3).__arrow_c_schema__()) is not None


# -- Pillow ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "code", "channels"),
    [("L", "B", 1), ("I", "i", 1), ("F", "f", 1), ("RGB", "B", 4), ("RGBA", "B", 4), ("CMYK", "B", 4), ("LA", "B", 4)],
)
def test_images_of_pillow_are_live_memory_both_ways(mode: str, code: str, channels: int) -> None:
    image = Image.new(mode, (5, 3))
    shape = (3, 5, channels) if channels > 1 else (3, 5)
    view = sb.from_arrow(image, shape, writable=True)
    assert (view.format, view.shape) == (code, shape)
    view[2, 4] = 7
    pixel = image.getpixel((4, 2))
    assert (pixel[0] if isinstance(pixel, tuple) else pixel) == 7
    assert sb.from_arrow(image, shape).readonly

    array = sb.zeros(shape, code)
    # Pillow wants one list of all pixels.
    shown = Image.fromarrow(array.reshape((-1, channels) if channels > 1 else -1), mode, (5, 3))
    array[1, 2] = 9
    pixel = shown.getpixel((2, 1))
    assert (pixel[0] if isinstance(pixel, tuple) else pixel) == 9
    with pytest.raises(BufferError):
        array.freeze()
    del shown
    gc.collect()
    array.freeze()
