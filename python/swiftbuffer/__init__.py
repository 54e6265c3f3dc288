"""The buffer protocol, complete, in Swift."""

from swiftbuffer import _core, capi
from swiftbuffer._core import Array, View, array, empty, from_memory, full, zeros
from swiftbuffer._version import __version__

__all__ = [
    "Array",
    "BufferFlags",
    "View",
    "__version__",
    "_core",
    "array",
    "capi",
    "empty",
    "from_memory",
    "full",
    "zeros",
]

# Known to type checkers by its name; importing `typing` for it would take longer than all the rest.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from swiftbuffer._flags import BufferFlags
else:

    def __getattr__(name: str) -> object:
        # `enum` takes as long to import as the rest together, and is imported only for who asks.
        if name == "BufferFlags":
            from swiftbuffer._flags import BufferFlags

            globals()[name] = BufferFlags
            return BufferFlags
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
