"""A first look for a few keywords, in which each topic asks for one thing."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config.keywords import read_keywords
from monitor.match.matcher import Matcher
from monitor.prepare import Preparer
from tests.glance.loaded import compiled, give_time, load
from tests.glance.pages import KEYWORDS, Look

__all__ = ["compiled"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    give_time(items)


@pytest.fixture(scope="session")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    path = tmp_path_factory.mktemp("birds") / "keywords.yaml"
    path.write_text(KEYWORDS, "utf-8")
    return Matcher(read_keywords(path), places=())


@pytest.fixture(scope="session")
def look(matcher: Matcher, compiled: Path) -> Look:
    return Look(load(matcher, compiled))


@pytest.fixture(scope="session")
def preparer(matcher: Matcher) -> Preparer:
    return Preparer(matcher=matcher)
