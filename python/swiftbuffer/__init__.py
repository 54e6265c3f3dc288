"""The buffer protocol, complete, in Swift."""

from swiftbuffer._core import Array, View, array, empty, full, zeros
