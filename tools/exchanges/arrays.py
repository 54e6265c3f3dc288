# SPDX-License-Identifier: Apache-2.0
"""Libraries of arrays in the same process: NumPy, PyTorch, JAX, pandas, Dask."""

from __future__ import annotations

from typing import Any

import swiftbuffer as sb
from exchanges.cells import IN, OUT, Given, Row, Taken
from exchanges.common import Late, locked, np, owned, poke, row, tolist, where

torch, dlpack, jnp = Late("torch"), Late("jax.dlpack"), Late("jax.numpy")
pandas, da = Late("pandas"), Late("dask.array")


def regrow(obj: Any) -> None:
    obj.resize(obj.size * 64, refcheck=False)


TYPES = {"d": "float64", "f": "float32", "q": "int64", "i": "int32", "h": "int16", "b": "int8", "B": "uint8"}


def torch_buffer(array: Any) -> Any:
    return torch.frombuffer(array, dtype=getattr(torch, TYPES[array.format]))


def torch_address(tensor: Any) -> int:
    return int(tensor.data_ptr())


def torch_made(array: Any) -> Any:
    return torch.from_dlpack(owned(array)).clone()


def jax_address(array: Any) -> int:
    return int(array.unsafe_buffer_pointer())


def jax_made(array: Any) -> Any:
    return jnp.array(np.asarray(array))


def column(array: Any) -> Any:
    return pandas.Series(np.asarray(array), copy=False)


def column_address(series: Any) -> int:
    return where(series.to_numpy())


def column_poke(series: Any) -> None:
    series.iloc[0] = 55


ROWS: list[Row] = [
    row("NumPy", OUT, "`numpy.asarray(a)`", Given(lambda a: np.asarray(a), tolist, where, poke)),
    row("NumPy", OUT, "`numpy.from_dlpack(a)`", Given(lambda a: np.from_dlpack(a), tolist, where, poke)),
    row("NumPy", OUT, "`numpy.frombuffer(a, dtype)`", Given(lambda a: np.frombuffer(a, a.dtype), tolist, where, poke)),
    row("NumPy", IN, "`View(x)`", Taken(owned, sb.View, where, locked, regrow)),
    row("NumPy", IN, "`from_dlpack(x)`", Taken(owned, sb.from_dlpack, where, locked, regrow)),
    row("NumPy", IN, "`from_array_interface(x)`", Taken(owned, sb.from_array_interface, where, locked, regrow)),
    row(
        "PyTorch",
        OUT,
        "`torch.from_dlpack(a)`",
        Given(lambda a: torch.from_dlpack(a), tolist, torch_address, poke),
        "torch",
    ),
    row("PyTorch", OUT, "`torch.frombuffer(a, dtype=…)`", Given(torch_buffer, tolist, torch_address, poke), "torch"),
    row("PyTorch", IN, "`from_dlpack(x)`", Taken(torch_made, sb.from_dlpack, torch_address), "torch"),
    row(
        "JAX",
        OUT,
        "`jax.dlpack.from_dlpack(a)`",
        Given(lambda a: dlpack.from_dlpack(a), tolist, jax_address, format="f"),
    ),
    row("JAX", IN, "`from_dlpack(x)`", Taken(jax_made, sb.from_dlpack, jax_address, jax_made, format="f")),
    row("JAX", IN, "`View(x)`", Taken(jax_made, sb.View, jax_address, jax_made, format="f")),
    row("pandas", OUT, "`Series(numpy.asarray(a), copy=False)`", Given(column, tolist, column_address, column_poke)),
    row(
        "pandas",
        IN,
        "`View(x.to_numpy())`",
        Taken(lambda a: pandas.Series(owned(a)), lambda x: sb.View(x.to_numpy()), column_address),
    ),
    row(
        "Dask",
        OUT,
        "`dask.array.from_array(a)`",
        Given(lambda a: da.from_array(a, chunks=-1), lambda x: x.compute(scheduler="synchronous").tolist()),
    ),
]
