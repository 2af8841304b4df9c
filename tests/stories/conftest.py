from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.config.keywords import read_keywords
from monitor.match.matcher import Matcher
from storage.database import Storage
from tests.storage.building import HeldClock
from tests.stories.desk import Newsroom


@pytest.fixture(scope="session")
def matcher(root: Path) -> Matcher:
    return Matcher.load(read_keywords(root / "keywords.yaml"))


@pytest.fixture
def newsroom(tmp_path: Path, matcher: Matcher) -> Iterator[Newsroom]:
    clock = HeldClock()
    with Storage.create(tmp_path / "var", clock) as storage:
        yield Newsroom(storage, clock, matcher, tmp_path)
