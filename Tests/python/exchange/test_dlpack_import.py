# SPDX-License-Identifier: Apache-2.0
"""`from_dlpack`: views of other libraries' tensors, and bad tensors."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import swiftbuffer as sb
from small_floats import SMALL_FLOATS, SmallFloat
from tensors import BFLOAT, COPIED, FLOAT, INT, READ_ONLY, UINT, Producer, name_of
from view_layouts import arrays

SIX = (ctypes.c_int32 * 6)(*range(6))


@given(arrays())
def test_arrays_of_numpy_come_in_any_layout(source: np.ndarray[Any, Any]) -> None:
    try:
        source.__dlpack__(max_version=(1, 0))
    except (BufferError, RuntimeError):
        with pytest.raises((BufferError, RuntimeError)):
            sb.from_dlpack(source)
        return
    if source.size == 0 or source.flags.aligned:
        view = sb.from_dlpack(source)
        assert (view.shape, view.readonly) == (source.shape, not source.flags.writeable)
        assert view.tolist() == source.tolist()
        assert np.asarray(view).dtype == source.dtype
        if source.size:
            assert view.address == source.ctypes.data


def test_writes_are_seen_on_both_sides() -> None:
    source = np.zeros((2, 3), "f4")
    view = sb.from_dlpack(source)
    view[1, 2] = 5
    source[0, 0] = 7
    assert source[1, 2] == 5
    assert view[0, 0] == 7


def test_the_view_and_its_parts_keep_the_tensor() -> None:
    producer = Producer(SIX, (6,))
    view = sb.from_dlpack(producer)
    part = view[::2]
    exported = memoryview(part)
    del view, part
    gc.collect()
    assert producer.deleted == 0
    assert exported.tolist() == [0, 2, 4]
    exported.release()
    del exported
    gc.collect()
    assert producer.deleted == 1


def test_a_version_is_asked_for_first() -> None:
    producer = Producer(SIX, (6,))
    sb.from_dlpack(producer)
    sb.from_dlpack(producer, copy=True)
    sb.from_dlpack(producer, copy=False, device="cpu")
    sb.from_dlpack(producer, device=(1, 0))
    assert producer.asked == [
        {"max_version": (1, 3)},
        {"max_version": (1, 3), "copy": True},
        {"max_version": (1, 3), "copy": False, "dl_device": (1, 0)},
        {"max_version": (1, 3), "dl_device": (1, 0)},
    ]
    assert producer.deleted == 4


class Old:
    """A producer of before 2024: no parameters, no version."""

    def __init__(self, source: Producer) -> None:
        self.source = source

    def __dlpack__(self) -> object:
        return self.source.capsule()


def test_old_producers_are_read_without_a_version_and_not_written() -> None:
    producer = Producer(SIX, (2, 3), version=None)
    view = sb.from_dlpack(Old(producer))
    assert (view.tolist(), view.readonly, view.format) == ([[0, 1, 2], [3, 4, 5]], True, "i")
    del view
    copy = sb.from_dlpack(Old(producer), copy=True)
    assert producer.deleted == 2
    assert not copy.readonly
    copy[0, 0] = 9
    assert SIX[0] == 0
    with pytest.raises(TypeError):
        sb.from_dlpack(Old(producer), device="cpu")


@pytest.mark.parametrize("version", [None, (1, 0), (1, 99)])
def test_missing_strides_mean_c_order(version: tuple[int, int] | None) -> None:
    view = sb.from_dlpack(Producer(SIX, (2, 3), version=version))
    assert (view.strides, view.tolist()) == ((12, 4), [[0, 1, 2], [3, 4, 5]])


@pytest.mark.parametrize(
    ("keywords", "expected"),
    [
        ({"shape": (2, 3), "strides": (1, 2)}, [[0, 2, 4], [1, 3, 5]]),
        ({"shape": (3,), "strides": (-2,), "byte_offset": 20}, [5, 3, 1]),
        ({"shape": (2, 2), "strides": (0, 5)}, [[0, 5], [0, 5]]),
        ({"shape": ()}, 0),
        ({"shape": (), "byte_offset": 8}, 2),
        ({"shape": (2, 0)}, [[], []]),
        ({"shape": (6,), "items": (UINT, 8, 1), "byte_offset": 1}, [0, 0, 0, 1, 0, 0]),
        ({"shape": (1,), "strides": (2**60,)}, [0]),
        ({"shape": (1,), "device": (3, 0)}, [0]),
        ({"shape": (1,), "flags": COPIED | 1 << 40}, [0]),
    ],
)
def test_tensors_of_every_layout_are_read(keywords: dict[str, Any], expected: object) -> None:
    producer = Producer(SIX, **keywords)
    assert sb.from_dlpack(producer).tolist() == expected
    assert producer.deleted == 1


@pytest.mark.parametrize("kind", SMALL_FLOATS, ids=str)
def test_small_floats_come_in_and_go_out(kind: SmallFloat) -> None:
    codes = np.arange(2, 14).astype(kind.dtype)
    producer = Producer(codes.ctypes.data, (3, 2), (4, 1), items=(kind.code, 8 * kind.size, 1))
    view = sb.from_dlpack(producer)
    assert (view.format, view.shape, view.address) == (kind.format, (3, 2), codes.ctypes.data)
    assert view.tolist() == kind.values[codes.reshape(3, 4)[:, :2]].tolist()
    view[0, 0] = 2.0
    assert kind.values[codes[0]] == 2
    again = sb.from_dlpack(sb.from_dlpack(view))
    assert (again.format, again.address, again.tolist()) == (kind.format, view.address, view.tolist())
    with pytest.raises(BufferError, match=kind.name):
        memoryview(again)
    if kind.size == 2:
        swapped = sb.array(view.astype(">" + kind.format))
        with pytest.raises(BufferError, match="byte order"):
            sb.from_dlpack(swapped)
        assert sb.from_dlpack(swapped, copy=True).tolist() == view.tolist()


def test_no_items_need_no_data() -> None:
    view = sb.from_dlpack(Producer(None, (0, 2**40), (1, 1)))
    assert (view.shape, view.tolist()) == ((0, 2**40), [])


def test_the_flag_says_whether_it_may_be_written() -> None:
    assert sb.from_dlpack(Producer(SIX, (6,), flags=READ_ONLY)).readonly
    assert not sb.from_dlpack(Producer(SIX, (6,))).readonly


BAD: list[tuple[dict[str, Any], str]] = [
    ({"memory": None}, "no data, but 24 bytes"),
    ({"byte_offset": 2}, "misaligned"),
    ({"byte_offset": 2**64 - 1}, "beyond the last address"),
    ({"items": (BFLOAT, 16, 2)}, "bfloat of 16 bits in 2 lanes"),
    ({"items": (BFLOAT, 32, 1)}, "bfloat of 32 bits"),
    ({"items": (17, 4, 1)}, "float4_e2m1fn of 4 bits"),
    ({"items": (INT, 32, 4)}, "in 4 lanes"),
    ({"items": (INT, 4, 1)}, "int of 4 bits"),
    ({"items": (99, 8, 1)}, "kind 99"),
    ({"items": (FLOAT, 128, 1)}, "float of 128 bits"),
    ({"shape": None, "ndim": 1}, "no shape"),
    ({"ndim": -1}, "-1 dimensions"),
    ({"ndim": 65}, "65 dimensions"),
    ({"shape": (-1,)}, "-1"),
    ({"shape": (2**62, 2)}, "does not fit"),
    ({"shape": (2**61,)}, "does not fit|beyond|behind"),
    ({"shape": (2,), "strides": (2**62,)}, "does not fit"),
    ({"shape": (2,), "strides": (-(2**60),)}, "before the address|does not fit"),
    ({"shape": (2**31, 2**31), "strides": (2**31, 2**31)}, "does not fit|behind"),
    ({"version": (2, 0)}, r"DLPack 2\.0"),
    ({"version": (0, 9)}, r"DLPack 0\.9"),
    ({"version": (2**32 - 1, 0)}, "DLPack 4294967295"),
]


@pytest.mark.parametrize(("keywords", "message"), BAD, ids=[message for _, message in BAD])
def test_bad_tensors_are_refused_and_ended_once(keywords: dict[str, Any], message: str) -> None:
    producer = Producer(**{"memory": SIX, "shape": (6,), **keywords})
    with pytest.raises(BufferError, match=message):
        sb.from_dlpack(producer)
    gc.collect()
    assert producer.deleted == 1
    capsule = producer.capsule()
    with pytest.raises(BufferError, match=message):
        sb.from_dlpack(capsule)
    assert name_of(capsule) == b"used_dltensor_versioned"
    assert producer.deleted == 2


def test_of_an_unknown_version_nothing_but_the_deleter_is_read() -> None:
    producer = Producer(1, (6,), version=(7, 0), device=(1, 0))
    # Read, these would be addresses of no memory.
    ctypes.memset(ctypes.addressof(producer.managed) + 24, 0xAA, ctypes.sizeof(producer.managed) - 24)
    with pytest.raises(BufferError, match=r"DLPack 7\.0"):
        sb.from_dlpack(producer)
    assert producer.deleted == 1


def test_other_devices_are_refused_before_anything_is_asked() -> None:
    producer = Producer(SIX, (6,), device=(2, 1))
    with pytest.raises(BufferError, match=r"device \(2, 1\).*device='cpu'"):
        sb.from_dlpack(producer)
    assert not producer.asked
    # The producer is asked to copy, and does not.
    with pytest.raises(BufferError, match=r"device \(2, 1\)"):
        sb.from_dlpack(producer, device="cpu")
    assert producer.asked[0]["dl_device"] == (1, 0)
    assert producer.deleted == 1


def test_what_exports_buffers_is_not_asked_for_its_device_which_its_tensor_says() -> None:
    class Exporter(bytearray):
        def __dlpack__(self, **keywords: Any) -> object:
            return producer.__dlpack__(**keywords)

        def __dlpack_device__(self) -> object:
            raise AssertionError

    producer = Producer(SIX, (6,))
    assert sb.from_dlpack(Exporter()).tolist() == list(range(6))
    producer = Producer(SIX, (6,), device=(2, 1))
    with pytest.raises(BufferError, match=r"device \(2, 1\).*device='cpu'"):
        sb.from_dlpack(Exporter())
    assert producer.deleted == 1


def test_a_capsule_is_used_once() -> None:
    producer = Producer(SIX, (6,))
    for version in (None, (1, 0)):
        producer = Producer(SIX, (6,), version=version)
        capsule = producer.capsule()
        view = sb.from_dlpack(capsule)
        with pytest.raises(BufferError, match="used before"):
            sb.from_dlpack(capsule)
        with pytest.raises(BufferError, match="used before"):
            sb.from_dlpack(capsule, copy=True)
        assert view.tolist() == list(range(6))
        del view
        assert producer.deleted == 1


def test_one_of_many_threads_gets_a_capsule() -> None:
    for _ in range(20):
        producer = Producer(SIX, (6,))
        capsule = producer.capsule()
        got: list[object] = []
        start = threading.Barrier(4)

        def take(capsule: object = capsule, got: list[object] = got, start: threading.Barrier = start) -> None:
            start.wait()
            try:
                got.append(sb.from_dlpack(capsule))
            except BufferError:
                got.append(None)

        threads = [threading.Thread(target=take) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(view is not None for view in got) == 1
        got.clear()
        gc.collect()
        assert producer.deleted == 1


def test_other_capsules_are_left_alone() -> None:
    producer = Producer(SIX, (6,), name=b"arrow_array")
    capsule = producer.capsule()
    with pytest.raises(BufferError, match="'arrow_array' is no tensor"):
        sb.from_dlpack(capsule)
    assert name_of(capsule) == b"arrow_array"
    assert producer.deleted == 0


def test_other_objects_are_refused() -> None:
    class Liar:
        def __dlpack__(self, **_: object) -> object:
            return 5

    class Device(Liar):
        def __dlpack_device__(self) -> object:
            return "cpu"

    for thing in (5, b"abc", Liar(), Device()):
        with pytest.raises(TypeError):
            sb.from_dlpack(thing)  # type: ignore[arg-type]
    for device in ("cuda", (2, 0), 5):
        with pytest.raises(ValueError, match="device must be"):
            sb.from_dlpack(np.zeros(3), device=device)  # type: ignore[arg-type]


def test_what_the_producer_raises_is_passed_on() -> None:
    class Refusing:
        def __dlpack__(self, **_: object) -> object:
            raise BufferError("not today")

    with pytest.raises(BufferError, match="not today"):
        sb.from_dlpack(Refusing())


def test_a_deleter_that_raises_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    reports: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", reports.append)
    producer = Producer(SIX, (6,), fail=True)
    sb.from_dlpack(producer)
    assert producer.deleted == 1
    assert len(reports) == 1


def test_a_tensor_may_end_while_an_exception_is_raised() -> None:
    producer = Producer(SIX, (6,))

    def use() -> None:
        view = sb.from_dlpack(producer)
        view[99]

    with pytest.raises(IndexError):
        use()
    gc.collect()
    assert producer.deleted == 1


@given(st.data())
def test_memory_of_ours_comes_back_as_it_was(data: st.DataObject) -> None:
    source = sb.View(data.draw(arrays(st.sampled_from([*"?bBhHiIqQefdFD"]))))
    view = sb.from_dlpack(source)
    assert view == source
    assert (view.shape, view.readonly) == (source.shape, source.readonly)
    array = sb.zeros(3)
    view = sb.from_dlpack(array)
    with pytest.raises(BufferError, match="1 export"):
        array.append(1)
    del view
    array.append(1)
