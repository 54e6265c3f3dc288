# SPDX-License-Identifier: Apache-2.0
"""Tensors and columns whose structures say anything at all: each is read or refused, and ends once."""

from __future__ import annotations

import ctypes
import gc
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import arrow
import swiftbuffer as sb
import tensors

SUPPORT = Path(__file__).parents[1] / "support"
SIX = (ctypes.c_int * 6)(*range(6))

WORDS = st.one_of(
    st.integers(-2, 9), st.integers(-(2**63), 2**63 - 1), st.sampled_from([2**31, 2**61, 2**62, 2**63 - 1, -(2**63)])
)
NUMBERS = st.lists(WORDS, max_size=5)


@given(
    shape=NUMBERS,
    strides=st.one_of(st.none(), NUMBERS),
    items=st.tuples(st.integers(0, 20), st.sampled_from([0, 1, 4, 8, 16, 32, 64, 128, 255]), st.integers(0, 3)),
    version=st.one_of(st.none(), st.tuples(st.integers(0, 2), st.integers(0, 5))),
    flags=st.integers(0, 2**64 - 1),
    byte_offset=st.one_of(st.integers(0, 40), st.integers(0, 2**64 - 1)),
    memory=st.sampled_from([SIX, None, 8, 2**64 - 8]),
    device=st.sampled_from([(1, 0), (3, 0), (2, 0), (-1, -1)]),
)
def test_tensors_of_any_fields_are_read_or_refused_and_end_once(strides: list[int] | None, **fields: Any) -> None:
    # As many strides as lengths: what stands behind shorter ones is not ours to read.
    if strides is not None:
        strides = (strides + [1] * 5)[: len(fields["shape"])]
    producer = tensors.Producer(strides=strides, **fields)
    try:
        view = sb.from_dlpack(producer.capsule())
    except BufferError:
        pass
    else:
        assert list(view.shape) == fields["shape"]
        assert view.itemsize * 8 == fields["items"][1]
        assert not view.nbytes or view.address % min(view.itemsize, 8) == 0 or fields["items"][0] == tensors.COMPLEX
        assert view.readonly == (fields["version"] is None or bool(fields["flags"] & tensors.READ_ONLY))
        del view
    gc.collect(0)
    assert producer.deleted == 1


def test_strides_whose_extent_is_no_number_are_refused() -> None:
    """Each end of such memory is an address, but the bytes between them are more than can be counted."""
    place, far = 2**63, 2**62
    producer = tensors.Producer(place, (2, 2), (far // 8, -far // 8), items=(tensors.FLOAT, 64, 1))
    with pytest.raises(BufferError, match="does not fit"):
        sb.from_dlpack(producer.capsule())
    assert producer.deleted == 1

    described = {"version": 3, "shape": (2, 2), "typestr": "|V8", "data": (place, True), "strides": (far, -far)}
    with pytest.raises(OverflowError, match="does not fit"):
        sb.from_array_interface(SimpleNamespace(__array_interface__=described))
    with pytest.raises(OverflowError, match="does not fit"):
        sb.from_memory(place, shape=(2, 2), strides=(far, -far), format="d")


LEVELS = st.tuples(
    st.sampled_from(
        ["c", "i", "l", "g", "w:3", "w:0", "b", "u", "", "+w:2", "+w:0", "+w:-1", "+w:4611686018427387904"]
    ),
    WORDS,
    WORDS,
    st.sampled_from([0, -1, 3]),
    st.integers(0, 3),
    st.integers(0, 1),
)


@given(st.lists(LEVELS, min_size=1, max_size=4))
def test_arrays_of_any_fields_are_read_or_refused_and_end_once(levels: list[Any]) -> None:
    made = [
        # Items that lie are not read; bits that say which are missing would be.
        arrow.Level(
            code,
            length,
            offset=offset,
            null_count=nulls,
            buffers=(None, SIX),
            n_buffers=buffers % 3,
            n_children=children,
        )
        for code, length, offset, nulls, buffers, children in levels
    ]
    producer = arrow.Producer(*made)
    with suppress(BufferError):
        view = sb.from_arrow(producer)
        assert view.shape[0] == levels[0][1]
        assert view.readonly
        del view
    gc.collect(0)
    assert producer.released == 1


class TestSchemasThatLie:
    """Structures of Arrow's that do not belong together."""

    def nested(self) -> arrow.Producer:
        return arrow.Producer(arrow.Level("+w:3", 2), arrow.Level("i", 6, buffers=(None, SIX)))

    def refused(self, producer: arrow.Producer, message: str) -> None:
        with pytest.raises(BufferError, match=message):
            sb.from_arrow(producer)
        gc.collect()
        assert producer.released == 1

    def test_a_schema_that_was_used_before_is_refused(self) -> None:
        producer = self.nested()
        producer.schema.release = None
        self.refused(producer, "the schema was used before")

    def test_a_child_that_was_released_is_refused(self) -> None:
        for structure in ("schema", "array"):
            producer = self.nested()
            getattr(producer, structure).children[0].contents.release = None
            self.refused(producer, "must have one child")

    def test_children_that_are_missing_are_refused(self) -> None:
        for structure, kind in (("schema", arrow.Schema), ("array", arrow.Array)):
            producer = self.nested()
            getattr(producer, structure).children = ctypes.POINTER(ctypes.POINTER(kind))()
            self.refused(producer, "must have one child")
            producer = self.nested()
            getattr(producer, structure).children = (ctypes.POINTER(kind) * 1)()
            self.refused(producer, "must have one child")

    def test_a_dictionary_of_either_is_refused(self) -> None:
        for structure in ("schema", "array"):
            producer = self.nested()
            whole = getattr(producer, structure)
            whole.dictionary = whole.children[0]
            self.refused(producer, "dictionary; decode it first")

    @pytest.mark.parametrize("text", [None, b"\xff\xfe", b"w:" + b"9" * 30, b"+w:3x", b"+w: 3"])
    def test_a_format_of_nothing_is_refused(self, text: bytes | None) -> None:
        producer = arrow.Producer(arrow.Level("i", 6, buffers=(None, SIX)))
        producer.schema.format = text
        self.refused(producer, "no format describes|is inconsistent")

    def test_missing_buffers_are_refused(self) -> None:
        for count in (0, 1, 3, -1, 2**62):
            self.refused(
                arrow.Producer(arrow.Level("i", 6, buffers=(None, SIX), n_buffers=count)), "must have 2 buffers"
            )
        producer = arrow.Producer(arrow.Level("i", 6, buffers=(None, SIX)))
        producer.array.buffers = ctypes.POINTER(ctypes.c_void_p)()
        self.refused(producer, "must have 2 buffers")


def test_a_release_function_that_raises_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    reports: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", reports.append)

    def release(array: Any) -> None:
        array.contents.release = None
        raise RuntimeError("from the release function")

    function = arrow.ReleaseArray(release)
    for levels in ([arrow.Level("i", 6, buffers=(None, SIX))], [arrow.Level("u", 6, buffers=(None, SIX))]):
        producer = arrow.Producer(*levels)
        producer.array.release = ctypes.cast(function, ctypes.c_void_p)
        with suppress(BufferError):
            sb.from_arrow(producer)
        gc.collect()
    assert [str(report.exc_value) for report in reports] == ["from the release function"] * 2


@pytest.mark.parametrize("version", [None, (1, 0)])
def test_a_tensor_without_a_deleter_is_read(version: tuple[int, int] | None) -> None:
    producer = tensors.Producer(SIX, (6,), version=version)
    producer.managed.deleter = tensors.Deleter()
    view = sb.from_dlpack(producer)
    assert view.tolist() == list(range(6))
    del view
    refused = tensors.Producer(SIX, (-1,), version=version)
    refused.managed.deleter = tensors.Deleter()
    with pytest.raises(BufferError):
        sb.from_dlpack(refused)
    gc.collect()
    assert producer.deleted == refused.deleted == 0


def test_views_of_others_memory_may_outlive_the_interpreter() -> None:
    """What other libraries handed out ends with the interpreter, or after it."""
    script = """if True:
        import builtins, ctypes, sys
        import arrow, tensors, swiftbuffer as sb
        six = (ctypes.c_int * 6)(*range(6))
        producers = [tensors.Producer(six, (6,)), tensors.Producer(six, (6,), version=None)]
        column = arrow.Producer(arrow.Level("i", 6, buffers=(None, six)))
        # Ends nothing, and needs no Python, as a library's own function does not.
        harmless = ctypes.cast(ctypes.CDLL(None).labs, ctypes.c_void_p)
        for producer in producers:
            producer.managed.deleter = tensors.Deleter(harmless.value)
        column.array.release = harmless
        views = [*map(sb.from_dlpack, producers), sb.from_arrow(column)]
        builtins.kept = sys.kept = [views, [memoryview(view) for view in views], producers, column]
        sys.kept.append(sys.kept)
        print("survived")
        """
    child = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(SUPPORT)},
    )
    assert (child.returncode, child.stdout, child.stderr) == (0, "survived\n", "")
