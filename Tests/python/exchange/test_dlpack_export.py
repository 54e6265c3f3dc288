# SPDX-License-Identifier: Apache-2.0
"""`__dlpack__`: what consumers read of an Array and a View, and what is refused."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import swiftbuffer as sb
from small_floats import SMALL_FLOATS
from swiftbuffer import testing
from tensors import BOOL, COMPLEX, COPIED, FLOAT, INT, READ_ONLY, UINT, Consumer, name_of
from view_layouts import arrays

# By format: what DLPack calls the item, and NumPy, where it has the type.
ITEMS = {
    "?": ((BOOL, 8, 1), "?"),
    "b": ((INT, 8, 1), "i1"),
    "B": ((UINT, 8, 1), "u1"),
    "h": ((INT, 16, 1), "i2"),
    "H": ((UINT, 16, 1), "u2"),
    "i": ((INT, 32, 1), "i4"),
    "I": ((UINT, 32, 1), "u4"),
    "l": ((INT, 64, 1), "i8"),
    "Q": ((UINT, 64, 1), "u8"),
    "e": ((FLOAT, 16, 1), "f2"),
    "f": ((FLOAT, 32, 1), "f4"),
    "d": ((FLOAT, 64, 1), "f8"),
    "Zf": ((COMPLEX, 64, 1), "c8"),
    "Zd": ((COMPLEX, 128, 1), "c16"),
    "m": ((INT, 24, 1), None),
    "M": ((UINT, 24, 1), None),
    "Ze": ((COMPLEX, 32, 1), None),
    **{kind.format: ((kind.code, 8 * kind.size, 1), None) for kind in SMALL_FLOATS},
}


@pytest.mark.parametrize("code", ITEMS)
@pytest.mark.parametrize("version", [None, (1, 0), (1, 3), (2, 7)])
def test_every_number_that_dlpack_has_is_described(code: str, version: tuple[int, int] | None) -> None:
    array = sb.zeros((2, 3), code)
    tensor = Consumer(array.__dlpack__(max_version=version))
    assert tensor.items == ITEMS[code][0]
    assert (tensor.shape, tensor.strides, tensor.data) == ((2, 3), (3, 1), array.address)
    assert (tensor.device, tensor.byte_offset) == ((1, 0), 0)
    assert tensor.version == (None if version is None else (1, 3))
    assert tensor.flags == (None if version is None else 0)
    tensor.delete()


@pytest.mark.parametrize("code", [code for code, (_, dtype) in ITEMS.items() if dtype])
def test_numpy_takes_every_number_that_it_has(code: str) -> None:
    array = sb.array([[0, 1], [1, 0]], code)
    shown = np.from_dlpack(array)
    assert shown.dtype == ITEMS[code][1]
    assert shown.ctypes.data == array.address
    assert shown.flags.writeable
    shown[0, 0] = 1
    assert array.tolist() == shown.tolist() == [[1, 1], [1, 0]]


@given(arrays())
def test_numpy_reads_a_view_of_any_layout_as_its_own_array(source: np.ndarray[Any, Any]) -> None:
    view = sb.View(source)
    try:
        own: Any = np.from_dlpack(source)
    except (BufferError, RuntimeError):
        # A byte order that is not the machine's, or no type of DLPack.
        with pytest.raises(BufferError):
            view.__dlpack__(max_version=(1, 0))
        return
    shown = np.from_dlpack(view)  # type: ignore[arg-type]
    assert (shown.dtype, shown.shape, shown.flags.writeable) == (own.dtype, own.shape, own.flags.writeable)
    assert (shown == own).all()
    if source.size:
        assert shown.ctypes.data == source.ctypes.data
        strides = zip(shown.strides, source.strides, shown.shape, strict=True)
        assert all(mine == theirs for mine, theirs, length in strides if length > 1)


@given(arrays())
def test_a_copy_has_the_same_values_in_memory_of_its_own(source: np.ndarray[Any, Any]) -> None:
    view = sb.View(source)
    try:
        shown = np.from_dlpack(view, copy=True)  # type: ignore[arg-type]
    except BufferError:
        assert source.dtype.char in "gGc"
        return
    assert shown.dtype == source.dtype.newbyteorder("=")
    assert shown.flags.writeable
    assert (shown == source).all()
    assert not np.shares_memory(shown, source)


def test_memory_without_items_has_no_address() -> None:
    tensor = Consumer(sb.zeros((3, 0, 2), "f").__dlpack__())
    assert (tensor.data, tensor.shape) == (None, (3, 0, 2))
    tensor.delete()


def test_memory_without_dimensions_has_one_item() -> None:
    array = sb.array(5, "h")
    tensor = Consumer(array.__dlpack__())
    assert (tensor.data, tensor.shape, tensor.strides) == (array.address, (), ())
    tensor.delete()
    assert np.from_dlpack(array).tolist() == 5


def test_many_dimensions_are_described() -> None:
    array = sb.zeros((1,) * 30 + (2, 3), "B")
    assert np.from_dlpack(array).shape == array.shape
    tensor = Consumer(sb.zeros((2,) + (1,) * 63, "B").__dlpack__())
    assert tensor.shape == (2,) + (1,) * 63
    tensor.delete()


def test_the_flags_say_what_may_be_written_and_what_was_copied() -> None:
    frozen = sb.array([1, 2], readonly=True)
    for source, keywords, flags in [
        (frozen, {}, READ_ONLY),
        (frozen, {"copy": True}, COPIED),
        (frozen.copy(), {"copy": True}, COPIED),
        (frozen.copy(), {"copy": False}, 0),
        (sb.View(frozen), {"copy": None}, READ_ONLY),
    ]:
        tensor = Consumer(source.__dlpack__(max_version=(1, 0), **keywords))
        assert tensor.flags == flags
        assert (tensor.data == source.address) == ("copy" not in keywords or not keywords["copy"])
        tensor.delete()


def test_the_export_stands_until_the_deleter_is_called() -> None:
    array = sb.array([1, 2, 3], "i")
    for version in (None, (1, 0)):
        tensor = Consumer(array.__dlpack__(max_version=version))
        gc.collect()
        with pytest.raises(BufferError, match="1 export outstanding"):
            array.append(4)
        tensor.delete()
        array.append(4)


def test_a_capsule_that_no_one_takes_ends_its_export() -> None:
    array = sb.array([1, 2, 3], "i")
    for version in (None, (1, 0)):
        capsule = array.__dlpack__(max_version=version)
        assert name_of(capsule) == (b"dltensor_versioned" if version else b"dltensor")
        with pytest.raises(BufferError, match="1 export outstanding"):
            array.append(4)
        del capsule
        array.append(4)


def test_a_view_that_is_exported_is_not_released() -> None:
    view = sb.View(bytearray(8))
    shown = np.from_dlpack(view)
    with pytest.raises(BufferError):
        view.release()
    del shown
    view.release()
    with pytest.raises((BufferError, ValueError)):
        view.__dlpack__()


def test_the_memory_outlives_the_array() -> None:
    shown = np.from_dlpack(sb.array([1.5, 2.5]))
    gc.collect()
    assert shown.tolist() == [1.5, 2.5]


@pytest.mark.parametrize(
    ("memory", "message"),
    [
        (sb.zeros(2, "T{i:a:d:b:}"), "must be one number"),
        (sb.zeros(2, "3s"), "must be one number"),
        (sb.zeros(2, "2i"), "must be one number"),
        (sb.zeros(2, "c"), "no type for items of format 'c'"),
        (sb.zeros(2, ">i"), "byte order"),
        (sb.View(sb.zeros(9, "B"))[1:9].cast("d"), "multiple of 8"),
        (sb.zeros(1, "T{=B:a:h:b:}")["b"], "address that is no multiple of 2"),
        (sb.zeros(3, "T{=h:a:B:b:}")["a"], "stride of axis 0, 3 bytes, is no multiple of 2"),
        (sb.View(testing.ndarray(list(range(6)), (2, 3), format="i", flags=testing.ND_PIL)), "pointers of axis 0"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.format,
)
def test_what_dlpack_cannot_describe_is_refused(memory: Any, message: str) -> None:
    for version in (None, (1, 0)):
        if version is None and memory.readonly:
            continue
        with pytest.raises(BufferError, match=message):
            memory.__dlpack__(max_version=version)


def test_pointers_are_followed_for_a_copy() -> None:
    indirect = sb.View(testing.ndarray(list(range(6)), (2, 3), format="i", flags=testing.ND_PIL))
    assert np.from_dlpack(indirect, copy=True).tolist() == [[0, 1, 2], [3, 4, 5]]


def test_read_only_memory_needs_a_version() -> None:
    frozen = sb.array([1, 2], readonly=True)
    with pytest.raises(BufferError, match=r"read-only.*max_version=\(1, 0\).*copy=True"):
        frozen.__dlpack__()
    with pytest.raises(BufferError, match="read-only"):
        frozen.__dlpack__(max_version=(0, 8))
    assert not np.from_dlpack(frozen).flags.writeable
    Consumer(frozen.__dlpack__(copy=True)).delete()


def test_other_arguments_are_refused() -> None:
    array = sb.zeros(3)
    assert array.__dlpack_device__() == sb.View(array).__dlpack_device__() == (1, 0)
    for keywords, error in [
        ({"stream": 1}, BufferError),
        ({"dl_device": (2, 0)}, BufferError),
        ({"dl_device": (1, 1)}, BufferError),
        ({"dl_device": "cpu"}, TypeError),
        ({"max_version": 1}, TypeError),
        ({"max_version": ("1", 0)}, TypeError),
        ({"other": 1}, TypeError),
    ]:
        with pytest.raises(error):
            array.__dlpack__(**keywords)
    with pytest.raises(TypeError):
        array.__dlpack__(None)  # type: ignore[call-arg]
    array.append(1)


@given(st.lists(st.sampled_from(["export", "consume", "delete", "drop"]), max_size=20))
def test_counts_follow_any_order_of_events(events: list[str]) -> None:
    array = sb.zeros(3)
    capsules: list[object] = []
    tensors: list[Consumer] = []
    for event in events:
        if event == "export":
            capsules.append(array.__dlpack__(max_version=(1, 0) if len(capsules) % 2 else None))
        elif event == "consume" and capsules:
            tensors.append(Consumer(capsules.pop()))
        elif event == "delete" and tensors:
            tensors.pop().delete()
        elif event == "drop" and capsules:
            capsules.pop()
        count = len(capsules) + len(tensors)
        if count:
            with pytest.raises(BufferError, match=f"\\({count} export"):
                array.append(1)
        else:
            array.append(1)
    for tensor in tensors:
        tensor.delete()
