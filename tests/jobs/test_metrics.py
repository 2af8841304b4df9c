"""Figures for Prometheus: what they say, and that their server lets nobody in."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitor.config.reader import Document, read_document
from monitor.config.settings import read_settings
from monitor.errors import StationwatchError
from monitor.jobs.deliver import deliver
from monitor.jobs.metrics import Metrics
from monitor.jobs.metrics_server import MetricsServer
from monitor.model import Look
from monitor.model.settings import MetricsSettings
from tests.jobs.arriving import commit
from tests.jobs.building import KEEPER, Place, open_place
from tests.storage.building import make_source

ANY = MetricsSettings(port=0)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    sources = (make_source("daily"), make_source("weekly"))
    with open_place(tmp_path / "var", KEEPER, sources=sources) as opened:
        yield opened


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    made = Metrics()
    yield made
    made.close()


def ask(port: int, request: str) -> tuple[int, str]:
    """Send bytes as they stand, and return status and everything that comes back."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(request.encode())
        said = b""
        while part := line.recv(65536):
            said += part
    text = said.decode()
    return int(text.split(" ", 2)[1]), text


def get(port: int, host: str | None = None, path: str = "/metrics") -> tuple[int, str]:
    return ask(port, f"GET {path} HTTP/1.1\r\nHost: {host or f'127.0.0.1:{port}'}\r\n\r\n")


def read(place: Place, metrics: Metrics) -> dict[tuple[str, ...], float]:
    settings = replace(place.watch.settings, metrics=ANY)
    metrics.update(replace(place.watch, settings=settings), {"deliver": 3.0})
    assert metrics.port is not None
    status, said = get(metrics.port)
    assert status == 200
    body = said.partition("\r\n\r\n")[2]
    return {
        (sample.name.removeprefix("stationwatch_"), *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(body)
        for sample in family.samples
    }


def test_figures_are_those_of_the_watch(place: Place, metrics: Metrics) -> None:
    commit(place, 1, "The office in the harbour was closed. " * 5)
    look = Look(source_id="daily", looked_at=place.clock.now(), problem="no answer")
    place.storage.sources.offer(look, [], run_id=place.desk.run_id)
    place.storage.proofs.keep("backup", at=place.clock.now())
    place.clock.move(seconds=90)
    owed = read(place, metrics)
    assert owed["pages_total", "new"] == 1
    assert owed["reports",] == owed["stories",] == owed["matches", "report"] == 1
    assert owed["outbox_due",] == 1
    assert owed["outbox_oldest_due_seconds",] == 90
    assert owed["outbox_messages", "alert", "owed"] == 1
    assert owed["sources", "not judged yet"] == 2
    jobs = "job_last_success_timestamp_seconds"
    assert owed[jobs, "backup"] == place.clock.now().timestamp() - 90
    assert owed[jobs, "deliver"] == place.clock.now().timestamp() - 3
    assert owed["wal_bytes",] > 0
    assert owed["process_resident_memory_bytes",] > 1e6
    deliver(place.watch)
    sent = read(place, metrics)
    assert sent["outbox_due",] == sent["dead_letters",] == 0
    assert sent["deliveries_total", "delivered"] == 1


def test_figures_name_nobody_and_nothing(place: Place, metrics: Metrics) -> None:
    """No address, keyword, source or recipient in any label."""
    commit(place, 1, "The office in the harbour was closed. " * 5)
    deliver(place.watch)
    read(place, metrics)
    assert metrics.port is not None
    said = get(metrics.port)[1].casefold()
    for word in ("daily", "example", "keeper", "duty", "overseas", "police", "harbour", "email"):
        assert word not in said, word


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ("GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
        ("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\n\r\n", 421),
        ("GET /metrics HTTP/1.1\r\n\r\n", 421),
        ("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        ("GET /metrics/../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        ("GET /metrics?x=1 HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        ("POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", 405),
        ("HEAD /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
        ("TRACE /metrics HTTP/1.1\r\nHost: localhost\r\nX-Probe: repeated\r\n\r\n", 405),
        ("GET http://evil.example/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        ("repeated <script> nonsense and more words\r\n\r\n", 400),
        (f"GET /{'a' * 70000} HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        ("GET /metrics HTTP/9.9\r\nHost: localhost\r\n\r\n", 505),
    ],
    ids=[
        "rebinding", "look-alike", "no host", "other path", "traversal", "query", "post", "head",
        "trace", "proxy form", "nonsense", "too long", "version",
    ],
)  # fmt: skip
def test_anything_but_a_get_for_figures_is_refused_without_a_word(
    request_: str, status: int
) -> None:
    """FAULTS F3: a page in a browser on this machine reads nothing through a name of its own."""
    server = MetricsServer(ANY)
    server.show(b"figures")
    try:
        answered, said = ask(server.port, request_)
        assert answered == status
        assert "figures" not in said
        assert "repeated" not in said
        assert "Traceback" not in said
        assert "Python" not in said
        assert said.endswith("\r\n\r\n"), "a status and no text"
        assert get(server.port)[1].endswith("figures"), "the next one is answered"
    finally:
        server.close()


def test_clients_that_are_slow_hold_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """More of them than may be open at once: silent, dripping, or never reading what they get."""
    monkeypatch.setattr("monitor.jobs.metrics_server.MOST_OPEN", 6)
    server = MetricsServer(ANY)
    server.show(b"figures " * 1_000_000)
    with ExitStack() as slow:
        try:
            for number in range(20):
                line = slow.enter_context(socket.create_connection(("127.0.0.1", server.port)))
                if number % 3 == 1:
                    line.sendall(b"GET /metrics HT")
                elif number % 3 == 2:
                    line.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
            for _ in range(3):
                status, said = get(server.port)
                assert status == 200
                assert len(said) > 8_000_000
        finally:
            server.close()


def drips(line: socket.socket, most: int) -> int:
    """Send a byte at a time; return how many went before the line was cut."""
    for sent in range(most):
        try:
            line.sendall(b"x")
        except ConnectionError:
            return sent
        time.sleep(0.05)
    return most


def test_client_that_drips_is_left_after_its_time_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.jobs.metrics_server.PATIENCE", 0.5)
    server = MetricsServer(ANY)
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
            assert drips(line, 200) < 200, "a byte each time is no reason to go on"
    finally:
        server.close()


def test_server_that_is_asked_nothing_closes_with_clients_open() -> None:
    server = MetricsServer(ANY)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
        get(server.port)  # so that the one before was taken
        server.close()
        with suppress(ConnectionError):
            assert line.recv(1) == b""
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", server.port), timeout=5)


def test_port_that_is_taken_is_said_with_the_cure(place: Place, metrics: Metrics) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = replace(place.watch.settings, metrics=MetricsSettings(port=port))
        with pytest.raises(StationwatchError, match=rf"port {port}.*another port"):
            metrics.update(replace(place.watch, settings=settings), {})


def test_server_goes_when_the_settings_want_none(place: Place, metrics: Metrics) -> None:
    read(place, metrics)
    port = metrics.port
    assert port is not None
    metrics.update(place.watch, {})
    assert metrics.port is None
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def parse(folder: Path, text: str) -> Document:
    path = folder / "settings.toml"
    path.write_text(text)
    return read_document(path)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org", "localhost"])
def test_any_address_but_loopback_is_refused(tmp_path: Path, host: str) -> None:
    document = parse(tmp_path, f'[metrics]\nport = 9464\nhost = "{host}"\n')
    settings, problems = read_settings(document, folder=tmp_path, environment={})
    assert settings is None
    assert "this machine alone" in str(problems[0])
    assert problems[0].line == 3


def test_figures_are_off_unless_asked_for(tmp_path: Path) -> None:
    settings, _ = read_settings(parse(tmp_path, "[log]\n"), folder=tmp_path, environment={})
    assert settings is not None
    assert settings.metrics is None
    document = parse(tmp_path, "[metrics]\nport = 9464\n")
    settings, _ = read_settings(document, folder=tmp_path, environment={})
    assert settings is not None
    assert settings.metrics == MetricsSettings(port=9464)
