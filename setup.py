"""The compiled part of the package: SwiftPM builds it, for the interpreter that runs this file."""

import os
import sys

# This file also parses and answers on Pythons that are too old for anything imported below.
if sys.version_info < (3, 11):
    sys.exit("error: swiftbuffer needs CPython 3.11 or newer; this is %d.%d.%d" % sys.version_info[:3])
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "tools"))

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
