# SPDX-License-Identifier: Apache-2.0
"""Debian's newer suites beside the machine's own: packages and sources from the same mirror, verified by the same key.

apt gets a configuration, lists and a record of installed packages of its own, in a folder: the system's stay as they
are, and nothing is installed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

# The newest first. Versions are taken from both: an interpreter that the newest dropped may be in the other.
SUITES = ("sid", "forky", "trixie")

# With these apt leaves the system as it is.
APART: dict[str, object] = {
    # The folder may lie in a home folder, which apt's own user cannot read.
    "APT::Sandbox::User": "root",
    # Skip the system's own hooks after an installation.
    "APT::Update::Post-Invoke": "",
    "Debug::NoLocking": "true",
}


class UnavailableError(Exception):
    """The archive does not provide something; the message is one line."""


@dataclass(frozen=True)
class Archive:
    """The newer suites of Debian's archive, as the machine's mirror has them."""

    folder: Path

    def update(self) -> None:
        """Fetches the lists of sources and packages."""
        mirror, key = self.system()
        _make_room(self.folder)
        # An empty record of installed packages: downloads include all dependencies.
        for name in ("status", "preferences"):
            (self.folder / name).write_text("")
        option = f" [signed-by={key}]" if key else ""
        lines = [f"{kind}{option} {mirror} {suite} main\n" for suite in SUITES for kind in ("deb", "deb-src")]
        (self.folder / "sources.list").write_text("".join(lines))
        self._apt("apt-get", "update")

    def system(self) -> tuple[str, str | None]:
        """The mirror of the system's own suite, and the file of keys that the system verifies it with."""
        if shutil.which("apt-get") is None:
            raise UnavailableError("there is no apt-get here")
        place = self.folder / "system"
        _make_room(place)
        settings = {"Dir::State::Lists": place / "lists", "Dir::Cache": place / "cache", **APART}
        _run("apt-get", settings, "update")
        line = "$(REPO_URI) $(SOURCESENTRY)"
        wanted = ("Created-By: Packages", "Origin: Debian", "Label: Debian", "Component: main")
        answer = _run("apt-get", settings, "indextargets", "--format", line, *wanted).split()
        if not answer:
            raise UnavailableError("no source of packages on this machine is Debian's")
        mirror, entry = answer[:2]
        # apt names the file and the number of the entry, but not the key.
        text = Path(entry.rpartition(":")[0]).read_text()
        key = re.search(r"signed-by\s*[:=]\s*(/[^\s\],]+)", text, re.IGNORECASE)
        return mirror, key[1] if key else None

    def source_versions(self, package: str) -> list[str]:
        """The versions of a source package in all suites, newest first."""
        listing = self._apt("apt-cache", "showsrc", package)
        found = re.findall(rf"^Package: {re.escape(package)}\n(?:.+\n)*?Version: (\S+)", listing, re.MULTILINE)
        return sorted(set(found), key=lambda version: [int(n) for n in re.findall(r"\d+", version)], reverse=True)

    def source(self, package: str, version: str) -> Path | None:
        """Downloads one version's original archive; None if the mirror lists it but has no files of it."""
        folder = self.folder / "sources" / f"{package}_{version}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            self._apt("apt-get", "source", "--download-only", "--only-source", f"{package}={version}", cwd=folder)
        except UnavailableError:
            return None
        return next(folder.glob("*.orig.tar.*z"))

    def version(self, package: str) -> str | None:
        """The newest version of a binary package."""
        found = re.search(r"Candidate: (\S+)", self._apt("apt-cache", "policy", package))
        return None if found is None or found[1] == "(none)" else found[1]

    def packages(self, *names: str) -> list[Path]:
        """Downloads packages with all dependencies, including the C library."""
        place = self.folder / "cache" / "archives"
        for old in place.glob("*.deb"):
            old.unlink()
        self._apt("apt-get", "install", "-y", "--download-only", "--no-install-recommends", *names)
        return sorted(place.glob("*.deb"))

    def _apt(self, program: str, *arguments: str, cwd: Path | None = None) -> str:
        settings = {
            "Dir::Etc::SourceList": self.folder / "sources.list",
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::Etc::Preferences": self.folder / "preferences",
            "Dir::Etc::PreferencesParts": "/dev/null",
            "Dir::State::Lists": self.folder / "lists",
            "Dir::State::status": self.folder / "status",
            "Dir::Cache": self.folder / "cache",
            **APART,
        }
        return _run(program, settings, *arguments, cwd=cwd)


def _make_room(place: Path) -> None:
    """Makes the folders that apt requires."""
    for part in ("lists/partial", "cache/archives/partial"):
        (place / part).mkdir(parents=True, exist_ok=True)


def _run(program: str, settings: dict[str, object], *arguments: str, cwd: Path | None = None) -> str:
    options = [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]
    done = subprocess.run(
        [program, "-q", *options, *arguments], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode != 0:
        errors = [line for line in done.stderr.splitlines() if line.startswith("E:")]
        raise UnavailableError(f"`{program} {' '.join(arguments)}` failed: {'; '.join(errors) or done.stderr}")
    return done.stdout
