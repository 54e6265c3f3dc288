# SPDX-License-Identifier: Apache-2.0
"""Files that other libraries read and write: HDF5, Zarr, sound, images."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import swiftbuffer as sb
from exchanges.cells import IN, OUT, Cells, Row, Taken, formats, grows, same, sample, yes
from exchanges.common import Late, np, row, where

h5py, zarr, soundfile, iio = Late("h5py"), Late("zarr"), Late("soundfile"), Late("imageio.v3")
Write = Callable[[Any, Path], object]
GREY = (16, 32)


@dataclass(frozen=True)
class Written:
    """A library writes an array into a file: it reads the memory where it is, and is done with it."""

    write: Write
    read: Callable[[Path], Any]
    shape: tuple[int, ...] = (64,)
    format: str = "d"

    def __call__(self) -> Cells:
        kept = self.passes(self.format, readonly=True)
        return Cells("writes a file", "during the call", yes(kept), formats(self.passes))

    def passes(self, format_: str, readonly: bool = False) -> bool:
        array = sample(format_, self.shape, readonly)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "file")
            self.write(array, path)
            found = self.read(path)
        # Afterwards nobody uses the array.
        return same(found.tolist(), array.tolist()) and (readonly or grows(array))


@dataclass(frozen=True)
class Filled:
    """A library reads a file into the memory of an array."""

    write: Write
    fill: Write
    shape: tuple[int, ...] = (64,)
    format: str = "d"

    def __call__(self) -> Cells:
        refused = False
        try:
            self.passes(self.format, readonly=True)
        except Exception:
            refused = True
        return Cells("reads into `a`", "during the call", yes(refused), formats(self.passes))

    def passes(self, format_: str, readonly: bool = False) -> bool:
        source = sample(format_, self.shape)
        array = sb.array(sb.zeros(self.shape, format_), readonly=readonly)
        before = array.address
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "file")
            self.write(source, path)
            self.fill(array, path)
        return same(array.tolist(), source.tolist()) and array.address == before and (readonly or grows(array))


def read_back(write: Write, read: Callable[[Path], Any]) -> Callable[[Any], Any]:
    """What a library reads of an array that it has written: NumPy's arrays, in memory of their own."""

    def made(array: Any) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            write(array, Path(folder, "file"))
            return read(Path(folder, "file"))

    return made


def h5_write(array: Any, path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["x"] = np.asarray(array)


def h5_read(path: Path) -> Any:
    with h5py.File(path) as file:
        return file["x"][...]


def h5_fill(array: Any, path: Path) -> None:
    with h5py.File(path) as file:
        file["x"].read_direct(np.asarray(array))


def h5_map(array: Any, folder: str) -> tuple[Path, Any]:
    """A file of HDF5 with the items, and the array that is mapped over its dataset."""
    path = Path(folder, "file")
    h5_write(array, path)
    with h5py.File(path) as file:
        offset = file["x"].id.get_offset()
    return path, sb.map_file(path, array.format, array.shape, offset=offset)


def mapped() -> Cells:
    """The memory is the file's where what h5py writes is seen in it."""

    def passes(format_: str) -> bool:
        with tempfile.TemporaryDirectory() as folder:
            _, view = h5_map(sample(format_), folder)
            return same(view.tolist(), sample(format_).tolist())

    with tempfile.TemporaryDirectory() as folder:
        path, view = h5_map(sample("d"), folder)
        with h5py.File(path, "r+") as file:
            file["x"][0] = 55
        shares = view[0] == 55
    # The file is gone, its memory is not.
    kept = same(view[1:].tolist(), sample("d")[1:].tolist())
    return Cells(yes(shares), yes(kept), yes(view.readonly), formats(passes))


def zarr_write(array: Any, path: Path) -> None:
    made = zarr.open(path, mode="w", shape=array.shape, dtype=array.dtype)
    made[...] = np.asarray(array)


def zarr_read(path: Path) -> Any:
    return zarr.open(path, mode="r")[...]


SOUND = {"d": ("float64", "DOUBLE"), "f": ("float32", "FLOAT"), "i": ("int32", "PCM_32"), "h": ("int16", "PCM_16")}


def sound_write(array: Any, path: Path) -> None:
    soundfile.write(path, np.asarray(array), 48000, format="WAV", subtype=SOUND[array.format][1])
    path.with_suffix(".type").write_text(SOUND[array.format][0])


def sound_read(path: Path) -> Any:
    return soundfile.read(path, dtype=path.with_suffix(".type").read_text())[0]


def sound_fill(array: Any, path: Path) -> None:
    with soundfile.SoundFile(path) as file:
        file.buffer_read_into(array, dtype=SOUND[array.format][0])


def image_write(array: Any, path: Path) -> None:
    iio.imwrite(path.with_suffix(".tiff"), np.asarray(array), plugin="pillow")


def image_read(path: Path) -> Any:
    return iio.imread(path.with_suffix(".tiff"), plugin="pillow")


images = read_back(image_write, image_read)

ROWS: list[Row] = [
    row("h5py", OUT, "`file['x'] = numpy.asarray(a)`", Written(h5_write, h5_read)),
    row("h5py", IN, "`dataset.read_direct(numpy.asarray(a))`", Filled(h5_write, h5_fill)),
    row("h5py", IN, "`map_file(path, …, offset=dataset.id.get_offset())`", mapped),
    row("zarr", OUT, "`x[...] = numpy.asarray(a)`", Written(zarr_write, zarr_read)),
    row("zarr", IN, "`View(x[...])`", Taken(read_back(zarr_write, zarr_read), sb.View, where)),
    row("soundfile", OUT, "`soundfile.write(file, numpy.asarray(a), rate)`", Written(sound_write, sound_read)),
    row("soundfile", IN, "`file.buffer_read_into(a, dtype)`", Filled(sound_write, sound_fill)),
    row("imageio", OUT, "`imwrite(file, numpy.asarray(a))`", Written(image_write, image_read, GREY, "B")),
    row("imageio", IN, "`View(imread(file))`", Taken(images, sb.View, where, shape=GREY, format="B")),
]
