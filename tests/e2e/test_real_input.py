"""The main job on real pages: five reports hidden among them are flagged, once, and delivered."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.real_input import messages, run_once, stationwatch, write_config
from tests.fakes.press import serve_press

MOST = 24


@pytest.mark.shared
@pytest.mark.timeout(600)
def test_five_reports_among_real_pages_are_flagged_once(shared: Path, tmp_path: Path) -> None:
    """The whole set of 439 pages is run by `python -m benchmarks.real_input`."""
    with serve_press(shared, most=MOST) as press:
        place = write_config(tmp_path, press)
        first = run_once(place, "--new")
        assert first["pages"] == press.fetched() == MOST + len(press.seeds)
        assert sum(first["outcomes"].values()) == first["pages"]
        flagged = {a["url"] for s in first["stories"] for a in s["articles"]}
        reports = {
            a["url"] for s in first["stories"] if s["level"] == "report" for a in s["articles"]
        }
        seeds = {o.base + path for o in press.outlets for path in o.pages if path in press.seeds}
        assert reports == seeds
        assert flagged == seeds
        told = messages(place)
        assert sum(len(alerts) for alerts in told.values()) == len(first["stories"])

        press.forget()
        second = run_once(place)
        assert press.fetched() == 0
        assert second["pages"] == 0
        assert messages(place) == told

        changed = next(o for o in press.outlets if o.kind == "feed")
        path = next(path for path in changed.pages if path in press.seeds)
        later = b"<p>The ministry has answered since: it has ordered a review of the matter.</p>"
        changed.pages[path] = (
            changed.pages[path]
            .replace(b"<title>", b"<title>Updated: ")
            .replace(b"</article>", later + b"</article>")
        )
        press.forget()
        third = run_once(place)
        assert press.fetched() == 1
        assert third["outcomes"] == {"updated": 1}
        assert messages(place) == told
    assert "0 problems" in stationwatch(place, "verify")
