"""What the tests of the whole program share: one process that has loaded everything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.program import Program


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Start a launcher: loading takes five seconds of processor time, a run a third of one."""
    with Program(tmp_path_factory.mktemp("program"), warm=True) as running:
        yield running
