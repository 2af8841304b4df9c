"""Five real reports among 439 real pages, served on loopback: what is flagged, and what it costs.

    python -m benchmarks.real_input [--most N] [--keep FOLDER]

Serves `../shared/seeds` and `../shared/pages` as feeds, a news sitemap and a section page, runs
`stationwatch run --once` twice against them, and prints outcomes and every flagged page.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests.e2e.real_input import ROOT, run_once, stationwatch, write_config
from tests.fakes.press import serve_press


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, help="so many of the real pages, spread evenly")
    parser.add_argument("--keep", type=Path, help="keep configuration and data here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place_folder = options.keep or Path(folder)
        with serve_press(ROOT.parent / "shared", most=options.most) as press:
            place = write_config(place_folder, press)
            for number in (1, 2):
                press.forget()
                began = time.monotonic()
                said = run_once(place, "--new")
                print(f"run {number}: {time.monotonic() - began:.1f} s")
                print(
                    f"  pages fetched {press.fetched()}, answered 304 {press.fetched(status=304)}"
                )
                print(f"  pages ended   {said['pages']}: {said['outcomes']}")
                print(f"  messages      {said['deliveries']}")
                for story in said["stories"]:
                    seed = any(path in str(story) for path in press.seeds)
                    print(f"  {'seed' if seed else 'page'} {story['level']:8}", end=" ")
                    print(story["topics"], story["countries"], story["title"][:80])
            print(stationwatch(place, "verify"))


if __name__ == "__main__":
    main()
