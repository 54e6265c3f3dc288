# SPDX-License-Identifier: Apache-2.0
"""The compiled part of the package: SwiftPM builds it, for the interpreter that runs this file."""

import os
import re
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
# This file also parses and answers on Pythons that are too old for anything imported below, such as `tomllib`.
with open(os.path.join(ROOT, "pyproject.toml"), encoding="utf-8") as project:
    OLDEST = re.search(r'^requires-python = ">=(\d+)\.(\d+)"', project.read(), re.MULTILINE).groups()
if sys.version_info < tuple(map(int, OLDEST)):
    sys.exit("error: swiftbuffer needs CPython %s.%s or newer; this is %d.%d.%d" % (OLDEST + sys.version_info[:3]))
sys.path.insert(0, os.path.join(ROOT, "tools"))

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

import swiftpm


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """What is wrong with the machine ends the build as one line, not as a traceback."""
    try:
        yield
    except swiftpm.BuildError as error:
        sys.exit(f"error: {error}")


class BuildPackage(build_py):
    """The Python half, and what comes before everything: is this a machine that can build the other half?"""

    def run(self) -> None:
        with errors_in_one_line():
            swiftpm.include_dirs()
            swiftpm.swift_command()
        # Start from an empty folder, so that a module deleted from the sources does not linger in wheels.
        if not self.editable_mode:
            shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()
        if not self.editable_mode:
            self.copy_library()

    def copy_library(self) -> None:
        """Puts the sources of the library for Swift authors beside the build backend, which compiles them."""
        target = Path(self.build_lib, "swiftbuffer", "build", "swift")
        for folder in Path("Sources").iterdir():
            # Links are made again where the sources are compiled: a wheel has none.
            if folder.name not in ("SwiftBufferCore", "SwiftBufferTesting") and not folder.is_symlink():
                shutil.copytree(folder, target / "Sources" / folder.name)
        shutil.copytree("licenses", target / "licenses")
        for file in ("Package.swift", "LICENSE", "NOTICE"):
            shutil.copy(file, target)


class BuildSwift(build_ext):
    """Lets SwiftPM build the one extension."""

    def build_extension(self, ext: Extension) -> None:
        with errors_in_one_line():
            swiftpm.build_extension(Path(self.get_ext_fullpath(ext.name)).absolute())


class SourceDistribution(sdist):
    """Keeps the folders of `Sources` that are links to another one, which setuptools passes over."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        super().make_release_tree(base_dir, files)
        for link in Path("Sources").iterdir():
            if link.is_symlink():
                Path(base_dir, link).symlink_to(link.readlink())


with errors_in_one_line():
    swiftpm.require_cpython()

setup(
    ext_modules=[Extension("swiftbuffer._core", sources=[])],
    cmdclass={"build_py": BuildPackage, "build_ext": BuildSwift, "sdist": SourceDistribution},
)
