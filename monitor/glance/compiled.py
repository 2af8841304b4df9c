"""Functions that are compiled to machine code before their first call, and kept for later starts.

They take records, arrays, numbers and tuples of these.  Indices are checked, since pages are
hostile.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Return the function, compiled for the types that it is first called with."""
    config: Any = numba.config
    kept = bool(config.CACHE_DIR)
    return cast("Callable[P, R]", numba.njit(boundscheck=True, cache=kept)(function))
