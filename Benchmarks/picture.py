"""The picture of the table: each workload a line, each library a dot, multiples of memcpy on a log axis."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import baselines
from results import OURS, Row

# Colours that can be told apart by those who see few of them, on white and on GitHub's dark page.
THEMES = {
    "light": {"page": "#ffffff", "text": "#1f2328", "line": "#d1d9e0", "ours": "#d1242f"},
    "dark": {"page": "#0d1117", "text": "#f0f6fc", "line": "#3d444d", "ours": "#ff6a69"},
}
MARKS = {
    baselines.NUMPY: ("#4c8dd6", "s"),
    baselines.TORCH: ("#e08a1e", "^"),
    baselines.OPENCV: ("#3aa675", "D"),
    baselines.MEMORYVIEW: ("#9a6fd0", "v"),
    baselines.TO_CONTIGUOUS: ("#8b949e", "x"),
}
# Names that fit beside the axis.
SHORT = {
    "transpose": "transpose, ",
    "transpose in cache": "transpose, ",
    "== of equal buffers, beside memcmp": "== , ",
    "conversions": "",
}


def label(row: Row) -> str:
    """What a line is called."""
    return f"{SHORT.get(row.group, '')}{row.name}".replace("== , ", "==, ").replace("-byte items", " B")


def draw(rows: Sequence[Row], folder: Path) -> None:
    """Writes elements-light.svg and elements-dark.svg."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    # The same results are to give the same file; and text stays text, small and to be selected.
    mpl.rcParams["svg.hashsalt"] = "swiftbuffer"
    mpl.rcParams["svg.fonttype"] = "none"
    mpl.rcParams["font.family"] = "sans-serif"
    mpl.rcParams["font.sans-serif"] = ["DejaVu Sans", "Verdana", "sans-serif"]
    for theme, colours in THEMES.items():
        figure = Figure(figsize=(9.5, 0.27 * len(rows) + 1.6), facecolor=colours["page"], layout="constrained")
        axes = figure.subplots()
        axes.set_facecolor(colours["page"])
        places = range(len(rows), 0, -1)
        for place, row in zip(places, rows, strict=True):
            shown = [name for name in (*MARKS, OURS) if name in row.timings]
            figures = [row.figure(name) for name in shown]
            axes.plot([min(figures), max(figures)], [place, place], color=colours["line"], linewidth=1, zorder=1)
            if row.goal.limit is not None:
                axes.plot([row.goal.limit] * 2, [place - 0.38, place + 0.38], color=colours["text"], zorder=2)
        for name, (colour, mark) in MARKS.items():
            points = [(row.figure(name), place) for place, row in zip(places, rows, strict=True) if name in row.timings]
            axes.scatter(*zip(*points, strict=True), color=colour, marker=mark, s=26, label=name, zorder=3)
        points = [(row.figure(OURS), place) for place, row in zip(places, rows, strict=True)]
        axes.scatter(*zip(*points, strict=True), color=colours["ours"], marker="o", s=52, label=OURS, zorder=4)
        axes.plot([], [], color=colours["text"], marker="|", linestyle="", markersize=9, label="reached in C")
        axes.axvline(1, color=colours["text"], linewidth=0.8, linestyle=":", zorder=1)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}x")
        axes.set_yticks(list(places), [label(row) for row in rows])
        axes.set_ylim(0.3, len(rows) + 0.7)
        axes.set_xlabel("time, as multiples of memcpy of the same bytes (== beside memcmp); one thread")
        axes.tick_params(colors=colours["text"], labelsize=8)
        axes.xaxis.label.set_color(colours["text"])
        axes.xaxis.label.set_fontsize(9)
        axes.grid(axis="x", color=colours["line"], linewidth=0.5)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.spines["bottom"].set_color(colours["line"])
        figure.legend(
            loc="outside upper center",
            ncols=7,
            frameon=False,
            fontsize=8,
            labelcolor=colours["text"],
            handletextpad=0.2,
        )
        figure.savefig(folder / f"elements-{theme}.svg", metadata={"Date": None})
