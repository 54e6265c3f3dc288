# SPDX-License-Identifier: Apache-2.0
"""The module as its users see it."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from images import Image

from swiftbuffer import assert_conforms


@pytest.fixture
def image() -> Image:
    """7 rows of 9 pixels, each byte another."""
    image = Image(7, 9)
    np.asarray(image)[:] = np.arange(7 * 9 * 3).reshape(7, 9, 3)
    return image


def test_rows_are_padded() -> None:
    view = memoryview(Image(3, 11))
    assert (view.shape, view.strides, view.format) == ((3, 11, 3), (64, 3, 1), "B")
    assert memoryview(Image(3, 10)).strides == (32, 3, 1)


@pytest.mark.parametrize("part", [(0, 0, 7, 9), (2, 3, 4, 5), (6, 8, 1, 1), (7, 9, 0, 0), (3, 9, 2, 0)])
def test_crops_are_slices_that_share_memory(image: Image, part: tuple[int, int, int, int]) -> None:
    top, left, height, width = part
    expected = np.asarray(image)[top : top + height, left : left + width]
    crop = np.asarray(image.crop(*part))
    assert np.array_equal(crop, expected)
    assert crop.size == 0 or np.shares_memory(crop, np.asarray(image))


def test_parts_of_parts(image: Image) -> None:
    crop = image.crop(1, 2, 5, 6).crop(1, 1, 3, 4)
    assert np.array_equal(np.asarray(crop), np.asarray(image)[2:5, 3:7])
    assert np.array_equal(np.asarray(crop.plane(1)), np.asarray(image)[2:5, 3:7, 1])
    assert np.array_equal(np.asarray(crop.plane(1).crop(1, 1, 2, 2)), np.asarray(image)[3:5, 4:6, 1])


def test_filling_a_crop_leaves_the_rest(image: Image) -> None:
    expected = np.array(image)
    expected[1:3, 2:4] = (1, 2, 3)
    image.crop(1, 2, 2, 2).fill(1, 2, blue=3)
    assert np.array_equal(np.asarray(image), expected)
    with pytest.raises(TypeError, match="a plane has no colours"):
        image.plane(0).fill(1, 2, 3)


def test_memory_outlives_the_image() -> None:
    plane = Image(100, 100).plane(2)
    gc.collect()
    np.asarray(plane)[:] = 5
    assert int(np.asarray(plane).sum()) == 50_000


@pytest.mark.parametrize(
    "part", [(-1, 0, 1, 1), (0, 0, 8, 1), (0, 5, 1, 5), (8, 0, 0, 0), (0, 0, -1, 2), (1, 0, 2**62, 1)]
)
def test_other_parts_are_refused(image: Image, part: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="are not in"):
        image.crop(*part)


def test_other_arguments_are_refused(image: Image) -> None:
    with pytest.raises(IndexError, match="no channel 3"):
        image.plane(3)
    with pytest.raises(OverflowError):
        image.fill(256, 0, 0)
    with pytest.raises(ValueError, match="cannot have -1 rows"):
        Image(-1, 2)


def test_the_protocol_is_kept(image: Image) -> None:
    for part in (image, image.crop(1, 1, 2, 3), image.plane(2), image.crop(0, 0, 0, 0)):
        assert_conforms(part)
