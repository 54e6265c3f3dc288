# SPDX-License-Identifier: Apache-2.0
"""`ring`: a queue in memory, beside collections.deque, and between threads and sockets."""

from __future__ import annotations

import mmap
import os
import socket
import struct
import threading
from collections import deque
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import swiftbuffer as sb
from sampling import examples


@examples(50)
@given(st.sampled_from(["B", "<h", "d", "T{<h:x:B:y:}"]), st.lists(st.tuples(st.booleans(), st.integers(0, 3000))))
def test_items_come_out_as_they_went_in(code: str, steps: list[tuple[bool, int]]) -> None:
    ring = sb.ring(1500, code)
    itemsize = ring.writable().itemsize
    expected: deque[bytes] = deque()
    number = 0
    for is_producer, count in steps:
        if is_producer:
            window = ring.writable(count)
            assert len(window) == min(count, ring.capacity - len(expected))
            items = [struct.pack("<q", number + n)[:itemsize].ljust(itemsize, b"\0") for n in range(len(window))]
            window.cast("B")[...] = b"".join(items)
            assert len(ring) == len(expected)
            ring.commit(len(window))
            number += len(items)
            expected.extend(items)
        else:
            seen = ring.readable(count)
            assert seen.readonly
            assert seen.contiguous
            assert seen.tobytes() == b"".join(list(expected)[:count])
            ring.consume(len(seen))
            for _ in range(len(seen)):
                expected.popleft()
        assert (len(ring), ring.free) == (len(expected), ring.capacity - len(expected))


@pytest.mark.parametrize(("code", "count"), [("B", 1), ("h", 1), ("m", 1), ("7s", 5000), ("Zd", 300), ("B", 4097)])
def test_the_capacity_fills_pages(code: str, count: int) -> None:
    ring = sb.ring(count, code)
    itemsize = ring.writable().itemsize
    assert ring.capacity >= count
    assert ring.capacity * itemsize % mmap.PAGESIZE == 0
    # No smaller number of items does.
    assert (ring.capacity - count) * itemsize < mmap.PAGESIZE * itemsize
    assert ring.free == len(ring.writable()) == ring.capacity


def test_a_window_beyond_the_end_is_the_start() -> None:
    ring = sb.ring(1, "B")
    size = ring.capacity
    ring.commit(size - 3)
    ring.consume(size - 3)
    window = ring.writable()
    assert (len(window), window.contiguous) == (size, True)
    window[:6] = b"abcdef"
    ring.commit(6)
    first = ring.readable().address - (size - 3)
    assert ring.readable().tobytes() == b"abcdef"
    assert sb.from_memory(first, 3).tobytes() == b"def"


def test_the_same_room_is_shown_until_it_is_committed() -> None:
    ring = sb.ring(4096)
    ring.writable(3)[...] = b"abc"
    ring.writable(1)[...] = b"z"
    ring.commit(2)
    assert ring.readable().tobytes() == b"zb"
    assert ring.readable(1).tobytes() == b"z"
    ring.consume(0)
    ring.consume(2)
    assert ring.writable(1).address == ring.readable().address


def test_sockets_receive_into_the_ring_and_send_from_it() -> None:
    left, right = socket.socketpair()
    left.settimeout(10)
    right.settimeout(10)
    ring = sb.ring(4096)
    ring.commit(4000)
    ring.consume(4000)
    with left, right:
        data = bytes(range(256)) * 4
        left.sendall(data)
        while len(ring) < len(data):
            ring.commit(right.recv_into(ring.writable()))
        assert np.frombuffer(ring.readable(), "u1").tobytes() == data
        while len(ring):
            ring.consume(right.send(ring.readable(300)))
        received = b""
        while len(received) < len(data):
            received += left.recv(2000)
        assert received == data


def test_a_producer_and_a_consumer_on_two_threads_need_no_lock() -> None:
    ring = sb.ring(2048, "i")
    count = 40_000
    wrong: list[Any] = []

    def produce() -> None:
        numbers = np.arange(count, dtype="i")
        done = 0
        while done < count:
            window = ring.writable(count - done)
            window[...] = numbers[done : done + len(window)]
            ring.commit(len(window))
            done += len(window)

    def consume() -> None:
        done = 0
        while done < count:
            seen = np.asarray(ring.readable())
            if not (seen == np.arange(done, done + len(seen))).all():
                wrong.append(done)
                return
            ring.consume(len(seen))
            done += len(seen)

    threads = [threading.Thread(target=each) for each in (produce, consume)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong
    assert len(ring) == 0


def test_windows_keep_the_memory_and_show_later_items() -> None:
    ring = sb.ring(4096)
    window, seen = ring.writable(3), ring.readable()
    window[...] = b"abc"
    ring.commit(3)
    seen = ring.readable()
    ring.consume(3)
    del ring
    window[...] = b"xyz"
    assert seen.tobytes() == b"xyz"


def test_rings_end_their_mappings() -> None:
    def mappings() -> int:
        with open("/proc/self/maps") as file:  # noqa: PTH123
            return sum("memfd:swiftbuffer.ring" in line for line in file)

    before, files = mappings(), len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    ring = sb.ring(4096)
    assert mappings() > before
    window = ring.writable()
    del ring
    window.release()
    assert (mappings(), len(os.listdir("/proc/self/fd"))) == (before, files)  # noqa: PTH208


def test_errors_say_what_is_wrong() -> None:
    ring = sb.ring(1, "i")
    ring.commit(10)
    for error, text, use in [
        (ValueError, "1015 items cannot be committed: there is room for 1014", lambda: ring.commit(1015)),
        (ValueError, "11 items cannot be consumed: 10 can be read", lambda: ring.consume(11)),
        (ValueError, "-1 items", lambda: ring.commit(-1)),
        (ValueError, "-1 items", lambda: ring.consume(-1)),
        (ValueError, "negative", lambda: ring.writable(-1)),
        (ValueError, "negative", lambda: ring.readable(-1)),
        (TypeError, ".", lambda: ring.commit("x")),  # type: ignore[arg-type]
        (ValueError, "at least one", lambda: sb.ring(0)),
        (ValueError, "at least one", lambda: sb.ring(-5)),
        (ValueError, "no bytes", lambda: sb.ring(1, "0s")),
        (NotImplementedError, "references", lambda: sb.ring(1, "O")),
        (OverflowError, ".", lambda: sb.ring((1 << 63) - 1, "d")),
        (OSError, ".", lambda: sb.ring(1 << 60)),
        (TypeError, "cannot create", sb.Ring),
    ]:
        with pytest.raises(error, match=text):
            use()
        assert (len(ring), ring.free) == (10, 1014)
    assert repr(ring) == "<Ring format='i' 10 of 1024 items>"
