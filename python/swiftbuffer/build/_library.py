# SPDX-License-Identifier: Apache-2.0
"""`PythonModules`, compiled once for a machine, an interpreter and a Swift, and kept as a Swift package.

The package that a project depends on has no sources of Swift. A C target names the archive to the linker, and a system
library target the folder of compiled modules to the compiler, by a file of pkg-config: of all that a package may say,
only this reaches the compiler of those who depend on it. SwiftPM has no binary target for modules of Swift on Linux.
Projects reach the package through the link `.swiftbuffer`, so that their Package.swift says the same everywhere.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from swiftbuffer.build import _cache, _toolchain
from swiftbuffer.build._toolchain import BuildError

LINK = ".swiftbuffer"
# Of the package that is made: another number where this file makes another package of the same sources.
LAYOUT = "3"
ARCHIVE = "libPythonModulesArchive.a"
NOT_IN_LIBRARY = ("SwiftBufferCore", "SwiftBufferTesting")
# For tests alone, which compile it.
EMBEDDING = "PythonEmbedding"
# Folders that are compiled once more for other CPUs, as in the repository.
LINKS = ("KernelLoopsAVX2", "KernelLoopsAVX512")
# Modules in C that the compiled Swift modules import, in their folders of Sources.
C_MODULES = ("CPython", "CPythonShims", "InterchangeShims", "KernelShims", "ModuleShims")

MANIFEST = """\
// swift-tools-version: 6.3
import PackageDescription

let package = Package(
    name: "swiftbuffer",
    products: [
        .library(name: "PythonModules", targets: ["PythonModulesArchive"]),
        .library(name: "PythonEmbedding", targets: ["PythonEmbedding"]),
    ],
    targets: [
        .systemLibrary(name: "PythonModulesSearch", pkgConfig: {search}),
        .target(
            name: "PythonModulesArchive", dependencies: ["PythonModulesSearch"],
            linkerSettings: [.unsafeFlags(["-Xlinker", "--whole-archive", {archive}, "-Xlinker", "--no-whole-archive"])]
        ),
        // Links tests with the interpreter, which otherwise loads the module and so brings its own functions.
        .target(
            name: "PythonEmbedding", dependencies: ["PythonModulesArchive"],
            linkerSettings: [.unsafeFlags([{embedding}])]),
    ]
)
"""


def sources() -> Path:
    """The folder with the library's Package.swift and Sources: part of an installed package, or the repository."""
    here = Path(__file__).resolve().parent
    installed, repository = here / "swift", here.parents[2]
    return installed if installed.is_dir() else repository


def ensure(project: Path) -> Path:
    """The compiled library's package; compiles it if this machine has not done so before."""
    library = _cache.root(project) / "library"
    source = sources()
    folder = library / _key(source)
    if not (folder / "used").exists():
        with _cache.locked(library / f"{folder.name}.lock"):
            if not (folder / "used").exists():
                _build(source, folder)
                _cache.forget_unused(library)
    (folder / "used").touch()
    return folder


def link(project: Path, library: Path) -> None:
    """Puts the link that Package.swift names into a project."""
    place = project / LINK
    if place.is_symlink() and place.readlink() == library:
        return
    if place.exists() and not place.is_symlink():
        raise BuildError(f"{place} is in the way: a link to the compiled library belongs there")
    fresh = project / f"{LINK}.{os.getpid()}"
    try:
        fresh.symlink_to(library)
        fresh.replace(place)
    except OSError as error:
        raise BuildError(f"{project} cannot be written: {error.strerror}") from error


def _names(source: Path) -> list[str]:
    """The folders of Sources that the library consists of."""
    return sorted(folder.name for folder in (source / "Sources").iterdir() if not folder.is_symlink() and
                  folder.name not in NOT_IN_LIBRARY)  # fmt: skip


def _key(source: Path) -> str:
    """Differs where the compiled library would."""
    digest = hashlib.sha256()
    files = [file for name in _names(source) for file in (source / "Sources" / name).glob("**/*") if file.is_file()]
    for file in [source / "Package.swift", *sorted(files)]:
        digest.update(str(file.relative_to(source)).encode() + b"\0" + file.read_bytes())
    headers = [str(sysconfig.get_path("include")), str(sysconfig.get_config_var("SOABI"))]
    digest.update("\0".join([LAYOUT, _toolchain.swift_banner(), platform.python_version(), *headers]).encode())
    return f"{sysconfig.get_config_var('SOABI')}-{digest.hexdigest()[:16]}"


def _build(source: Path, folder: Path) -> None:
    print(f"-- compiling PythonModules for CPython {platform.python_version()}, once for this machine", flush=True)
    work = folder.with_name(f"{folder.name}.work")
    shutil.rmtree(work, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    package = work / "source"
    (package / "Sources").mkdir(parents=True)
    shutil.copy(source / "Package.swift", package)
    for name in _names(source):
        shutil.copytree(source / "Sources" / name, package / "Sources" / name)
    for name in LINKS:
        (package / "Sources" / name).symlink_to("KernelLoops")
    _toolchain.write_pkg_config(work / "pkgconfig")
    run_swift(
        *("build", "-c", "release", "--package-path", str(package), "--scratch-path", str(work / "scratch")),
        *("--pkg-config-path", str(work / "pkgconfig"), "--product", "PythonModulesArchive"),
        *("-Xswiftc", "-static-stdlib", "-Xcc", f"-ffile-prefix-map={work}=.", "-debug-info-format", "none"),
        environment={"SWIFTBUFFER_LIBRARY_ONLY": "1"},
        home=work,
    )
    _collect(work, folder)
    shutil.rmtree(work)
    (folder / "used").touch()


def _collect(work: Path, folder: Path) -> None:
    """Makes a package of what was built."""
    built = work / "scratch" / "release"
    include = folder / "Sources" / "PythonModulesArchive" / "include"
    include.mkdir(parents=True)
    modules = list((built / "Modules").glob("*.swiftmodule"))
    if not modules or not (built / ARCHIVE).exists():
        raise BuildError(f"`swift build` left no compiled modules in {built}")
    for module in modules:
        shutil.copy(module, include)
    shutil.copy(built / ARCHIVE, folder)
    described = ['module PythonModulesArchive { header "PythonModulesArchive.h" }']
    for name in C_MODULES:
        # Headers refer to those of other modules by their relative places, which stay as they are.
        origin = work / "source" / "Sources" / name
        shutil.copytree(origin, include / name, ignore=shutil.ignore_patterns("*.c", "*.modulemap"))
        header = Path(name, "include" if (include / name / "include").is_dir() else "", f"{name}.h")
        described.append(f'module {name} [system] {{ umbrella header "{header}" export * }}')
    # The interpreter's headers, too, where the compiler looks: no project names a folder of headers.
    for header in {entry.name: entry for each in _toolchain.include_dirs() for entry in Path(each).iterdir()}.values():
        if not (include / header.name).exists():
            (include / header.name).symlink_to(header)
    (include / "module.modulemap").write_text("\n".join(described) + "\n")
    (include / "PythonModulesArchive.h").write_text("// The modules beside this file are what the package is for.\n")
    (include.parent / "archive.c").write_text("// SwiftPM wants a source file; the archive holds the code.\n")
    embedding = folder / "Sources" / EMBEDDING
    shutil.copytree(work / "source" / "Sources" / EMBEDDING, embedding)
    linked = "true" if _toolchain.library_dir() else "false"
    home = _quoted(":".join(dict.fromkeys([sys.base_prefix, sys.base_exec_prefix])))
    (embedding / "Home.swift").write_text(f"let isPythonLinked = {linked}\nlet pythonHome: String? = {home}\n")
    search = folder / "Sources" / "PythonModulesSearch"
    search.mkdir()
    (search / "search.h").write_text("// Declares nothing.\n")
    (search / "module.modulemap").write_text('module PythonModulesSearch [system] { header "search.h" }\n')
    escaped = str(include).replace(" ", r"\ ")
    description = "Name: modules\nDescription: compiled modules\nVersion: 1\nLibs:\n"
    (search / "modules.pc").write_text(f"{description}Cflags: -I{escaped}\n")
    manifest = MANIFEST.replace("{archive}", _quoted(str(folder / ARCHIVE)))
    manifest = manifest.replace("{search}", _quoted(str(search / "modules.pc")))
    (folder / "Package.swift").write_text(manifest.replace("{embedding}", ", ".join(map(_quoted, _embedding()))))


def _embedding() -> list[str]:
    """Arguments that link a program with this interpreter. Where it has no shared library, what belongs to Python stays
    open: tests of what needs no Python can run."""
    folder = _toolchain.library_dir()
    if folder is None:
        return ["-Xlinker", "--unresolved-symbols=ignore-all"]
    return [f"-L{folder}", f"-lpython{sysconfig.get_config_var('LDVERSION')}", "-Xlinker", f"-rpath={folder}"]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def run_swift(*arguments: str, environment: dict[str, str] | None = None, home: Path) -> None:
    """Runs SwiftPM with its output on the terminal; its caches are in `home` where the user's cannot be written."""
    line = [_toolchain.swift_command(), *arguments, "--disable-sandbox"]
    if not os.access(Path("~").expanduser(), os.W_OK):
        for kind in ("cache", "config", "security"):
            line += [f"--{kind}-path", str(home / "swiftpm" / kind)]
    sys.stdout.flush()
    ended = subprocess.run(line, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL, check=False)
    if ended.returncode != 0:
        raise BuildError(f"`swift {arguments[0]}` failed with exit code {ended.returncode}; its messages are above")
