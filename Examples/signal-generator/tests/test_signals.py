# SPDX-License-Identifier: Apache-2.0
"""The module as its users see it."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from signals import ClipError, Signal, Wave

from swiftbuffer import assert_conforms


def test_tones_are_those_of_numpy() -> None:
    signal = Signal(1000)
    signal.tone(50, 0.25, amplitude=0.5)
    times = np.arange(250) / 1000
    assert np.asarray(signal) == pytest.approx(0.5 * np.sin(2 * np.pi * 50 * times), abs=1e-6)
    assert signal.rms() == pytest.approx(np.sqrt(np.mean(np.square(np.asarray(signal)))), abs=1e-6)


def test_square_waves_have_two_values() -> None:
    signal = Signal(1000)
    signal.tone(50, wave=Wave.square)
    assert set(np.asarray(signal).tolist()) == {-1.0, 1.0}
    signal.tone(50, wave="square")
    assert len(signal) == 2000


def test_samples_of_any_layout_are_appended() -> None:
    signal = Signal(capacity=2)
    source = np.arange(10, dtype="f")
    signal.append(source[::-2])
    signal.append(source[:0])
    signal.append(source)
    assert list(signal) == [9, 7, 5, 3, 1, *range(10)]
    assert signal[-1] == 9
    with pytest.raises(IndexError):
        signal[15]


def test_a_signal_can_be_appended_to_itself_by_a_copy_only() -> None:
    signal = Signal()
    signal.append(np.ones(3, "f"))
    with pytest.raises(BufferError):
        signal.append(signal)
    signal.append(np.array(signal))
    assert list(signal) == [1] * 6


def test_growing_is_refused_while_the_memory_is_shared() -> None:
    signal = Signal()
    array = np.asarray(signal)
    with pytest.raises(BufferError, match="Existing exports of data"):
        signal.tone(1)
    del array
    gc.collect()
    signal.tone(1)
    assert len(signal) == 44100


def test_faults_name_what_is_wrong() -> None:
    with pytest.raises(ClipError, match=r"amplitude of 1\.5 clips"):
        Signal().tone(1, amplitude=1.5)
    with pytest.raises(ValueError, match="sample_rate must be positive"):
        Signal(0)
    with pytest.raises(ValueError, match="a tone of"):
        Signal().tone(1, float("nan"))
    with pytest.raises(BufferError, match="samples: items of Float"):
        Signal().append(np.ones(3))


def test_rate_can_be_set() -> None:
    signal = Signal()
    signal.sample_rate = 10
    signal.tone(1, 2)
    assert repr(signal) == "<Signal of 20 samples at 10.0 Hz>"


def test_the_protocol_is_kept() -> None:
    signal = Signal(100)
    signal.tone(5)
    assert_conforms(signal, resize=lambda signal: signal.tone(5))
