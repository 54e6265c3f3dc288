"""What is promised of the built package."""

import swiftbuffer
from swiftbuffer import _core


def test_the_compiled_module_is_the_installed_one() -> None:
    assert _core.__name__ == "swiftbuffer._core"
    assert swiftbuffer.__version__
