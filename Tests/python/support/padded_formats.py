# SPDX-License-Identifier: Apache-2.0
"""A strategy for formats with padding, together with what each byte of an item is, told by the one who made them."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

SIZES = {"b": 1, "B": 1, "h": 2, "H": 2, "i": 4, "I": 4, "q": 8, "Q": 8, "c": 1, "3s": 3}
# Values that not all bytes stand for, or that change on their way through Python.
WIDE = {"w": (4, 4), "3u": (6, 2), "Zf": (8, 4), "?": (1, 1), "d": (8, 8), "4p": (4, 1)}


@dataclass(frozen=True)
class Padded:
    """A format; whether each byte of an item is one of a value; and where each comes from if bytes are swapped."""

    text: str
    is_value: tuple[bool, ...]
    swapped: tuple[int, ...]

    @property
    def size(self) -> int:
        return len(self.is_value)

    def repeated(self, count: int) -> Padded:
        swapped = tuple(n * self.size + place for n in range(count) for place in self.swapped)
        return Padded(self.text, self.is_value * count, swapped)


def value(text: str, size: int, width: int) -> Padded:
    swapped = tuple(start + width - 1 - n for start in range(0, size, width) for n in range(width))
    return Padded(text, (True,) * size, swapped)


def joined(members: list[Padded], prefix: str = "", suffix: str = "") -> Padded:
    swapped: tuple[int, ...] = ()
    for member in members:
        start = len(swapped)
        swapped += tuple(start + place for place in member.swapped)
    values = tuple(flag for member in members for flag in member.is_value)
    return Padded(prefix + "".join(member.text for member in members) + suffix, values, swapped)


def paddings(most: int = 5) -> st.SearchStrategy[Padded]:
    """`3x`, or nothing."""
    return st.integers(0, most).map(lambda n: Padded(f"{n}x" if n else "", (False,) * n, tuple(range(n))))


@st.composite
def structures(draw: st.DrawFn, depth: int = 2, *, wide: bool = False) -> Padded:
    """The members of a structure, the first of them with a name, so that items are always records."""
    members = [draw(paddings())]
    for number in range(draw(st.integers(1, 4))):
        kinds = "scalar scalar structure array" if depth else "scalar"
        kind = draw(st.sampled_from(kinds.split()))
        if kind == "scalar":
            letters = {**{text: (size, size) for text, size in SIZES.items()}, "3s": (3, 1), **(WIDE if wide else {})}
            text = draw(st.sampled_from(sorted(letters)))
            member = value(text, *letters[text])
        else:
            inner = draw(structures(depth - 1, wide=wide))
            member = joined([inner], "T{", "}")
            if kind == "array":
                shape = draw(st.sampled_from([(2,), (3,), (2, 2), (1, 3), (1,)]))
                count = 1
                for length in shape:
                    count *= length
                member = joined([member], f"({','.join(map(str, shape))})").repeated(count)
        named = number == 0 or draw(st.booleans())
        members += [joined([member], suffix=f":{'abcdef'[number]}:" if named else ""), draw(paddings())]
    return joined(members)


@st.composite
def padded_formats(draw: st.DrawFn, *, wide: bool = False) -> Padded:
    """Formats of standard sizes, in which all padding is written, as members or as one structure."""
    inner = draw(structures(wide=wide))
    order = draw(st.sampled_from("=<>"))
    return joined([inner], order + "T{", "}") if draw(st.booleans()) else joined([inner], order)
