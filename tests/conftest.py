"""What every test may use: the shared material, and a network that is closed but for loopback."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "tests"

FIRST = (
    "glance/test_loading.py", "tooling", "e2e", "jobs", "cli", "simulated",
    "archives", "backfill", "spiders", "glance",
)  # fmt: skip
"""What takes longest begins first, so that no process tests alone at the end: the rest is quick.

`./check` has the first look compiled before; else the very first file does.
"""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: rank(item.path))


def rank(path: Path) -> int:
    """Return the place of a file among those that begin first."""
    try:
        name = path.relative_to(TESTS).as_posix()
    except ValueError:
        return len(FIRST)
    return next((at for at, each in enumerate(FIRST) if name.startswith(each)), len(FIRST))


@pytest.fixture(scope="session", autouse=True)
def nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give the tests, and the programs that they start, an empty home: nobody's files decide."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    folder = Path(os.environ.get("STATIONWATCH_SHARED", ROOT.parent / "shared"))
    if not (folder / "labelled").is_dir():
        pytest.skip("the shared texts and pages are not beside the project (../shared)")
    return folder


def is_loopback(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket
    try:
        return ipaddress.ip_address(str(address[0]).split("%")[0]).is_loopback
    except ValueError:
        return address[0] == "localhost"


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail the test that connects to anywhere else."""
    connect = socket.socket.connect
    connect_ex = socket.socket.connect_ex

    def guarded(self: socket.socket, address: Any) -> None:
        assert is_loopback(address), f"the test connects to {address!r}"
        connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> int:
        assert is_loopback(address), f"the test connects to {address!r}"
        return connect_ex(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_ex)
