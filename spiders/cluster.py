"""A backfill's units on a Dask cluster: the same pure function, the same results, one writer here.

    units ─▶ at most so many in flight ─▶ scheduler ─▶ workers (`cluster_task`) ─▶ UnitResult

A worker that dies has its unit done by another; of a scheduler that was started anew everything in
flight is asked for again.  Connections are encrypted and both ends show certificates, but on
loopback; nothing else is spoken.
"""

from __future__ import annotations

import ipaddress
import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic_core import from_json, to_json

from monitor.errors import StationwatchError, UsageError
from monitor.log import get_logger
from spiders.cluster_task import pack_setup, work_unit_apart
from spiders.unit_pool import MOST_DEATHS, PoolSetup, UnitResult
from spiders.units import Flagged, Unit, UnitDone, UnitFailed, unpack_told
from spiders.warc_records import Place

Client = Any  # of distributed, whose calls are not typed
Future = Any

log = get_logger("spiders")

PATIENCE = 180.0
"""Seconds that a scheduler may be away, or have no worker, before the backfill stops."""

POLL = 0.1
MOST_TRIES = 5
"""Times that a unit may fail on the cluster before it is given up; one that takes workers down was
given to several by the scheduler already (`distributed.scheduler.allowed-failures`)."""


class ClusterError(StationwatchError):
    """The cluster cannot be used."""


@dataclass(frozen=True, kw_only=True)
class ClusterAddress:
    """A scheduler, and the files of our certificate, its key, and the authority of all."""

    address: str
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None


def check_address(cluster: ClusterAddress) -> None:
    """Raise UsageError for a scheduler that could only be reached in the clear."""
    parts = urlsplit(cluster.address)
    doing = f"while reading --cluster {cluster.address!r}"
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme not in {"tls", "tcp"} or not parts.hostname or port is None:
        raise UsageError(f"{doing}: no scheduler's address; write tls://HOST:8786")
    if parts.scheme == "tls":
        if not (cluster.ca_file and cluster.cert_file and cluster.key_file):
            raise UsageError(
                f"{doing}: tls needs certificates; name them with --cluster-ca, --cluster-cert and"
                " --cluster-key"
            )
    elif not _is_loopback(parts.hostname):
        raise UsageError(
            f"{doing}: tcp is not encrypted, and goes only to this machine; start the scheduler"
            " with certificates and write tls://"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class ClusterPool:
    """As many units in flight as a cluster has threads, twice; used like `UnitPool`.

    Raises ClusterError when the cluster cannot be used, or is away for longer than PATIENCE.
    """

    def __init__(
        self,
        units: Iterable[Unit],
        setup: PoolSetup,
        *,
        cluster: ClusterAddress,
    ) -> None:
        check_address(cluster)
        self._units = iter(units)
        self._setup = pack_setup(setup)
        self._cluster = cluster
        self._rules = setup.rules
        self._client: Client = None
        self._pending: dict[Future, Unit] = {}
        self._waiting: list[Unit] = []
        self._tries: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._client = self._connect(time.monotonic() + PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        if self._client is not None:
            self._client.cancel(list(self._pending), force=True)
            self._client.close(timeout=5)

    def __iter__(self) -> Iterator[UnitResult]:
        """Yield results as they come; each unit once."""
        quiet_since = time.monotonic()
        while self._fill():
            ended = [future for future in self._pending if future.done()]
            if not ended:
                self._wait(quiet_since)
                continue
            quiet_since = time.monotonic()
            for future in ended:
                result = self._take(future, self._pending.pop(future))
                if result is not None:
                    yield result

    def _fill(self) -> bool:
        """Ask for units until enough are in flight; say whether anything is left to wait for."""
        is_up = self._is_up()  # asked once: back in between, it would look like the end
        most = 2 * max(1, self._count_threads()) if is_up else 0
        while len(self._pending) < most:
            unit = self._waiting.pop() if self._waiting else next(self._units, None)
            if unit is None:
                break
            try:
                future = self._client.submit(
                    work_unit_apart, self._setup, to_json(unit), pure=False
                )
            except (OSError, RuntimeError):  # the scheduler went away just now
                self._waiting.append(unit)
                break
            self._pending[future] = unit
        return bool(self._pending or self._waiting or not is_up)

    def _count_threads(self) -> int:
        try:
            return sum(self._client.nthreads().values())
        except (OSError, RuntimeError):
            return 0

    def _is_up(self) -> bool:
        return self._client is not None and self._client.status == "running"

    def _take(self, future: Future, unit: Unit) -> UnitResult | None:
        """Return what a unit came to; None where it is asked for again."""
        if future.status == "finished":
            return self._read(unit, future.result())
        if future.status == "error":
            error = future.exception()
            tries = self._tries[unit.name] = self._tries.get(unit.name, 0) + 1
            if is_killer(error):
                said = f"{unit.name}: it took several of the cluster's workers down; set aside"
                return UnitResult(unit=unit, done=UnitFailed(reason=said))
            if tries >= MOST_TRIES:
                said = f"{unit.name}: {tries} times it failed on the cluster: {error}"
                return UnitResult(unit=unit, done=UnitFailed(reason=said))
        log.warning("unit asked for again", unit=unit.name, status=future.status)
        self._waiting.append(unit)
        return None

    def _read(self, unit: Unit, frames: list[bytes]) -> UnitResult:
        skip, *flagged, last = frames
        told = [unpack_told(frame) for frame in flagged]
        pages = tuple(each for each in told if isinstance(each, Flagged))
        done = unpack_told(last)
        assert isinstance(done, (UnitDone, UnitFailed))
        rules = {page.prepared.rules_version for page in pages}
        if isinstance(done, UnitDone):
            rules.add(done.rules)  # other rules may have found nothing at all
        if self._rules is not None and rules - {self._rules}:
            raise ClusterError(
                f"while reading {unit.name!r}: a worker of the cluster judges by other rules"
                " than this machine; install the same version of the program everywhere"
            )
        skipped = tuple(Place(*place) for place in from_json(skip)[:MOST_DEATHS])
        return UnitResult(unit=replace(unit, skip=skipped), done=done, flagged=pages)

    def _wait(self, quiet_since: float) -> None:
        """Wait a little; connect anew where the scheduler went away."""
        time.sleep(POLL)
        client = self._client
        if not self._is_up():
            log.warning("scheduler lost", address=self._cluster.address)
            client.close(timeout=1)
            self._waiting += self._pending.values()
            self._pending.clear()
            self._client = self._connect(time.monotonic() + PATIENCE)
        elif time.monotonic() - quiet_since > PATIENCE and not self._count_threads():
            raise ClusterError(
                f"while waiting for {self._cluster.address}: it has had no worker for"
                f" {PATIENCE:.0f} s; start some, and start the same backfill again"
            )

    def _connect(self, until: float) -> Client:
        """Return a client of the scheduler, trying until a moment of the monotonic clock."""
        distributed = import_distributed()
        while True:
            try:
                client = distributed.Client(
                    self._cluster.address, security=make_security(self._cluster),
                    timeout=10, set_as_default=False, name="stationwatch",
                )  # fmt: skip
                open_to = client.run_on_scheduler(find_open_pages)
            except (OSError, ValueError) as error:
                if time.monotonic() > until or isinstance(error, (ValueError, FileNotFoundError)):
                    raise ClusterError(
                        f"while connecting to {self._cluster.address}: {error}; see that the"
                        " scheduler runs, and that the certificates are of one authority"
                    ) from error
                time.sleep(1)
                continue
            if open_to:
                client.close(timeout=1)
                raise ClusterError(
                    f"while connecting to {self._cluster.address}: its dashboard listens on"
                    f" {open_to[0]}, for anybody; start it with `python -m spiders.cluster_node`,"
                    " or with --dashboard-address 127.0.0.1:8787"
                )
            return client


def is_killer(error: BaseException | None) -> bool:
    """Say whether a scheduler gave a unit up since each worker that had it was gone."""
    return type(error).__name__ == "KilledWorker"


def find_open_pages(dask_scheduler: Any = None) -> list[str]:
    """Return the addresses beyond loopback on which a scheduler serves pages; runs there."""
    server = getattr(dask_scheduler, "http_server", None)
    sockets = getattr(server, "_sockets", {}).values()
    hosts = [str(each.getsockname()[0]) for each in sockets]
    return [host for host in hosts if not ipaddress.ip_address(host.split("%")[0]).is_loopback]


def make_security(cluster: ClusterAddress) -> Any:
    """Return Dask's security: encrypted, both ends with a certificate; None on loopback in tcp."""
    if not cluster.address.startswith("tls:"):
        return None
    return import_distributed().Security(
        require_encryption=True,
        tls_ca_file=cluster.ca_file,
        tls_client_cert=cluster.cert_file,
        tls_client_key=cluster.key_file,
        tls_scheduler_cert=cluster.cert_file,
        tls_scheduler_key=cluster.key_file,
        tls_worker_cert=cluster.cert_file,
        tls_worker_key=cluster.key_file,
    )


def import_distributed() -> Any:
    """Return the library; raises ClusterError with the cure where it is not installed."""
    try:
        import distributed  # noqa: PLC0415 - an extra, and 1.2 s
    except ImportError as error:
        raise ClusterError(
            "while reading --cluster: the part for clusters is not installed; type"
            " ./stationwatch install cluster"
        ) from error
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is said here
    return distributed
