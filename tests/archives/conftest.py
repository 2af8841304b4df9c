"""Backfills are started here, of which the first may have to compile its filter."""

from __future__ import annotations

import pytest

from tests.glance.loaded import give_time


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    give_time(items)
