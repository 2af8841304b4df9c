"""When Python looks for garbage in circles (`gc`): seldom, and never while rules are loaded.

Nearly all that this program makes goes by itself. Rules and tables are a million small things that
stay: a collector that starts after every seven hundred new ones, as is usual, walks through them
again and again, and took half of the time of loading.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = (50_000, 20, 20)


def collect_seldom() -> None:
    """Have a whole process look for garbage less often than is usual."""
    gc.set_threshold(*SELDOM)


@contextmanager
def collecting_nothing() -> Iterator[None]:
    """Look for no garbage while what stays is made; afterwards as before."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
