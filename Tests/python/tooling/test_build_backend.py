# SPDX-License-Identifier: Apache-2.0
"""The build backend, as far as it can be tried without compiling: settings, metadata, source distributions, errors."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from swiftbuffer import build
from swiftbuffer._new import KINDS, create
from swiftbuffer.build import _settings
from swiftbuffer.build._toolchain import BuildError


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A new package, which Git does not know."""
    return create("signals", "exporter", tmp_path)


def configure(project: Path, lines: str) -> None:
    """Adds `[tool.swiftbuffer]` to a project."""
    file = project / "pyproject.toml"
    file.write_text(f"{file.read_text()}\n[tool.swiftbuffer]\n{lines}\n")


def test_defaults_are_the_name_of_the_project(project: Path) -> None:
    settings = _settings.load(project)
    assert (settings.product, settings.module, settings.entry) == ("signals", "signals", "PyInit_signals")
    assert (settings.configuration, settings.strip, settings.stubs) == ("release", True, True)


def test_later_settings_replace_earlier_ones(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(project, 'configuration = "debug"\nswift-arguments = ["-v"]\nstrip = false')
    assert _settings.load(project).swift_arguments == ("-v",)
    monkeypatch.setenv("SWIFTBUFFER_SWIFT_ARGUMENTS", "-Xswiftc '-D A'")
    monkeypatch.setenv("SWIFTBUFFER_STRIP", "1")
    settings = _settings.load(project, {"configuration": "release", "exported-symbols": ["one two", "three"]})
    assert settings.swift_arguments == ("-Xswiftc", "-D A")
    assert (settings.strip, settings.configuration) == (True, "release")
    assert settings.exported_symbols == ("one", "two", "three")
    assert _settings.load(project, {"product": "other"}).module == "other"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('produkt = "a"', "`produkt` in \\[tool.swiftbuffer\\] is no setting; did you mean `product`?"),
        ('zzz = "a"', "there are configuration, exported-symbols"),
        ("strip = 1", "`strip` in .* is 1; true or false is needed"),
        ("product = 1", "`product` in .* is 1; a string is needed"),
        ('swift-arguments = "-v"', "`swift-arguments` in .* is '-v'; a list of strings is needed"),
        ("swift-arguments = [1]", "a list of strings is needed"),
        ('configuration = "fast"', "`configuration` is 'fast'; use 'release' or 'debug'"),
        ('module = "a b"', "`module` is 'a b', which is no name in Python"),
        ('module = "a.b"', "`module` is 'a.b': set `python-source`"),
        ('python-source = "../other"', "`python-source` is '../other', which is no folder of the project"),
        ('exported-symbols = ["a; }"]', "`exported-symbols` has 'a; }', which is no symbol"),
    ],
)
def test_what_is_no_setting_is_refused(project: Path, lines: str, message: str) -> None:
    configure(project, lines)
    with pytest.raises(BuildError, match=message):
        _settings.load(project)


@pytest.mark.parametrize(("name", "value"), [("strip", "maybe"), ("configuration", "fast"), ("editable", "yes")])
def test_what_is_no_config_setting_is_refused(project: Path, name: str, value: str) -> None:
    with pytest.raises(BuildError, match=f"`{name}`"):
        _settings.load(project, {name: value})


def call(hook: str, project: Path, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Calls a hook as a frontend does, in a process of its own."""
    code = f"import swiftbuffer.build as backend; print(backend.{hook}({str(folder)!r}))"
    environment = {**os.environ, **variables}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=project, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda project: (project / "Package.swift").unlink(), "has no Package.swift"),
        (lambda project: (project / "pyproject.toml").write_text("[project"), "pyproject.toml: Expected"),
        (lambda project: (project / "pyproject.toml").write_text("[project]\n"), "has no [project] with a name"),
        (lambda project: (project / "pyproject.toml").write_text('[project]\nname = "a"\nversion = "?"'), "version"),
        (lambda project: (project / "README.md").unlink(), "README.md"),
    ],
)
def test_faults_of_a_project_are_told_in_one_line(
    project: Path, tmp_path: Path, break_it: object, message: str
) -> None:
    break_it(project)  # type: ignore[operator]
    shown = call("build_wheel", project, tmp_path)
    assert shown.returncode == 1
    assert shown.stderr.startswith("error: ")
    assert message in shown.stderr
    assert "Traceback" not in shown.stderr


def test_a_machine_without_swift_is_told_in_one_line(project: Path, tmp_path: Path) -> None:
    shown = call("build_wheel", project, tmp_path, PATH=str(tmp_path))
    assert shown.stderr.splitlines()[-1].startswith("error: no `swift` on PATH; building signals needs Swift 6.3")
    assert "Traceback" not in shown.stderr


def test_a_missing_requirement_is_told_in_one_line(project: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['pyproject_metadata'] = None")
    shown = call("build_sdist", project, tmp_path, PYTHONPATH=str(tmp_path))
    assert shown.stderr == (
        "error: the package pyproject_metadata is missing, which builds need: `pip install 'swiftbuffer[build]'`\n"
    )


def test_requirements_are_those_of_the_extra() -> None:
    extra = {Requirement(line) for line in requires("swiftbuffer") or ()}
    needed = {(each.name, each.specifier) for each in map(Requirement, build.get_requires_for_build_wheel())}
    assert {(each.name, each.specifier) for each in extra if "build" in str(each.marker)} == needed
    for hook in (build.get_requires_for_build_editable, build.get_requires_for_build_sdist):
        assert {(each.name, each.specifier) for each in map(Requirement, hook())} < needed


def test_source_distributions_have_the_sources_alone(project: Path, tmp_path: Path) -> None:
    for name in ("build/swift/a.o", ".swiftbuffer/b", "Sources/signals/c.so", "tests/__pycache__/d.pyc", ".env"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("built")
    for attempt in ("first", "second"):
        (tmp_path / attempt).mkdir()
        shown = call("build_sdist", project, tmp_path / attempt, SOURCE_DATE_EPOCH="1700000000")
        assert shown.stdout == "signals-0.1.0.tar.gz\n", shown.stderr
    first, second = (tmp_path / attempt / "signals-0.1.0.tar.gz" for attempt in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()
    with tarfile.open(first) as archive:
        names = {name.removeprefix("signals-0.1.0/") for name in archive.getnames()}
    assert names == {
        "Makefile",
        "PKG-INFO",
        "Package.swift",
        "README.md",
        "Sources/signals/Module.swift",
        "Tests/signalsTests/Tests.swift",
        "pyproject.toml",
        "tests/test_signals.py",
    }


def test_git_says_what_a_source_distribution_has(project: Path, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "."], cwd=project, check=True)
    (project / ".gitignore").write_text("*.log\n")
    (project / "noise.log").write_text("")
    (project / "data.bin").write_text("")
    assert call("build_sdist", project, tmp_path).returncode == 0
    with tarfile.open(tmp_path / "signals-0.1.0.tar.gz") as archive:
        names = archive.getnames()
    assert "signals-0.1.0/data.bin" in names
    assert "signals-0.1.0/noise.log" not in names


@pytest.mark.parametrize("hook", ["prepare_metadata_for_build_wheel", "prepare_metadata_for_build_editable"])
def test_metadata_is_that_of_the_project(project: Path, tmp_path: Path, hook: str) -> None:
    shown = call(hook, project, tmp_path)
    assert shown.stdout == "signals-0.1.0.dist-info\n", shown.stderr
    folder = tmp_path / "signals-0.1.0.dist-info"
    text = (folder / "METADATA").read_text()
    assert "Name: signals\nVersion: 0.1.0\n" in text
    assert 'Requires-Dist: pytest>=8; extra == "test"' in text
    assert (folder / "licenses" / "swiftbuffer" / "licenses" / "Swift.txt").exists()
    assert "Root-Is-Purelib: false" in (folder / "WHEEL").read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_new_packages_have_no_placeholders(tmp_path: Path, kind: str) -> None:
    folder = create("a_module", kind, tmp_path)
    for file in folder.rglob("*"):
        text = str(file) + (file.read_text() if file.is_file() else "")
        assert "@name@" not in text
        assert "@kind@" not in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no-name"], "'no-name' is no name for a module"),
        (["class"], "'class' is no name for a module"),
        (["json"], "'json' is the name of another module"),
        (["used"], "exists, and is not empty"),
        (["fine", "--kind", "other"], "invalid choice"),
    ],
)
def test_new_refuses(tmp_path: Path, arguments: list[str], message: str) -> None:
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "file").write_text("")
    line = [sys.executable, "-m", "swiftbuffer", "new", *arguments]
    shown = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert shown.returncode == 2
    assert message in shown.stderr
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["used"]
