# SPDX-License-Identifier: Apache-2.0
"""Libraries of images and video: Pillow, OpenCV, PyAV."""

from __future__ import annotations

from typing import Any

import swiftbuffer as sb
from exchanges.cells import IN, OUT, Given, Row, Taken
from exchanges.common import Late, np, owned, pa, poke, row, where

image, cv2, av = Late("PIL.Image"), Late("cv2"), Late("av")
GREY, PIXELS = (16, 32), (16, 32, 4)
SIZE = (32, 16)


def fromarrow(array: Any) -> Any:
    return image.fromarrow(array.reshape((-1, 4)), "RGBA", SIZE)


def pixels(picture: Any) -> Any:
    return np.array(picture).tolist()


def picture_poke(picture: Any) -> None:
    picture.putpixel((0, 0), (55,) * 4 if picture.mode == "RGBA" else 55)


def picture(array: Any) -> Any:
    return image.frombytes("RGBA", SIZE, array.tobytes())


def picture_address(made: Any) -> int:
    """Arrow's own address of the image's memory."""
    return int(pa.array(made).flatten().buffers()[1].address)


def drawn_address(plain: Any) -> int:
    """OpenCV draws into NumPy's array that it is given, and returns it."""
    return where(cv2.circle(plain, (0, 0), 0, 1, -1))


def drawn_items(plain: Any) -> Any:
    """What OpenCV reads."""
    return cv2.flip(cv2.flip(plain, -1), -1).tolist()


def draw(plain: Any) -> None:
    cv2.circle(plain, (0, 0), 0, 55, -1)


def flipped(array: Any) -> Any:
    return cv2.flip(cv2.flip(np.asarray(array), -1), -1)


def frame_made(array: Any) -> Any:
    return av.VideoFrame.from_ndarray(owned(array), format="gray")


def frame_view(frame: Any) -> Any:
    plane = frame.planes[0]
    return sb.View(plane).as_strided(GREY, (plane.line_size, 1))


def frame_address(frame: Any) -> int:
    return int(frame.planes[0].buffer_ptr)


def shown(write: Any, shape: tuple[int, ...]) -> Given:
    return Given(write, pixels, write=picture_poke, shape=shape, format="B")


ROWS: list[Row] = [
    row("Pillow", OUT, "`Image.fromarray(a)`, grey", shown(lambda a: image.fromarray(a), GREY), imports="PIL"),
    row("Pillow", OUT, "`Image.fromarray(a)`, RGBA", shown(lambda a: image.fromarray(a), PIXELS), imports="PIL"),
    row("Pillow", OUT, "`Image.fromarrow(a, 'RGBA', size)`", shown(fromarrow, PIXELS), imports="PIL"),
    row(
        "Pillow",
        IN,
        "`from_arrow(x, shape)`",
        Taken(
            picture,
            lambda x: sb.from_arrow(x, shape=PIXELS),
            picture_address,
            picture,
            shape=PIXELS,
            format="B",
            formats=("B",),
        ),
        imports="PIL pyarrow",
    ),
    row(
        "OpenCV",
        OUT,
        "`cv2.circle(numpy.asarray(a), …)`",
        Given(lambda a: np.asarray(a), drawn_items, drawn_address, draw, GREY, "B"),
        "opencv-python-headless",
        "cv2",
    ),
    row(
        "OpenCV",
        IN,
        "`View(cv2.flip(…))`",
        Taken(flipped, sb.View, where, shape=GREY, format="B"),
        "opencv-python-headless",
        "cv2",
    ),
    row(
        "PyAV",
        OUT,
        "`VideoFrame.from_numpy_buffer(numpy.asarray(a))`",
        Given(
            lambda a: av.VideoFrame.from_numpy_buffer(np.asarray(a), format="gray"),
            lambda frame: frame_view(frame).tolist(),
            frame_address,
            lambda frame: poke(np.asarray(frame_view(frame))),
            shape=GREY,
            format="B",
        ),
        "av",
    ),
    row(
        "PyAV",
        IN,
        "`View(frame.planes[0])`",
        Taken(frame_made, frame_view, frame_address, shape=GREY, format="B", formats=("B",)),
        "av",
    ),
]
