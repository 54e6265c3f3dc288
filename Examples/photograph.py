# SPDX-License-Identifier: Apache-2.0
"""One photograph, one piece of memory, four libraries that work on it, and no copy.

The photograph is read from scikit-image's data (Eileen Collins, NASA, public domain), or from the file that is named
on the command line. A second name is where the page that shows all this is written, by default `photograph.html`.
Pillow keeps colour pixels as four bytes, so red, green, blue and alpha are the four channels.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy
import photograph_page
from photograph_page import User
from PIL import Image
from rich.console import Console
from rich.table import Table

import swiftbuffer
from swiftbuffer import capi


def photograph() -> Path:
    """The file to read."""
    if len(sys.argv) > 1 and sys.argv[1]:
        return Path(sys.argv[1])
    package = find_spec("skimage")
    if package is None or not package.submodule_search_locations:
        sys.exit("usage: photograph.py FILE [PAGE] (`pip install --no-deps scikit-image` brings a photograph)")
    return Path(package.submodule_search_locations[0]) / "data" / "astronaut.png"


def address(exporter: object) -> int:
    """Where an exporter's memory begins, as a C extension would learn it."""
    with capi.PyObject_GetBuffer(exporter, capi.PyBUF_FULL_RO) as view:
        return view.buf


def pillow_image(mode: str, exporter: swiftbuffer.Array) -> Image.Image:
    """An image of Pillow's whose pixels are the exporter's memory; `height x width` come first in its shape."""
    height, width = exporter.shape[:2]
    return Image.frombuffer(mode, (width, height), exporter, "raw", mode, 0, 1)


def main() -> None:
    console = Console(highlight=False, width=100)
    source = photograph()
    with Image.open(source) as file:
        decoded = file.convert("RGBA")

    # In: height x width x channel. Decoding is where the bytes come from; nothing after this line copies them.
    photo = swiftbuffer.array(numpy.asarray(decoded))
    view = memoryview(photo)
    array = numpy.asarray(photo)
    image = pillow_image("RGBA", photo)
    console.print(f"{source.name}: {photo.shape} of {photo.format!r}, {photo.nbytes:,} bytes at {address(photo):#x}\n")

    # NumPy paints a red frame; each of the others reads a pixel of it.
    array[:8] = array[-8:] = (255, 0, 0, 255)
    array[:, :8] = array[:, -8:] = (255, 0, 0, 255)
    pixel = (255, 0, 0, 255)
    table = Table("library", "how", "address", "at (3, 3) it reads", title="One memory: NumPy painted a red frame")
    users = [
        User("swiftbuffer.Array", "owner of the memory", address(photo), tuple(photo[3, 3])),
        User("memoryview", "memoryview(photo)", address(view), tuple(view[3, 3, c] for c in range(4))),
        User("NumPy", "numpy.asarray(photo)", array.__array_interface__["data"][0], tuple(map(int, array[3, 3]))),
        User("Pillow", 'Image.frombuffer("RGBA", ...)', None, tuple(map(int, image.getpixel((3, 3))))),
    ]
    for user in users:
        assert user.address in (None, address(photo)), f"{user.name} copied"
        assert user.pixel == pixel, f"{user.name} sees {user.pixel}"
        place = "not reported" if user.address is None else f"{user.address:#x}"
        table.add_row(user.name, user.how, place, str(user.pixel))
    console.print(table)

    # Out: channel x height x width, each plane contiguous. This is the one copy, and it is asked for.
    planes = swiftbuffer.array(array.transpose(2, 0, 1))
    assert numpy.array_equal(numpy.asarray(planes), array.transpose(2, 0, 1))
    table = Table("plane", "mean", "address", "offset", title=f"Planes {planes.shape}, C-contiguous")
    for name, plane in zip(("red", "green", "blue", "alpha"), numpy.asarray(planes), strict=True):
        place = plane.__array_interface__["data"][0]
        table.add_row(name, f"{plane.mean():.1f}", f"{place:#x}", f"{place - address(planes):,}")
    console.print(table)
    console.print(f"Bytes copied to share the photograph: 0. To lay it out as planes: {planes.nbytes:,}.")

    page = Path(sys.argv[2] if len(sys.argv) > 2 else "photograph.html").resolve()
    photograph_page.write(page, source.name, photo, planes, users)
    console.print(f"The photograph, its planes and its memory in pictures: {page}", soft_wrap=True)


if __name__ == "__main__":
    main()
