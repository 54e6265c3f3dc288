# SPDX-License-Identifier: Apache-2.0
"""Known violations of well-known exporters are found, each by its code."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import foreign_exporters
from swiftbuffer import check


def grow_ctypes(obj: Any) -> None:
    ctypes.resize(obj, ctypes.sizeof(obj) + 100_000)


def grow_pyarrow(obj: Any) -> None:
    obj.resize(obj.size + 100_000)


def grow_numpy(obj: Any) -> None:
    obj.resize(obj.size + 100_000, refcheck=False)


class TestCtypes:
    def codes(self) -> set[str]:
        return set(check(((ctypes.c_int * 3) * 2)()).codes)

    def test_fills_in_format_and_shape_unrequested(self) -> None:
        assert {"BUF104", "BUF110"} <= self.codes()

    def test_leaves_out_requested_strides(self) -> None:
        assert "BUF105" in self.codes()

    def test_grants_fortran_order_for_c_contiguous_memory(self) -> None:
        assert "BUF202" in self.codes()
        assert "BUF201" not in self.codes()

    def test_resizes_while_exported(self) -> None:
        assert "BUF508" in check((ctypes.c_int * 3)(), resize=grow_ctypes).codes


class TestNumpy:
    def test_refuses_with_value_error(self) -> None:
        report = check(np.zeros((3, 4)).T)
        assert [finding.code for finding in report.violations] == ["BUF301"]
        assert report.violations[0].answered.startswith("ValueError")

    def test_answers_simple_requests_with_ndim_0_and_a_contradicting_itemsize(self) -> None:
        assert {"BUF701", "BUF702"} <= set(check(np.zeros((3, 4))).codes)

    def test_grants_a_format_without_a_shape(self) -> None:
        assert "BUF703" in check(np.zeros((3, 4))).codes

    @pytest.mark.parametrize("scalar", [np.datetime64("2026-01-01"), np.timedelta64(3, "s")], ids=["date", "duration"])
    def test_fills_in_an_unrequested_shape_and_no_strides_for_dates(self, scalar: Any) -> None:
        assert {finding.code for finding in check(scalar).violations} == {"BUF104", "BUF105"}

    def test_resizes_while_exported_unless_it_checks_references(self) -> None:
        assert "BUF508" in check(np.zeros(3), resize=grow_numpy).codes

    @pytest.mark.parametrize(
        "make",
        [
            lambda: np.zeros((3, 4)),
            lambda: np.zeros((6, 8))[::2, ::-3],
            lambda: np.zeros(()),
            lambda: np.zeros((0, 3)),
            lambda: np.zeros(3, dtype=[("a", "<i4"), ("b", ">f8", (2,))]),
            lambda: np.frombuffer(b"abcd", "u2"),
            lambda: np.float64(1.5),
        ],
        ids=["C", "strided", "0-d", "empty", "records", "read-only", "scalar"],
    )
    def test_violates_no_other_rule(self, make: Callable[[], Any]) -> None:
        assert {finding.code for finding in check(make()).violations} <= {"BUF301"}


class TestPyarrow:
    @pytest.mark.parametrize("make", [lambda: pa.py_buffer(b"abc"), lambda: pa.Tensor.from_numpy(np.zeros((3, 4)))])
    def test_ignores_flags(self, make: Callable[[], Any]) -> None:
        assert {"BUF104", "BUF106", "BUF110"} <= set(check(make()).codes)

    def test_grants_fortran_order_for_c_contiguous_tensors(self) -> None:
        assert "BUF202" in check(pa.Tensor.from_numpy(np.zeros((3, 4)))).codes

    def test_resizes_while_exported(self) -> None:
        assert "BUF508" in check(pa.allocate_buffer(100, resizable=True), resize=grow_pyarrow).codes


def build(make: Callable[[Any], ModuleType], folder: Any) -> ModuleType:
    try:
        return make(folder)
    except foreign_exporters.CannotBuildError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def cython(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return build(foreign_exporters.cython, tmp_path_factory.mktemp("cython"))


@pytest.fixture(scope="module")
def nanobind(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return build(foreign_exporters.nanobind, tmp_path_factory.mktemp("nanobind"))


class TestCython:
    def test_grants_contiguity_for_strided_memory(self, cython: ModuleType) -> None:
        assert {"BUF201", "BUF202", "BUF203"} <= set(check(cython.strided()).codes)

    def test_grants_strided_memory_without_strides(self, cython: ModuleType) -> None:
        assert "BUF204" in check(cython.strided()).codes

    def test_grants_c_order_for_f_contiguous_arrays(self, cython: ModuleType) -> None:
        codes = check(cython.fortran()).codes
        assert "BUF201" in codes
        assert "BUF202" not in codes


class TestNanobind:
    def test_ignores_requests_for_contiguity(self, nanobind: ModuleType) -> None:
        assert {"BUF201", "BUF202", "BUF203"} <= set(check(nanobind.strided()).codes)
