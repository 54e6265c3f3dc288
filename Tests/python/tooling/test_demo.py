# SPDX-License-Identifier: Apache-2.0
"""The demo shares a photograph without a copy, and writes a page that shows it."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[3] / "Examples" / "photograph.py"
pytest.importorskip("rich", exc_type=ImportError)
Image = pytest.importorskip("PIL.Image", exc_type=ImportError)


def test_demo_writes_its_page(tmp_path: Path) -> None:
    photo, page = tmp_path / "gradient.png", tmp_path / "new" / "page.html"
    Image.linear_gradient("L").resize((40, 30)).convert("RGB").save(photo)
    run = subprocess.run([sys.executable, EXAMPLE, photo, page], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert str(page) in run.stdout
    text = page.read_text(encoding="utf-8")
    # The photograph and its four planes, each read back as an image; three layouts; four users of one memory.
    assert text.count("<img ") == 5
    assert text.count("src='data:image/jpeg;base64,") == 5
    pictures = text.split("<div class='scrolls'><svg")[1:]
    assert len(pictures) == 3
    for picture in pictures:
        ElementTree.fromstring("<svg" + picture.split("</div>")[0])
    assert text.count("(255, 0, 0, 255)</td>") == 4
    assert text.count(">all bytes</td>") == 3
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
