# SPDX-License-Identifier: Apache-2.0
"""The module as its users see it; Pillow, which brings a libjpeg-turbo of its own, says what is right."""

from __future__ import annotations

import gc
import io

import jpeg
import numpy as np
import pytest
from PIL import Image

import swiftbuffer


@pytest.fixture
def pixels() -> np.ndarray:
    """A picture without sharp edges, which compression changes little."""
    y, x = np.mgrid[0:60, 0:80]
    return np.stack([2 * y, 3 * x, x + y], axis=2).astype("uint8")


def test_pillow_reads_what_was_encoded(pixels: np.ndarray) -> None:
    read = np.asarray(Image.open(io.BytesIO(jpeg.encode(pixels, quality=98))))
    assert np.abs(read.astype(int) - pixels).mean() < 2


def test_frames_are_those_that_pillow_reads(pixels: np.ndarray) -> None:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=90, subsampling=0)
    expected = np.asarray(Image.open(file))
    frame = jpeg.decode(file.getbuffer())
    assert np.abs(np.asarray(frame).astype(int) - expected).max() <= 1
    assert (frame.height, frame.width) == (60, 80)


def test_pixels_of_any_layout_are_encoded(pixels: np.ndarray) -> None:
    assert jpeg.encode(pixels[::-1, ::2]) == jpeg.encode(pixels[::-1, ::2].copy())
    assert jpeg.encode(pixels.swapaxes(0, 1)) == jpeg.encode(pixels.swapaxes(0, 1).copy())


def test_memory_outlives_the_frame(pixels: np.ndarray) -> None:
    data = jpeg.encode(pixels)
    picture = np.asarray(jpeg.decode(data))
    gc.collect()
    assert np.array_equal(picture, np.asarray(jpeg.decode(data)))


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0" + bytes(20)])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(jpeg.JPEGError):
        jpeg.decode(data)


def test_a_picture_that_ends_early_is_refused(pixels: np.ndarray) -> None:
    with pytest.raises(jpeg.JPEGError):
        jpeg.decode(jpeg.encode(pixels)[:-200])


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 4), (0, 4, 3), (4, 0, 3)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="pixels has shape"):
        jpeg.encode(np.zeros(shape, "uint8"))


def test_other_arguments_are_refused(pixels: np.ndarray) -> None:
    with pytest.raises(ValueError, match="quality is 0"):
        jpeg.encode(pixels, quality=0)
    with pytest.raises(BufferError, match="pixels: items of UInt8"):
        jpeg.encode(pixels.astype("int8"))


def test_the_protocol_is_kept(pixels: np.ndarray) -> None:
    swiftbuffer.assert_conforms(jpeg.decode(jpeg.encode(pixels)))
    report = swiftbuffer.check_consumer(jpeg.encode, pixels.copy())
    assert report.ok, report
