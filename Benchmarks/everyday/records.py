# SPDX-License-Identifier: Apache-2.0
"""Records with names, beside the tuples of `struct` and NumPy's structured arrays."""

from __future__ import annotations

from everyday.objects import LIST, NUMPY, STRUCT
from everyday.work import FILLED, work

WORKS = [
    work(
        "x[i]",
        "records",
        "x[i]",
        sizes=FILLED,
        less=(STRUCT, NUMPY),
        pictured=True,
        peers={STRUCT: "record.unpack_from(x, i * 15)", NUMPY: "x[i].item()"},
    ),
    work("x[i].value", "records", "x[i].value", sizes=FILLED, pictured=True, peers={NUMPY: "x[i]['value']"}),
    work("x['value']", "records", "x['value']", NUMPY, pictured=True),
    work("x[['id', 'value']]", "records", "x[['id', 'value']]", NUMPY),
    work(
        "list(x)",
        "records",
        "list(x)",
        less=(STRUCT, NUMPY),
        pictured=True,
        peers={STRUCT: "list(record.iter_unpack(x))", NUMPY: "x.tolist()"},
    ),
    work(
        "x.tolist()",
        "records",
        "x.tolist()",
        NUMPY,
        less=(STRUCT, NUMPY),
        pictured=True,
        peers={STRUCT: "list(record.iter_unpack(x))"},
    ),
    work(
        "x['value'].tolist()",
        "records",
        "x['value'].tolist()",
        NUMPY,
        peers={STRUCT: "[v[3] for v in record.iter_unpack(x)]"},
    ),
    work(
        "x[i] = tuple",
        "records",
        "x[i] = item",
        NUMPY,
        sizes=FILLED,
        pictured=True,
        peers={STRUCT: "record.pack_into(x, i * 15, *item)"},
    ),
    work("x['value'] = number", "records", "x['value'] = 1.5", NUMPY, same=False),
    work(
        "x == y",
        "records",
        "x == y",
        sizes=FILLED,
        peers={NUMPY: "bool((x == y).all())", STRUCT: "x == y"},
        aside=(STRUCT,),
    ),
    work("x.index(tuple)", "records", "x.index(item)", sizes=FILLED, peers={LIST: "x.index(item)"}),
    work("x.count(tuple)", "records", "x.count(item)", sizes=FILLED, peers={LIST: "x.count(item)"}),
    work("x.names", "records", "x.names", peers={NUMPY: "x.dtype.names"}),
    work("x.fields", "records", "x.fields", same=False, peers={NUMPY: "x.dtype.fields"}),
]
