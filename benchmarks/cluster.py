"""A backfill on a Dask cluster of two workers, loopback, TLS, one of them killed, and a local one.

    python -m benchmarks.cluster FOLDER [SHARED] [--records 6000] [--keywords FILE]

The command itself, over one month as `month` makes it: with two workers of this machine, and with
`--cluster`, where the first worker gets SIGKILL as soon as the first part is covered, and none
comes in its place.  What the databases hold must be the same.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import threading
import time
from pathlib import Path

from benchmarks.month import MONTH, ROOT, compare, make, progress, run_once
from monitor.wiring import create_data
from tests.backfill.test_cluster import Cluster


def run_on_cluster(folder: Path, name: str) -> dict[str, object]:
    """Run on the cluster with a kill in the middle; return when it was and how long all took."""
    certificates = folder / "certificates"
    certificates.mkdir(exist_ok=True)
    cluster = Cluster(certificates, tls=True)
    told: dict[str, object] = {}
    ended = threading.Event()

    def kill_one() -> None:
        while not ended.wait(0.2):
            found = progress(folder / name)
            if found["parts"] >= 1:
                os.kill(victim.pid, signal.SIGKILL)
                told["killed after"] = found
                return

    try:
        cluster.start("scheduler")
        victim = cluster.start("worker")
        cluster.start("worker")
        watching = threading.Thread(target=kill_one)
        watching.start()
        began = time.monotonic()
        where = cluster.address
        arguments = (
            "--cluster", where.address, "--cluster-ca", str(where.ca_file),
            "--cluster-cert", str(where.cert_file), "--cluster-key", str(where.key_file),
        )  # fmt: skip
        told["came to its end"] = run_once(folder, name, arguments)
        told["seconds"] = round(time.monotonic() - began)
        ended.set()
        watching.join()
    finally:
        ended.set()
        cluster.end()
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("shared", nargs="?", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--records", type=int, default=6_000)
    parser.add_argument("--keywords", type=Path, default=ROOT / "keywords.yaml")
    options = parser.parse_args()
    folder = options.folder.resolve()
    if not (folder / MONTH / "warc.paths.gz").exists():
        make(folder, options.shared, options.records, options.keywords)
    for name in ("local", "cluster"):
        create_data(folder / name)
    began = time.monotonic()
    if not run_once(folder, "local", ("--workers", "2")):
        raise SystemExit(f"the local run failed: see {folder / 'local.log'}")
    here = round(time.monotonic() - began)
    told = run_on_cluster(folder, "cluster")
    print(json.dumps({"local seconds": here, **told}))
    if not compare(folder, ["local", "cluster"]):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
