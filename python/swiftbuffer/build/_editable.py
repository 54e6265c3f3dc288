# SPDX-License-Identifier: Apache-2.0
"""Compiles a project's module anew when its sources have changed, as Python imports it.

This file is copied into an environment by an editable install, and needs the standard library alone. Its last lines
there call `install`. SWIFTBUFFER_EDITABLE=0 leaves the module as it is.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path


def state(sources: list[str]) -> str:
    """A text that differs when a file of the sources is another, or has another time or size."""
    lines: list[str] = []
    for source in map(Path, sources):
        files = sorted(source.rglob("*")) if source.is_dir() else [source]
        for file in files:
            if file.is_file():
                found = file.stat()
                lines.append(f"{file}\t{found.st_mtime_ns}\t{found.st_size}")
    return "\n".join(lines)


class Rebuilder:
    """A finder that finds nothing: it makes the file that the next one finds."""

    def __init__(
        self,
        module: str,
        command: list[str],
        product: str,
        file: str,
        sources: list[str],
        stamp: str,
        stub: str | None,
        link: str,
        library: str,
        lock: str,
    ) -> None:
        self.module, self.command, self.stub = module, command, Path(stub) if stub else None
        self.product, self.file, self.stamp = Path(product), Path(file), Path(stamp)
        self.sources = sources
        self.link, self.library, self.lock = Path(link), Path(library), Path(lock)

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG002
        if name == self.module and os.environ.get("SWIFTBUFFER_EDITABLE") != "0":
            self._refresh()
        return None

    def _refresh(self) -> None:
        if self._is_current():
            return
        with self.lock.open("w") as lock:
            # Several processes may import at once: one compiles, the others wait, and so do builds for other Pythons.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self._is_current():
                return
            now = state(self.sources)
            self._compile()
            self.stamp.write_text(now)

    def _is_current(self) -> bool:
        return self.stamp.exists() and self.file.exists() and self.stamp.read_text() == state(self.sources)

    def _compile(self) -> None:
        print(f"-- compiling {self.module}: its sources have changed", file=sys.stderr, flush=True)
        self._lead_to_library()
        made = subprocess.run(
            self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if made.returncode != 0:
            raise ImportError(f"{self.module} cannot be compiled; `swift build` says:\n{made.stdout}", name=self.module)
        fresh = self.file.with_name(f"{self.file.name}.{os.getpid()}")
        shutil.copy(self.product, fresh)
        fresh.replace(self.file)
        if self.stub is not None:
            # The module writes its stub itself, in a process that does not go on with it.
            line = [sys.executable, "-c", "import importlib, sys; print(importlib.import_module(sys.argv[1])._stub_())"]
            shown = subprocess.run(
                [*line, self.module],
                env={**os.environ, "SWIFTBUFFER_EDITABLE": "0"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                text=True,
            )
            if shown.returncode == 0:
                self.stub.write_text(shown.stdout, encoding="utf-8")

    def _lead_to_library(self) -> None:
        # A build for another Python may have been the last.
        if not self.library.exists():
            raise ImportError(f"{self.library} is gone; install {self.module} again", name=self.module)
        if not self.link.is_symlink() or self.link.readlink() != self.library:
            fresh = self.link.with_name(f"{self.link.name}.{os.getpid()}")
            fresh.symlink_to(self.library)
            fresh.replace(self.link)


def install(*arguments: object) -> None:
    """Has imports of the module find a current file."""
    sys.meta_path.insert(0, Rebuilder(*arguments))  # type: ignore[arg-type]
