"""Exporters that break a chosen rule of the protocol for chosen requests, to test checkers and consumers with."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from swiftbuffer import _core, capi
from swiftbuffer.testing._scripted import Answer, Request, Scripted, refusal, truthful

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
"""Stands for the exporter itself where ``obj`` is overridden."""


class BrokenExporter(Scripted):
    """An exporter that answers as its source does, but where :func:`broken` tells it otherwise."""

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
        """Add a rule; takes what :func:`broken` takes after ``when``. Return the exporter itself."""
        unknown = rule.keys() - FIELDS - {"accept", "error", "leak"}
        if unknown:
            raise TypeError(f"a Py_buffer has no field {', '.join(sorted(unknown))}")
        self._rules.append((when, rule))
        return self

    def replace(self, source: object) -> None:
        """Show other memory from now on. Raise BufferError while buffers are out, unless ``moves`` was given."""
        if self.exports and not self._moves:
            raise BufferError(f"{self.exports} exported buffers of the object are out; release them first")
        self._source = source

    def move(self) -> None:
        """Move the items to new memory, as a resizing object does; otherwise like :meth:`replace`."""
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
        """What must be refused, granted: all there is, less what was not asked for."""
        answer = truthful(self, source, capi.PyBUF_FULL_RO)
        unasked = {
            "format": capi.PyBUF_FORMAT,
            "shape": capi.PyBUF_ND,
            "strides": capi.PyBUF_STRIDES,
            "suboffsets": capi.PyBUF_INDIRECT,
        }
        nulls: dict[str, Any] = {field: None for field, flag in unasked.items() if not request.asks(flag)}
        if not request.asks(capi.PyBUF_ND):
            nulls["ndim"] = 1
        return answer._replace(**nulls)

    def _changed(self, answer: Answer, rule: dict[str, Any], request: Request) -> Answer:
        if rule.get("leak"):
            self._leaks.append(self)
        error = rule.get("error")
        if error is not None:
            answer = refusal(error(request) if callable(error) and not isinstance(error, type) else as_exception(error))
        # Of a request that the source itself refused there are no fields to change.
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
    """Return an exporter that answers as ``source`` does, but for what is overridden.

    ``source`` is an exporter whose answers are passed on with the new exporter as ``obj``, or a function that takes the
    :class:`Request` and returns one. Left out, it is a writable array of 3 by 4 items of format ``i``.

    ``when`` chooses the requests that the rule is for: all of them (None); those that ask for all bits of an integer;
    those whose flags are in a collection; those for which a function of the :class:`Request` (``flags``, ``number``,
    ``asks``, ``address``, ``thread``) is true. :meth:`BrokenExporter.also` adds further rules, applied in turn.

    The rule is made of these keywords:

    - ``buf``, ``obj``, ``len``, ``itemsize``, ``readonly``, ``ndim``, ``format``, ``shape``, ``strides``,
      ``suboffsets``: the field of the ``Py_buffer``. None is NULL, :data:`SELF` the exporter, a tuple any number of
      entries, a function is called with the true value and the request. ``format`` may be bytes, which need not be
      UTF-8. ``status`` is what getbuffer returns.
    - ``accept=True`` grants what the source refuses.
    - ``error`` refuses: an exception, its class, or a function of the request. ``obj`` stays NULL unless given;
      ``status=0`` with ``error`` succeeds with an exception set, ``status=-1`` without one fails silently.
    - ``leak=True`` keeps a reference to the exporter with each request.

    ``moves=True`` lets :meth:`~BrokenExporter.move` and :meth:`~BrokenExporter.replace` change the memory while buffers
    are out, which otherwise raise BufferError. The old memory stays valid, so that no test crashes. ``release`` is
    ``"right"``; ``"address"``, which takes no copy of the struct, so that its export is counted for ever; ``"never"``,
    which counts every export for ever; or a function of the :class:`Request` (None for a second release) and the
    struct's address, which runs before the count drops.

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
    if source is None:
        source = _core.array([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]], format="i")
    exporter = BrokenExporter(source, moves=moves, release=release)
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
