# SPDX-License-Identifier: Apache-2.0
"""Exporters that break a chosen rule of the protocol for chosen requests."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from swiftbuffer import _core, capi
from swiftbuffer.testing._scripted import Answer, Request, Scripted, default_source, refusal, truthful

__all__ = ["SELF", "BrokenExporter", "broken"]

When = int | Collection[int] | Callable[[Request], bool] | None

FIELDS = {
    "buf",
    "obj",
    "len",
    "itemsize",
    "readonly",
    "ndim",
    "format",
    "shape",
    "strides",
    "suboffsets",
    "status",
    "keep",
}


class _Self:
    def __repr__(self) -> str:
        return "SELF"


SELF = _Self()
"""As ``obj``, the exporter itself."""


class BrokenExporter(Scripted):
    """An exporter that answers as its source does, except for what :func:`broken` overrides."""

    def __init__(self, source: object, *, moves: bool, release: str | Callable[..., object]) -> None:
        super().__init__()
        if isinstance(release, str) and release not in {"right", "address", "never"}:
            raise ValueError(f"release must be 'right', 'address', 'never' or callable, not {release!r}")
        self._source = source
        self._moves = moves
        self._release = release
        self._rules: list[tuple[When, dict[str, Any]]] = []
        self._leaks: list[object] = []

    def also(self, when: When = None, **rule: Any) -> BrokenExporter:
        """Add a rule; takes what :func:`broken` takes after ``when``. Return the exporter itself.

        ``when`` and the keywords select and say as for :func:`broken`, and raise as there. O(1). Source: this package.
        """
        unknown = rule.keys() - FIELDS - {"accept", "error", "leak"}
        if unknown:
            raise TypeError(f"a Py_buffer has no field {', '.join(sorted(unknown))}")
        self._rules.append((when, rule))
        return self

    def replace(self, source: object) -> None:
        """Export another ``source`` from now on.

        Raises BufferError while exports are outstanding, unless ``moves``. O(1). Source: this package.
        """
        if self.exports and not self._moves:
            raise BufferError(f"{self.exports} exports are outstanding; release them first")
        self._source = source

    def move(self) -> None:
        """Copy the items to new memory, as when an object is resized.

        Raises BufferError as :meth:`replace`. O(items). Source: this package.
        """
        self.replace(_core.array(self._source))

    def _respond(self, request: Request, token: int) -> Answer:  # noqa: ARG002
        source: Any = self._source
        if callable(source):
            source = source(request)
        rules = [rule for when, rule in self._rules if applies(when, request)]
        try:
            answer = truthful(self, source, request.flags)
        except Exception as error:
            answer = refusal(error)
            if any(rule.get("accept") for rule in rules):
                answer = self._granted(source, request)
        for rule in rules:
            answer = self._changed(answer, rule, request)
        return answer

    def _granted(self, source: object, request: Request) -> Answer:
        """The answer to a request that the source refuses: all fields, except those that were not requested."""
        answer = truthful(self, source, capi.PyBUF_FULL_RO)
        requested_by = {
            "format": capi.PyBUF_FORMAT,
            "shape": capi.PyBUF_ND,
            "strides": capi.PyBUF_STRIDES,
            "suboffsets": capi.PyBUF_INDIRECT,
        }
        nulls: dict[str, Any] = {field: None for field, flag in requested_by.items() if not request.asks(flag)}
        if not request.asks(capi.PyBUF_ND):
            nulls["ndim"] = 1
        return answer._replace(**nulls)

    def _changed(self, answer: Answer, rule: dict[str, Any], request: Request) -> Answer:
        if rule.get("leak"):
            self._leaks.append(self)
        error = rule.get("error")
        if error is not None:
            answer = refusal(error(request) if callable(error) and not isinstance(error, type) else as_exception(error))
        # A request that the source itself refused has no fields to override.
        fields = {"obj", "status"} if answer.status and error is None else FIELDS
        for field in fields & rule.keys():
            value = rule[field]
            if callable(value):
                value = value(getattr(answer, field), request)
            changed: dict[str, Any] = {field: self if value is SELF else value}
            answer = answer._replace(**changed)
        return answer

    def _ended(self, address: int, token: int, known: bool) -> None:
        request = self._live.get(token)
        if callable(self._release):
            self._release(request, address)
        elif self._release == "never" or (
            self._release == "address" and request is not None and request.address != address
        ):
            self._leaks.append(self)
            return
        super()._ended(address, token, known)


def broken(
    source: object = None,
    /,
    *,
    when: When = None,
    moves: bool = False,
    release: str | Callable[..., object] = "right",
    **rule: Any,
) -> BrokenExporter:
    """Return an exporter that answers as ``source`` does, except for what is overridden.

    ``source`` is an exporter, whose answers are returned with the new exporter as ``obj``, or a function that takes the
    :class:`Request` and returns an exporter. The default is a writable array of 3 by 4 items of format ``i``.

    ``when`` selects the requests that the rule applies to: all (None), those that have all bits of an integer, those
    whose flags are in a collection, or those for which a function of the :class:`Request` (``flags``, ``number``,
    ``asks``, ``address``, ``thread``) is true. :meth:`BrokenExporter.also` adds rules, which are applied in order.

    The keywords of a rule:

    - ``buf``, ``obj``, ``len``, ``itemsize``, ``readonly``, ``ndim``, ``format``, ``shape``, ``strides``,
      ``suboffsets``: the field of the ``Py_buffer``: None for NULL, :data:`SELF` for the exporter, a tuple of any
      length, or a function of the real value and the request. ``format`` may be bytes, which need not be
      UTF-8. ``status`` is the return value of getbuffer.
    - ``accept=True`` grants requests that the source refuses.
    - ``error`` refuses: an exception, its class, or a function of the request. ``obj`` is NULL unless given.
      ``status=0`` with ``error`` grants with an exception set; ``status=-1`` without it refuses without an exception.
    - ``leak=True`` keeps a reference to the exporter with each request.

    ``moves=True`` allows :meth:`~BrokenExporter.move` and :meth:`~BrokenExporter.replace` while exports are
    outstanding; they raise BufferError otherwise. The old memory stays valid, so that tests do not crash. ``release``
    is ``"right"``; ``"address"``, which ignores the release of a copy of the struct; ``"never"``, which ignores every
    release; or a function of the :class:`Request` (None for a second release) and the address of the struct, which is
    called before the export count is decremented.

    Raises TypeError for a keyword that is no field, ValueError for an unknown ``release``. O(1). Source: this package.

    >>> from swiftbuffer import capi, testing
    >>> exporter = testing.broken(b"abc", strides=None, when=capi.PyBUF_STRIDES)
    >>> capi.PyObject_GetBuffer(exporter, capi.PyBUF_STRIDED_RO).strides is None
    True
    >>> exporter = testing.broken(b"abc", accept=True, readonly=0, when=capi.PyBUF_WRITABLE)
    >>> memoryview(exporter).readonly, capi.PyObject_GetBuffer(exporter, capi.PyBUF_WRITABLE).readonly
    (True, 0)
    >>> exporter = testing.broken(error=ValueError("no"), obj=testing.SELF, when=capi.PyBUF_F_CONTIGUOUS)
    >>> capi.PyObject_GetBuffer(exporter, capi.PyBUF_F_CONTIGUOUS)
    Traceback (most recent call last):
        ...
    ValueError: no
    >>> exporter = testing.broken(lambda request: bytearray(4))  # other memory each time
    >>> exporter = testing.broken(len=lambda true, request: true - 1).also({capi.PyBUF_SIMPLE}, ndim=0)
    >>> exporter = testing.broken(bytearray(8), moves=True)
    >>> with memoryview(exporter):
    ...     exporter.move()
    """
    exporter = BrokenExporter(default_source() if source is None else source, moves=moves, release=release)
    return exporter.also(when, **rule) if rule else exporter


def applies(when: When, request: Request) -> bool:
    if when is None:
        return True
    if isinstance(when, int):
        return request.asks(when)
    if callable(when):
        return when(request)
    return request.flags in when


def as_exception(error: Any) -> BaseException:
    return error() if isinstance(error, type) else error  # type: ignore[no-any-return]
