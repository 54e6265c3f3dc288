"""The buffer protocol, complete, in Swift."""

from swiftbuffer import _core
from swiftbuffer._version import __version__

__all__ = ["__version__", "_core"]
