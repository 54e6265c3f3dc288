# SPDX-License-Identifier: Apache-2.0
"""The pictures of the tables: each workload a line, each library a dot, multiples on a log axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import baselines
from everyday import objects
from results import LIMIT, OURS, C, Row

# Colours that can be told apart by those who see few of them, on white and on GitHub's dark page.
THEMES = {
    "light": {"page": "#ffffff", "text": "#1f2328", "line": "#d1d9e0", "ours": "#d1242f"},
    "dark": {"page": "#0d1117", "text": "#f0f6fc", "line": "#3d444d", "ours": "#ff6a69"},
}
BLUE, ORANGE, GREEN, VIOLET, GREY = "#4c8dd6", "#e08a1e", "#3aa675", "#9a6fd0", "#8b949e"
# Names that fit beside the axis.
SHORT = {
    "transpose": "transpose, ",
    "transpose in cache": "transpose, ",
    "== of equal buffers, beside memcmp": "== , ",
    "conversions": "",
}


@dataclass(frozen=True)
class Picture:
    """What is drawn of a table."""

    title: str
    axis: str
    marks: dict[str, tuple[str, str]]
    label: Callable[[Row], str]
    # Nanoseconds that are drawn as 1.
    one: Callable[[Row], float]


def _kernel_label(row: Row) -> str:
    return f"{SHORT.get(row.group, '')}{row.name}".replace("== , ", "==, ").replace("-byte items", " B")


def _fastest(row: Row) -> float:
    others = [who for who in row.libraries if who != C] or [who for who in row.timings if who != OURS]
    return min(row.timings[who].minimum for who in others)


PICTURES = {
    "kernels": Picture(
        "Each workload's time as a multiple of memcpy: swiftbuffer beside other libraries",
        "multiples of memcpy of the same bytes (== beside memcmp); lower is better",
        {
            baselines.NUMPY: (BLUE, "s"),
            baselines.TORCH: (ORANGE, "^"),
            baselines.OPENCV: (GREEN, "D"),
            baselines.MEMORYVIEW: (VIOLET, "v"),
            baselines.TO_CONTIGUOUS: (GREY, "x"),
        },
        _kernel_label,
        lambda row: row.timings[row.reference].minimum,
    ),
    "everyday": Picture(
        "Each everyday operation's time as a multiple of the fastest other's: swiftbuffer beside the standard library "
        "and NumPy",
        "multiples of the fastest other's time, with 1,000 items; lower is better",
        {
            objects.NUMPY: (BLUE, "s"),
            objects.ARRAY: (ORANGE, "^"),
            objects.LIST: (GREEN, "D"),
            objects.MEMORYVIEW: (VIOLET, "v"),
            objects.STRUCT: (GREY, "x"),
            objects.BYTES: (GREY, "P"),
        },
        lambda row: row.name,
        _fastest,
    ),
}
TITLES = {name: kind.title for name, kind in PICTURES.items()}


def draw(name: str, rows: Sequence[Row], folder: Path) -> None:
    """Writes <name>-light.svg and <name>-dark.svg."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    # The same results are to give the same file; and text stays text, small and to be selected.
    mpl.rcParams["svg.hashsalt"] = OURS
    mpl.rcParams["svg.fonttype"] = "none"
    mpl.rcParams["font.family"] = "sans-serif"
    mpl.rcParams["font.sans-serif"] = ["DejaVu Sans", "Verdana", "sans-serif"]
    kind = PICTURES[name]
    places = range(len(rows), 0, -1)
    for theme, colours in THEMES.items():
        figure = Figure(figsize=(9.5, 0.27 * len(rows) + 1.6), facecolor=colours["page"], layout="constrained")
        axes = figure.subplots()
        axes.set_facecolor(colours["page"])

        def points(who: str) -> tuple[list[float], list[int]]:
            found = [(row, place) for row, place in zip(rows, places, strict=True) if who in row.timings]
            return [row.timings[who].minimum / kind.one(row) for row, _ in found], [place for _, place in found]

        for row, place in zip(rows, places, strict=True):
            shown = [row.timings[who].minimum / kind.one(row) for who in (*kind.marks, OURS) if who in row.timings]
            axes.plot([min(shown), max(shown)], [place, place], color=colours["line"], linewidth=1, zorder=1)
        for who, (colour, mark) in kind.marks.items():
            axes.scatter(*points(who), color=colour, marker=mark, s=26, label=who, zorder=3)
        for who, mark, label in ((C, "|", "C, compiled beside it"), (LIMIT, ".", "limit of the machine")):
            if points(who)[0]:
                axes.scatter(*points(who), color=colours["text"], marker=mark, s=60, label=label, zorder=2)
        axes.scatter(*points(OURS), color=colours["ours"], marker="o", s=52, label=OURS, zorder=4)
        axes.axvline(1, color=colours["text"], linewidth=0.8, linestyle=":", zorder=1)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}x")
        axes.xaxis.set_minor_formatter(lambda value, _: f"{value:g}x" if f"{value:g}".strip("0.") in "25" else "")
        axes.set_yticks(list(places), [kind.label(row) for row in rows])
        axes.set_ylim(0.3, len(rows) + 0.7)
        axes.set_xlabel(kind.axis)
        axes.tick_params(colors=colours["text"], labelsize=8)
        axes.xaxis.label.set_color(colours["text"])
        axes.xaxis.label.set_fontsize(9)
        axes.grid(axis="x", color=colours["line"], linewidth=0.5)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.spines["bottom"].set_color(colours["line"])
        figure.legend(
            loc="outside upper center",
            ncols=5,
            frameon=False,
            fontsize=8,
            labelcolor=colours["text"],
            handletextpad=0.2,
        )
        figure.savefig(folder / f"{name}-{theme}.svg", metadata={"Date": None})
