# SPDX-License-Identifier: Apache-2.0
"""Libraries of columns, by Arrow: pyarrow, polars, duckdb, nanoarrow."""

from __future__ import annotations

from typing import Any

import swiftbuffer as sb
from exchanges.cells import IN, OUT, Given, Row, Taken
from exchanges.common import Late, arrow_address, owned, pa, row

polars, duckdb, nanoarrow = Late("polars"), Late("duckdb"), Late("nanoarrow")


def made(array: Any) -> Any:
    return pa.array(owned(array))


def bytes_made(array: Any) -> Any:
    return pa.py_buffer(array.tobytes())


def buffer_address(buffer: Any) -> int:
    return int(buffer.address)


def series(array: Any) -> Any:
    return polars.Series(owned(array))


def series_address(one: Any) -> int:
    return arrow_address(one.to_arrow())


def nano_made(array: Any) -> Any:
    return nanoarrow.c_array(made(array))


def nano_address(array: Any) -> int:
    return int(array.buffers[1])


def query(array: Any) -> Any:
    """A relation, which reads the memory when it is asked for its rows."""
    return duckdb.from_arrow(pa.table({"x": pa.array(array)}))


ROWS: list[Row] = [
    row("pyarrow", OUT, "`pyarrow.array(a)`", Given(lambda a: pa.array(a), lambda x: x.to_pylist(), arrow_address)),
    row(
        "pyarrow",
        OUT,
        "`pyarrow.py_buffer(a)`",
        Given(lambda a: pa.py_buffer(a), lambda x: list(x.to_pybytes()), buffer_address, format="B"),
    ),
    row("pyarrow", IN, "`from_arrow(x)`", Taken(made, sb.from_arrow, arrow_address, made)),
    row(
        "pyarrow",
        IN,
        "`View(buffer)`",
        Taken(bytes_made, lambda x: sb.View(x), buffer_address, bytes_made, format="B", formats=("B",)),
    ),
    row("polars", OUT, "`polars.Series(a)`", Given(lambda a: polars.Series(a), lambda x: x.to_list(), series_address)),
    row(
        "polars",
        OUT,
        "`polars.Series(pyarrow.array(a))`",
        Given(lambda a: polars.Series(pa.array(a)), lambda x: x.to_list(), series_address),
        imports="polars pyarrow",
    ),
    row(
        "polars",
        IN,
        "`from_arrow(x.to_arrow())`",
        Taken(series, lambda x: sb.from_arrow(x.to_arrow()), series_address, series),
        imports="polars pyarrow",
    ),
    row(
        "duckdb",
        OUT,
        "`duckdb.from_arrow(…)` of a table of `pyarrow.array(a)`",
        Given(query, lambda relation: [one for (one,) in relation.fetchall()]),
        imports="duckdb pyarrow",
    ),
    row(
        "nanoarrow",
        OUT,
        "`nanoarrow.c_array(a)`",
        Given(lambda a: nanoarrow.c_array(a), lambda x: nanoarrow.Array(x).to_pylist(), nano_address),
    ),
    row(
        "nanoarrow",
        IN,
        "`from_arrow(x)`",
        Taken(nano_made, sb.from_arrow, nano_address, nano_made),
        imports="nanoarrow pyarrow",
    ),
]
