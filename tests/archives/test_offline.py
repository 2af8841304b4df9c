"""A backfill without a connection says so, and ends as what did not do its work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.backfill_wishes import Wishes
from monitor.cli.backfill_work import Job, estimate, make_job, run_job
from monitor.cli.output import Output
from monitor.jobs import backfill_errand, backfill_request
from tests.archives.press import make_config
from tests.archives.test_network import QUICK
from tests.fakes.site import Reply, Site

SAID = "nothing could be reached, no name of a host was found: is there a connection?"
NOWHERE = "http://nx.town.invalid"
"""Nobody is asked for its address (`tests/fakes/names.py`): what answers differs by the network."""

Make = Callable[..., Job]


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
    config = make_config(tmp_path)

    def make(*sitemaps: str) -> Job:
        wishes = Wishes(since="2019-01-01", sitemap=sitemaps)
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
        assert "left for the next run" not in warned.getvalue()
        assert "Time" not in said.getvalue()
        assert "'nx.town.invalid' was not found" in said.getvalue()


def test_one_host_that_answers_is_a_connection(make: Make) -> None:
    with Site() as site:
        site.route("/robots.txt", Reply(status=404))
        job = make(f"{NOWHERE}/a.xml", site.url("/none.xml"))
        said, warned = StringIO(), StringIO()
        assert estimate(Output(as_json=False, out=said, err=warned), job) == 0
    assert SAID not in warned.getvalue()
    assert "Time" in said.getvalue()
    assert "'nx.town.invalid' was not found" in said.getvalue()
