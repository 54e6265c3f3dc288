# SPDX-License-Identifier: Apache-2.0
"""What is promised of the built wheel, read from the file itself and from a process that loads it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

# Loads the compiled module, uses it, and says which files the process has mapped.
LOAD = """
import swiftbuffer, swiftbuffer._core, swiftbuffer._testing
print(swiftbuffer._core.__file__)
print(open("/proc/self/maps").read())
"""


@pytest.fixture(scope="module")
def wheel() -> Path:
    """The wheel that was installed: `make test` names it."""
    name = os.environ.get("SWIFTBUFFER_WHEEL")
    if name is None:
        pytest.skip("SWIFTBUFFER_WHEEL names no wheel; `make test` builds one")
    return Path(name)


@pytest.fixture(scope="module")
def extension(wheel: Path) -> Iterator[ELFFile]:
    """The compiled file in the wheel, which holds both extension modules."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".so")]
        yield ELFFile(BytesIO(archive.read(name)))


def test_platform_tag_is_the_one_auditwheel_finds(wheel: Path) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "auditwheel", "show", str(wheel)], capture_output=True, text=True, check=True
    )
    found = re.search(r'following platform tag:\s+"([^"]+)"', shown.stdout)
    assert found is not None
    assert wheel.stem.split("-")[-1].split(".")[0] == found[1]
    assert found[1].startswith("manylinux_2_")


def test_wheel_is_under_the_size_that_was_reached(wheel: Path) -> None:
    """With the tables of all characters' names it would be larger."""
    assert wheel.stat().st_size < 3_900_000


def test_wheel_carries_what_the_build_backend_compiles(wheel: Path) -> None:
    place = "swiftbuffer/build/swift"
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        sources = [archive.getinfo(name) for name in names if name.startswith(place)]
    assert {f"{place}/Package.swift", f"{place}/licenses/Swift.txt", f"{place}/Sources/CPython/CPython.h"} <= names
    folders = {name.split("/")[4] for name in names if name.startswith(f"{place}/Sources/")}
    assert {"PythonModules", "ModuleShims", "PythonBuffers", "KernelLoops"} <= folders
    assert not folders & {"SwiftBufferCore", "SwiftBufferTesting", "KernelLoopsAVX2"}
    assert sum(source.compress_size for source in sources) < 500_000


def test_wheel_carries_types_and_licences(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (notice,) = [archive.read(name) for name in names if name.endswith(".dist-info/licenses/NOTICE")]
    for licence in ["LICENSE", "licenses/Swift.txt", "licenses/LLVM.txt"]:
        assert any(name.endswith(f".dist-info/licenses/{licence}") for name in names)
        assert licence == "LICENSE" or licence.encode() in notice
    assert b"Runtime Library Exception" in notice
    assert {"swiftbuffer/py.typed", "swiftbuffer/_core.pyi", "swiftbuffer/_testing.pyi"} <= set(names)


def test_only_the_entries_of_both_modules_are_exported(extension: ELFFile) -> None:
    symbols = extension.get_section_by_name(".dynsym").iter_symbols()
    visible = [symbol for symbol in symbols if symbol["st_info"]["bind"] != "STB_LOCAL"]
    defined = {symbol.name for symbol in visible if symbol["st_shndx"] != "SHN_UNDEF"}
    assert defined == {"PyInit__core", "PyInit__testing"}


def test_symbols_are_stripped(extension: ELFFile) -> None:
    sections = [section.name for section in extension.iter_sections()]
    assert ".symtab" not in sections
    assert not any(name.startswith(".debug") for name in sections)


def test_no_search_path_is_baked_in(extension: ELFFile) -> None:
    tags = [tag.entry.d_tag for tag in extension.get_section_by_name(".dynamic").iter_tags()]
    assert "DT_RPATH" not in tags
    assert "DT_RUNPATH" not in tags


def test_stack_is_not_executable(extension: ELFFile) -> None:
    (stack,) = [segment for segment in extension.iter_segments() if segment["p_type"] == "PT_GNU_STACK"]
    assert not stack["p_flags"] & 1


def test_addresses_cannot_be_written_once_it_is_loaded(extension: ELFFile) -> None:
    """Full RELRO: every symbol is looked up at once, and the table of addresses is then read-only."""
    tags = {tag.entry.d_tag: tag.entry.d_val for tag in extension.get_section_by_name(".dynamic").iter_tags()}
    assert tags.get("DT_FLAGS", 0) & 0x8 or "DT_BIND_NOW" in tags
    assert any(segment["p_type"] == "PT_GNU_RELRO" for segment in extension.iter_segments())


def test_no_memory_is_writable_and_executable(extension: ELFFile) -> None:
    assert [segment for segment in extension.iter_segments() if segment["p_type"] == "PT_LOAD"]
    assert not [segment for segment in extension.iter_segments() if segment["p_flags"] & 0x3 == 0x3]
    tags = [tag.entry.d_tag for tag in extension.get_section_by_name(".dynamic").iter_tags()]
    assert "DT_TEXTREL" not in tags


def test_libraries_are_those_of_every_linux(extension: ELFFile) -> None:
    tags = extension.get_section_by_name(".dynamic").iter_tags()
    needed = {tag.needed for tag in tags if tag.entry.d_tag == "DT_NEEDED"}
    loader = {name for name in needed if name.startswith("ld-linux")}
    assert needed - loader <= {"libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1"}


def test_undefined_symbols_are_those_of_system_libraries_and_python(extension: ELFFile) -> None:
    """Each undefined symbol belongs to a version of one of the libraries, or to Python's public or private API."""
    versions = extension.get_section_by_name(".gnu.version")
    unversioned = set()
    for index, symbol in enumerate(extension.get_section_by_name(".dynsym").iter_symbols()):
        if symbol["st_shndx"] != "SHN_UNDEF" or not symbol.name:
            continue
        if versions.get_symbol(index)["ndx"] in ("VER_NDX_LOCAL", "VER_NDX_GLOBAL"):
            unversioned.add((symbol.name, symbol["st_info"]["bind"]))
    # What compilers leave for tools that may be there: profilers and transactional memory.
    weak = {name for name, bind in unversioned if bind == "STB_WEAK"}
    assert weak <= {"__gmon_start__", "_ITM_registerTMCloneTable", "_ITM_deregisterTMCloneTable", "__cxa_finalize"}
    others = {name for name, _ in unversioned} - weak
    assert {name for name in others if not name.startswith(("Py", "_Py"))} == set()


def test_auditwheel_finds_nothing_to_bring_along(wheel: Path) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "auditwheel", "-v", "show", str(wheel)], capture_output=True, text=True, check=True
    )
    assert "requires no external shared libraries" in " ".join(shown.stdout.split())
    with zipfile.ZipFile(wheel) as archive:
        assert not [name for name in archive.namelist() if ".libs/" in name]


def test_no_file_of_swift_is_loaded() -> None:
    shown = subprocess.run([sys.executable, "-I", "-c", LOAD], capture_output=True, text=True, check=True, env={})
    mapped = {line.split(maxsplit=5)[5] for line in shown.stdout.splitlines() if line.count(" ") > 5 and "/" in line}
    assert any("_core.cpython" in path for path in mapped)
    assert not [path for path in mapped if "libswift" in path or "lib_Concurrency" in path]
    if swift := shutil.which("swift"):
        toolchain = str(Path(swift).resolve().parent.parent)
        assert toolchain == "/usr" or not [path for path in mapped if path.startswith(toolchain)]


def test_loads_where_the_toolchain_cannot_be_seen() -> None:
    """The toolchain's folder is covered by an empty one, in a mount namespace of the child's own."""
    swift = shutil.which("swift")
    if swift is None:
        pytest.skip("there is no toolchain here to hide")
    toolchain = Path(swift).resolve().parent.parent
    namespace = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    script = f"mount -t tmpfs none '{toolchain}' && ! test -e '{swift}' && echo hidden && exec \"$0\" \"$@\""
    line = [*namespace, "sh", "-c", script, sys.executable, "-I", "-c", LOAD]
    if toolchain == Path("/usr") or subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets no process hide the toolchain's folder")
    shown = subprocess.run(line, capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith("hidden\n")
