# SPDX-License-Identifier: Apache-2.0
"""The table of everyday works. A test holds it against the package's public names."""

from __future__ import annotations

from collections.abc import Iterator

from everyday import attributes, comparing, copies, exchange, files, growth, items, making, queues, records, views
from everyday.work import Work

TABLE = {
    "making": making.WORKS,
    "items": items.WORKS,
    "records": records.WORKS,
    "growth": growth.WORKS,
    "views": views.WORKS,
    "attributes": attributes.WORKS,
    "copies": copies.WORKS,
    "comparing and searching": comparing.WORKS,
    "exchange": exchange.WORKS,
    "queues": queues.WORKS,
    "files and shared memory": files.WORKS,
}


def every() -> Iterator[tuple[str, Work]]:
    """All works with the group that each belongs to."""
    for group, works in TABLE.items():
        for one in works:
            yield group, one


# Public names that no work uses, and why.
UNMEASURED = {
    "get_threads": "a setting",
    "set_threads": "a setting",
    "BufferFlags": "an enumeration",
    "OutOfRangeError": "an exception",
    "Ring": "what ring() returns",
    "FramePlanes": "what frame_planes() returns",
    "frame_planes": "views and from_planes() by the names of layouts",
    "ConsumerReport": "what a tool returns",
    "Finding": "what a tool returns",
    "Picture": "what a tool returns",
    "Report": "what a tool returns",
    "assert_conforms": "a tool for tests",
    "check": "a tool for tests",
    "check_consumer": "a tool for tests",
    "draw": "a tool for people",
    "trace_exports": "a tool for tests",
    "testing": "a module of tools for tests",
    "capi": "a module, function for function CPython's own",
}
