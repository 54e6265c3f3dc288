# SPDX-License-Identifier: Apache-2.0
"""The complete buffer protocol of CPython, implemented in Swift."""

# Not collections.abc, which imports these names from here: the interpreter has already loaded this module.
from _collections_abc import MutableSequence, Sequence

from swiftbuffer import _core, capi
from swiftbuffer._core import (
    Array,
    OutOfRangeError,
    Ring,
    View,
    array,
    concatenate,
    empty,
    from_array_interface,
    from_arrow,
    from_dlpack,
    from_memory,
    from_planes,
    full,
    get_threads,
    map_file,
    mismatch,
    ring,
    set_threads,
    shared,
    stack,
    zeros,
)
from swiftbuffer._version import __version__

__all__ = [
    "Array",
    "BufferFlags",
    "ConsumerReport",
    "Finding",
    "FramePlanes",
    "OutOfRangeError",
    "Picture",
    "Report",
    "Ring",
    "View",
    "__version__",
    "_core",
    "array",
    "assert_conforms",
    "capi",
    "check",
    "check_consumer",
    "concatenate",
    "draw",
    "empty",
    "frame_planes",
    "from_array_interface",
    "from_arrow",
    "from_dlpack",
    "from_memory",
    "from_planes",
    "full",
    "get_threads",
    "map_file",
    "mismatch",
    "ring",
    "set_threads",
    "shared",
    "stack",
    "testing",
    "trace_exports",
    "zeros",
]

MutableSequence.register(Array)
Sequence.register(View)

# Type checkers know this name; importing `typing` takes longer than the rest of this module.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from swiftbuffer import testing
    from swiftbuffer._check import ConsumerReport, Finding, Report, assert_conforms, check, check_consumer
    from swiftbuffer._draw import Picture, draw
    from swiftbuffer._flags import BufferFlags
    from swiftbuffer._frames import FramePlanes, frame_planes
    from swiftbuffer._tracing import trace_exports
else:
    # Each takes as long to import as the rest together, and is imported on first use.
    _LAZY = {
        "BufferFlags": "swiftbuffer._flags",
        "ConsumerReport": "swiftbuffer._check",
        "Finding": "swiftbuffer._check",
        "FramePlanes": "swiftbuffer._frames",
        "Picture": "swiftbuffer._draw",
        "Report": "swiftbuffer._check",
        "assert_conforms": "swiftbuffer._check",
        "check": "swiftbuffer._check",
        "check_consumer": "swiftbuffer._check",
        "frame_planes": "swiftbuffer._frames",
        "draw": "swiftbuffer._draw",
        "trace_exports": "swiftbuffer._tracing",
    }

    def __getattr__(name: str) -> object:
        from importlib import import_module

        if name == "testing":
            return import_module("swiftbuffer.testing")
        if name not in _LAZY:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = getattr(import_module(_LAZY[name]), name)
        return globals()[name]

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
