"""Functions that are compiled to machine code before their first call, and kept for later starts.

They take records, arrays, numbers and tuples of these.  Indices are checked, since pages are
hostile; but for short loops that keep within their arrays by themselves, which are many times as
fast without.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numba
from numba import types
from numba.extending import intrinsic

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


count_bits = cast("Callable[[int], int]", intrinsic(_count_bits))
"""Return how many bits of a number are set, which a processor counts in one step."""
