# SPDX-License-Identifier: Apache-2.0
"""The planes of images in the layouts of cameras and video: `frame_planes`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from swiftbuffer._core import View

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from typing_extensions import Buffer


# 16 bits, the lower ones first: the native format where that is the same, which all consumers read.
_WORD: Final = "H" if sys.byteorder == "little" else "<H"


class _Plane(NamedTuple):
    """One plane in memory: groups of samples, one group for so many columns and rows of the image."""

    # The view of all groups; None where the plane has one component alone, which has its name.
    name: str | None
    # Of each component, the position of its samples in a group; several where a group has several.
    components: dict[str, tuple[int, ...]]
    # How many samples a group has.
    samples: int = 1
    columns: int = 1
    rows: int = 1
    # The format of one sample.
    code: str = "B"


def _luma(code: str = "B") -> _Plane:
    return _Plane(None, {"y": (0,)}, code=code)


def _separate(first: str, second: str, columns: int, rows: int) -> list[_Plane]:
    return [_luma(), *(_Plane(None, {name: (0,)}, 1, columns, rows) for name in (first, second))]


def _interleaved(pair: str, columns: int, rows: int, code: str = "B") -> list[_Plane]:
    return [_luma(code), _Plane(pair, {pair[0]: (0,), pair[1]: (1,)}, 2, columns, rows, code)]


def _packed(order: str) -> list[_Plane]:
    """Two columns a group, with two samples of y."""
    places = {name: tuple(at for at, each in enumerate(order) if each == name) for name in "yuv"}
    return [_Plane("packed", places, len(order), columns=2)]


def _colours(order: str) -> list[_Plane]:
    return [_Plane("packed", {name: (at,) for at, name in enumerate(order)}, len(order))]


_LAYOUTS: Final = {
    "I420": _separate("u", "v", 2, 2),
    "YV12": _separate("v", "u", 2, 2),
    "I422": _separate("u", "v", 2, 1),
    "I444": _separate("u", "v", 1, 1),
    "NV12": _interleaved("uv", 2, 2),
    "NV21": _interleaved("vu", 2, 2),
    "NV16": _interleaved("uv", 2, 1),
    "NV24": _interleaved("uv", 1, 1),
    "P010": _interleaved("uv", 2, 2, _WORD),
    "P016": _interleaved("uv", 2, 2, _WORD),
    "YUYV": _packed("yuyv"),
    "YVYU": _packed("yvyu"),
    "UYVY": _packed("uyvy"),
    "VYUY": _packed("vyuy"),
    "GRAY8": [_luma()],
    "GRAY16": [_luma(_WORD)],
    "RGB24": _colours("rgb"),
    "BGR24": _colours("bgr"),
    "RGBA": _colours("rgba"),
    "BGRA": _colours("bgra"),
}


class FramePlanes(Mapping[str, View]):
    """The planes of an image by name, as attributes and as a mapping, which `frame_planes` returns.

    They hold the buffer until they are released, all at once by `release` or a `with` statement.

    >>> import swiftbuffer
    >>> with swiftbuffer.frame_planes(bytes(range(12)), "NV12", 4, 2) as frame:
    ...     frame.y.shape, frame["u"].tolist(), list(frame)
    ((2, 4), [[8, 10]], ['y', 'uv', 'u', 'v'])
    """

    __slots__ = ("_views",)

    def __init__(self, views: dict[str, View]) -> None:
        self._views = views

    def __getitem__(self, name: str) -> View:
        return self._views[name]

    def __getattr__(self, name: str) -> View:
        if name != "_views" and name in self._views:
            return self._views[name]
        raise AttributeError(f"no plane {name!r}; this frame has {', '.join(self._views)}", name=name, obj=self)

    def __iter__(self) -> Iterator[str]:
        return iter(self._views)

    def __len__(self) -> int:
        return len(self._views)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._views]

    def __repr__(self) -> str:
        try:
            parts = (f"{name}: {view.shape}" for name, view in self._views.items())
            return f"<FramePlanes {', '.join(parts)}>"
        except ValueError:
            return "<released FramePlanes>"

    def release(self) -> None:
        """Release all views; does nothing the second time.

        Raises BufferError if one of them is exported. O(planes). Source: this package.
        """
        for view in self._views.values():
            view.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        value: BaseException | None = None,
        traceback: TracebackType | None = None,
        /,
    ) -> None:
        self.release()


def frame_planes(
    buffer: Buffer | Sequence[Buffer],
    layout: str,
    width: int,
    height: int,
    *,
    strides: int | Sequence[int] | None = None,
    offsets: Sequence[int] | None = None,
) -> FramePlanes:
    """Return the planes of an image in memory as Views by name, without a copy.

    ``layout`` names how the samples lie: I420, YV12, I422, I444 (planes), NV12, NV21, NV16, NV24 (y, and a plane of
    both others), P010, P016 (the same with 16 bits), YUYV, YVYU, UYVY, VYUY (packed), GRAY8, GRAY16, RGB24, BGR24, RGBA
    or BGRA. Each component is a View of its rows and columns (``y``, ``u``, ``v``; ``r``, ``g``, ``b``, ``a``). Memory
    that several share is one more, with its samples as the last axis: ``uv``, ``vu`` or ``packed``. Odd widths and
    heights have chroma for the last column and row.

    ``buffer`` is contiguous, or a list of one buffer for each plane. ``strides`` are the bytes from one row to the next
    of each plane, padding included; one number is that of the first plane, of which the others have their share.
    Without them rows have no padding. ``offsets`` are where the planes begin; without them each follows the one before
    it.

    ``width`` and ``height`` are those of the image in pixels. Raises ValueError for another layout, sizes that are not
    positive, a stride that is too small, and a buffer that is too short; BufferError for one that is not contiguous.
    O(1).

    >>> import swiftbuffer
    >>> memory = bytearray(64 * 3)                   # two rows of y and one of uv, padded to 64 bytes
    >>> frame = swiftbuffer.frame_planes(memory, "NV12", 6, 2, strides=64)
    >>> frame.y[...] = 16
    >>> frame.v[...] = 128
    >>> frame.uv.shape, memory[128:134].hex()
    ((1, 3, 2), '008000800080')

    Source: the layouts are those of FFmpeg, GStreamer and V4L2 of these names.
    """
    if layout not in _LAYOUTS:
        raise ValueError(f"layout must be one of {', '.join(_LAYOUTS)}, not {layout!r}")
    if width <= 0 or height <= 0:
        raise ValueError(f"width and height must be positive, not {width} and {height}")
    planes = _LAYOUTS[layout]
    pieces = list(buffer) if isinstance(buffer, (list, tuple)) else None
    for what, given in (("buffers", pieces), ("strides", strides), ("offsets", offsets)):
        if given is not None and not isinstance(given, int) and len(given) != len(planes):
            raise ValueError(f"{layout} has {len(planes)} planes, but {len(given)} {what} were given")
    views: dict[str, View] = {}
    flat = _flat(buffer if pieces is None else pieces[0])  # type: ignore[arg-type]
    end = 0
    for number, plane in enumerate(planes):
        if pieces is not None:
            flat = _flat(pieces[number])
        size = 2 if plane.code == _WORD else 1
        # Rounded up: the last column and row have chroma of their own.
        groups, rows = -(-width // plane.columns), -(-height // plane.rows)
        packed = groups * plane.samples * size
        if strides is None:
            stride = packed
        elif isinstance(strides, int):
            # A row of groups beside one of the first plane's, rounded up.
            stride = -(-strides * plane.samples * planes[0].columns // (plane.columns * planes[0].samples))
        else:
            stride = strides[number]
        if stride < packed:
            raise ValueError(f"plane {number} has rows of {packed} bytes, but its stride is {stride}")
        start = offsets[number] if offsets is not None else end if pieces is None else 0
        # The last row needs no padding.
        needed = start + stride * (rows - 1) + packed
        if start < 0 or needed > flat.nbytes:
            raise ValueError(
                f"plane {number} takes the bytes from {start} to {needed}, but the buffer has {flat.nbytes}"
            )
        shape, steps = (rows, groups, plane.samples), (stride, plane.samples * size, size)
        whole = flat.cast(plane.code, shape, strides=steps, offset=start)
        end = start + stride * rows
        if plane.name is not None:
            views[plane.name] = whole
        for name, places in plane.components.items():
            views[name] = _component(whole, places, width if len(places) > 1 else groups)
    return FramePlanes(views)


def _flat(buffer: Buffer) -> View:
    memory = View(buffer)
    if not memory.c_contiguous:
        raise BufferError(
            f"frame_planes() takes C-contiguous memory, but this has shape {memory.shape} and strides "
            f"{memory.strides}; pass the buffer that it is a part of, with strides and offsets"
        )
    return memory.cast("B")


def _component(whole: View, places: tuple[int, ...], columns: int) -> View:
    """The rows and columns of one component, of which each group has one sample or several at equal distances."""
    if len(places) == 1:
        one: View = whole[:, :, places[0]]
        return one
    samples: View = whole[:, :, places[0] :: places[1] - places[0]]
    shown: View = samples.reshape((len(samples), -1))[:, :columns]
    return shown
