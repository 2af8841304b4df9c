"""The same watch built on the `reader` library: its storage, its conditional requests, its threads.

Run by benchmarks.polling.  `update_feeds` with ten workers every fifteen minutes; each new entry's
page is fetched and matched as in benchmarks.polling_loop, since reader reads feeds only.  The first
round takes what is there as known.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

from reader import make_reader  # type: ignore[import-not-found,unused-ignore]

from benchmarks.polling_loop import EVERY, send_if_flagged
from benchmarks.simulated_news import make_outlets

WORKERS = 10


def update(reader: Any) -> None:
    """Read every feed."""
    began = time.monotonic()
    for _ in reader.update_feeds_iter(scheduled=False, workers=WORKERS):
        pass
    print(f"round of {time.monotonic() - began:.0f} s", flush=True)


def main() -> None:
    """Go on for ever."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("sources", "press", "mail"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        reader: Any = make_reader(str(Path(folder) / "reader.sqlite"))
        for outlet in make_outlets(options.sources, 0):
            reader.add_feed(f"http://{outlet.address}:{options.press}/feed")
        update(reader)
        known = {entry.resource_id for entry in reader.get_entries(read=False)}
        while True:
            began = time.monotonic()
            update(reader)
            for entry in list(reader.get_entries(read=False)):
                if entry.resource_id not in known:
                    known.add(entry.resource_id)
                    if entry.link:
                        send_if_flagged(entry.link, options.mail)
            time.sleep(max(0.0, EVERY - (time.monotonic() - began)))


if __name__ == "__main__":
    main()
