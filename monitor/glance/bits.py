"""Sets of numbers as bits, 64 to a word, and as rows of numbers: compiled code."""

from __future__ import annotations

from monitor.glance.compiled import compiled, unchecked
from monitor.glance.records import Ints, Longs


@unchecked
def are_all_there(first: Ints, values: Ints, row: int, met: Longs, now: int) -> bool:
    """Say whether all numbers of a row were met now."""
    for place in range(first[row], first[row + 1]):
        if met[values[place]] != now:
            return False
    return True


@compiled
def clear(bits: Longs) -> None:
    """Set no bit."""
    for place in range(len(bits)):
        bits[place] = 0


@compiled
def copy(bits: Longs, into: Longs) -> None:
    """Write bits over others."""
    for place in range(len(into)):
        into[place] = bits[place]


@compiled
def add_bits(bits: Longs, into: Longs) -> None:
    """Add bits to others."""
    for place in range(len(into)):
        into[place] |= bits[place]


@compiled
def share(some: Longs, others: Longs) -> bool:
    """Say whether a bit is set in both."""
    for place in range(len(others)):
        if some[place] & others[place]:
            return True
    return False


@compiled
def has_bit(bits: Longs, number: int) -> bool:
    """Say whether a bit is set."""
    found: bool = bits[number // 64] >> (number % 64) & 1 == 1
    return found


@compiled
def set_bit(bits: Longs, number: int) -> None:
    """Set a bit."""
    bits[number // 64] |= 1 << (number % 64)
