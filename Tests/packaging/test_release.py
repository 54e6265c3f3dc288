# SPDX-License-Identifier: Apache-2.0
"""What `make release` checks and writes."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import release
import wheels
from conftest import ROOT
from pythons import Interpreter

CHANGELOG = """# Changelog

## [Unreleased]

## [0.2.0] - 2026-12-01

### Fixed

- One thing.

## [0.1.0] - 2026-01-01
"""


def test_the_changes_of_a_version_are_its_section() -> None:
    assert release.changes("0.2.0", CHANGELOG) == "### Fixed\n\n- One thing."


@pytest.mark.parametrize("version", ["0.1.0", "0.3.0", "Unreleased", "0.2"])
def test_a_version_without_changes_is_refused(version: str) -> None:
    with pytest.raises(release.ReleaseError, match=re.escape(f"'## [{version}]'")):
        release.changes(version, CHANGELOG)


@pytest.mark.parametrize(("version", "error"), [("", "no version given"), ("9.9.9", "VERSION is 9.9.9, but")])
def test_another_version_than_the_package_has_is_refused(version: str, error: str) -> None:
    with pytest.raises(release.ReleaseError, match=error):
        release.check(version)


def archive(folder: Path, names: list[str], owner: int) -> Path:
    """A source distribution with the same contents, but of another order, owner and time."""
    file = folder / "package-1.0.tar.gz"
    with tarfile.open(file, "w:gz") as packed:
        for name in names:
            entry = tarfile.TarInfo(f"package-1.0/{name}")
            entry.size, entry.uid, entry.uname, entry.mtime = len(name), owner, f"user{owner}", 1_000_000_000 + owner
            entry.mode = 0o755 if name == "script" else 0o664 - owner * 0o20
            packed.addfile(entry, io.BytesIO(name.encode()))
        link = tarfile.TarInfo("package-1.0/link")
        link.type, link.linkname = tarfile.SYMTYPE, "script"
        packed.addfile(link)
    return file


def test_source_distributions_of_the_same_files_have_the_same_bytes(tmp_path: Path) -> None:
    contents = []
    for owner, names in enumerate((["a", "script", "b"], ["b", "a", "script"])):
        folder = tmp_path / str(owner)
        folder.mkdir()
        file = archive(folder, names, owner)
        release.normalize(file, 1_700_000_000)
        contents.append(file.read_bytes())
        with tarfile.open(file) as packed:
            modes = {entry.name: entry.mode for entry in packed if entry.isreg()}
            assert packed.getmember("package-1.0/link").linkname == "script"
            texts = {name: (packed.extractfile(name) or io.BytesIO()).read() for name in modes}
        assert texts == {f"package-1.0/{name}": name.encode() for name in ("a", "b", "script")}
        assert modes == {"package-1.0/a": 0o644, "package-1.0/b": 0o644, "package-1.0/script": 0o755}
    assert contents[0] == contents[1]


def test_checksums_are_those_that_sha256sum_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "DIST", tmp_path)
    (tmp_path / "b.whl").write_bytes(b"two")
    (tmp_path / "a.tar.gz").write_bytes(b"one")
    release.write_checksums()
    text = (tmp_path / "SHA256SUMS").read_text()
    assert text.splitlines()[0] == f"{hashlib.sha256(b'one').hexdigest()}  a.tar.gz"
    checked = subprocess.run(["sha256sum", "--check", "SHA256SUMS"], cwd=tmp_path, capture_output=True, text=True)
    assert checked.stdout.splitlines() == ["a.tar.gz: OK", "b.whl: OK"]


def interpreter(version: str, suffix: str = "") -> Interpreter:
    minor = version.rpartition(".")[0]
    return Interpreter("cpython", version, minor, "", f"/{version}", "", "", True, True, suffix)


def test_one_wheel_is_made_for_each_abi(capsys: pytest.CaptureFixture[str]) -> None:
    found = [
        interpreter(version, suffix)
        for version, suffix in (("3.11.9", ""), ("3.11.10", ""), ("3.13.1", "t"), ("3.13.0", ""), ("3.12.1", ""))
    ]
    chosen = wheels.one_for_each_abi(found)
    names = [python.version + python.suffix for python in chosen]
    assert names == ["3.11.10", "3.12.1", "3.13.0", "3.13.1t"]
    assert "not found: CPython 3.14, 3.15" in capsys.readouterr().out


def test_the_sbom_names_what_the_module_is_linked_with(built: Path, tmp_path: Path) -> None:
    """In two runs on copies of one wheel, which stay the same and installable."""
    results = []
    for run in ("first", "second"):
        (tmp_path / run).mkdir()
        wheel = tmp_path / run / built.name
        wheel.write_bytes(built.read_bytes())
        line = [sys.executable, "-W", "error", str(ROOT / "tools" / "sbom.py"), str(wheel)]
        subprocess.run(line, check=True, env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"})
        results.append(wheel.read_bytes())
    assert results[0] == results[1]
    with zipfile.ZipFile(io.BytesIO(results[0])) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/sboms/swiftbuffer.cdx.json")]
        bom = json.loads(archive.read(name))
        (record,) = [archive.read(name).decode() for name in archive.namelist() if name.endswith("/RECORD")]
    assert name in record
    assert (bom["bomFormat"], bom["metadata"]["component"]["version"]) == ("CycloneDX", release.package_version())
    components = {component["name"]: component for component in bom["components"]}
    assert set(components) == {"swift-runtime", "llvm"}
    assert components["swift-runtime"]["licenses"] == [{"expression": "Apache-2.0 WITH Swift-exception"}]
    for component in components.values():
        (identity,) = component["evidence"]["identity"]
        assert identity["methods"][0]["technique"] == "binary-analysis"
        assert component["evidence"]["occurrences"][0]["location"].endswith(".so")


def test_every_step_of_the_workflows_is_a_target_of_the_makefile() -> None:
    """Beside what installs the programs that `make` needs."""
    makefile = (ROOT / "Makefile").read_text()
    for file in (ROOT / ".github" / "workflows").glob("*.yml"):
        commands = re.findall(r"run: (.+)", file.read_text())
        assert commands
        for command in commands:
            target = re.match(r"make (\w+)", command)
            assert command.startswith("apt-get update && apt-get install -y ") or (
                target is not None and f"\n{target[1]}:" in makefile
            ), command
