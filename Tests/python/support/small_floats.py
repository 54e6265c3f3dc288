# SPDX-License-Identifier: Apache-2.0
"""Small floats as their definitions have them, by exact arithmetic: what `bfloat16` and the eight of `float8` are.

Nothing here is taken from the library or from ml_dtypes; `test_small_floats` compares all three.
"""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np


@dataclass(frozen=True)
class SmallFloat:
    """A sign, if any, `exponent` and `mantissa` bits. `infinite`: the largest exponent holds infinities and NaNs, as in
    IEEE 754; `unsigned_zero`: the code of negative zero is the only NaN; otherwise the largest code is."""

    name: str
    format: str
    code: int  # DLPack's
    exponent: int
    mantissa: int
    bias: int
    infinite: bool = False
    unsigned_zero: bool = False

    def __str__(self) -> str:
        return self.name

    @property
    def size(self) -> int:
        return 2 if self.name == "bfloat16" else 1

    @property
    def has_sign(self) -> bool:
        return self.exponent + self.mantissa < 8 * self.size

    @property
    def dtype(self) -> str:
        """NumPy's type of the bits."""
        return f"u{self.size}"

    @cached_property
    def values(self) -> Any:
        """The value of each code, as float64, which holds all of them."""
        codes = np.arange(1 << 8 * self.size)
        field, fraction = codes >> self.mantissa & (1 << self.exponent) - 1, codes & (1 << self.mantissa) - 1
        if not self.has_sign:
            values = 2.0 ** (codes - self.bias)
            values[-1] = np.nan
            return values
        magnitudes = np.where(
            field == 0,
            np.ldexp(fraction.astype("d"), 1 - self.bias - self.mantissa),
            np.ldexp(((1 << self.mantissa) + fraction).astype("d"), field - self.bias - self.mantissa),
        )
        sign = codes >> 8 * self.size - 1
        if self.infinite:
            top = field == (1 << self.exponent) - 1
            magnitudes = np.where(top, np.where(fraction == 0, np.inf, np.nan), magnitudes)
        elif self.unsigned_zero:
            magnitudes[1 << 8 * self.size - 1] = np.nan
        else:
            magnitudes[codes & 0x7F == 0x7F] = np.nan
        return np.where(sign == 1, -magnitudes, magnitudes)

    @cached_property
    def magnitudes(self) -> Any:
        """The finite values that are not negative, in order; the code of each is its index."""
        first = self.values[: 1 << 8 * self.size - self.has_sign]
        return first[np.isfinite(first)]

    @cached_property
    def middles(self) -> Any:
        """What lies in the middle of two values, exactly; at the end, of the largest and the one that would follow."""
        numbers = self.magnitudes
        following = 2 * numbers[-1] if not self.has_sign else 2 * numbers[-1] - numbers[-2]
        return (numbers + np.append(numbers[1:], following)) / 2

    @cached_property
    def _middles(self) -> list[float]:
        found: list[float] = self.middles.tolist()
        return found

    def codes(self, numbers: Any) -> Any:
        """The codes of the nearest values of float64 numbers: ties to even (up, for powers of two)."""
        numbers = np.asarray(numbers, "d")
        size = np.abs(numbers)
        below = np.searchsorted(self.middles, size, "left")  # how many middles are smaller
        tie = (below < len(self.middles)) & (self.middles[np.minimum(below, len(self.middles) - 1)] == size)
        result = below + np.where(tie, 1 if not self.has_sign else below & 1, 0)
        largest = len(self.magnitudes) - 1
        sign_bit = 1 << 8 * self.size - 1
        if not self.has_sign:
            bad = np.isnan(numbers) | (numbers <= 0) | (result > largest)
            return np.where(bad, 0xFF, result).astype(self.dtype)
        negative = np.signbit(numbers)
        if self.unsigned_zero:
            code = np.where(negative & (result != 0), result | sign_bit, result)
            return np.where(np.isnan(numbers) | (result > largest), sign_bit, code).astype(self.dtype)
        above = largest + 1  # infinity, or the NaN of `fn`
        code = np.where(result > largest, above, result)
        if self.infinite:
            code = np.where(np.isnan(numbers), above | 1 << self.mantissa - 1, code)
        else:
            code = np.where(np.isnan(numbers), above, code)
        return np.where(negative, code | sign_bit, code).astype(self.dtype)

    def code_of_whole(self, number: int) -> int:
        """The code of an integer, which need not be a float64: Python compares the two exactly."""
        if number == 0:
            return int(self.codes([0.0])[0])
        middles = self._middles
        below = bisect.bisect_left(middles, abs(number))
        is_exact = below < len(middles) and middles[below] == abs(number)
        # On the same side of all middles as the number is, or on one.
        near = self.magnitudes[below] if below < len(middles) else math.inf
        return int(self.codes([math.copysign(middles[below] if is_exact else near, number)])[0])


SMALL_FLOATS = [
    SmallFloat("bfloat16", "Rb", 4, 8, 7, 127, infinite=True),
    SmallFloat("float8_e3m4", "Rc", 7, 3, 4, 3, infinite=True),
    SmallFloat("float8_e4m3", "Rd", 8, 4, 3, 7, infinite=True),
    SmallFloat("float8_e4m3b11fnuz", "RK", 9, 4, 3, 11, unsigned_zero=True),
    SmallFloat("float8_e4m3fn", "Rn", 10, 4, 3, 7),
    SmallFloat("float8_e4m3fnuz", "RD", 11, 4, 3, 8, unsigned_zero=True),
    SmallFloat("float8_e5m2", "Re", 12, 5, 2, 15, infinite=True),
    SmallFloat("float8_e5m2fnuz", "RE", 13, 5, 2, 16, unsigned_zero=True),
    SmallFloat("float8_e8m0fnu", "Rh", 14, 8, 0, 127),
]


def traps(kind: SmallFloat) -> Any:
    """Float64 numbers at and around everything that decides a rounding: values, middles, and the neighbours of both in
    float64, in float32, and at distances that vanish when they are first rounded to float32."""
    points = np.concatenate([kind.magnitudes, kind.middles, [0.0, 1e-300, 5e-324, 1e300, np.inf]])
    near = [points, np.nextafter(points, np.inf), np.nextafter(points, 0)]
    with np.errstate(over="ignore"):
        near += [points * (1 + sign * 2.0**-power) for power in (24, 25, 26, 30, 40, 52) for sign in (1, -1)]
    numbers = np.concatenate(near)
    return np.concatenate([numbers, -numbers, [np.nan, -np.nan]])
