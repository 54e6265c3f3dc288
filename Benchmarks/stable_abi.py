# SPDX-License-Identifier: Apache-2.0
"""What CPython's stable ABI would cost: `python Benchmarks/stable_abi.py` measures one small exporter and view in C,
compiled for the CPython that runs this and for the stable ABI of 3.11, in turn. docs/platforms.md has the results.
"""

from __future__ import annotations

import platform
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader
from typing import Any

import native

SOURCE = native.HERE / "stable_abi.c"
CALLS = 100_000
ROUNDS = 25


def load(kind: str, *options: str) -> Any:
    """The module, compiled with options now and loaded."""
    file = native.BUILT / f"{sysconfig.get_config_var('SOABI')}-{kind}" / "stable_abi.so"
    file.parent.mkdir(parents=True, exist_ok=True)
    line = [native.compiler(), "-O2", "-shared", "-fPIC", f"-I{sysconfig.get_path('include')}", *options]
    subprocess.run([*line, str(SOURCE), "-o", str(file)], check=True)
    loader = ExtensionFileLoader("stable_abi", str(file))
    spec = spec_from_loader("stable_abi", loader)
    assert spec is not None, "a loader was given"
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def work(module: Any) -> dict[str, Callable[[], object]]:
    """What is measured, each `CALLS` times."""
    exporter = module.Exporter()

    def views(make: Callable[..., object]) -> None:
        for _ in range(CALLS):
            make(exporter)

    return {
        "PyObject_GetBuffer and PyBuffer_Release": lambda: module.acquire(exporter, CALLS),
        "memoryview(exporter)": lambda: views(memoryview),
        "View(exporter)": lambda: views(module.View),
    }


def main() -> None:
    kinds = {"specific": work(load("specific")), "stable": work(load("stable", "-DPy_LIMITED_API=0x030b0000"))}
    best: dict[tuple[str, str], float] = {}
    for _ in range(ROUNDS):
        for kind, works in kinds.items():
            for name, call in works.items():
                started = time.process_time()
                call()
                taken = (time.process_time() - started) / CALLS * 1e9
                best[kind, name] = min(best.get((kind, name), taken), taken)
    for name in kinds["specific"]:
        specific, stable = best["specific", name], best["stable", name]
        print(f"| {platform.python_version()} | {name} | {specific:.1f} | {stable:.1f} | {stable / specific:.2f} |")


if __name__ == "__main__":
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        sys.exit("error: CPython without a GIL has no stable ABI before 3.15")
    main()
