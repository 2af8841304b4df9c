"""A report of our own goes through the whole watch, or the break is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.health.canary import choose_report, is_canary_due
from monitor.jobs import canary
from monitor.jobs.canary import check_canary, send_canary
from monitor.jobs.digests import preview_digest
from monitor.jobs.once import run_once
from monitor.jobs.watch import Watch
from monitor.model import Proof
from monitor.wiring import open_watch, read_config
from tests.fakes.kept import fill_cache

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def proof(hours: float, *, problem: str | None = None) -> Proof:
    return Proof(name="canary", tried_at=NOW - timedelta(hours=hours), problem=problem)


@pytest.mark.parametrize(
    ("last", "digest_in", "due"),
    [
        (None, None, True),
        (proof(5), None, False),
        (proof(7), None, True),
        (proof(2), 1.0, True),
        (proof(0.5), 1.0, False),
        (proof(2), 3.0, False),
        (proof(0.1, problem="lost"), None, False),
        (proof(0.5, problem="lost"), None, True),
        (proof(-9), None, True),
    ],
    ids=[
        "never", "fresh", "old", "digest soon", "digest soon, just proved", "digest later",
        "just failed", "failed a while ago", "clock was ahead",
    ],
)  # fmt: skip
def test_canary_is_due(last: Proof | None, digest_in: float | None, due: bool) -> None:
    digest = NOW + timedelta(hours=digest_in) if digest_in is not None else None
    assert is_canary_due(last, now=NOW, next_digest=digest) is due


@pytest.fixture
def watch(tmp_path: Path, root: Path) -> Iterator[Watch]:
    config = tmp_path / "config"
    config.mkdir()
    (config / "sources.yaml").write_text("version: 1\nreplace: true\nsources: []\n")
    data = tmp_path / "data"
    fill_cache(data)
    with open_watch(data, read_config(config, data), create=True) as opened:
        opened.storage.outbox.sync_subscribers(["me"])
        yield opened


def test_report_goes_through_and_leaves_nothing_behind(watch: Watch) -> None:
    assert check_canary(watch) is None
    kept = watch.storage.proofs.find("canary")
    assert kept is not None
    assert kept.proved_at is not None
    assert list(watch.storage.articles.iterate()) == []
    assert watch.storage.outbox.count().owed == 0
    assert not (watch.data / canary.FOLDER).exists()
    state = preview_digest(watch, watch.subscribers[0], None).watch
    assert state.canary_at == kept.proved_at
    assert state.canary_problem is None


def test_report_that_is_lost_is_told_and_stands_in_the_digest(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rule set that lost its examples' rules flags nothing: exactly what the canary is for."""
    report = choose_report(watch.keywords)
    assert report is not None
    other = replace(report, title="A bakery opens in the old town", text="Bread is sold there.")
    with monkeypatch.context() as broken:
        broken.setattr(canary, "choose_report", lambda _keywords: other)
        problem = check_canary(watch)
    assert problem is not None
    assert "not received" in problem
    (notice,) = watch.storage.outbox.claim_notices(watch.clock.now())
    assert "test report" in notice.headline
    state = preview_digest(watch, watch.subscribers[0], None).watch
    assert state.canary_problem == problem
    assert send_canary(watch) is None


def test_run_once_sends_it_and_a_lost_one_is_a_problem_of_the_run(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    well = run_once(watch)
    assert well.canary is None
    assert well.stories == ()
    kept = watch.storage.proofs.find("canary")
    assert kept is not None
    assert kept.proved_at is not None
    watch.storage.proofs.keep("canary", at=watch.clock.now() - timedelta(hours=7))
    monkeypatch.setattr(canary, "choose_report", lambda _keywords: None)
    lost = run_once(watch)
    assert lost.canary is not None
    assert any("test report" in problem for problem in lost.problems)
    assert lost.delivered.delivered == 1, "the notice, in the same run"


def test_keywords_without_examples_are_told(watch: Watch) -> None:
    bare = replace(watch, keywords=replace(watch.keywords, topics=()))
    assert "no example" in (send_canary(bare) or "")
