"""The program's own rules, and the filter for them, loaded once for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.match.matcher import Matcher
from monitor.prepare import Preparer, load_preparer
from monitor.sieve import PageSieve
from tests.glance.loaded import compiled, give_time, load

__all__ = ["compiled"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    give_time(items)


@pytest.fixture(scope="session")
def preparer(root: Path) -> Preparer:
    return load_preparer(str(root / "keywords.yaml"))


@pytest.fixture(scope="session")
def sieve(compiled: Path, preparer: Preparer) -> PageSieve:
    assert isinstance(preparer.matcher, Matcher)
    return PageSieve(load(preparer.matcher, compiled))
