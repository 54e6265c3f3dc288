# SPDX-License-Identifier: Apache-2.0
"""`check` finds each defect of a producer of DLPack by its own code, and reports conforming producers as such."""

from __future__ import annotations

import enum
import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import swiftbuffer
import tensor_mutants
from mutant import made
from swiftbuffer._check import CATALOGUE
from tensors import FLOAT, INT, Producer


@pytest.mark.parametrize("code", tensor_mutants.MUTANTS)
def test_a_broken_producer_is_found_by_its_own_code_and_no_other(code: str) -> None:
    broken = made(tensor_mutants.MUTANTS[code]())
    report = swiftbuffer.check(broken.obj, **broken.options)
    assert report.codes == (code,), str(report)


def test_every_code_has_a_producer_that_breaks_it() -> None:
    assert set(tensor_mutants.MUTANTS) == {code for code in CATALOGUE if code.startswith("DLP")}


def test_the_producer_that_the_broken_ones_are_made_of_conforms() -> None:
    report = swiftbuffer.check(tensor_mutants.Producer())
    assert not report.findings, str(report)
    assert report.protocols == ("dlpack",)
    assert report.requests == 31


CONFORMING: dict[str, Callable[[], Any]] = {
    "Array": lambda: swiftbuffer.zeros((3, 4), "f"),
    "Array in Fortran order": lambda: swiftbuffer.zeros((3, 4), "Zf", order="F"),
    "Array in 0-d": lambda: swiftbuffer.zeros((), "?"),
    "Array without items": lambda: swiftbuffer.zeros((0, 3), "d"),
    "Array of another byte order": lambda: swiftbuffer.zeros((3,), ">i"),
    "Array of records": lambda: swiftbuffer.zeros((3,), "T{i:x:d:y:}"),
    "Array in 64-d": lambda: swiftbuffer.zeros((1,) * 64, "e"),
    "Array, read-only": lambda: frozen(swiftbuffer.array([1, 2], "q")),
    "View backwards": lambda: swiftbuffer.View(swiftbuffer.zeros((6, 8), "i"))[::2, ::-3],
    "View of bytes": lambda: swiftbuffer.View(b"abc"),
    "View, repeated": lambda: swiftbuffer.View(swiftbuffer.zeros(1, "h")).broadcast_to((3, 1)),
    "NumPy": lambda: np.arange(12.0).reshape(3, 4),
    "NumPy, transposed": lambda: np.zeros((3, 4), "c16").T,
    "NumPy backwards": lambda: np.arange(12, dtype="u2")[::-1],
    "NumPy, read-only": lambda: np.frombuffer(b"abcd", "i2"),
    "NumPy of another byte order": lambda: np.zeros(3, ">i4" if sys.byteorder == "little" else "<i4"),
    "NumPy of dates": lambda: np.zeros(3, "M8[s]"),
}


def frozen(array: swiftbuffer.Array) -> swiftbuffer.Array:
    array.freeze()
    return array


@pytest.mark.parametrize("name", CONFORMING)
def test_real_producers_pass(name: str) -> None:
    report = swiftbuffer.check(CONFORMING[name](), protocol="dlpack")
    assert not report.findings, str(report)


def test_an_array_is_resized_while_a_tensor_is_held() -> None:
    report = swiftbuffer.check(swiftbuffer.array([1, 2]), resize=lambda array: array.extend([3] * 1000))
    assert report.protocols == ("buffer", "dlpack")
    assert not report.findings, str(report)
    # NumPy frees the memory under the tensor if it is told not to look: the checker resizes twice, and so many items
    # never fit where a thousand were.
    report = swiftbuffer.check(
        np.zeros(30),
        protocol="dlpack",
        resize=lambda array: array.resize(1000 if array.size == 30 else 9_000_000, refcheck=False),
    )
    assert report.codes == ("DLP166",), str(report)


def test_isolation_does_not_change_the_findings() -> None:
    here, there = (swiftbuffer.check(tensor_mutants.MUTANTS["DLP142"](), isolate=isolate) for isolate in (False, True))
    assert here.codes == there.codes == ("DLP142",)


def test_an_object_is_closed_once_without_isolation() -> None:
    closed: list[object] = []
    report = swiftbuffer.check(swiftbuffer.zeros(3), close=closed.append, isolate=False)
    assert len(closed) == 1
    assert not report.findings, str(report)


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({"items": (INT, 32, 0)}, {"DLP117"}),
        ({"items": (FLOAT, 33, 1)}, {"DLP117"}),
        ({"items": (6, 1, 1)}, {"DLP117"}),
        ({"items": (200, 8, 1)}, {"DLP117"}),
        ({"items": (17, 4, 1), "flags": 4}, set()),
        ({"items": (15, 6, 1)}, set()),
        ({"flags": 4}, {"DLP111"}),
        ({"flags": 1 << 63}, {"DLP111"}),
        ({"version": (1, 1), "strides": None}, set()),
        ({"version": (1, 2), "strides": None}, {"DLP115"}),
        ({"version": (1, 9), "strides": None}, {"DLP115"}),
        ({"shape": None, "ndim": 2}, {"DLP113"}),
        ({"shape": (), "strides": (), "ndim": 1 << 20}, {"DLP112"}),
        ({"shape": (-1, 1 << 62)}, {"DLP114"}),
        ({"shape": (1 << 31, 1 << 31)}, {"DLP116"}),
        ({"memory": None}, {"DLP118"}),
        ({"memory": 64}, {"DLP122"}),
        ({"byte_offset": 1 << 50}, {"DLP122"}),
        ({"byte_offset": (1 << 64) - 4}, {"DLP122"}),
    ],
)
def test_fields_are_examined_together(fields: dict[str, Any], codes: set[str]) -> None:
    """What capsules of ctypes have that are right but for these fields, and have no destructor."""
    given: dict[str, Any] = {"memory": swiftbuffer.zeros(64, "i").address, "shape": (2, 3), "strides": (3, 1)} | fields
    kept = swiftbuffer.zeros(64, "i")
    if "memory" not in fields:
        given["memory"] = kept.address

    class Fresh:
        """A new structure for each call."""

        def __dlpack__(self, *, stream: Any = None, max_version: Any = None, dl_device: Any = None) -> object:
            if stream is not None or max_version is None or max_version < (1, 0) or dl_device not in (None, (1, 0)):
                raise BufferError("no")
            producer = Producer(**given)
            producers.append(producer)
            return producer.capsule()

        def __dlpack_device__(self) -> tuple[int, int]:
            return 1, 0

    producers: list[Producer] = []
    report = swiftbuffer.check(Fresh(), ignore={"DLP103", "DLP161"})
    assert set(report.codes) == codes, str(report)


@pytest.mark.parametrize(
    ("device", "codes"),
    [
        ((enum.Enum("Kind", {"CPU": 1}).CPU, 0), set()),  # type: ignore[attr-defined]
        ((1, 0), set()),
        ((1, 1), {"DLP102"}),
        ((0, 0), {"DLP102"}),
        ((3, 0), {"DLP123"}),
        ((1, -1), {"DLP102"}),
        ([1, 0], {"DLP102"}),
        (1, {"DLP102"}),
        (("cpu", 0), {"DLP102"}),
    ],
)
def test_devices_are_examined(device: Any, codes: set[str]) -> None:
    class Placed(tensor_mutants.Producer):
        def __dlpack_device__(self) -> Any:
            return device

        def capsule(self, **keywords: Any) -> object:
            if keywords["dl_device"] == (3, 0):
                keywords["dl_device"] = None
            return super().capsule(**keywords)

    report = swiftbuffer.check(Placed())
    assert set(report.codes) == codes, str(report)


class TestProtocol:
    def test_is_that_of_the_object(self) -> None:
        assert swiftbuffer.check(bytearray(3)).protocols == ("buffer",)
        assert swiftbuffer.check(swiftbuffer.zeros(3)).protocols == ("buffer", "dlpack")
        assert swiftbuffer.check(tensor_mutants.Producer()).protocols == ("dlpack",)

    @pytest.mark.parametrize("protocol", ["buffer", "dlpack"])
    def test_can_be_chosen(self, protocol: Any) -> None:
        report = swiftbuffer.check(swiftbuffer.zeros(3), protocol=protocol)
        assert report.protocols == (protocol,)
        assert json.loads(json.dumps(report.to_dict()))["protocols"] == [protocol]
        swiftbuffer.assert_conforms(swiftbuffer.zeros(3), protocol=protocol, strict=True)

    def test_is_refused_where_the_object_has_none(self) -> None:
        with pytest.raises(TypeError, match="bytes object has no __dlpack__: there is nothing to check"):
            swiftbuffer.check(b"", protocol="dlpack")
        with pytest.raises(TypeError, match="Producer object exports no buffer"):
            swiftbuffer.check(tensor_mutants.Producer(), protocol="buffer")
        with pytest.raises(ValueError, match="protocol must be 'buffer', 'dlpack' or None, not 'arrow'"):
            swiftbuffer.check(b"", protocol="arrow")  # type: ignore[arg-type]

    def test_of_dlpack_can_be_ignored_as_a_whole(self) -> None:
        assert not swiftbuffer.check(tensor_mutants.Producer(change=None), ignore={"DLP"}).findings
        assert not swiftbuffer.check(tensor_mutants.MUTANTS["DLP104"](), ignore={"DLP"}).findings


class TestFinding:
    def test_names_the_call_with_the_fewest_arguments_first(self) -> None:
        (finding,) = swiftbuffer.check(tensor_mutants.MUTANTS["DLP142"]())
        assert finding.requests[0] == "__dlpack__(max_version=(1, 0), copy=True)"
        assert "flags=0x0" in finding.answered

    def test_of_a_crash_names_the_step(self) -> None:
        (finding,) = swiftbuffer.check(tensor_mutants.MUTANTS["DLP191"]())
        assert finding.answered == "SIGSEGV while answering __dlpack__(max_version=(1, 0), copy=False)"

    def test_cites_the_specification(self) -> None:
        for code in CATALOGUE.values():
            if code.code.startswith("DLP"):
                assert code.url.startswith(("https://dmlc.github.io/dlpack/", "https://data-apis.org/array-api/"))


def test_a_crash_under_one_protocol_does_not_hide_the_other() -> None:
    mutant = tensor_mutants.both(tensor_mutants.MUTANTS["DLP191"]())
    exporter = mutant.obj.also(strides=None, when=swiftbuffer.capi.PyBUF_STRIDES)
    assert {"BUF105", "DLP191"} <= set(swiftbuffer.check(exporter).codes)
