"""The program's own rules, read once for all tests of the filter, and both forms of the filter."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.match.matcher import Matcher
from monitor.prepare import Preparer, load_preparer
from monitor.sieve import PageSieve
from tests.glance.loaded import COMPILING, compiled, load

__all__ = ["compiled"]

FORMS = ("closer look", pytest.param("first look", marks=COMPILING))
"""The filter by itself, and with the first look in front of it."""


@pytest.fixture(scope="session")
def preparer(root: Path) -> Preparer:
    return load_preparer(str(root / "keywords.yaml"))


@pytest.fixture(scope="session", params=FORMS)
def form(request: pytest.FixtureRequest) -> Path | None:
    """Return the folder of what is compiled for the first look, or None to do without one."""
    if request.param == "closer look":
        return None
    folder: Path = request.getfixturevalue("compiled")
    return folder


@pytest.fixture(scope="session")
def sieve(form: Path | None, preparer: Preparer) -> PageSieve:
    assert isinstance(preparer.matcher, Matcher)
    return PageSieve(preparer.matcher, load(preparer.matcher, form) if form else None)
