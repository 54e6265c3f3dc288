# SPDX-License-Identifier: Apache-2.0
"""The checker reads every format that an exporter may export."""

from __future__ import annotations

import ctypes
import json
import struct

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import mutants
import swiftbuffer
from formatted import exporter
from sampling import examples
from swiftbuffer import capi
from swiftbuffer._check.answers import acquire
from swiftbuffer._check.rules.field_values import size_of

SIZES = {
    "T{i:ä:}": 4,
    "T{i:温度:d:圧力:}": 16,
    "T{b:\N{ROCKET}:=h:y:}": 3,
    "(2,3)h:é:": 12,
    "Zd": 16,
    "": 0,
    "<3s": 3,
}
UNKNOWN = [
    "٣i",  # digits of another script, which `str.isdigit` takes for digits
    "²i",
    "(٢)i",
    "ä",
    "i\N{NO-BREAK SPACE}i",
    b"\xff\xfe",
    b"T{i:\xe4:}",  # Latin-1
    b"i\x80",
    b"\xed\xa0\x80",  # a surrogate in UTF-8
    "T{i:a:",
    "}",
    "999999999999999999999999i",
    "T{" * 200,
    "(" * 5000,
    "\x01\x1b[31m",
    "float32",
    "no?",
]


@pytest.mark.parametrize("text", SIZES)
def test_a_format_of_the_right_size_passes_with_any_names_of_fields(text: str) -> None:
    report = swiftbuffer.check(exporter(text, SIZES[text]), isolate=False)
    assert not report.findings, str(report)


@pytest.mark.parametrize("text", [text for text in SIZES if text])
def test_a_format_whose_size_is_not_the_itemsize_is_BUF114_with_both_sizes(text: str) -> None:  # noqa: N802
    report = swiftbuffer.check(exporter(text, 40), isolate=False)
    assert report.codes == ("BUF114",)
    assert f"{SIZES[text]} bytes, with itemsize=40" in report.findings[0].answered


@pytest.mark.parametrize("text", UNKNOWN)
def test_an_unknown_format_is_BUF117(text: str | bytes) -> None:  # noqa: N802
    report = swiftbuffer.check(exporter(text))
    assert report.codes == ("BUF117",), str(report)
    assert report.ok
    json.dumps(report.to_dict())
    str(report).encode()


def test_numpy_records_with_names_beyond_ascii_pass() -> None:
    array = np.zeros(3, [("ä", "<i4"), ("温", ">f8", (2,)), ("b", "S3")])
    assert not {"BUF114", "BUF117"} & set(swiftbuffer.check(array).codes)


def test_ctypes_structures_with_names_beyond_ascii_pass() -> None:
    class Point(ctypes.Structure):
        _fields_ = (("ä", ctypes.c_int32), ("ö", ctypes.c_int32))

    assert not {"BUF114", "BUF117"} & set(swiftbuffer.check((Point * 2)()).codes)


def test_a_format_longer_than_a_page_is_read_to_its_end() -> None:
    text = "T{" + "".join(f"b:field{index}:" for index in range(2000)) + "}"
    report = swiftbuffer.check(exporter(text, 2000), isolate=False)
    assert not report.findings, str(report)[:2000]


def test_formats_that_are_not_utf8_are_distinguished() -> None:
    changing = exporter(b"\xff").also(lambda request: request.flags == capi.PyBUF_FULL_RO, format=b"\xfe")
    assert set(swiftbuffer.check(changing).codes) == {"BUF117", "BUF502"}


FORMATS = st.one_of(
    st.binary(max_size=24), st.text("()<>@=^!{}T:&XZOcbBhHiIlLqQefdgtwsputmM0123 \n", max_size=24).map(str.encode)
).map(lambda text: text.replace(b"\0", b""))


@given(FORMATS)
@example(b"0" * 300 + b"i")
@example("T{i:ä:}".encode())
def test_any_bytes_as_a_format_have_a_size_or_none(text: bytes) -> None:
    answer, handle = acquire(exporter(text), capi.PyBUF_FULL_RO)
    assert answer.format is not None
    assert answer.format.encode("utf-8", "surrogateescape") == text
    size = size_of(answer.format)
    assert size is None or size >= 0
    del handle


@given(FORMATS)
@examples(10)
def test_any_bytes_as_a_format_can_be_checked(text: bytes) -> None:
    report = swiftbuffer.check(exporter(text), isolate=False)
    assert set(report.codes) <= {"BUF114", "BUF117"}
    json.dumps(report.to_dict())
    repr(report)


@given(FORMATS)
@examples(10)
def test_any_bytes_as_a_format_of_an_exporter_in_c_can_be_checked(text: bytes) -> None:
    """The exporter is a type of its own, not one of the test kit."""
    memory = ctypes.create_string_buffer(text)
    exporter_in_c = mutants.fills(format=ctypes.addressof(memory))
    assert "BUF110" in swiftbuffer.check(exporter_in_c(), isolate=False).codes


@given(st.text("()<>@=^!{}T:&XZcbBhHiIlLqQefdgwsp0123 ä٣", max_size=12))
def test_sizes_are_those_of_struct_for_formats_of_struct(text: str) -> None:
    try:
        expected = struct.calcsize(text)
    except (struct.error, ValueError):
        return
    assert size_of(text) == expected
