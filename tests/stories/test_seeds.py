"""The texts that report news, fed in order through the whole program (issue 4, Shown)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.real_input import messages, run_once, stationwatch, write_config
from tests.fakes.press import path_of, serve_press

REASON = "its publisher, or whom it retells, has reported it already"


@pytest.mark.shared
@pytest.mark.timeout(600)
def test_report_that_retells_another_joins_it_and_alerts_nobody(
    shared: Path, tmp_path: Path
) -> None:
    """Both retell one CNN report, on two sites: the second one comes a run later."""
    seeds = [path_of(file.name) for file in sorted((shared / "seeds").glob("*.txt"))]
    first_told, retold, last = seeds[2:]
    with serve_press(shared, most=8) as press:
        home = {path: each for each in press.outlets for path in each.pages}
        later = {path: home[path].pages.pop(path) for path in (retold, last)}
        place = write_config(tmp_path, press)
        before = run_once(place, "--new")
        assert before["outcomes"]["new"] == 3
        told = messages(place)
        for path, body in later.items():
            home[path].pages[path] = body
        after = run_once(place)
        assert after["outcomes"] == {"new": 2}
        now_told = messages(place)

    lines = stationwatch(place, "stories", "--json").splitlines()
    stories = [json.loads(line) for line in lines]
    assert len(stories) == 4
    both = next(each for each in stories if len(each["articles"]) == 2)
    assert [article["url"].rpartition("/article/")[2] for article in both["articles"]] == [
        path.removeprefix("/article/") for path in (first_told, retold)
    ]
    second = both["articles"][1]
    assert not second["weak"]
    assert not second["independent"]
    assert any("stand in the other" in reason for reason in second["evidence"]["because"])
    # one more alert only: that of the last text; what was held back is counted with its reason
    assert sum(map(len, told.values())) == 3
    assert sum(map(len, now_told.values())) == 4
    assert f"held back: {REASON} (1)" in stationwatch(place, "status", check=False)
    assert "2 articles, 1 independent report" in stationwatch(place, "stories")
