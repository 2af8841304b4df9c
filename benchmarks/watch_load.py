"""Run the real service over thousands of simulated sources, and say what it takes.

    python -m benchmarks.watch_load [--sources 5000] [--seconds 3600] [--keep DIR]

A press on loopback (benchmarks.simulated_press) in a process of its own; the service is
`python -m monitor run` with its own settings, but for `allow_private`, a mail server, a webhook and
`every: 15 minutes`, at one source in 250 a minute.  One reader for each country hears of it by
mail, as staff do who share the work; the webhook hears of everything, so that its alerts are
gathered (more than five in ten minutes).  Nothing is compressed: seconds are seconds.  What was
published in the last 16.5 minutes has not had its turn everywhere, and is left out of the delays.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.simulated_news import Outlet, make_outlets, path_of, published_within
from benchmarks.watch_processes import Sampler, Samples
from benchmarks.watch_seed import EVERY, QUICK, pace_of, seed, write_sources

ROOT = Path(__file__).resolve().parents[1]
LAST = 990.0
"""Every 15 minutes and a 25th for jitter, and a minute for the rest of the way."""

COUNTRIES = "IE ES CA HU CL IT PT GR SE AT PE KE JP BR EC PL HR RS RO NO "
COUNTRIES += "FI DK TH KH NG ZM AR CO UA LV EE MT CY SI SK BE NL DE FR AU"
"""Those of `tests.fakes.reports`, one reader each."""


def start_press(
    out: Path, sources: int, seconds: float, port: int, began: float
) -> subprocess.Popen[bytes]:
    """Start the press and wait until it serves."""
    arguments = ["--sources", sources, "--seconds", seconds, "--port", port, "--out", out]
    arguments += ["--began", began]
    command = [sys.executable, "-m", "benchmarks.simulated_press", *map(str, arguments)]
    process = subprocess.Popen(command, cwd=ROOT)
    while not (out / "ready").exists():
        if process.poll() is not None:
            raise SystemExit("the press did not start")
        time.sleep(0.1)
    return process


def write_settings(config: Path, ports: dict[str, int], level: str) -> None:
    """Write settings.toml: a mailbox and a webhook on loopback, all else as shipped."""
    (config / "hook-secret").touch(mode=0o600)
    (config / "hook-secret").write_text("whsec_c2ltdWxhdGVkIHByZXNzIHNlY3JldCAwMDEh")
    (config / "settings.toml").write_text(
        f'[network]\nallow_private = ["127.0.0.0/8"]\n[log]\nlevel = "{level}"\n'
        f'[smtp]\nhost = "127.0.0.1"\nport = {ports["mail"]}\nsecurity = "none"\n'
        'sender = "watch@example.org"\n'
        + "".join(
            f'[[subscribers]]\nname = "duty-{country}"\nchannel = "email"\n'
            f'to = "duty-{country}@example.org"\ncountries = ["{country}"]\ndigest = "off"\n'
            for country in COUNTRIES.split()
        )
        + '[[subscribers]]\nname = "program"\nchannel = "webhook"\n'
        f'url = "http://127.0.0.1:{ports["hook"]}/in"\nsecret_file = "hook-secret"\n'
        f'allow_private = ["127.0.0.1:{ports["hook"]}"]\ndigest = "off"\n'
    )


def run(folder: Path, sources: int, seconds: float, port: int, level: str) -> tuple[Any, Samples]:
    """Run press and service, and return what was seen of both."""
    config, data, out = folder / "config", folder / "data", folder / "press"
    config.mkdir(parents=True)
    outlets = make_outlets(sources, seconds)
    began = time.time()
    seed(data, outlets, port, began)
    print(f"seeded in {time.time() - began:.0f} s", flush=True)
    write_sources(config, outlets, port)
    press = start_press(out, sources, seconds, port, began)
    zero = time.monotonic()
    write_settings(config, json.loads((out / "ready").read_text()), level)
    command = [sys.executable, "-m", "monitor", "run"]
    places = ["--data", str(data), "--config", str(config)]
    with (folder / "service.log").open("wb") as log:
        service = subprocess.Popen([*command, *places], cwd=ROOT, stderr=log, stdout=log)
    try:
        sampler = Sampler(service.pid, lambda: time.monotonic() - zero)
        while time.monotonic() - zero < seconds and service.poll() is None:
            time.sleep(1)
        sampler.look()
        samples = sampler.stop()
    finally:
        for process in (service, press):
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)
    return json.loads((out / "seen.json").read_text()), samples


def percentile(values: list[float], share: float) -> float:
    """Return the value below which `share` of `values` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def say_delays(name: str, delays: list[float], of: int) -> None:
    """Print one line of delays in seconds."""
    if not delays:
        print(f"| {name} | 0 of {of} | | | |")
        return
    figures = (percentile(delays, 0.5), percentile(delays, 0.99), max(delays))
    said = " | ".join(f"{figure:.0f}" for figure in figures)
    print(f"| {name} | {len(delays)} of {of} | {said} |")


def report(seen: Any, samples: Samples, sources: int, seconds: float) -> None:
    """Print the figures."""
    outlets = make_outlets(sources, seconds)
    chosen = list(published_within(outlets, seconds - LAST if seconds > 2 * LAST else seconds / 3))
    print("| from publication | how many | median s | 99 % s | longest s |\n| - | - | - | - | - |")
    places = {path_of(outlet, article): article for outlet, article in chosen}
    asked = [
        seen["asked"][path] - each.at for path, each in places.items() if path in seen["asked"]
    ]
    say_delays("to the page asked for", asked, len(places))
    reports = {path: each for path, each in places.items() if each.report is not None}
    for name in ("mailed", "hooked"):
        told = seen[name]
        say_delays(
            f"to {name}",
            [told[p] - each.at for p, each in reports.items() if p in told],
            len(reports),
        )
        late = [told[path] - seen["asked"][path] for path in told if path in seen["asked"]]
        say_delays(f"page asked for → {name}", late, len(late))
    manners = seen["manners"].values()
    quick = [each for each in manners if each["requests"] > 1 and each["shortest"] < 1]
    print(f"requests {sum(each['requests'] for each in manners)}, statuses {seen['statuses']}")
    for every in (EVERY, QUICK):
        say_looks(seen, [each for each in outlets if pace_of(each) == every], seconds)
    print(f"most at once to one host: {max((each['most_at_once'] for each in manners), default=0)}")
    print(f"hosts asked again within a second: {len(quick)}; below their Crawl-delay: ", end="")
    print(sum(each["short"] for each in manners))
    say_processes(samples, seconds)


def say_looks(seen: Any, outlets: list[Outlet], seconds: float) -> None:
    """Print how often sources that answer were looked at, and the time from look to look."""
    well = [outlet.address for outlet in outlets if not outlet.ill]
    looks = [seen["polls"].get(address, []) for address in well]
    gaps = [later - sooner for each in looks for sooner, later in itertools.pairwise(each)]
    print(
        f"looks {sum(map(len, looks))} at {len(well)} sources that answer in {seconds:.0f} s;",
        end="",
    )
    print(f" fewest at one {min(map(len, looks))}, most {max(map(len, looks))}")
    if gaps:
        print(
            f"from look to look: least {min(gaps):.0f} s, median {percentile(gaps, 0.5):.0f} s,",
            end="",
        )
        print(f" 99 % {percentile(gaps, 0.99):.0f} s, most {max(gaps):.0f} s")


def say_processes(samples: Samples, seconds: float) -> None:
    """Print processor time and memory; the start (30 s) is told apart."""
    rows = samples.rows
    start = next((row for row in rows if row[0] > 30), rows[0])
    last = rows[-1]
    share = (last[2] - start[2]) / (last[0] - start[0])
    print(
        f"processor: {last[2]:.0f} s in {last[0]:.0f} s; after the start {share:.1%} of one core,"
    )
    print(f"  {share / (os.cpu_count() or 1):.1%} of {os.cpu_count()} cores; {samples.by_name}")
    print(f"memory at most {max(row[1] for row in rows):.0f} MB (PSS); by part {samples.most}")
    print(f"load average {min(samples.loads):.1f} to {max(samples.loads):.1f}")


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--port", type=int, default=18000)
    parser.add_argument("--level", default="warning")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = options.keep or Path(name)
        seen, samples = run(
            folder / "run", options.sources, options.seconds, options.port, options.level
        )
        (folder / "samples.json").write_text(json.dumps(samples.rows))
        report(seen, samples, options.sources, options.seconds)


if __name__ == "__main__":
    main()
