"""Builds the module with SwiftPM, for the interpreter that runs this file."""

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

HERE = Path(__file__).resolve().parent


class BuildSwift(build_ext):
    """Lets SwiftPM build the one extension."""

    def build_extension(self, ext: Extension) -> None:
        scratch = HERE / "build" / "swift" / str(sysconfig.get_config_var("SOABI"))
        # SwiftPM asks pkg-config for the headers of `python3`: let it find this interpreter's.
        scratch.mkdir(parents=True, exist_ok=True)
        headers = sysconfig.get_path("include").replace(" ", r"\ ")
        (scratch / "python3.pc").write_text(f"Name: python3\nDescription: \nVersion: 3\nCflags: -I{headers}\n")
        line = ["swift", "build", "-c", "release", "--package-path", str(HERE), "--scratch-path", str(scratch)]
        line += ["--pkg-config-path", str(scratch), "--disable-sandbox"]
        # Swift's runtime goes into the module, which then needs no Swift to be loaded, and only its entry is visible.
        line += ["-Xswiftc", "-static-stdlib", "-Xlinker", f"--version-script={HERE / 'exports.map'}", "-Xlinker", "-s"]
        subprocess.run(line, check=True, env={**os.environ, "PWD": str(HERE)})
        target = Path(self.get_ext_fullpath(ext.name))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(scratch / "release" / "libthermal.so", target)


setup(ext_modules=[Extension("thermal", sources=[])], cmdclass={"build_ext": BuildSwift})
