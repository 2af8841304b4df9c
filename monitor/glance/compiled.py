"""Functions that are compiled to machine code before their first call, and kept for later starts.

They take records, arrays, numbers and tuples of these.  Indices are checked, since pages are
hostile; but for short loops that keep within their arrays by themselves, which are many times as
fast without.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numba.np import arrayobj

from monitor.glance.records import BLOCK, Bytes

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Return the function, compiled for the types that it is first called with."""
    return _compile(function, is_checked=True)


def unchecked(function: Callable[P, R]) -> Callable[P, R]:
    """Return the same without checks of indices: its own lines must show that none can be wrong."""
    return _compile(function, is_checked=False)


def _compile(function: Callable[P, R], *, is_checked: bool) -> Callable[P, R]:
    config: Any = numba.config
    kept = bool(config.CACHE_DIR)
    return cast("Callable[P, R]", numba.njit(boundscheck=is_checked, cache=kept)(function))


def _count_bits(context: Any, number: Any) -> Any:
    def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(types.int64), write


def _find_first(context: Any, number: Any) -> Any:
    def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.int64), write


def _compare(sign: str) -> Any:
    """Return what writes code that compares a block of bytes with a number, all at once."""

    def compare(context: Any, array: Any, at: Any, number: Any) -> Any:
        def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            make_array: Any = arrayobj.make_array
            source = make_array(signature.args[0])(context, builder, arguments[0])
            byte, width = ir.IntType(8), ir.IntType(32)
            block = ir.VectorType(byte, BLOCK)
            start = builder.gep(source.data, [arguments[1]])
            read = builder.load(builder.bitcast(start, block.as_pointer()), align=1)
            single = builder.trunc(arguments[2], byte)
            first = builder.insert_element(
                ir.Constant(block, ir.Undefined), single, ir.Constant(width, 0)
            )
            mask = ir.Constant(ir.VectorType(width, BLOCK), [0] * BLOCK)
            every = builder.shuffle_vector(first, ir.Constant(block, ir.Undefined), mask)
            return builder.bitcast(builder.icmp_unsigned(sign, read, every), ir.IntType(64))

        return types.int64(array, types.int64, types.int64), write

    return compare


count_bits = cast("Callable[[int], int]", intrinsic(_count_bits))
"""Return how many bits of a number are set, which a processor counts in one step."""
find_first_bit = cast("Callable[[int], int]", intrinsic(_find_first))
"""Return the place of the lowest bit that is set, 64 where none is."""
find_equal = cast("Callable[[Bytes, int, int], int]", intrinsic(_compare("==")))
"""Return a bit for each byte of a block that is a number.

The block begins at a place and may reach beyond the end of the array, into memory that must be
there: the room for a source is so much longer (`records.PAGE`).
"""
find_below = cast("Callable[[Bytes, int, int], int]", intrinsic(_compare("<")))
"""Return a bit for each byte of a block that is less than a number; else like `find_equal`."""
