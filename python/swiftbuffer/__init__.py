"""The buffer protocol, complete, in Swift."""

from swiftbuffer import _core
