"""The first look for tests, compiled once for all processes of a run, and kept for later runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.glance.loading import find_home, load_first_look
from monitor.match.matcher import Matcher
from monitor.sieve import FirstLook

COMPILING = pytest.mark.timeout(900)
"""For tests that may be the first in a checkout: compiling takes half a minute, on a busy machine
much longer, and other processes wait for it."""


def give_time(items: list[pytest.Item]) -> None:
    """Mark the tests that load the first look, or start a program that does."""
    for item in items:
        room = item.nodeid.split("/")[1]
        starts = room in ("archives", "backfill") or "compiled" in getattr(item, "fixturenames", ())
        if starts and item.get_closest_marker("timeout") is None:
            item.add_marker(COMPILING)


@pytest.fixture(scope="session")
def compiled(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder where what is compiled is kept; skips where there is no compiler."""
    pytest.importorskip(
        "numba", reason="needs the part speed: ./stationwatch install speed", exc_type=ImportError
    )
    if home := find_home(None):  # where workers look, too
        return Path(home)
    if pytestconfig.cache is None:  # pytest was told to keep nothing
        return tmp_path_factory.mktemp("first-look")
    return pytestconfig.cache.mkdir("first-look")


def load(matcher: Matcher, compiled: Path) -> FirstLook:
    """Return the first look for a matcher; the first process compiles it, others wait."""
    return load_first_look(matcher, str(compiled))
