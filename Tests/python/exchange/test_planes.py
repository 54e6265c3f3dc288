# SPDX-License-Identifier: Apache-2.0
"""`from_planes` and `frame_planes`: the planes of images, beside NumPy's indexing and CPython's own pointers."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import swiftbuffer as sb
from swiftbuffer import testing

# -- from_planes -------------------------------------------------------------------------------------------------------


@given(
    st.integers(1, 4),
    st.lists(st.integers(0, 3), max_size=3).map(tuple),
    st.sampled_from(["u1", "<i2", ">f8"]),
    st.sampled_from(["whole", "reversed", "strided"]),
)
def test_planes_are_stacked(count: int, shape: tuple[int, ...], code: str, kind: str) -> None:
    arrays = []
    for number in range(count):
        array = (np.arange(np.prod(shape, dtype=int) * 2).reshape(*shape, 2) + 100 * number).astype(code)
        arrays.append({"whole": array, "reversed": array[..., ::-1], "strided": array[..., ::2]}[kind])
    with sb.from_planes(arrays) as view:
        expected = np.stack(arrays).astype(code)
        assert (view.shape, view.ndim, view.suboffsets[0]) == (expected.shape, expected.ndim, 0)
        assert view.tolist() == expected.tolist()
        assert view.tobytes() == expected.tobytes()
        assert view.copy().tolist() == expected.tolist()
        assert view == expected
        view[...] = 7
        assert all((array == 7).all() for array in arrays)


def test_planes_without_dimensions_are_items() -> None:
    a, b = np.array(3, "i"), np.array(5, "i")
    with sb.from_planes([a, b]) as view:
        assert view.tolist() == [3, 5]
        view[1] = 9
    assert b == 9


def test_planes_behind_pointers_are_followed_twice() -> None:
    flags = testing.ND_PIL | testing.ND_WRITABLE
    planes = [testing.ndarray(list(range(n, n + 6)), (2, 3), format="i", flags=flags) for n in (0, 50)]
    with sb.from_planes(planes) as view:
        assert view.suboffsets == (0, 0, -1)
        assert view.tolist() == [[[0, 1, 2], [3, 4, 5]], [[50, 51, 52], [53, 54, 55]]]
        assert view[1, ::-1, 2].tolist() == [55, 52]


def test_records_and_other_formats_are_kept() -> None:
    planes = [sb.array([(1, 2.5), (n, 4.5)], "T{<h:x:d:y:}") for n in (3, 4)]
    with sb.from_planes(planes) as view:
        assert view.format == planes[0].format
        assert view[1, 1] == (4, 4.5)
        assert view["x"].tolist() == [[1, 3], [1, 4]]


def test_consumers_see_what_cpythons_own_pointers_show() -> None:
    planes = [bytearray(b"abcd"), bytearray(b"efgh")]
    view = sb.from_planes(iter(planes))
    seen = memoryview(view)
    assert (seen.shape, seen.strides, seen.suboffsets) == ((2, 4), (8, 1), (0, -1))
    assert seen.tolist() == [list(b"abcd"), list(b"efgh")]
    assert testing.get_contiguous(view, 0x100, "C").tobytes() == b"abcdefgh"
    with pytest.raises(BufferError, match="suboffsets"):
        np.asarray(view)
    assert np.asarray(view[1]).tolist() == list(b"efgh")


def test_read_only_if_one_plane_is() -> None:
    with sb.from_planes([bytearray(b"ab"), b"cd"]) as view:
        assert view.readonly
        with pytest.raises(TypeError, match="read-only"):
            view[0, 0] = 1


def test_planes_are_held_until_the_view_is_released() -> None:
    planes = [bytearray(b"ab"), bytearray(b"cd")]
    view = sb.from_planes(planes)
    part = view[1]
    for plane in planes:
        with pytest.raises(BufferError):
            plane.append(1)
    view.release()
    with pytest.raises(BufferError):
        planes[1].append(1)
    part.release()
    for plane in planes:
        plane.append(1)


class Plane(bytearray):
    view: sb.View | None = None


def test_planes_in_a_cycle_with_their_view_are_collected() -> None:
    plane = Plane(b"ab")
    plane.view = sb.from_planes([plane, plane])
    ended = weakref.ref(plane)
    del plane
    gc.collect()
    assert ended() is None


@pytest.mark.parametrize(
    ("planes", "error", "text"),
    [
        ([], ValueError, "at least one"),
        (5, TypeError, "iter"),
        ([b"ab", 5], TypeError, "bytes-like|buffer"),
        ([b"abcd", b"ab"], ValueError, r"plane 1 has .* shape \(2,\) .* plane 0 has .* shape \(4,\).* frame_planes"),
        ([np.zeros(3, "i2"), np.zeros(3, "u2")], ValueError, "format 'H'.* format 'h'"),
        ([np.zeros((2, 3)), np.zeros((2, 6))[:, ::2]], ValueError, "strides"),
        ([np.zeros(2, "O")], NotImplementedError, "references"),
        ([np.zeros((1,) * 64)], ValueError, "dimensions"),
    ],
)
def test_planes_that_do_not_fit_are_refused(planes: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        sb.from_planes(planes)


# -- frame_planes ------------------------------------------------------------------------------------------------------

Frame = dict[str, np.ndarray[Any, Any]]


def chroma(width: int, height: int, columns: int, rows: int) -> tuple[int, int]:
    return -(-height // rows), -(-width // columns)


def separate(order: str, columns: int, rows: int) -> Callable[[Any, int, int, int], Frame]:
    def frame(memory: Any, width: int, height: int, pad: int) -> Frame:
        high, wide = chroma(width, height, columns, rows)
        stride = width + pad
        narrow = -(-stride // columns)
        planes = {"y": memory[: stride * height].reshape(height, stride)[:, :width]}
        rest = memory[stride * height :]
        for number, name in enumerate(order):
            part = rest[number * narrow * high : (number + 1) * narrow * high]
            planes[name] = part.reshape(high, narrow)[:, :wide]
        return planes

    return frame


def interleaved(pair: str, columns: int, rows: int) -> Callable[[Any, int, int, int], Frame]:
    def frame(memory: Any, width: int, height: int, pad: int) -> Frame:
        high, wide = chroma(width, height, columns, rows)
        stride = width + pad
        both = -(-stride * 2 // columns)
        rest = memory[stride * height :][: both * high].reshape(high, both)[:, : 2 * wide]
        return {
            "y": memory[: stride * height].reshape(height, stride)[:, :width],
            pair: rest.reshape(high, wide, 2),
            pair[0]: rest[:, 0::2],
            pair[1]: rest[:, 1::2],
        }

    return frame


def packed(order: str) -> Callable[[Any, int, int, int], Frame]:
    def frame(memory: Any, width: int, height: int, pad: int) -> Frame:
        pairs = -(-width // 2)
        rows = memory.reshape(-1)[: (4 * pairs + 4 * pad) * height].reshape(height, 4 * pairs + 4 * pad)
        bytes_ = rows[:, : 4 * pairs]
        first = order.index("y")
        return {
            "packed": bytes_.reshape(height, pairs, 4),
            "y": bytes_[:, first::2][:, :width],
            "u": bytes_[:, order.index("u") :: 4],
            "v": bytes_[:, order.index("v") :: 4],
        }

    return frame


def colours(order: str) -> Callable[[Any, int, int, int], Frame]:
    def frame(memory: Any, width: int, height: int, pad: int) -> Frame:
        count = len(order)
        rows = memory[: count * (width + pad) * height].reshape(height, width + pad, count)[:, :width]
        return {"packed": rows, **{name: rows[:, :, at] for at, name in enumerate(order)}}

    return frame


# By name: what NumPy makes of the memory, and the bytes of a row of the first plane for one column and padding.
ORACLES: dict[str, tuple[Callable[[Any, int, int, int], Frame], Callable[[int, int], int]]] = {
    "I420": (separate("uv", 2, 2), int.__add__),
    "YV12": (separate("vu", 2, 2), int.__add__),
    "I422": (separate("uv", 2, 1), int.__add__),
    "I444": (separate("uv", 1, 1), int.__add__),
    "NV12": (interleaved("uv", 2, 2), int.__add__),
    "NV21": (interleaved("vu", 2, 2), int.__add__),
    "NV16": (interleaved("uv", 2, 1), int.__add__),
    "NV24": (interleaved("uv", 1, 1), int.__add__),
    "YUYV": (packed("yuyv"), lambda width, pad: 4 * -(-width // 2) + 4 * pad),
    "YVYU": (packed("yvyu"), lambda width, pad: 4 * -(-width // 2) + 4 * pad),
    "UYVY": (packed("uyvy"), lambda width, pad: 4 * -(-width // 2) + 4 * pad),
    "VYUY": (packed("vyuy"), lambda width, pad: 4 * -(-width // 2) + 4 * pad),
    "RGB24": (colours("rgb"), lambda width, pad: 3 * (width + pad)),
    "BGR24": (colours("bgr"), lambda width, pad: 3 * (width + pad)),
    "RGBA": (colours("rgba"), lambda width, pad: 4 * (width + pad)),
    "BGRA": (colours("bgra"), lambda width, pad: 4 * (width + pad)),
}


@given(st.sampled_from(sorted(ORACLES)), st.integers(1, 7), st.integers(1, 5), st.integers(0, 4))
def test_planes_show_what_numpy_indexes(layout: str, width: int, height: int, pad: int) -> None:
    oracle, stride = ORACLES[layout]
    # Padding that chroma can share, where there is some; packed rows have chroma for the last odd column.
    memory = np.random.default_rng(width * height).integers(0, 256, 2000, "u1")
    if pad and layout in ("I420", "YV12", "I422", "NV12", "NV21", "NV16"):
        pad += (width + pad) % 2
        pad += 2
    if pad == 0 and width % 2 and layout in ("NV12", "NV21", "NV16"):
        pad = 1
    with sb.frame_planes(memory, layout, width, height, strides=stride(width, pad)) as frame:
        expected = oracle(memory, width, height, pad)
        assert list(frame) == list(expected)
        for name, plane in expected.items():
            assert frame[name].shape == plane.shape, name
            assert frame[name].address == plane.__array_interface__["data"][0]
            assert frame[name].tolist() == plane.tolist()
            getattr(frame, name)[...] = 1
            assert (plane == 1).all()


@pytest.mark.parametrize(("layout", "size"), [("P010", 2), ("GRAY16", 2), ("GRAY8", 1)])
def test_samples_of_other_sizes(layout: str, size: int) -> None:
    memory = np.arange(64, dtype=f"<u{size}")
    frame = sb.frame_planes(memory, layout, 4, 2)
    assert frame.y.tolist() == memory[:8].reshape(2, 4).tolist()
    assert frame.y.itemsize == size
    if layout == "P010":
        assert frame.uv.tolist() == memory[8:12].reshape(1, 2, 2).tolist()
        assert memoryview(frame.v).tolist() == memory[9:12:2].reshape(1, 2).tolist()


def test_planes_of_several_buffers_and_offsets() -> None:
    y, uv = bytearray(range(8)), bytearray(range(100, 104))
    frame = sb.frame_planes([y, uv], "NV12", 4, 2)
    assert (frame.y.tolist(), frame.u.tolist()) == ([[0, 1, 2, 3], [4, 5, 6, 7]], [[100, 102]])
    frame.release()
    whole = bytearray(16) + y + bytearray(8) + uv
    with sb.frame_planes(whole, "NV12", 4, 2, offsets=[16, 32]) as frame:
        assert (frame.y.tolist(), frame.v.tolist()) == ([[0, 1, 2, 3], [4, 5, 6, 7]], [[101, 103]])
    with sb.frame_planes([y, uv], "NV12", 2, 2, strides=(4, 2)) as frame:
        assert (frame.y.tolist(), frame.v.tolist()) == ([[0, 1], [4, 5]], [[101]])


def test_equal_planes_become_one_memory() -> None:
    memory = bytearray(range(24))
    with sb.frame_planes(memory, "I444", 4, 2) as frame, sb.from_planes([frame.y, frame.u, frame.v]) as view:
        assert view.tobytes() == memory


def test_the_last_row_needs_no_padding() -> None:
    frame = sb.frame_planes(bytes(3 * 8 + 5), "GRAY8", 5, 4, strides=8)
    assert frame.y.shape == (4, 5)
    with pytest.raises(ValueError, match="plane 0 takes the bytes from 0 to 29, but the buffer has 28"):
        sb.frame_planes(bytes(28), "GRAY8", 5, 4, strides=8)


def test_release_ends_all_exports() -> None:
    memory = bytearray(12)
    frame = sb.frame_planes(memory, "NV12", 4, 2)
    assert repr(frame) == "<FramePlanes y: (2, 4), uv: (1, 2, 2), u: (1, 2), v: (1, 2)>"
    with memoryview(frame.u), pytest.raises(BufferError, match="exported buffer"):
        frame.release()
    frame.release()
    frame.release()
    memory.append(1)
    assert repr(frame) == "<released FramePlanes>"


@pytest.mark.parametrize(
    ("arguments", "options", "error", "text"),
    [
        ((b"", "NV99", 4, 2), {}, ValueError, "I420, YV12"),
        ((b"", "NV12", 0, 2), {}, ValueError, "positive"),
        ((bytes(11), "NV12", 4, 2), {}, ValueError, "plane 1 takes the bytes from 8 to 12, but the buffer has 11"),
        ((bytes(12), "NV12", 4, 2), {"strides": 3}, ValueError, "rows of 4 bytes, but its stride is 3"),
        ((bytes(12), "NV12", 4, 2), {"strides": [4]}, ValueError, "2 planes, but 1 strides"),
        ((bytes(12), "NV12", 4, 2), {"offsets": [0, -1]}, ValueError, "from -1"),
        (([bytes(12)], "NV12", 4, 2), {}, ValueError, "2 planes, but 1 buffers"),
        ((np.zeros((9, 9), "u1")[:, ::2], "GRAY8", 2, 2), {}, BufferError, "."),
        ((5, "GRAY8", 2, 2), {}, TypeError, "."),
    ],
)
def test_frames_that_do_not_fit_are_refused(
    arguments: Any, options: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        sb.frame_planes(*arguments, **options)


def test_other_names_are_no_planes() -> None:
    frame = sb.frame_planes(bytes(12), "NV12", 4, 2)
    with pytest.raises(AttributeError, match="no plane 'r'; this frame has y, uv, u, v"):
        frame.r  # noqa: B018
    assert {"y", "uv", "release"} <= set(dir(frame))
