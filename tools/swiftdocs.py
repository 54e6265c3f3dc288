# SPDX-License-Identifier: Apache-2.0
"""DocC's pages of the Swift libraries, as a part of the site that `make docs` builds.

The compiler's options are those of the build that is there, so that nothing is compiled again but interfaces, and no
package depends on a plugin. `check` is what must hold: every public symbol says what it is, every link leads somewhere,
and every example in Swift compiles.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import envs
import swiftpm

MODULES = ("BufferLayout", "PythonBuffers", "PythonModules")
WORK = envs.ROOT / "build" / "docc"
# Of the build's options, those that say where modules are, and those that say what the sources mean. All others say
# what to make of them.
MODULE_OPTIONS = {"-I", "-Xcc", "-module-name", "-target"}
WITH_VALUE = MODULE_OPTIONS | {
    *("-package-name", "-swift-version", "-enable-experimental-feature", "-enable-upcoming-feature"),
}
KEPT = WITH_VALUE | {"-parse-as-library", "-strict-memory-safety"}
# A user's package turns on nothing.
USER_OPTIONS = MODULE_OPTIONS | {"-package-name", "-swift-version", "-parse-as-library"}


class DocumentationError(Exception):
    """What is wrong with the documentation, a line for each fault."""


def options(module: str, only: Collection[str] = KEPT, **other: str) -> list[str]:
    """The compiler's options for a module, without its sources; `other` are names to give in the place of its own."""
    manifest = (swiftpm.shared_dir() / "release.yaml").read_text(encoding="utf-8")
    found = re.search(rf'^  "C\.{module}-[^"]*\.module":\n.*?^    args: (\[.*?\])$', manifest, re.MULTILINE | re.DOTALL)
    if found is None:
        raise DocumentationError(f"SwiftPM's manifest has no module {module}")
    given = iter(json.loads(found[1]))
    kept: list[str] = []
    for option in given:
        if option in WITH_VALUE:
            value = next(given)
            kept += [option, other.get(option[1:].replace("-", "_"), value)] if option in only else []
        elif option in only or option.startswith("-I"):
            kept.append(option)
    return kept


def tool(name: str) -> str:
    """A program of the Swift toolchain."""
    return str(Path(swiftpm.swift_command()).resolve().with_name(name))


def run(*line: str | Path) -> str:
    """Runs a program, and returns what it said; raises with that if it fails."""
    shown = subprocess.run([str(part) for part in line], capture_output=True, text=True, check=False, cwd=envs.ROOT)
    if shown.returncode != 0:
        raise DocumentationError(f"{Path(line[0]).name} failed:\n{shown.stdout}{shown.stderr}")
    return shown.stdout + shown.stderr


def emit_interface(module: str) -> None:
    """Has the compiler write the interface of a module as its sources are now; function bodies are skipped."""
    sources = sorted((envs.ROOT / "Sources" / module).rglob("*.swift"))
    skipped = ("-Xfrontend", "-experimental-skip-non-inlinable-function-bodies")
    what = ("-emit-module", "-o", WORK / "modules" / f"{module}.swiftmodule")
    run(tool("swiftc"), "-I", WORK / "modules", *options(module), *skipped, *what, *sources)


def symbol_graphs(module: str) -> Path:
    """Extracts what is public in a module from its interface."""
    folder = WORK / "symbols" / module
    folder.mkdir(parents=True, exist_ok=True)
    wanted = ("-minimum-access-level", "public", "-skip-inherited-docs", "-output-dir", folder)
    run(tool("swift-symbolgraph-extract"), "-I", WORK / "modules", *options(module, MODULE_OPTIONS), *wanted)
    return folder


def catalogue(module: str) -> Path:
    """The pages that are written by hand."""
    return envs.ROOT / "Sources" / module / f"{module}.docc"


def undocumented(module: str, folder: Path) -> Iterator[str]:
    """Public symbols of a module that do not say what they are. What a protocol requires is said there."""
    for file in sorted(folder.glob("*.symbols.json")):
        graph: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        inherited = {
            relation["source"] for relation in graph["relationships"] if relation.get("sourceOrigin") is not None
        }
        for symbol in graph["symbols"]:
            name = symbol["identifier"]["precise"]
            is_made = "::SYNTHESIZED::" in name or "location" not in symbol
            is_extension = symbol["kind"]["identifier"] == "swift.extension"
            if is_made or is_extension or name in inherited or "docComment" in symbol:
                continue
            place = symbol["location"]["uri"].removeprefix(envs.ROOT.as_uri() + "/")
            # Declarations and their overloads are what their types say, which show how they are written. Result
            # builders have what the language says (SE-0289).
            is_declaration = name.endswith("fc") and place.startswith("Sources/PythonModules/")
            if is_declaration or symbol["names"]["title"].startswith("build"):
                continue
            line = symbol["location"]["position"]["line"] + 1
            yield f"{place}:{line}: {module}.{'.'.join(symbol['pathComponents'])} does not say what it is"


def convert(module: str, symbols: Path) -> tuple[Path, list[str]]:
    """Builds the pages of a module. Returns where they are, and the first lines of DocC's warnings."""
    archive = WORK / f"{module}.doccarchive"
    links = [f"--dependency={WORK / f'{other}.doccarchive'}" for other in MODULES[: MODULES.index(module)]]
    said = run(
        tool("docc"),
        "convert",
        catalogue(module),
        *("--additional-symbol-graph-dir", symbols, "--output-path", archive),
        *("--fallback-display-name", module, "--fallback-bundle-identifier", f"swiftbuffer.{module}"),
        *("--enable-experimental-external-link-support", *links),
    )
    warnings = re.findall(r"^(?:warning|error): .*(?:\n +--> .*)?", said, re.MULTILINE)
    return archive, [re.sub(r"\n +--> ", " at ", warning) for warning in warnings]


def examples(page: Path) -> str:
    """The Swift of a page, as one file whose lines have the numbers that they have there."""
    lines: list[str] = []
    is_swift = False
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            is_swift = line == "```swift"
            lines.append("")
        else:
            lines.append(line if is_swift else "")
    return "\n".join(lines) + "\n"


def broken_examples(page: Path) -> list[str]:
    """What the compiler says about the examples of a page; nothing if they compile without a warning."""
    text = examples(page)
    if not text.strip():
        return []
    source = WORK / "examples" / f"{page.stem}.swift"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(f'#sourceLocation(file: "{page.relative_to(envs.ROOT)}", line: 1)\n{text}', encoding="utf-8")
    kept = options("PythonModules", USER_OPTIONS, package_name="author", module_name="Example")
    line = [tool("swiftc"), "-typecheck", "-warnings-as-errors", "-I", WORK / "modules", *kept, source]
    shown = subprocess.run([str(part) for part in line], capture_output=True, text=True, check=False, cwd=envs.ROOT)
    if shown.returncode == 0:
        return []
    return re.findall(r"^\S+:\d+:\d+: error: .*", shown.stderr, re.MULTILINE) or [shown.stderr]


def build_what_they_import() -> None:
    """Has SwiftPM plan all targets and compile what these modules import, unless a build of the package has done so.

    For which interpreter that was does not matter: what knows Python is read from its sources.
    """
    shared = swiftpm.shared_dir()
    for target in ("BufferKernels", "Interchange"):
        is_built = (shared / "release" / "Modules" / f"{target}.swiftmodule").exists()
        if not is_built or not (shared / "release.yaml").exists():
            with swiftpm.built_release("--target", target):
                pass


def build(site: Path) -> bool:
    """Builds the pages into the folder `swift` of a site, and checks them; what is wrong goes to the terminal."""
    print("+ docc convert", *MODULES, flush=True)
    shutil.rmtree(WORK, ignore_errors=True)
    (WORK / "modules").mkdir(parents=True)
    try:
        build_what_they_import()
        for module in MODULES:
            emit_interface(module)
        pages = [page for module in MODULES for page in sorted(catalogue(module).glob("*.md"))]
        faults: list[str] = []
        archives = []
        # The compiler has one thread for a page: pages are compiled beside each other, and beside what DocC does.
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            compiled = pool.map(broken_examples, pages)
            graphs = pool.map(symbol_graphs, MODULES)
            # Each links to those before it.
            for module, symbols in zip(MODULES, graphs, strict=True):
                archive, warnings = convert(module, symbols)
                archives.append(archive)
                faults += [*undocumented(module, symbols), *warnings]
            faults += [fault for found in compiled for fault in found]
        if faults:
            raise DocumentationError("\n".join(faults))
        merged = WORK / "swiftbuffer.doccarchive"
        run(tool("docc"), "merge", *archives, "--output-path", merged)
        # Where the site is served from; the pages load their text from there, so they need a web server.
        base = f"{os.environ.get('SITE_PATH', '').strip('/')}/swift".strip("/")
        place = ("--hosting-base-path", base, "--output-path", site / "swift")
        shutil.rmtree(site / "swift", ignore_errors=True)
        run(tool("docc"), "process-archive", "transform-for-static-hosting", merged, *place)
        # The pages ask for it, and are as they are without settings.
        (site / "swift" / "theme-settings.json").write_text("{}\n", encoding="utf-8")
    except (DocumentationError, swiftpm.BuildError) as error:
        print(error)
        return False
    return True
