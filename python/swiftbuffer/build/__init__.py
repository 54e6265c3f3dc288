# SPDX-License-Identifier: Apache-2.0
"""The build backend for Python modules in Swift: ``build-backend = "swiftbuffer.build"`` in pyproject.toml.

The hooks of `PEP 517 <https://peps.python.org/pep-0517/>`_ and `PEP 660 <https://peps.python.org/pep-0660/>`_, which
pip, build and uv call in the project's folder. Settings stand in ``[tool.swiftbuffer]``; ``docs/packaging.md`` lists
them.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from swiftbuffer.build._toolchain import BuildError

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

ConfigSettings = Mapping[str, object] | None

METADATA_NEEDS = ["packaging>=24", "pyproject-metadata>=0.9,<1", "wheel>=0.46,<1"]
WHEEL_NEEDS = [*METADATA_NEEDS, "auditwheel>=6.6,<7", "cyclonedx-python-lib>=11,<12"]


@contextmanager
def _errors_in_one_line() -> Iterator[None]:
    """What is wrong with a project or a machine ends the build as one line, not as a traceback."""
    try:
        yield
    except BuildError as error:
        sys.exit(f"error: {error}")
    except ModuleNotFoundError as error:
        if str(error.name).startswith("swiftbuffer"):
            raise
        sys.exit(f"error: the package {error.name} is missing, which builds need: `pip install 'swiftbuffer[build]'`")


def get_requires_for_build_wheel(config_settings: ConfigSettings = None) -> list[str]:  # noqa: ARG001
    """The packages that ``build_wheel`` imports."""
    return WHEEL_NEEDS


def get_requires_for_build_editable(config_settings: ConfigSettings = None) -> list[str]:  # noqa: ARG001
    """The packages that ``build_editable`` imports."""
    return METADATA_NEEDS


def get_requires_for_build_sdist(config_settings: ConfigSettings = None) -> list[str]:  # noqa: ARG001
    """The packages that ``build_sdist`` imports."""
    return METADATA_NEEDS


def build_wheel(
    wheel_directory: str,
    config_settings: ConfigSettings = None,
    metadata_directory: str | None = None,  # noqa: ARG001
) -> str:
    """Compile the project's module for the running interpreter, and write a wheel. Returns its file name."""
    project = Path.cwd()
    with _errors_in_one_line(), tempfile.TemporaryDirectory() as place:
        from swiftbuffer.build import _compile, _settings, _wheel

        settings = _settings.load(project, config_settings)
        _wheel.metadata(project)
        module = _compile.compile_module(project, settings, Path(place))
        return _wheel.write_wheel(project, settings, module.folder, Path(wheel_directory))


def prepare_metadata_for_build_wheel(metadata_directory: str, config_settings: ConfigSettings = None) -> str:
    """Write the folder ``.dist-info`` of the wheel to come. Returns its name."""
    with _errors_in_one_line():
        from swiftbuffer.build import _settings, _wheel

        _settings.load(Path.cwd(), config_settings)
        return _wheel.write_metadata(Path.cwd(), Path(metadata_directory))


prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel


def build_editable(
    wheel_directory: str,
    config_settings: ConfigSettings = None,
    metadata_directory: str | None = None,  # noqa: ARG001
) -> str:
    """Compile the project's module into the project's folder, and write a wheel that leads there, and has the module
    compiled anew on import when its sources have changed. Returns its file name."""
    project = Path.cwd()
    with _errors_in_one_line():
        from swiftbuffer.build import _editable_wheel, _settings

        settings = _settings.load(project, config_settings)
        return _editable_wheel.write(project, settings, Path(wheel_directory))


def build_sdist(sdist_directory: str, config_settings: ConfigSettings = None) -> str:
    """Write a source distribution. Returns its file name."""
    with _errors_in_one_line():
        from swiftbuffer.build import _sdist, _settings

        _settings.load(Path.cwd(), config_settings)
        return _sdist.write_sdist(Path.cwd(), Path(sdist_directory))
