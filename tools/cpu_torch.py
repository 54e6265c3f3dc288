# SPDX-License-Identifier: Apache-2.0
"""Lets PyTorch's wheel for CUDA be imported without CUDA: stand-ins for NVIDIA's libraries, beside PyTorch's own.

The only x86-64 wheel of PyTorch on the package index needs 14 libraries of NVIDIA's, some 2 GB to fetch, before it can
be imported at all; the benchmark uses none of them. One small library under their names answers each of their functions
with 100, which is CUDA's code for "no device". Run by the interpreter of an environment that holds `torch`, installed
without its dependencies, and `pyelftools`; does nothing where nothing is missing.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from elftools.elf.elffile import ELFFile

STAND_IN = "libnvidia-stand-in.so"
NVIDIA = re.compile(r"lib(cu|nccl|nv)\w*\.so\.\d+")


def main() -> int:
    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None:
        sys.exit("error: torch is not installed for this interpreter")
    folder = Path(found.origin).with_name("lib")
    wanted, versions, loose = requirements(folder)
    missing = sorted(name for name in wanted if NVIDIA.fullmatch(name) and not (folder / name).exists())
    if missing and not list(folder.parent.parent.glob("nvidia/*/lib")):
        build(folder / STAND_IN, versions, loose)
        for name in missing:
            (folder / name).symlink_to(STAND_IN)
    return 0


def requirements(folder: Path) -> tuple[set[str], dict[str, set[str]], set[str]]:
    """What PyTorch's libraries need: library names, functions by symbol version, and functions without a version that
    none of them defines."""
    names: set[str] = set()
    versions: dict[str, set[str]] = defaultdict(set)
    undefined: set[str] = set()
    defined: set[str] = set()
    for file in sorted(folder.glob("*.so*")):
        with file.open("rb") as stream:
            elf = ELFFile(stream)
            dynamic = elf.get_section_by_name(".dynamic")
            names |= {tag.needed for tag in dynamic.iter_tags("DT_NEEDED")}
            needs = elf.get_section_by_name(".gnu.version_r")
            of_nvidia = {
                item["vna_other"]: item.name
                for library, items in (needs.iter_versions() if needs else ())
                for item in items
                if NVIDIA.fullmatch(library.name)
            }
            indices = elf.get_section_by_name(".gnu.version")
            for number, symbol in enumerate(elf.get_section_by_name(".dynsym").iter_symbols()):
                if symbol["st_shndx"] != "SHN_UNDEF":
                    defined.add(symbol.name)
                    continue
                index = indices.get_symbol(number)["ndx"] if indices else None
                if index in of_nvidia:
                    versions[of_nvidia[index]].add(symbol.name)
                # Symbols that Python defines have no type either, but are defined when they are looked up.
                elif not isinstance(index, int) and symbol["st_info"]["type"] == "STT_FUNC":
                    undefined.add(symbol.name)
    return names, versions, undefined - defined


def build(library: Path, versions: dict[str, set[str]], loose: set[str]) -> None:
    """Compiles a library that defines all these functions."""
    compiler = shutil.which("cc") or shutil.which("clang")
    if compiler is None:
        sys.exit("error: no C compiler; `apt-get install gcc`, or put Swift's clang on PATH")
    functions = sorted(loose.union(*versions.values()))
    nodes = [f"{version} {{ global: {'; '.join(sorted(names))}; }};" for version, names in sorted(versions.items())]
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary, "stand-in.c")
        source.write_text("".join(f"long {function}(void) {{ return 100; }}\n" for function in functions))
        script = Path(temporary, "versions.map")
        script.write_text("\n".join(nodes))
        options = ["-shared", "-fPIC", "-fno-builtin", f"-Wl,--version-script={script}", f"-Wl,-soname={STAND_IN}"]
        subprocess.run([compiler, *options, source, "-o", library], check=True)


if __name__ == "__main__":
    sys.exit(main())
