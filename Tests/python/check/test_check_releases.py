# SPDX-License-Identifier: Apache-2.0
"""Defects between requests: new memory for each request, objects that stay locked, releases that fail."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

import swiftbuffer
from swiftbuffer import capi, testing

IN_PYTHON = pytest.mark.skipif(sys.version_info < (3, 12), reason="PEP 688 begins with Python 3.12")


def check(obj: object, **options: Any) -> swiftbuffer.Report:
    """Checks with and without isolation, which must agree."""
    report = swiftbuffer.check(obj, **options)
    assert swiftbuffer.check(obj, isolate=False, **options).codes == report.codes
    return report


class NewMemory:
    def __buffer__(self, flags: int) -> memoryview:
        return memoryview(bytearray(64))


class Exclusive:
    """Allows one buffer, and locks before CPython decides whether the request is granted."""

    def __init__(self, *, unlocks: bool = True) -> None:
        self.memory, self.locked, self.unlocks = bytearray(8), False, unlocks

    def __buffer__(self, flags: int) -> memoryview:
        if self.locked:
            raise BufferError("in use")
        self.locked = True
        return memoryview(self.memory)

    def __release_buffer__(self, view: memoryview) -> None:
        self.locked = not self.unlocks


class Careful(Exclusive):
    """Refuses what a memoryview refuses, before it locks."""

    def __buffer__(self, flags: int) -> memoryview:
        if flags & capi.PyBUF_FORMAT and flags & capi.PyBUF_ND != capi.PyBUF_ND:
            raise BufferError("a format needs a shape")
        return super().__buffer__(flags)


class FailsAtRelease:
    def __init__(self) -> None:
        self.memory = bytearray(8)

    def __buffer__(self, flags: int) -> memoryview:
        return memoryview(self.memory)

    def __release_buffer__(self, view: memoryview) -> None:
        raise ValueError("cannot unlock")


class TestNewMemoryForEachRequest:
    def test_is_BUF501_with_both_addresses(self) -> None:  # noqa: N802
        report = check(testing.broken(lambda _: bytearray(64)))
        assert [finding.code for finding in report.violations] == ["BUF501"], str(report)
        first, second = (part.split()[0] for part in report.violations[0].answered.split("buf=0x")[1:])
        assert first.rstrip(";") != second

    @IN_PYTHON
    def test_is_BUF501_in_python(self) -> None:  # noqa: N802
        report = check(NewMemory())
        assert [finding.code for finding in report.violations] == ["BUF501"], str(report)

    def test_is_found_in_memory_that_is_reused_after_each_release(self) -> None:
        class Pool:
            """Two blocks; a request gets the second while a buffer of the first is held."""

            def __init__(self) -> None:
                self.blocks = [bytearray(8), bytearray(8)]

            def __call__(self, _: testing.Request) -> bytearray:
                return self.blocks[bool(exporter.exports)]

        exporter = testing.broken(Pool())
        assert [finding.code for finding in check(exporter).violations] == ["BUF501"]

    def test_addresses_of_empty_memory_are_not_compared(self) -> None:
        assert "BUF501" not in check(testing.broken(lambda _: bytearray(0))).codes

    def test_memory_that_differs_by_thread_is_BUF511_with_both_addresses(self) -> None:  # noqa: N802
        import threading

        blocks = {threading.get_ident(): bytearray(8)}
        exporter = testing.broken(lambda request: blocks.setdefault(request.thread, bytearray(8)))
        report = swiftbuffer.check(exporter)
        assert [finding.code for finding in report.violations] == ["BUF511"], str(report)
        here, there = report.violations[0].answered.split("; alone ")
        assert here.split()[0].startswith("buf=0x")
        assert there.split()[0].startswith("buf=0x")
        assert here.split()[0] != there.split()[0]


class TestLocks:
    @IN_PYTHON
    def test_a_lock_taken_before_memoryview_refuses_is_BUF513(self) -> None:  # noqa: N802
        report = swiftbuffer.check(Exclusive())
        assert report.codes == ("BUF513",), str(report)
        (finding,) = report
        assert finding.requests == ("PyBUF_FORMAT",)
        assert "after that PyBUF_INDIRECT|PyBUF_FORMAT, granted before, gets BufferError: in use" in finding.answered

    @IN_PYTHON
    def test_a_lock_taken_after_every_refusal_is_BUF510_alone(self) -> None:  # noqa: N802
        # CPython itself leaves view->obj unchanged if such a class refuses (BUF302).
        assert check(Careful(), ignore=["BUF302"]).codes == ("BUF510",)

    @IN_PYTHON
    def test_a_lock_that_no_release_removes_is_BUF507(self) -> None:  # noqa: N802
        report = swiftbuffer.check(Exclusive(unlocks=False))
        assert report.codes == ("BUF507",), str(report)
        assert "after the release" in report.findings[0].answered

    @pytest.mark.parametrize("flags", [capi.PyBUF_SIMPLE, capi.PyBUF_FULL_RO, capi.PyBUF_STRIDED, capi.PyBUF_FULL])
    def test_the_request_that_locks_is_named(self, flags: int) -> None:
        locked = False

        def lock(request: testing.Request) -> bool:
            nonlocal locked
            before, locked = locked, locked or request.flags == flags
            return before

        report = swiftbuffer.check(testing.broken(swiftbuffer.zeros(8, "B"), when=lock, error=BufferError("in use")))
        assert report.codes == ("BUF507",), str(report)
        assert report.findings[0].requests == (swiftbuffer._check.requests.request_name(flags),)  # type: ignore[attr-defined]

    def test_an_exporter_that_refuses_some_requests_is_not_locked(self) -> None:
        exporter = testing.broken(
            swiftbuffer.zeros(8, "B"), when=lambda request: request.number % 7 == 0, error=BufferError("not now")
        )
        assert not {"BUF507", "BUF513"} & set(swiftbuffer.check(exporter).codes)

    def test_answers_from_before_the_lock_are_examined(self) -> None:
        locked = False

        def lock(request: testing.Request) -> bool:
            nonlocal locked
            locked = locked or (request.asks(capi.PyBUF_FORMAT) and not request.asks(capi.PyBUF_ND))
            return locked

        exporter = testing.broken(swiftbuffer.zeros(8, "B"), when=lock, error=BufferError("in use"))
        exporter.also(capi.PyBUF_STRIDES, strides=None)
        assert swiftbuffer.check(exporter).codes == ("BUF105", "BUF513")


class TestReleasesThatFail:
    def failing(self) -> object:
        def fail(_request: testing.Request | None, _address: int) -> None:
            raise ValueError("cannot unlock")

        return testing.broken(swiftbuffer.zeros(8, "B"), release=fail)

    def test_are_BUF514_with_the_exception(self) -> None:  # noqa: N802
        report = check(self.failing())
        assert report.codes == ("BUF514",), str(report)
        assert "ValueError: cannot unlock" in report.findings[0].answered

    @IN_PYTHON
    def test_are_BUF514_in_python(self) -> None:  # noqa: N802
        report = check(FailsAtRelease(), ignore=["BUF7"])
        assert report.codes == ("BUF514",), str(report)

    def test_print_nothing(self, capfd: pytest.CaptureFixture[str]) -> None:
        check(self.failing())
        assert capfd.readouterr() == ("", "")

    @IN_PYTHON
    def test_print_nothing_on_the_command_line(self) -> None:
        line = [sys.executable, "-m", "swiftbuffer", "check", "test_check_releases.FailsAtRelease()"]
        done = subprocess.run(line, check=False, capture_output=True, text=True, cwd="Tests/python/check")
        assert (done.returncode, done.stderr) == (1, "")
        assert "BUF514 release-fails" in done.stdout

    def test_through_a_copy_alone_are_BUF506(self) -> None:  # noqa: N802
        exporter: Any

        def by_address(request: testing.Request | None, address: int) -> None:
            if request is None or request.address != address:
                raise KeyError(address)

        exporter = testing.broken(swiftbuffer.zeros(8, "B"), release=by_address)
        assert check(exporter).codes == ("BUF506",)

    @pytest.mark.parametrize("isolate", [True, False])
    def test_restore_the_hook(self, monkeypatch: pytest.MonkeyPatch, isolate: bool) -> None:
        seen: list[Any] = []
        hook: Callable[[Any], object] = seen.append
        monkeypatch.setattr(sys, "unraisablehook", hook)
        swiftbuffer.check(self.failing(), isolate=isolate)
        assert sys.unraisablehook is hook
        assert seen == []

    def test_do_not_hide_exceptions_of_other_objects(self, monkeypatch: pytest.MonkeyPatch) -> None:
        seen: list[str] = []
        monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: seen.append(str(unraisable.exc_value)))

        class Bystander:
            def __del__(self) -> None:
                raise ValueError("a bystander")

        def drop(_request: testing.Request) -> bool:
            Bystander()
            return False

        report = swiftbuffer.check(testing.broken(bytearray(8), len=8, when=drop), isolate=False)
        assert "BUF514" not in report.codes
        assert set(seen) == {"a bystander"}
