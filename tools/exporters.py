# SPDX-License-Identifier: Apache-2.0
"""Writes docs/exporters.md: the checker's verdict on real exporters, with their versions.

`make test` never runs this. Run it with any supported Python: it makes an environment of its own with what
`requirements/exporters.txt` lists, installs the package there, and checks.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import envs

if TYPE_CHECKING:
    from swiftbuffer import ConsumerReport, Report

PAGE = envs.ROOT / "docs" / "exporters.md"


@dataclass(frozen=True)
class Exporter:
    """One exporter to check."""

    title: str
    package: str | None
    """Whose version is shown; ``None`` for Python's own."""
    make: Callable[[], Any]
    resize: Callable[[Any], object] | None = None
    isolate: bool = True
    """Whether a child process checks it, which those cannot whose library waits for threads of its own."""


@dataclass(frozen=True)
class Consumer:
    """One consumer to check."""

    title: str
    package: str | None
    consume: Callable[[Any], object]
    read: Callable[[Any], object] | None = None


def _numpy() -> Any:
    return importlib.import_module("numpy")


def _pyarrow() -> Any:
    return importlib.import_module("pyarrow")


def standard_library() -> Iterator[Exporter]:
    """Exporters of the standard library."""
    import array
    import ctypes
    import io
    import mmap
    import pickle

    yield Exporter("`bytes`", None, lambda: b"abcd")
    yield Exporter("`bytearray`", None, lambda: bytearray(8), lambda obj: obj.extend(bytes(9999)))
    yield Exporter("`memoryview`, with steps", None, lambda: memoryview(bytearray(8))[::2])
    yield Exporter("`array.array`", None, lambda: array.array("d", [1, 2]), lambda obj: obj.extend([1.0] * 9999))
    yield Exporter("`mmap.mmap`", None, lambda: mmap.mmap(-1, 4096))
    yield Exporter("`pickle.PickleBuffer`", None, lambda: pickle.PickleBuffer(bytearray(8)))
    yield Exporter("`io.BytesIO.getbuffer()`", None, lambda: io.BytesIO(b"abcd").getbuffer())
    grow = lambda obj: ctypes.resize(obj, ctypes.sizeof(obj) + 99999)  # noqa: E731
    yield Exporter("`ctypes` array in 2-d", None, lambda: ((ctypes.c_int * 4) * 3)(), grow)


def packages() -> Iterator[Exporter]:
    """Exporters of other packages."""
    bitarray, cffi, cramjam, pygame, zmq, zstandard = map(
        importlib.import_module, ("bitarray", "cffi", "cramjam", "pygame", "zmq", "zstandard")
    )
    np, pa = _numpy(), _pyarrow()
    grow = lambda obj: obj.resize(obj.size + 99999, refcheck=False)  # noqa: E731
    yield Exporter("NumPy array, C order", "numpy", lambda: np.zeros((3, 4)))
    yield Exporter("NumPy array, transposed", "numpy", lambda: np.zeros((3, 4)).T)
    yield Exporter("NumPy array, `resize(refcheck=False)`", "numpy", lambda: np.zeros(3), grow)
    yield Exporter("NumPy scalar", "numpy", lambda: np.float64(1.5))
    yield Exporter("NumPy scalar, `datetime64`", "numpy", lambda: np.datetime64("2026-01-01"))
    yield Exporter("pyarrow `Buffer`", "pyarrow", lambda: pa.py_buffer(b"abcd"))
    resizable = lambda: pa.allocate_buffer(100, resizable=True)  # noqa: E731
    yield Exporter("pyarrow `ResizableBuffer`", "pyarrow", resizable, lambda obj: obj.resize(obj.size + 99999))
    yield Exporter("pyarrow `Tensor`", "pyarrow", lambda: pa.Tensor.from_numpy(np.zeros((3, 4))))
    yield Exporter("bitarray", "bitarray", lambda: bitarray.bitarray(64), lambda obj: obj.extend([1] * 99999))
    yield Exporter("cffi `ffi.buffer`", "cffi", lambda: cffi.FFI().buffer(_owned(cffi)))
    yield Exporter("cramjam `Buffer` (PyO3)", "cramjam", lambda: cramjam.Buffer(b"abcd"))
    yield Exporter("pygame-ce `Surface.get_view('2')`", "pygame-ce", lambda: pygame.Surface((4, 3)).get_view("2"))
    yield Exporter("pygame-ce `PixelArray`", "pygame-ce", lambda: pygame.PixelArray(pygame.Surface((4, 3))))
    yield Exporter("pygame-ce `Mask`", "pygame-ce", lambda: pygame.Mask((4, 3)))
    proxy = lambda: pygame.BufferProxy(np.zeros((3, 4)).T)  # noqa: E731
    yield Exporter("pygame-ce `BufferProxy` of a transposed array", "pygame-ce", proxy)
    yield Exporter("pyzmq `Frame` (Cython)", "pyzmq", lambda: zmq.Frame(b"abcd"))
    compressor = zstandard.ZstdCompressor()
    segment = lambda: compressor.multi_compress_to_buffer([b"abcd"])[0]  # noqa: E731
    yield Exporter("zstandard `BufferSegment`", "zstandard", segment)


def _owned(cffi: Any, kept: list[Any] = []) -> Any:  # noqa: B006 - keeps the memory for as long as this runs
    kept.append(cffi.FFI().new("int[8]"))
    return kept[-1]


def frameworks(folder: Path) -> Iterator[Exporter]:
    """Exporters made with Cython, nanobind and pybind11, compiled here."""
    sys.path.insert(0, str(envs.TESTS / "support"))
    foreign = importlib.import_module("foreign_exporters")
    cython, nanobind, pybind11 = (build(folder) for build in (foreign.cython, foreign.nanobind, foreign.pybind11))
    yield Exporter("Cython memoryview, strided", "cython", cython.strided)
    yield Exporter("Cython `view.array`, Fortran order", "cython", cython.fortran)
    yield Exporter("nanobind `ndarray`, strided", "nanobind", nanobind.strided)
    yield Exporter("pybind11 `def_buffer`, strided", "pybind11", pybind11.Table)


def producers(folder: Path) -> Iterator[Exporter]:
    """Producers of DLPack."""
    import swiftbuffer

    jnp, torch = importlib.import_module("jax.numpy"), importlib.import_module("torch")
    np, pa = _numpy(), _pyarrow()
    # The checker resizes twice: so many items never fit where a thousand were.
    grow = lambda obj: obj.resize(1000 if obj.size < 1000 else 9_000_000, refcheck=False)  # noqa: E731
    yield Exporter("NumPy array, C order", "numpy", lambda: np.ones((3, 4)))
    yield Exporter("NumPy array, transposed", "numpy", lambda: np.ones((3, 4)).T)
    yield Exporter("NumPy array, backwards", "numpy", lambda: np.arange(12)[::-1])
    yield Exporter("NumPy array, read-only", "numpy", lambda: np.frombuffer(b"abcd", "i2"))
    yield Exporter("NumPy array, misaligned", "numpy", lambda: np.frombuffer(bytearray(17), "f8", 2, 1))
    yield Exporter("NumPy array without items", "numpy", lambda: np.ones((0, 3)))
    yield Exporter("NumPy array, `resize(refcheck=False)`", "numpy", lambda: np.ones(3), grow)
    yield Exporter("PyTorch tensor", "torch", lambda: torch.ones(3, 4))
    yield Exporter("PyTorch tensor, strided", "torch", lambda: torch.ones(6, 8)[::2, 1::3])
    yield Exporter("PyTorch tensor, `bfloat16`", "torch", lambda: torch.ones(3, 4, dtype=torch.bfloat16))
    yield Exporter("PyTorch tensor without items", "torch", lambda: torch.ones(0, 3))
    longer = lambda obj: obj.resize_(obj.numel() + 99999)  # noqa: E731
    yield Exporter("PyTorch tensor, `resize_`", "torch", lambda: torch.ones(3), longer)
    yield Exporter("JAX array", "jax", lambda: jnp.ones((3, 4)), isolate=False)
    yield Exporter("JAX array, `bfloat16`", "jax", lambda: jnp.ones((3, 4), "bfloat16"), isolate=False)
    yield Exporter("JAX array without items", "jax", lambda: jnp.ones((0, 3)), isolate=False)
    yield Exporter("pyarrow `Array`", "pyarrow", lambda: pa.array([1, 2, 3]))
    if hasattr(pa.Tensor, "__dlpack__"):
        yield Exporter("pyarrow `Tensor`", "pyarrow", lambda: pa.Tensor.from_numpy(np.ones((3, 4))))
    nanobind = importlib.import_module("foreign_exporters").nanobind(folder)
    yield Exporter("nanobind `ndarray`, strided", "nanobind", nanobind.strided)
    longer = lambda obj: obj.extend([4] * 99999)  # noqa: E731
    yield Exporter("`swiftbuffer.Array`", "swiftbuffer", lambda: swiftbuffer.array([1, 2, 3]), longer)
    yield Exporter("`swiftbuffer.View`", "swiftbuffer", lambda: swiftbuffer.View(swiftbuffer.zeros((6, 8)))[::2, ::-3])


def own() -> Iterator[Exporter]:
    """This project's exporters."""
    import swiftbuffer

    yield Exporter(
        "`swiftbuffer.Array`", "swiftbuffer", lambda: swiftbuffer.array([1, 2, 3]), lambda obj: obj.append(4)
    )
    yield Exporter("`swiftbuffer.View`", "swiftbuffer", lambda: swiftbuffer.View(swiftbuffer.zeros((6, 8)))[::2, ::-3])


def consumers() -> Iterator[Consumer]:
    """Consumers, which keep the memory of a buffer or copy it."""
    bitarray, cffi, msgspec, pygame, zmq = map(
        importlib.import_module, ("bitarray", "cffi", "msgspec", "pygame", "zmq")
    )
    np, pa = _numpy(), _pyarrow()
    yield Consumer("`memoryview`", None, memoryview)
    yield Consumer("`numpy.asarray`", "numpy", np.asarray)
    yield Consumer("`numpy.frombuffer`", "numpy", np.frombuffer)
    yield Consumer("`numpy.ndarray(shape, dtype, buffer)`", "numpy", lambda obj: np.ndarray((8, 8), "u1", obj))
    yield Consumer("`pyarrow.py_buffer`", "pyarrow", pa.py_buffer)
    yield Consumer("`bitarray(buffer=)`", "bitarray", lambda obj: bitarray.bitarray(buffer=obj))
    yield Consumer("cffi `ffi.from_buffer`", "cffi", lambda obj: cffi.FFI().from_buffer(obj))
    yield Consumer("msgspec `Raw`", "msgspec", msgspec.Raw)
    image = lambda obj: pygame.image.frombuffer(obj, (4, 4), "RGBA")  # noqa: E731
    yield Consumer("pygame-ce `image.frombuffer`", "pygame-ce", image, lambda surface: surface.get_at((0, 0)))
    yield Consumer("pyzmq `Frame(copy=True)`", "pyzmq", lambda obj: zmq.Frame(obj, copy=True))
    yield Consumer("pyzmq `Frame(copy=False)`", "pyzmq", lambda obj: zmq.Frame(obj, copy=False))


def row(exporter: Exporter, protocol: Literal["buffer", "dlpack"] = "buffer") -> str:
    """One line of the table of exporters, or of that of producers of DLPack."""
    import swiftbuffer

    report = swiftbuffer.check(exporter.make(), protocol=protocol, resize=exporter.resize, isolate=exporter.isolate)
    broken, other = links(report, ("violation",)), links(report, ("deviation", "inconsistency"))
    return f"{begin(exporter, report)} | {broken} | {other} |"


def consumer_row(consumer: Consumer) -> str:
    """One line of the table of consumers."""
    import swiftbuffer

    report = swiftbuffer.check_consumer(consumer.consume, read=consumer.read)
    holds = "yes" if report.holds else "no"
    return f"{begin(consumer, report)} | {holds} | {links(report, ('violation',))} |"


def begin(checked: Exporter | Consumer, report: Report | ConsumerReport) -> str:
    """The first columns of both tables: the name, the version, and the verdict."""
    import swiftbuffer

    version = (
        "CPython"
        if checked.package is None
        else swiftbuffer.__version__
        if checked.package == "swiftbuffer"
        else metadata.version(checked.package)
    )
    print(f"{checked.title:45} {version:12} {report.verdict}", flush=True)
    return f"| {checked.title} | {version} | {'conforms' if report.ok else '**violates**'}"


def links(report: Report | ConsumerReport, severities: tuple[str, ...]) -> str:
    """The codes of a report, each with its page."""
    found = [finding for finding in report if finding.severity in severities]
    return ", ".join(f"[{finding.code}](codes/{finding.code}.md) {finding.about.name}" for finding in found) or ""


def write() -> None:
    """Checks everything and writes the page; runs where everything is installed."""
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    with tempfile.TemporaryDirectory() as folder:
        rows = [row(exporter) for exporter in (*standard_library(), *packages(), *frameworks(Path(folder)), *own())]
        tensor_rows = [row(producer, "dlpack") for producer in producers(Path(folder))]
    consumer_rows = [consumer_row(consumer) for consumer in consumers()]
    version = ".".join(map(str, sys.version_info[:3]))
    PAGE.write_text(
        f"""\
# The checker's results for real exporters and consumers

Made by `python tools/exporters.py`, with CPython {version} on {sys.platform}: run it for your own versions.
Exporters that can be resized were resized while exports were outstanding. The [codes](codes/README.md) and the verdicts
([checker](checker.md)) are explained: a violation may harm a consumer, the rest are contested points and matters of
style.

| Exporter | Version | Verdict | Violations | Deviations, inconsistencies |
|---|---|---|---|---|
"""
        + "\n".join(rows)
        + """

## DLPack

The results of `check(obj, protocol="dlpack")` for objects that hand out tensors of DLPack, on a machine without a GPU.

| Producer | Version | Verdict | Violations | Deviations, inconsistencies |
|---|---|---|---|---|
"""
        + "\n".join(tensor_rows)
        + """

## Consumers

The results of `check_consumer`: whether a buffer is held while the result is alive, and the violations found.
[BUF801](codes/BUF801.md): the memory is used without one, and an object that is resized frees it under the
consumer. `memoryview(obj)` in the place of `obj` helps where the consumer keeps what it is given; so does
`with array.pinned():`.

| Consumer | Version | Verdict | Holds a buffer | Violations |
|---|---|---|---|---|
"""
        + "\n".join(consumer_rows)
        + "\n"
    )


def main() -> int:
    if sys.argv[1:] == ["--here"]:
        write()
        return 0
    try:
        executable = envs.ensure("exporters", envs.current())
        envs.run(executable, envs.ROOT / "tools" / "cpu_torch.py")
        envs.install_package(executable)
        envs.run(executable, Path(__file__).resolve(), "--here")
    except subprocess.CalledProcessError as error:
        sys.exit(f"error: exit code {error.returncode} from {error.cmd[0]}; its own messages are above")
    return 0


if __name__ == "__main__":
    sys.exit(main())
