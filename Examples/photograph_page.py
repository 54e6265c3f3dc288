# SPDX-License-Identifier: Apache-2.0
"""The page that `photograph.py` writes: the photograph, its planes, pictures of their layouts, and who shares what."""

from __future__ import annotations

import base64
import html
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
from PIL import Image

import swiftbuffer

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 62em; margin: 0 auto; padding: 1em; }
img, svg { max-width: 100%; height: auto; }
img { outline: 1px solid #8886; }
figure { margin: 0; }
.planes { display: grid; grid-template-columns: repeat(auto-fit, minmax(9em, 1fr)); gap: 1em; }
.scrolls { overflow-x: auto; }
table { border-collapse: collapse; }
td, th { border: 1px solid #8886; padding: 0.3em 0.6em; text-align: left; }
"""


@dataclass(frozen=True)
class User:
    """One of those that use the photograph's memory."""

    name: str
    how: str
    address: int | None
    pixel: tuple[int, ...]


def write(target: Path, source: str, photo: swiftbuffer.Array, planes: swiftbuffer.Array, users: list[User]) -> None:
    """Writes the page, one file without anything from elsewhere. Raises OSError."""
    height, width, channels = photo.shape
    names = ("red", "green", "blue", "alpha")
    plane_pictures = "".join(
        _picture(f"{name}, at offset {place:,}", plane)
        for name, plane, place in zip(names, planes, range(0, planes.nbytes, height * width), strict=True)
    )
    parts = [
        f"<h1>{html.escape(source)}: one memory, {len(users)} users, no copy</h1>",
        f"<p>{height} x {width} pixels of {channels} bytes, {photo.nbytes:,} bytes at {photo.address:#x}. NumPy has "
        "painted the red frame; all others see it.</p>",
        _picture("The photograph, read by Pillow in place", photo),
        "<h2>Who shares what</h2>",
        _table(photo, users),
        "<h2>In memory</h2>",
        "<p>The photograph: the four channels of a pixel side by side.</p>",
        f"<div class='scrolls'>{swiftbuffer.draw(photo).svg()}</div>",
        "<p>Its red values, a view of the same memory: every fourth byte.</p>",
        f"<div class='scrolls'>{swiftbuffer.draw(photo[..., 0]).svg()}</div>",
        f"<h2>Planes</h2><p>The one copy: {planes.nbytes:,} bytes, each channel by itself.</p>",
        f"<div class='planes'>{plane_pictures}</div>",
        f"<div class='scrolls'>{swiftbuffer.draw(planes).svg()}</div>",
    ]
    head = f"<meta charset='utf-8'><meta name='viewport' content='width=device-width'><style>{STYLE}</style>"
    page = f"<!doctype html><html lang='en'><head>{head}<title>{html.escape(source)}</title></head>"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"{page}<body>{''.join(parts)}</body></html>\n", encoding="utf-8")


def _picture(caption: str, pixels: Any) -> str:
    """An image in the page, of RGBA pixels or of one plane. The file is made from the memory that is shown."""
    file = io.BytesIO()
    Image.fromarray(numpy.asarray(pixels)).convert("RGB").save(file, "JPEG", quality=85)
    data = base64.b64encode(file.getvalue()).decode()
    text = html.escape(caption)
    source = f"data:image/jpeg;base64,{data}"
    return f"<figure><img alt='{text}' src='{source}'><figcaption>{text}</figcaption></figure>"


def _table(photo: swiftbuffer.Array, users: list[User]) -> str:
    """Who is where, and reads which pixel."""
    rows = "".join(
        f"<tr><td>{html.escape(user.name)}</td><td><code>{html.escape(user.how)}</code></td>"
        f"<td>{'not reported' if user.address is None else f'{user.address:#x}'}</td>"
        f"<td>{'all bytes: it sees the frame' if user.address is None else _shared(photo, user.address)}</td>"
        f"<td>{user.pixel}</td></tr>"
        for user in users
    )
    names = ("library", "how", "address", "shares", "reads at (3, 3)")
    head = "".join(f"<th>{name}</th>" for name in names)
    return f"<div class='scrolls'><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"


def _shared(photo: swiftbuffer.Array, address: int) -> str:
    return "all bytes" if address == photo.address else f"from byte {address - photo.address:,}"
