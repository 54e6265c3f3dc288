# SPDX-License-Identifier: Apache-2.0
"""`swiftbuffer.BufferFlags` is `inspect.BufferFlags`, on every version."""

from __future__ import annotations

import ast
import enum
import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

import swiftbuffer
from swiftbuffer import BufferFlags, _core, capi

VALUES = {
    "SIMPLE": 0x0,
    "WRITABLE": 0x1,
    "FORMAT": 0x4,
    "ND": 0x8,
    "STRIDES": 0x18,
    "C_CONTIGUOUS": 0x38,
    "F_CONTIGUOUS": 0x58,
    "ANY_CONTIGUOUS": 0x98,
    "INDIRECT": 0x118,
    "CONTIG": 0x9,
    "CONTIG_RO": 0x8,
    "STRIDED": 0x19,
    "STRIDED_RO": 0x18,
    "RECORDS": 0x1D,
    "RECORDS_RO": 0x1C,
    "FULL": 0x11D,
    "FULL_RO": 0x11C,
    "READ": 0x100,
    "WRITE": 0x200,
}


def members(flags: type[enum.IntFlag]) -> dict[str, int]:
    """Aliases included."""
    return {name: int(member) for name, member in flags.__members__.items()}


def test_names_and_values() -> None:
    assert members(BufferFlags) == VALUES
    assert all(getattr(capi, f"PyBUF_{name}") == value for name, value in VALUES.items())


def test_the_stub_has_the_values_of_the_module() -> None:
    stub = ast.parse(Path(swiftbuffer.__file__).with_name("_core.pyi").read_text(encoding="utf-8"))
    values = {
        node.target.id: ast.literal_eval(node.value)
        for node in stub.body
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and node.target.id.startswith("PyBUF_")
        and node.value is not None
    }
    assert values == {name: value for name, value in vars(_core).items() if name.startswith("PyBUF_")}


@pytest.mark.skipif(sys.version_info < (3, 12), reason="inspect has BufferFlags from 3.12 on")
def test_buffer_flags_are_those_of_inspect() -> None:
    theirs = inspect.BufferFlags  # type: ignore[attr-defined,unused-ignore]
    assert members(BufferFlags) == members(theirs)
    for value in range(0x400):
        # From 3.13 on inspect may name members of its own; those of ours are all in it.
        assert BufferFlags(value) == theirs(value) == value
        assert BufferFlags(value).name == theirs(value).name


def test_flags_combine_and_are_taken_as_requests() -> None:
    request = BufferFlags.STRIDES | BufferFlags.FORMAT
    assert isinstance(request, BufferFlags)
    assert request == BufferFlags.RECORDS_RO
    with capi.PyObject_GetBuffer(b"abc", request) as view:
        assert (view.format, view.shape, view.strides) == ("B", (3,), (1,))
    with pytest.raises(BufferError):
        capi.PyObject_GetBuffer(b"abc", BufferFlags.WRITABLE)


def test_the_class_is_the_packages_own_attribute() -> None:
    assert swiftbuffer.BufferFlags is BufferFlags
    assert "BufferFlags" in dir(swiftbuffer)
    assert issubclass(BufferFlags, enum.IntFlag)
    with pytest.raises(AttributeError, match="no attribute 'bufferflags'"):
        swiftbuffer.bufferflags  # type: ignore[attr-defined]  # noqa: B018


def test_importing_the_package_does_not_import_enum() -> None:
    code = "import sys; before = set(sys.modules); import swiftbuffer; print(sorted(set(sys.modules) - before))"
    environment = {**os.environ, "PYTHONPATH": ":".join(filter(None, sys.path))}
    shown = subprocess.run([sys.executable, "-Sc", code], env=environment, capture_output=True, text=True, check=True)
    assert "'swiftbuffer'" in shown.stdout
    assert "'enum'" not in shown.stdout
