# SPDX-License-Identifier: Apache-2.0
"""The module as its users see it, on a cluster of two processes."""

from __future__ import annotations

from collections.abc import Iterator

import dask.array
import numpy as np
import pytest
from camera import Film, Frame
from distributed import Client, LocalCluster
from pictures import to_picture

from swiftbuffer import View


def expected(number: int, height: int, width: int) -> np.ndarray:
    """A picture, as NumPy computes it."""
    y, x = np.mgrid[:height, :width]
    raw = np.where(abs(x - number % width) + abs(y - height // 2) < 8, 4095, 1000 + 16 * (x % 64))
    return (raw * (255 / 4095)).astype("B")


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster, direct_to_workers=True) as client,
    ):
        yield client


def test_frames_are_converted_by_both_workers_and_come_back(client: Client) -> None:
    frames = [View(Frame(number, 48, 64)) for number in range(6)]
    sent = client.scatter(frames)
    assert len({worker for workers in client.who_has(sent).values() for worker in workers}) == 2
    film = Film(6, 48, 64)
    for number, picture in enumerate(client.gather(client.map(to_picture, sent))):
        assert (picture.format, picture.shape) == ("B", (48, 64))
        film.take(number, picture)
    for number, picture in enumerate(np.asarray(film)):
        assert np.abs(picture.astype(int) - expected(number, 48, 64)).max() <= 1


def test_a_frame_stays_in_place_while_it_is_shown() -> None:
    frame = Frame(3, 20, 30)
    view = View(frame)
    assert np.shares_memory(np.asarray(view), np.asarray(frame))
    del frame
    assert view[10, 3] == 4095


def test_a_frame_becomes_an_array_of_dask() -> None:
    frame = Frame(0, 48, 64)
    blocks = dask.array.from_array(np.asarray(frame), chunks=(24, 64))
    assert blocks.dtype == np.dtype("uint16")
    assert blocks.mean().compute(scheduler="synchronous") == np.asarray(frame).mean()


@pytest.mark.parametrize(
    ("number", "picture", "error", "message"),
    [
        (2, np.zeros((3, 4), "B"), IndexError, "picture 2 of a film of 2"),
        (-1, np.zeros((3, 4), "B"), IndexError, "picture -1"),
        (0, np.zeros((4, 3), "B"), ValueError, r"shape \[4, 3\]"),
        (0, np.zeros(12, "B"), ValueError, r"shape \[12\]"),
        (0, np.zeros((3, 4), "H"), BufferError, "picture: items of UInt8"),
        (0, 5, TypeError, "picture: a bytes-like"),
    ],
)
def test_other_pictures_are_refused(number: int, picture: object, error: type[Exception], message: str) -> None:
    film = Film(2, 3, 4)
    with pytest.raises(error, match=message):
        film.take(number, picture)
    assert not np.asarray(film).any()


def test_sizes_are_checked() -> None:
    assert memoryview(Frame(1, 0, 5)).shape == (0, 5)
    for size in ((-1, 2), (2, -1)):
        with pytest.raises(ValueError, match="negative"):
            Frame(0, *size)
        with pytest.raises(ValueError, match="negative"):
            Film(1, *size)
