"""Start a scheduler or a worker of a cluster for backfills; nothing is open that need not be.

    python -m spiders.cluster_node scheduler tls://HOST:8786 --ca ca.pem --cert c.pem --key c.key
    python -m spiders.cluster_node worker    tls://HOST:8786 --ca ca.pem --cert c.pem --key c.key

Pages with figures are served on loopback alone; a worker runs as many units as it has threads.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import tempfile

from monitor.errors import StationwatchError
from spiders.cluster import ClusterAddress, check_address, import_distributed, make_security

PAGES = "127.0.0.1:0"


async def serve(role: str, cluster: ClusterAddress, threads: int) -> None:
    """Run until the process is ended, by a signal, too: what it kept on the disk goes then."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    distributed = import_distributed()
    security = make_security(cluster)
    if role == "scheduler":
        async with distributed.Scheduler(
            host=cluster.address, security=security, dashboard=False, dashboard_address=PAGES
        ) as node:
            await node.finished()
        return
    with tempfile.TemporaryDirectory(prefix="stationwatch-") as folder:
        async with distributed.Worker(
            cluster.address, security=security, dashboard=False, dashboard_address=PAGES,
            nthreads=threads, local_directory=folder, death_timeout=300,
        ) as node:  # fmt: skip
            await node.finished()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="cluster_node", description=__doc__)
    parser.add_argument("role", choices=["scheduler", "worker"])
    parser.add_argument("address")
    for name in ("ca", "cert", "key"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    cluster = ClusterAddress(
        address=options.address, ca_file=options.ca, cert_file=options.cert, key_file=options.key
    )
    try:
        check_address(cluster)
        with contextlib.suppress(asyncio.CancelledError, KeyboardInterrupt):
            asyncio.run(serve(options.role, cluster, options.threads))
    except StationwatchError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
