from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Storage
from tests.storage.building import Desk, HeldClock


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def storage(folder: Path, clock: HeldClock) -> Iterator[Storage]:
    with Storage.create(folder, clock) as opened:
        yield opened


@pytest.fixture
def desk(storage: Storage, clock: HeldClock) -> Desk:
    return Desk(storage, clock)
