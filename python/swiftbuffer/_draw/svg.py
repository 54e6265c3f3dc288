# SPDX-License-Identifier: Apache-2.0
"""A model as SVG: one element without scripts, fonts or anything else from elsewhere."""

from __future__ import annotations

import textwrap
from zlib import crc32

from swiftbuffer._draw.geometry import CHAR, LEVEL, Geometry, Panel
from swiftbuffer._draw.labels import fitting, fitting_index, item_label, legend, name_label
from swiftbuffer._draw.model import Arrow, Model, Segment

__all__ = ["svg"]

MARGIN = 12
ROW = 16
"""Pixels of a line of text."""
LIGHT = ("#bcd7f5", "#c9e8c4", "#fbdcae", "#e3cdf3", "#b9e6e3", "#f8cbd3")
DARK = ("#24508a", "#2c6335", "#7d5413", "#5b3b7c", "#17605e", "#7d3145")


def svg(model: Model, *, heads: bool = True) -> str:
    """The picture as text; with ``heads``, it has a line for each object."""
    return _Drawing(model, heads).text()


def escaped(text: str) -> str:
    """Text between tags. `xml.sax.saxutils` takes as long to import as everything here."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


class _Drawing:
    def __init__(self, model: Model, heads: bool) -> None:
        self.model = model
        self.name = f"sb{crc32(repr(model).encode('utf-8', 'replace')):08x}"
        self.paths: dict[str, list[str]] = {}
        self.texts: list[str] = []
        self.arrows: list[str] = []
        lines = [("h", line) for line in [model.title, *(model.subjects if heads else ())] if line]
        for number, notes in enumerate(model.axes):
            letter = f"{'ab'[number]}, " if len(model.axes) > 1 else ""
            lines += [("t", letter + note) for note in notes]
        measured = Geometry(model, 0)
        self.width = (
            max(measured.width, min(640, max((int(len(text) * CHAR) for _, text in lines), default=0))) + 2 * MARGIN
        )
        wrapped = [(kind, part) for kind, text in lines for part in self._wrapped(text)]
        top = MARGIN + len(wrapped) * ROW + (10 if model.stretches else 0)
        for number, (kind, text) in enumerate(wrapped):
            self._text(kind, MARGIN, MARGIN + 11 + number * ROW, text)
        self.geometry = Geometry(model, top, MARGIN)
        for panel in self.geometry.panels:
            self._panel(panel)
        for arrow in model.arrows:
            self._arrow(arrow)
        self.bottom = self._legend(top + measured.height + (12 if model.stretches else 4))

    def _wrapped(self, text: str) -> list[str]:
        return textwrap.wrap(text, int((self.width - 2 * MARGIN) / CHAR) + 1, break_on_hyphens=False) or [""]

    def _text(self, kind: str, x: float, y: float, text: str) -> None:
        self.texts.append(f'<text class="{kind}" x="{x:g}" y="{y:g}">{escaped(text)}</text>')

    def _rect(self, kind: str, x: float, y: float, width: float, height: float) -> None:
        self.paths.setdefault(kind, []).append(f"M{x:g} {y:g}h{width:g}v{height:g}h{-width:g}z")

    def _panel(self, panel: Panel) -> None:
        height = self.geometry.cell_height
        if panel.title:
            self._text("h", panel.left, panel.top + 10, panel.title)
        for x, y, text in panel.ruler:
            self._text("o", x, y, text)
        for y, line in panel.lines:
            if line.left_out:
                plural = "s" * (line.left_out > 1)
                self._text("o", panel.left, y + 12, f"⋮ {line.left_out:,} line{plural} left out")
                continue
            self._text("a", panel.left - 5, y + height / 2 + 4, f"{line.offset:,}")
            spans: list[tuple[str, float, float, str]] = []
            places = list(panel.places(line))
            for number, (segment, x, width) in enumerate(places):
                # The index of a structure may reach over its other fields, which have none.
                end = x + width
                for after, at, more in places[number + 1 :]:
                    if after.items != segment.items or after.first:
                        break
                    end = at + more
                self._segment(segment, x, y, width, end - x, spans)
            for kind in ("i", "n", "s"):
                texts = [
                    f'<tspan x="{x:g}" y="{at:g}">{escaped(text)}</tspan>' for k, x, at, text in spans if k == kind
                ]
                self.texts += [f'<text class="{kind}">{"".join(texts)}</text>'] if texts else []

    def _segment(
        self,
        segment: Segment,
        x: float,
        y: float,
        width: float,
        room: float,
        spans: list[tuple[str, float, float, str]],
    ) -> None:
        height = self.geometry.cell_height
        if segment.kind == "left out":
            spans.append(("i", x + width / 2, y + height / 2 + 4, "⋯"))
            return
        if segment.kind in ("gap", "pointer"):
            self._rect(segment.kind, x, y, width, height)
        else:
            self._rect(f"c{segment.hue}" + " p" * segment.odd, x, y, width, height)
        if segment.kind == "padding":
            self._rect("padding", x, y, width, height)
        if len(segment.items) > 1:
            self._rect("overlap", x, y, width, height)
        if segment.shared:
            self._rect("shared", x + 1, y + height - 4, width - 2, 3)
        letters = int((width - 3) / CHAR)
        if not self.geometry.named or len(segment.items) > 1:
            if label := fitting_index(item_label(segment), letters):
                spans.append(("i", x + width / 2, y + height / 2 + 4, label))
            return
        if segment.first:
            self.paths.setdefault("edge", []).append(f"M{x:g} {y:g}v{height:g}")
            if label := fitting_index(item_label(segment), int((room - 3) / CHAR)):
                spans.append(("s", x + 4, y + 11, label))
        if name := fitting(name_label(segment), letters):
            spans.append(("n", x + width / 2, y + height - 8, name))

    def _arrow(self, arrow: Arrow) -> None:
        start, end = self.geometry.at(arrow.source), self.geometry.at(arrow.target)
        height = self.geometry.cell_height
        if arrow.axis is None:
            x, y = start.right, start.top + height / 2
            # To the line whose first byte it is, else to the byte.
            to_x, to_y = (end.line_left, end.top + height / 2) if end.is_first else (end.left + 4, end.top)
            bend = max(18, (to_x - x) / 2)
            self._curve("pa", f"M{x:g} {y:g}C{x + bend:g} {y:g} {to_x - bend:g} {to_y:g} {to_x:g} {to_y:g}")
            if arrow.text:
                self._text("l", x + 5, y - 5, arrow.text)
            return
        level = self.geometry.levels[arrow]
        label = f"axis {arrow.axis}"
        if start == end:
            x, y = start.left + 2, start.top
            peak = y - LEVEL * level * 4 / 3
            self._curve("ar", f"M{x:g} {y:g}C{x - 6:g} {peak:g} {x + 12:g} {peak:g} {x + 6:g} {y - 1:g}")
            self._text("l", x + 10, y - LEVEL * level + 2, label)
        elif start.top == end.top:
            x, to_x, y = start.middle, end.middle, start.top
            # A curve of the third order rises to three quarters of the height of its inner points.
            peak = y - (LEVEL * level - 5) * 4 / 3
            self._curve("ar", f"M{x:g} {y:g}C{x:g} {peak:g} {to_x:g} {peak:g} {to_x:g} {y - 1:g}")
            # Beside the arrow of another axis, which begins at the same item.
            kind, at = ("l m", (x + to_x) / 2) if to_x > x else ("l e", start.left + 2)
            self._text(kind, at, y - LEVEL * level + 2, label)
        else:
            down = end.top > start.top
            shift = 6 + 5 * (level - 1)
            x, to_x = start.left + shift, end.left + shift
            y, to_y = (start.top + height, end.top - 1) if down else (start.top, end.top + height + 1)
            self._curve("ar", f"M{x:g} {y:g}L{to_x:g} {to_y:g}")
            if down or not self._leads_right(arrow):
                self._text("l", to_x + 5 + 40 * (level - 1), (to_y - 5) if down else (y - 5), label)
            else:
                self._text("l e", x - 5, y - 5, label)

    def _leads_right(self, arrow: Arrow) -> bool:
        """Whether another arrow leads to the right above the line that an arrow begins in."""
        start = self.geometry.at(arrow.source)
        ends = [self.geometry.at(other.target) for other in self.geometry.levels if other.source == arrow.source]
        return any(end.top == start.top and end.left > start.left for end in ends)

    def _curve(self, kind: str, path: str) -> None:
        self.arrows.append(f'<path class="{kind}" d="{path}" marker-end="url(#{self.name}m)"/>')

    def _legend(self, top: float) -> float:
        x, y = float(MARGIN), top
        entries = legend(self.model)
        for sign, text in entries:
            width = 28 + len(text) * CHAR + 14
            if x > MARGIN and x + width > self.width:
                x, y = float(MARGIN), y + ROW + 4
            if sign == "shared":
                self._rect("gap", x, y, 22, 13)
                self._rect("shared", x + 1, y + 9, 20, 3)
            else:
                if sign in ("value", "padding", "overlap"):
                    self._rect("c0", x, y, 22, 13)
                if sign != "value":
                    self._rect(sign, x, y, 22, 13)
            self._text("t", x + 28, y + 11, text)
            x += width
        y += ROW + 6 if entries else 0
        for note in self.model.notes:
            for part in self._wrapped(note):
                self._text("t", MARGIN, y + 10, part)
                y += ROW
        return y + MARGIN - 4

    def text(self) -> str:
        name, model = self.name, self.model
        title = model.title or "Memory of " + " and ".join(model.subjects)
        described = ". ".join([*model.subjects, *(note for notes in model.axes for note in notes), *model.notes])
        order = [*(f"c{hue}{pale}" for hue in range(6) for pale in ("", " p")), "pointer", "gap", "padding", "overlap"]
        order += ["shared", "edge"]
        shapes = [(kind, "".join(self.paths[kind])) for kind in order if kind in self.paths]
        paths = [f'<path class="{kind}" d="{path}"/>' for kind, path in shapes]
        width, height = f"{self.width:g}", f"{self.bottom:g}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" id="{name}" class="sb" role="img" aria-labelledby="{name}t" '
            f'aria-describedby="{name}d" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
            f'<title id="{name}t">{escaped(title)}</title>\n<desc id="{name}d">{escaped(described)}</desc>\n'
            f"<style>{_style(name)}</style>\n<defs>{_definitions(name)}</defs>\n"
            f'<rect class="paper" width="100%" height="100%"/>\n'
            + "\n".join([*paths, *self.texts, *self.arrows, "</svg>\n"])
        )


def _style(name: str) -> str:
    """Rules for this picture alone, whatever document it stands in; without variables, which not all programs know."""

    def colours(ink: str, dim: str, paper: str, line: str, mark: str, fills: tuple[str, ...]) -> str:
        rules = {
            "text": f"fill:{ink}",
            ".o,#.a": f"fill:{dim}",
            ".l": f"fill:{mark}",
            ".paper": f"fill:{paper}",
            ".n": f"fill:{ink}",
            "path": f"stroke:{line}",
            ".gap,#.pointer": f"stroke:{dim}",
            ".ar,#.pa": f"stroke:{mark}",
            ".mk": f"fill:{mark}",
            ".edge,#.ink": f"stroke:{ink}",
            ".shared": f"fill:{mark};stroke:none",
        }
        rules |= {f".c{hue}": f"fill:{fill}" for hue, fill in enumerate(fills)}
        return "".join(f"#{name} {key.replace('#', f'#{name} ')}{{{rule}}}" for key, rule in rules.items())

    shapes = {
        "text": "font:11px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace",
        ".h": "font-weight:bold",
        ".i,#.n,#.m": "text-anchor:middle",
        ".e": "text-anchor:end",
        ".a": "text-anchor:end;font-size:10px",
        ".o,#.l": "font-size:10px",
        ".n": "font-style:italic",
        ".p": "fill-opacity:.5",
        ".gap": "fill:none;stroke-dasharray:2 2",
        ".pointer": "fill:none;stroke-width:1.5",
        ".padding": f"fill:url(#{name}p)",
        ".overlap": f"fill:url(#{name}o);fill-opacity:.35",
        ".ar,#.pa,#.edge,#.ink": "fill:none;stroke-width:1.5",
        ".edge": "stroke-width:2",
        ".pa": "stroke-dasharray:5 2",
        ".mk": "stroke:none",
    }
    fixed = "".join(f"#{name} {key.replace('#', f'#{name} ')}{{{rule}}}" for key, rule in shapes.items())
    light = colours("#1b1f24", "#59636e", "#ffffff", "#6e7781", "#a40e26", LIGHT)
    dark = colours("#f0f3f6", "#9ea7b3", "#0d1117", "#8b949e", "#ffa198", DARK)
    return f"{light}{fixed}@media(prefers-color-scheme:dark){{{dark}}}"


def _definitions(name: str) -> str:
    def hatching(letter: str, path: str, size: int, width: str) -> str:
        return (
            f'<pattern id="{name}{letter}" width="{size}" height="{size}" patternUnits="userSpaceOnUse">'
            f'<path class="ink" d="{path}" style="stroke-width:{width}"/></pattern>'
        )

    return (
        hatching("p", "M-1 1l2-2M0 6l6-6M5 7l2-2", 6, ".9")
        + hatching("o", "M0 0l8 8M8 0l-8 8", 8, ".6")
        + f'<marker id="{name}m" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" '
        'orient="auto-start-reverse"><path class="mk" d="M0 0l8 4l-8 4z"/></marker>'
    )
