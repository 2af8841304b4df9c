"""A backfill without a connection says so, and ends as what did not do its work."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from monitor import wiring
from monitor.cli import backfill_files, backfill_own_filter
from monitor.cli.backfill_estimate import estimate
from monitor.cli.backfill_job import Job, make_job
from monitor.cli.backfill_wishes import Wishes
from monitor.cli.backfill_work import run_job
from monitor.cli.output import Output
from monitor.config.folder import Configuration
from monitor.jobs import backfill_crawl, backfill_errand, backfill_request
from monitor.jobs.backfill_crawl import ASKED_AGAIN
from monitor.jobs.backfill_errand import Errand, NetworkPlan
from monitor.jobs.backfill_sources import Inputs
from monitor.wiring import create_data, open_watch, read_config
from spiders.dialing import NO_NAME
from spiders.units import Wanted
from spiders.work import WorkerSetup
from spiders.workers import WorkerHost
from tests.archives.press import make_config
from tests.archives.test_network import QUICK
from tests.fakes.names import look_up
from tests.fakes.site import Reply, Site

SAID = "nothing could be reached, no name of a host was found: is there a connection?"
NOWHERE = "http://nx.town.invalid"
"""Nobody is asked for its address (`tests/fakes/names.py`): what answers differs by the network."""

Make = Callable[..., Job]


@contextmanager
def open_quick_workers(
    _configuration: Configuration, _data: Path, *, sieve: bool
) -> Iterator[Callable[[], WorkerHost]]:
    """Yield what starts workers that need not load the keywords: no page comes here."""
    assert not sieve
    with WorkerHost(WorkerSetup(factory="tests.fakes.preparing:load_fake", arguments={})) as host:
        yield lambda: host


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Return what makes a job that asks for sitemaps, and waits shorter before it asks again."""
    real: Any = backfill_request.make_network_plan
    monkeypatch.setattr(
        backfill_request,
        "make_network_plan",
        lambda *each, **more: replace(real(*each, **more), patience=QUICK),
    )
    settings: Any = backfill_errand.fetch_settings
    monkeypatch.setattr(
        backfill_errand,
        "fetch_settings",
        lambda *each, **more: replace(settings(*each, **more), lookup="tests.fakes.names:look_up"),
    )
    monkeypatch.setattr(wiring, "open_archive_workers", open_quick_workers)
    config = make_config(tmp_path, more=f'[archives]\nccnews = "{NOWHERE}"\n')
    whole: Any = backfill_files.download_setup
    monkeypatch.setattr(
        backfill_files,
        "download_setup",
        lambda *each: replace(whole(*each), lookup=look_up, waits=(0.01,) * 4, recheck=0.01),
    )

    def make(*sitemaps: str, warc: tuple[str, ...] = (), ccnews: tuple[str, ...] = ()) -> Job:
        wishes = Wishes(since="2019-01-01", sitemap=sitemaps, warc=warc, ccnews=ccnews)
        return make_job(wishes, tmp_path / "data", config, workers=1, sieve=False)

    return make


def test_nothing_reached_is_told_and_ends_with_status_1(make: Make, tmp_path: Path) -> None:
    """A dry run took "less than a minute", status 0, after no name had been found."""
    job = make(f"{NOWHERE}/a.xml", f"{NOWHERE}/b.xml")
    for begin in (
        lambda out: estimate(out, job),
        lambda out: run_job(out, job, tmp_path / "reports", None),
    ):
        said, warned = StringIO(), StringIO()
        assert begin(Output(as_json=False, out=said, err=warned)) == 1
        assert warned.getvalue().count(SAID) == 1
        assert "Network: no name of a host was found so far" in warned.getvalue()
        assert "left for the next run" not in warned.getvalue()
        assert "Time" not in said.getvalue()
        assert "'nx.town.invalid' was not found" in said.getvalue()


def test_nothing_reached_is_asked_once_more_and_no_oftener(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Someone waited for two minutes, for three tries of every source, with nothing on screen.

    Nor is a filter compiled before that is known.
    """
    settled: list[Job] = []
    monkeypatch.setattr(backfill_own_filter, "settle_filter", lambda _out, job: settled.append(job))
    real, asked = backfill_crawl.ask_lists, []

    def count(errand: Errand, due: Any, *, replay: bool) -> None:
        asked.append(len(due))
        real(errand, due, replay=replay)

    monkeypatch.setattr(backfill_crawl, "ask_lists", count)
    job = make(*(f"{NOWHERE}/{number}.xml" for number in range(20)))
    said, warned = StringIO(), StringIO()
    assert run_job(Output(as_json=True, out=said, err=warned), job, tmp_path / "r", None) == 1
    assert asked == [20, ASKED_AGAIN]
    assert settled == []
    assert "trying once more in" in warned.getvalue()
    told = json.loads(said.getvalue())
    assert told["offline"] is True
    assert told["left_out"] == {}
    assert any("is there a connection?" in each for each in told["summary"])


@pytest.mark.parametrize(
    "named",
    [
        {"ccnews": ("2024-03", "2024-04")},
        {"warc": (f"{NOWHERE}/a.warc.gz", f"{NOWHERE}/b.warc.gz")},
    ],
    ids=["ccnews", "warc"],
)
def test_files_elsewhere_are_asked_for_once_more_and_no_oftener(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: Any
) -> None:
    """Without a connection a list of CC-NEWS took 2 minutes 40 in silence, and each file did.

    Nor is a filter compiled, or the same host asked for every one of its files.
    """
    asked: list[str] = []
    settled: list[Job] = []
    monkeypatch.setattr(backfill_own_filter, "settle_filter", lambda _out, job: settled.append(job))

    def lookup(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return look_up(host, port)

    quick: Any = backfill_files.download_setup
    monkeypatch.setattr(
        backfill_files, "download_setup", lambda *each: replace(quick(*each), lookup=lookup)
    )
    job = make(**named)
    for begin in (
        lambda out: run_job(out, job, tmp_path / "reports", None),
        lambda out: estimate(out, job),
    ):
        asked.clear()
        said, warned = StringIO(), StringIO()
        assert begin(Output(as_json=False, out=said, err=warned)) == 1
        assert warned.getvalue().count("trying once more in") == 1
        assert warned.getvalue().count(f"Network  {SAID}") == 1
        assert "Time" not in said.getvalue()
        assert len(asked) <= 4
    assert settled == []


@pytest.mark.parametrize(
    ("first", "second", "given_up"),
    [
        (f"the name 'a.example' {NO_NAME}", None, False),
        (f"the name 'a.example' {NO_NAME}", f"the name 'a.example' {NO_NAME}", True),
        ("while connecting: Network is unreachable", "No route to host", True),
        ("the site answered 503", f"the name 'a.example' {NO_NAME}", False),
    ],
)
def test_one_answer_at_the_second_try_lets_the_run_go_on(
    tmp_path: Path, root: Path, first: str, second: str | None, *, given_up: bool
) -> None:
    create_data(tmp_path)
    with open_watch(tmp_path, read_config(root, tmp_path), write=False) as watch:
        plan = NetworkPlan(asked="q", inputs=Inputs(), wanted=Wanted(), rules="r", patience=QUICK)
        errand = Errand(watch=watch, plan=plan, workers=pytest.fail)
        errand.reach.note_end(first)
        assert errand.gives_up(lambda: errand.reach.note_end(second)) is given_up


def test_one_host_that_answers_is_a_connection(make: Make) -> None:
    with Site() as site:
        site.route("/robots.txt", Reply(status=404))
        job = make(f"{NOWHERE}/a.xml", site.url("/none.xml"))
        said, warned = StringIO(), StringIO()
        assert estimate(Output(as_json=False, out=said, err=warned), job) == 0
    assert SAID not in warned.getvalue()
    assert "Time" in said.getvalue()
    assert "'nx.town.invalid' was not found" in said.getvalue()
