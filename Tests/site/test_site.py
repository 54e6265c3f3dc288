# SPDX-License-Identifier: Apache-2.0
"""Every page of the built site, loaded in headless Chromium as a reader does: on a desktop and on a phone, in light and
in dark. `make docs` and `make lint` run this after they have built the site; SWIFTBUFFER_SITE is its folder.

tools/codes_pages.py makes the pages of codes from one template: every tenth is loaded, and the longest. `make soak
PARTS=pages` loads all.
"""

from __future__ import annotations

import functools
import os
import re
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

SITE = Path(os.environ["SWIFTBUFFER_SITE"]).resolve()
# The pages of the Swift libraries are DocC's, which checks its links itself; one of each kind is loaded.
OTHERS = {"_static", "swift"}
PAGES = sorted(
    str(page.relative_to(SITE)) for page in SITE.rglob("*.html") if page.relative_to(SITE).parts[0] not in OTHERS
)
CODES = [page for page in PAGES if re.fullmatch(r"codes/[A-Z]+\d+\.html", page)]
SAMPLE = {*CODES[::10], *sorted(CODES, key=lambda page: (SITE / page).stat().st_size)[-3:]}
IS_SAMPLED = os.environ.get("SWIFTBUFFER_PAGES") != "all"
LOADED = [page for page in PAGES if not IS_SAMPLED or page not in CODES or page in SAMPLE]
SIZES = {"desktop": (1280, 800), "phone": (360, 740)}
# What WCAG asks of large text, and of signs; the styles of code and of tables stay above it.
LEAST_CONTRAST = 3.0
# Measures the page: see its comments. Lists are empty where all is well.
MEASURES = (Path(__file__).parent / "measures.js").read_text(encoding="utf-8")


class QuietServer(SimpleHTTPRequestHandler):
    """The site by HTTP, as a host of static files serves it."""

    def log_message(self, *_: object) -> None:
        """Says nothing: what fails is in the test's own message."""


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    handler = functools.partial(QuietServer, directory=str(SITE))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Without a sandbox: CI is root in a container, and only this site is loaded.
        options = {"executable_path": os.environ["SWIFTBUFFER_BROWSER"], "args": ["--no-sandbox"]}
        browser = playwright.chromium.launch(**options)  # type: ignore[arg-type]
        yield browser
        browser.close()


class Visit:
    """A page of the browser, and what went wrong in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", lambda said: self.complain(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.complain(str(error)))
        page.on("requestfailed", lambda request: self.complain(f"{request.url}: {request.failure}"))
        page.on("response", lambda response: self.complain(response.url) if response.status >= 400 else None)

    def open(self, address: str) -> None:
        """Shows a page, and keeps what goes wrong from now on: leaving the last page cancels what it still loads."""
        self.page.goto("about:blank")
        self.complaints.clear()
        self.page.goto(address)

    def complain(self, text: str) -> None:
        self.complaints.append(text)

    def measure(self, size: str, scheme: Any) -> None:
        width, height = SIZES[size]
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.emulate_media(color_scheme=scheme)
        found = self.page.evaluate(MEASURES, LEAST_CONTRAST)
        self.complaints += [f"{size}, {scheme}: {kind}: {what}" for kind, all_ in found.items() for what in all_]


@pytest.fixture(scope="session")
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    context = browser.new_context(base_url=address, reduced_motion="reduce")
    # Nothing is loaded from elsewhere: the site works where there is no network.
    context.route(lambda url: not url.startswith((address, "data:")), lambda route: route.abort())
    yield Visit(context.new_page())
    context.close()


@pytest.mark.parametrize("name", LOADED)
def test_page_shows_all_that_it_has(visit: Visit, name: str) -> None:
    visit.page.set_viewport_size({"width": 1280, "height": 800})
    visit.open(name)
    # Pages of codes are all alike.
    looks = [("desktop", "light"), ("phone", "dark"), ("desktop", "dark"), ("phone", "light")]
    for size, scheme in looks[:2] if name.startswith("codes/") else looks:
        visit.measure(size, scheme)
    assert visit.complaints == []


SWIFT_PAGES = {
    "bufferlayout": "BufferLayout",
    "pythonbuffers/exporting": "Exporting memory",
    "pythonbuffers/pythonbuffer": "PythonBuffer",
    "pythonmodules": "PythonModules",
    "pythonmodules/gettingstarted": "Getting started",
}


@pytest.mark.parametrize("name", SWIFT_PAGES)
def test_page_of_a_swift_library_is_shown(visit: Visit, name: str) -> None:
    visit.open(f"swift/documentation/{name}/")
    visit.page.wait_for_selector(f"h1:has-text('{SWIFT_PAGES[name]}')")
    visit.page.wait_for_load_state("networkidle")
    assert visit.complaints == []


FAULTS = {
    "the page,": "<body><article><div style='width: 2000px'>wide</div></article></body>",
    "too wide: <p": f"<body style='overflow-x: hidden'><article><p>{'w' * 400}</p></article></body>",
    "too faint: 1.16": "<p style='color: #eee'>faint</p>",
    "missing image": "<img src='none.png' alt='none'>",
    "image without a text": "<img src='data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw=='>",
    "not defined": "<script>nothing()</script>",
    "ERR_FAILED": "<script src='https://example.org/elsewhere.js'></script>",
    "404": "<link rel='stylesheet' href='none.css'>",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_found(visit: Visit, address: str, fault: str) -> None:
    """A measure that finds nothing anywhere would be no measure."""
    visit.complaints.clear()
    page = f"<!doctype html><title>A fault</title><link rel='icon' href='data:,'>{FAULTS[fault]}"
    visit.page.route(f"{address}fault.html", lambda route: route.fulfill(body=page, content_type="text/html"))
    visit.page.goto("fault.html")
    visit.measure("desktop", "light")
    assert any(fault in complaint for complaint in visit.complaints), visit.complaints


class Anchors(HTMLParser):
    """What a page can be linked at, and what it links to."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.anchors.update(value for value in (values.get("id"), values.get("name")) if value)
        self.links += [value for value in (values.get("href"), values.get("src")) if value and tag != "svg"]


@functools.cache
def anchors(page: Path) -> Anchors:
    return Anchors(page)


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    page = SITE / name
    broken = []
    for link in anchors(page).links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        fragment = unquote(parts.fragment)
        is_known = target.suffix != ".html" or not fragment or (target.exists() and fragment in anchors(target).anchors)
        if not target.is_file() or not is_known:
            broken.append(link)
    assert broken == []


def test_there_are_pages_of_every_kind() -> None:
    kinds = {"index.html", "tutorial.html", "search.html", "genindex.html", "codes/BUF101.html", "codes/README.html"}
    assert kinds <= set(PAGES)
    assert sum(name.startswith("cookbook/") for name in PAGES) >= 10
    assert set(PAGES) - set(LOADED) <= set(CODES)
    assert len(CODES) > 90


def test_tables_are_filtered(visit: Visit) -> None:
    """Of the group "transpose in cache" the 1-byte row is left, below its heading; clearing the field shows all."""
    visit.page.goto("performance.html")
    rows = "#moving-elements table tbody tr"
    everything = visit.page.locator(rows).count()
    field = visit.page.locator("#moving-elements .table-filter")
    field.fill("cache 1-byte")
    shown = visit.page.locator(f"{rows}:visible").all_inner_texts()
    assert len(shown) == 2
    assert shown[0].startswith("transpose in cache")
    assert shown[1].startswith("1-byte items, 1024x1024")
    field.fill("")
    assert visit.page.locator(f"{rows}:visible").count() == everything > 50


def test_the_pictures_of_every_kind_of_cpu_are_shown() -> None:
    pictures = {picture.name for picture in (SITE / "_images").iterdir()}
    kinds = list((Path(__file__).parents[2] / "Benchmarks" / "results").glob("*/kernels-light.svg"))
    assert kinds
    assert sum(name.startswith("kernels-light") for name in pictures) == len(kinds)


# What a reader types, and a page that must be found.
SEARCHES = {
    "suboffsets": "reference/memory",
    "copy_from": "reference/memory",
    "WAV": "cookbook/audio",
    "BUF301": "codes/BUF301",
    "socket": "cookbook/messages",
}


@pytest.mark.parametrize("words", SEARCHES)
def test_search_works_from_files_alone(browser: Browser, words: str) -> None:
    with browser.new_context(offline=True) as context:
        visit = Visit(context.new_page())
        visit.page.goto(f"{(SITE / 'search.html').as_uri()}?q={words}")
        # Results appear one after the other.
        visit.page.wait_for_selector(f"#search-results a[href*='{SEARCHES[words]}.html']", timeout=10_000)
    assert visit.complaints == []
