"""The program's own rules, read once for all tests of the filter."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.prepare import Preparer, load_preparer
from monitor.sieve import PageSieve


@pytest.fixture(scope="session")
def preparer(root: Path) -> Preparer:
    return load_preparer(str(root / "keywords.yaml"))


@pytest.fixture(scope="session")
def sieve(preparer: Preparer) -> PageSieve:
    return PageSieve(preparer.matcher)
