"""One zygote for all tests of the room: loading is done once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from spiders.work import WorkerSetup
from spiders.workers import WorkerHost
from tests.fakes.site import Site

FAKE = WorkerSetup(
    factory="tests.fakes.preparing:load_fake",
    reader="tests.fakes.preparing:read_obediently",
    arguments={},
)


@pytest.fixture(scope="session")
def host() -> Iterator[WorkerHost]:
    with WorkerHost(FAKE) as host:
        yield host


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as site:
        yield site
