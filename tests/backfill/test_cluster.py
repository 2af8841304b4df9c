"""A backfill on a Dask cluster of two workers on loopback, with TLS (FAULTS A12, C14)."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from monitor.errors import UsageError
from spiders.cluster import (
    MOST_TRIES,
    ClusterAddress,
    ClusterError,
    ClusterPool,
    check_address,
)
from spiders.unit_pool import PoolSetup, UnitPool, UnitResult
from spiders.units import Unit, UnitFailed
from tests.backfill.archives import build_record, write_warc
from tests.backfill.planting import FILLER, TRICKS, frame
from tests.backfill.test_sieve import REPORTS

pytest.importorskip("distributed", reason="type ./stationwatch install cluster")

pytestmark = pytest.mark.timeout(600)  # on a busy machine; 25 s on a quiet one

ROOT = Path(__file__).resolve().parents[2]
FILES = 6


@pytest.mark.parametrize(
    ("address", "cure"),
    [
        ("tcp://scheduler.example:8786", "write tls://"),
        ("tcp://10.0.0.7:8786", "write tls://"),
        ("tls://10.0.0.7:8786", "--cluster-ca"),
        ("ucx://127.0.0.1:8786", "write tls://HOST:8786"),
        ("scheduler:8786", "write tls://HOST:8786"),
        ("tls://scheduler", "write tls://HOST:8786"),
    ],
)
def test_cluster_in_the_clear_is_refused_with_the_cure(address: str, cure: str) -> None:
    with pytest.raises(UsageError, match=cure):
        check_address(ClusterAddress(address=address))


def test_loopback_needs_no_certificates() -> None:
    check_address(ClusterAddress(address="tcp://127.0.0.1:8786"))
    check_address(ClusterAddress(address="tcp://[::1]:8786"))


class Cluster:
    """A scheduler and workers as processes, ended with the test."""

    def __init__(self, folder: Path, *, tls: bool) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        files = make_certificates(folder) if tls else {}
        self.address = ClusterAddress(
            address=f"{'tls' if tls else 'tcp'}://127.0.0.1:{port}", **files
        )
        self._arguments = [
            argument
            for name, file in files.items()
            for argument in (f"--{name.removesuffix('_file')}", file)
        ]
        self.nodes: list[subprocess.Popen[bytes]] = []

    def start(self, role: str) -> subprocess.Popen[bytes]:
        node = subprocess.Popen(
            [sys.executable, "-m", "spiders.cluster_node", role, self.address.address,
             "--threads", "1", *self._arguments],
            cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.nodes.append(node)
        return node

    def end(self) -> None:
        for node in self.nodes:
            node.kill()
            node.wait()


def make_certificates(folder: Path) -> dict[str, str]:
    authority = trustme.CA()
    ours = authority.issue_cert("127.0.0.1")
    files = {name: folder / f"{name}.pem" for name in ("ca_file", "cert_file", "key_file")}
    authority.cert_pem.write_to_path(files["ca_file"])
    ours.private_key_pem.write_to_path(files["key_file"])
    for part in ours.cert_chain_pems:
        part.write_to_path(files["cert_file"], append=True)
    return {name: str(file) for name, file in files.items()}


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path, tls=True)
    try:
        yield made
    finally:
        made.end()


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> list[Unit]:
    folder = tmp_path_factory.mktemp("archive")
    reports = list(REPORTS.items())
    found = []
    for number in range(FILES):
        records = [
            build_record(
                f"https://town.example/{number}-{page}",
                frame(f"Bread, part {page}", f"<p>{FILLER * 3}</p>").encode(),
            )
            for page in range(100)
        ]
        language, (title, text) = reports[number % len(reports)]
        html = TRICKS["plain"](title, text).encode()
        records.insert(70, build_record(f"https://{language}.example/{number}", html))
        file = write_warc(folder / f"{number}.warc.gz", records)
        found.append(Unit(path=str(file), name=file.name, end=file.stat().st_size))
    # what cannot be opened at all ends its process each time
    found.insert(2, Unit(path=str(folder), name="poisoned.warc.gz", end=100))
    return found


SETUP = PoolSetup(keywords=str(ROOT / "keywords.yaml"))


def told(results: list[UnitResult]) -> dict[str, object]:
    return {
        result.unit.name: (result.done, [page.prepared for page in result.flagged])
        for result in results
    }


@pytest.fixture(scope="module")
def at_home(units: list[Unit]) -> dict[str, object]:
    with UnitPool(units, SETUP, size=2) as pool:
        return told(list(pool))


def test_killed_worker_and_restarted_scheduler_leave_the_results_of_a_local_run(
    cluster: Cluster, units: list[Unit], at_home: dict[str, object]
) -> None:
    scheduler = cluster.start("scheduler")
    first = cluster.start("worker")
    cluster.start("worker")
    results = []
    with ClusterPool(units, SETUP, cluster=cluster.address) as pool:
        for result in pool:
            results.append(result)
            if len(results) == 1:
                os.kill(first.pid, signal.SIGKILL)
            if len(results) == 3:
                scheduler.kill()
                scheduler.wait()
                cluster.start("scheduler")
                cluster.start("worker")
    assert len(results) == len(units)
    assert told(results) == at_home
    assert [each.unit.name for each in results if isinstance(each.done, UnitFailed)] == [
        "poisoned.warc.gz"
    ]
    assert sum(len(result.flagged) for result in results) == FILES


class Ended:
    """A future of the cluster's that has ended badly."""

    status = "error"

    def __init__(self, error: Exception) -> None:
        self._error = error

    def exception(self) -> Exception:
        return self._error


def test_unit_that_takes_every_worker_down_is_set_aside_and_told() -> None:
    """The scheduler tries such a unit on several workers before it says so."""
    from distributed import KilledWorker, Status
    from distributed.scheduler import WorkerState

    pool = ClusterPool([], SETUP, cluster=ClusterAddress(address="tcp://127.0.0.1:8786"))
    unit = Unit(path="a.warc.gz", name="a.warc.gz", end=1)
    last = WorkerState(address="tcp://127.0.0.1:1", status=Status.running, pid=1, name="w",
                       local_directory="", nanny="", server_id="1", nthreads=1,
                       memory_limit=0)  # fmt: skip
    killed = KilledWorker("work-1", last, 3)
    result = pool._take(Ended(killed), unit)
    assert result is not None
    assert isinstance(result.done, UnitFailed)
    assert "set aside" in result.done.reason
    assert not pool._waiting


def test_unit_that_fails_on_the_cluster_is_tried_again_and_then_told() -> None:
    pool = ClusterPool([], SETUP, cluster=ClusterAddress(address="tcp://127.0.0.1:8786"))
    unit = Unit(path="a.warc.gz", name="a.warc.gz", end=1)
    ends = [pool._take(Ended(OSError("no file")), unit) for _ in range(MOST_TRIES)]
    assert ends[:-1] == [None] * (MOST_TRIES - 1)
    last = ends[-1]
    assert last is not None
    assert isinstance(last.done, UnitFailed)
    assert "no file" in last.done.reason


def test_stranger_without_our_certificate_is_not_served(tmp_path: Path, cluster: Cluster) -> None:
    cluster.start("scheduler")
    time.sleep(0.1)
    (tmp_path / "other").mkdir()
    others = make_certificates(tmp_path / "other")
    pool = ClusterPool([], SETUP, cluster=ClusterAddress(address=cluster.address.address, **others))
    with pytest.raises(ClusterError, match="certificates"):
        pool._connect(time.monotonic() + 8)


def test_worker_leaves_no_keywords_behind_and_other_rules_are_refused(
    tmp_path: Path, units: list[Unit], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused even where they found nothing: an older program would lose reports in silence."""
    (tmp_path / "temp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temp"))
    made = Cluster(tmp_path, tls=False)
    nothing = [replace(unit, end=2) for unit in units[:1]]
    try:
        made.start("scheduler")
        worker = made.start("worker")
        other = replace(SETUP, rules="of another version")
        with (
            ClusterPool(nothing, other, cluster=made.address) as pool,
            pytest.raises(ClusterError, match="judges by other rules"),
        ):
            list(pool)
        assert list((tmp_path / "temp").rglob("keywords.yaml"))
        worker.terminate()
        worker.wait(60)
    finally:
        made.end()
    assert not list((tmp_path / "temp").rglob("keywords.yaml"))
