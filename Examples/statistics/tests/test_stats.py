# SPDX-License-Identifier: Apache-2.0
"""The module as its users see it; NumPy says what is right."""

from __future__ import annotations

import numpy as np
import pytest
import stats

import swiftbuffer

INTEGERS = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]
FORMATS = [*INTEGERS, "float16", "float32", "float64", ">i2", ">f8"]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("part", [np.s_[:], np.s_[::-1, ::2], np.s_[1:3, 0], np.s_[2, 3]], ids=str)
def test_numbers_of_any_format_and_layout(name: str, part: object) -> None:
    numbers = np.arange(20).reshape(4, 5).astype(name)[part]
    summary = stats.summarize(np.asarray(numbers).T)
    found = (summary.count, summary.mean, summary.deviation, summary.least, summary.greatest)
    exact = numbers.astype(float)
    assert found == pytest.approx((exact.size, exact.mean(), exact.std(), exact.min(), exact.max()))


def test_no_numbers() -> None:
    summary = stats.summarize(np.zeros((0, 3)))
    assert (summary.count, summary.mean, summary.least, summary.greatest) == (0, 0, np.inf, -np.inf)
    assert repr(stats.summarize(b"\x02")) == "<Summary of 1 numbers from 2.0 to 2.0, mean 2.0>"


def test_histogram_is_that_of_numpy() -> None:
    numbers = np.random.default_rng(1).normal(size=(30, 40))
    assert stats.histogram(numbers[::3], -2, 2, 7) == np.histogram(numbers[::3], 7, (-2, 2))[0].tolist()
    assert stats.histogram(np.array([np.nan, 1.0]), 0, 1, bins=2) == [0, 1]


@pytest.mark.parametrize(
    ("numbers", "error", "message"),
    [
        (np.zeros(3, "complex128"), BufferError, "numbers: .* has format 'Zd'"),
        (np.zeros(3, "f4,f4"), BufferError, "numbers: .* has format 'T{"),
        ([1, 2], TypeError, "numbers: a bytes-like"),
    ],
)
def test_other_things_are_refused(numbers: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        stats.summarize(numbers)


@pytest.mark.parametrize("arguments", [(1, 0), (0, 1, 0), (0, 1, 2**40), (float("nan"), 1)])
def test_other_bins_are_refused(arguments: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="cannot be made"):
        stats.histogram(b"", *arguments)


def test_buffers_are_released() -> None:
    for consume in (stats.summarize, lambda numbers: stats.histogram(numbers, 0, 100)):
        report = swiftbuffer.check_consumer(consume)
        assert report.ok, report
        assert not report.holds
