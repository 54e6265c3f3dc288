"""The compiled part of the package: SwiftPM builds it, for the interpreter that runs this file."""

import os
import sys

# This file also parses and answers on Pythons that are too old for anything imported below.
if sys.version_info < (3, 11):
    sys.exit("error: swiftbuffer needs CPython 3.11 or newer; this is %d.%d.%d" % sys.version_info[:3])
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "tools"))

import shutil
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

import swiftpm


class BuildPackage(build_py):
    """Starts from an empty folder, so that a module deleted from the sources does not linger in wheels."""

    def run(self) -> None:
        if not self.editable_mode:
            shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()


class BuildSwift(build_ext):
    """Lets SwiftPM build the one extension; what is wrong with the machine ends as one line, not a traceback."""

    def build_extension(self, ext: Extension) -> None:
        try:
            swiftpm.build_extension(Path(self.get_ext_fullpath(ext.name)).absolute())
        except swiftpm.BuildError as error:
            sys.exit(f"error: {error}")


try:
    swiftpm.require_cpython()
except swiftpm.BuildError as error:
    sys.exit(f"error: {error}")

setup(
    ext_modules=[Extension("swiftbuffer._core", sources=[])],
    cmdclass={"build_py": BuildPackage, "build_ext": BuildSwift},
)
