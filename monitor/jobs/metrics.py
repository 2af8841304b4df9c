"""Figures for a Prometheus on this machine: made by the service, served by a thread of its own.

service thread ─ read figures ─ text ─▶ metrics_server.py ─ GET /metrics on loopback
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from monitor.jobs.metrics_server import MetricsServer
from monitor.jobs.watch import Watch
from monitor.log import get_logger
from monitor.model import StorageHealth
from storage.figures import Figures

log = get_logger("metrics")


class Metrics:
    """The figures of a running service, and the server that shows them where it is wanted."""

    def __init__(self) -> None:
        self._server: MetricsServer | None = None

    @property
    def port(self) -> int | None:
        """Return the port that is served, None without a server."""
        return None if self._server is None else self._server.port

    def update(self, watch: Watch, ended_well: Mapping[str, float]) -> None:
        """Show how the watch stands; `ended_well` are the seconds since each job last did.

        Serves where the settings say so now: a changed port is followed, a removed one closed.
        """
        settings = watch.settings.metrics
        if self._server is not None and self._server.settings != settings:
            self.close()
        if settings is None:
            return
        if self._server is None:
            self._server = MetricsServer(settings)
            log.info("figures are served", port=self._server.port)
        self._server.show(build_text(watch, ended_well))

    def close(self) -> None:
        """Serve no more."""
        if self._server is not None:
            self._server.close()
            self._server = None


def build_text(watch: Watch, ended_well: Mapping[str, float]) -> bytes:
    """Return the figures in Prometheus' text format."""
    now = watch.clock.now()
    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    found = watch.storage.read_figures(now)
    families = [
        *_of_work(found),
        *_of_jobs(found, {name: now.timestamp() - ago for name, ago in ended_well.items()}),
        *_of_storage(watch.storage.health()),
    ]
    registry.register(_Ready(families))
    return generate_latest(registry)


class _Ready(Collector):
    """Figures that were read already."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = tuple(families)

    def collect(self) -> Iterator[Metric]:
        """Yield them."""
        return iter(self._families)


def _of_work(found: Figures) -> Iterator[Metric]:
    yield _counts("pages", "Pages by how they ended.", "outcome", found.pages)
    yield _one("held_back", "Whatever was held back, of any reason.", found.held_back, total=True)
    yield _one("reports", "Reports that are kept.", found.reports)
    yield _gauges("matches", "Topics found in reports, by level.", "level", found.matches)
    yield _one("stories", "Stories that are kept.", found.stories)
    yield _one("entries_pending", "Entries whose pages were not fetched yet.", found.pending)
    messages = GaugeMetricFamily(
        "stationwatch_outbox_messages", "Messages by kind and state.", labels=("kind", "state")
    )
    for (kind, state), number in found.messages.items():
        messages.add_metric((kind, state), number)
    yield messages
    yield _one("outbox_due", "Messages that should be on their way.", found.due)
    yield _one("outbox_oldest_due_seconds", "For how long the oldest was due.", found.oldest_due)
    dead = sum(n for (_, state), n in found.messages.items() if state == "dead")
    yield _one("dead_letters", "Messages that were given up.", dead)
    yield _counts("deliveries", "Attempts by what they left.", "state", found.deliveries)
    yield _gauges("sources", "Sources by how they stand.", "state", found.sources)


def _of_jobs(found: Figures, ended: Mapping[str, float]) -> Iterator[Metric]:
    family = GaugeMetricFamily(
        "stationwatch_job_last_success_timestamp_seconds",
        "When each job last ended well.",
        labels=("job",),
    )
    for name, at in {**ended, **found.proved}.items():
        family.add_metric((name,), at)
    yield family


def _of_storage(health: StorageHealth) -> Iterator[Metric]:
    yield _one("database_bytes", "Size of the database.", health.database_bytes)
    yield _one("texts_bytes", "Size of the texts that matched nothing.", health.texts_bytes)
    yield _one("wal_bytes", "Size of the longest write-ahead log.", health.wal_bytes)
    yield _one("disk_free_bytes", "Room that is left on the disk.", health.free_bytes)


def _one(name: str, says: str, value: float, *, total: bool = False) -> Metric:
    kind = CounterMetricFamily if total else GaugeMetricFamily
    return kind(f"stationwatch_{name}", says, value=value)


def _counts(name: str, says: str, label: str, values: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(f"stationwatch_{name}", says, labels=(label,))
    for key, number in values.items():
        family.add_metric((key,), number)
    return family


def _gauges(name: str, says: str, label: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(f"stationwatch_{name}", says, labels=(label,))
    for key, number in values.items():
        family.add_metric((key,), number)
    return family
