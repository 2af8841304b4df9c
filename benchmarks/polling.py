"""Run another way of watching over the same simulated press, for figures side by side.

    uv venv /tmp/peers && uv pip install --python /tmp/peers/bin/python \
        reader feedparser sgmllib3k requests trafilatura lxml_html_clean
    python -m benchmarks.polling loop --python /tmp/peers/bin/python [--seconds 3600]
    python -m benchmarks.polling reader --python /tmp/peers/bin/python

The report has the form of benchmarks.watch_load's.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.watch_load import ROOT, report, start_press
from benchmarks.watch_processes import Sampler


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=["loop", "reader"])
    parser.add_argument("--python", required=True)
    parser.add_argument("--sources", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--port", type=int, default=18100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "press"
        press = start_press(out, options.sources, options.seconds, options.port, time.time())
        ports = json.loads((out / "ready").read_text())
        zero = time.monotonic()
        command = [options.python, "-m", f"benchmarks.polling_{options.peer}"]
        arguments = [
            "--sources",
            options.sources,
            "--press",
            ports["press"],
            "--mail",
            ports["mail"],
        ]
        peer = subprocess.Popen([*command, *map(str, arguments)], cwd=ROOT)
        try:
            sampler = Sampler(peer.pid, lambda: time.monotonic() - zero)
            while time.monotonic() - zero < options.seconds and peer.poll() is None:
                time.sleep(1)
            sampler.look()
            samples = sampler.stop()
        finally:
            peer.kill()
            press.send_signal(signal.SIGTERM)
            press.wait(timeout=60)
        seen = json.loads((out / "seen.json").read_text())
        report(seen, samples, options.sources, options.seconds)


if __name__ == "__main__":
    main()
