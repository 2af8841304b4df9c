"""One crawl child, many sources: time, pages a second, and memory of parent, child and workers.

    python -m benchmarks.crawling [SOURCES] [ARTICLES] [--real KEYWORDS.YAML]

Every source has a host name of its own on a loopback site, so that they go on beside each other as
different hosts do; the delay between requests is off.  With `--real` pages are prepared with the
program's own preparer, else with one that only counts.
"""

from __future__ import annotations

import os
import resource
import sys
import threading
import time
import uuid
from pathlib import Path

from monitor.model import PendingEntry, Source
from spiders.crawl import CrawlChild
from spiders.frames import Done, Looked, PagePrepared, SourceTask
from spiders.settings import FetchSettings
from spiders.work import WorkerSetup
from spiders.workers import WorkerHost
from tests.fakes.site import Feed, Site, page

PARAGRAPH = (
    "<p>The council met on Friday to speak about roads, schools and the weather of the week, and"
    " decided to meet again when the rain is over and the river has gone back to its bed.</p>"
)


def build_sources(site: Site, sources: int, articles: int) -> list[SourceTask]:
    """Return tasks for so many feeds of so many articles of some 20 kB each."""
    tasks = []
    for at in range(sources):
        feed = Feed(site=site, host=f"s{at}.test")
        for number in range(articles):
            feed.add(f"/{number}", body=page(f"Title {at} {number}", PARAGRAPH * 110))
        source = Source(id=f"s{at}", kind="feed", url=feed.url, outlet=f"Outlet {at}")
        tasks.append(SourceTask(source=source))
    return tasks


class Watcher:
    """The most memory that the child and the workers have had together, seen ten times a second."""

    def __init__(self, pid: int, zygote: int) -> None:
        self.child = self.workers = 0
        self.seconds = 0.0
        self._stop = threading.Event()
        self._pid, self._zygote = pid, zygote
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(0.1):
            self.child = max(self.child, read_kilobytes(self._pid, "VmHWM"))
            pids = [self._zygote, *children(self._zygote)]
            self.workers = max(self.workers, sum(read_pss(each) for each in pids))
            self.seconds = max(self.seconds, processor_seconds(self._pid))

    def stop(self) -> None:
        """Stop watching."""
        self._stop.set()
        self._thread.join()


def read_kilobytes(pid: int, name: str) -> int:
    """Return a field of /proc/PID/status."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name + ":")), 0)


def read_pss(pid: int) -> int:
    """Return the kilobytes of a process, what it shares with others divided among them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def children(pid: int) -> list[int]:
    """Return the ids of a process's children."""
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def processor_seconds(pid: int) -> float:
    """Return the processor time of a process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Crawl and print the figures."""
    numbers = [int(each) for each in sys.argv[1:] if each.isdigit()]
    sources, articles = [*numbers, 200, 10][0], [*numbers, 200, 10][1]
    if len(numbers) < 2:
        articles = 10
    if "--real" in sys.argv:
        setup = WorkerSetup(arguments={"keywords": sys.argv[-1]})
    else:
        setup = WorkerSetup(factory="tests.fakes.preparing:load_fake", arguments={})
    settings = FetchSettings(
        delay=0, allow_private=("127.0.0.1",), lookup="tests.fakes.names:look_up"
    )
    with Site() as site, WorkerHost(setup) as host:
        tasks = build_sources(site, sources, articles)
        _ = host.rules_version
        begun = time.monotonic()
        prepared = failed = 0
        with CrawlChild(tasks, workers=host, settings=settings, deadline=600) as child:
            assert child.pid is not None
            watcher = Watcher(child.pid, host.pid)
            for message in child:
                if isinstance(message, Looked):
                    source = message.look.source_id
                    child.fetch(
                        source,
                        [
                            PendingEntry(id=str(uuid.uuid4()), source_id=source, entry=each)
                            for each in message.look.entries
                        ],
                    )
                elif isinstance(message, PagePrepared):
                    prepared += 1
                elif isinstance(message, Done):
                    assert message.problem is None
                else:
                    failed += getattr(message, "outcome", None) is not None
            took = time.monotonic() - begun
            watcher.stop()
    own = resource.getrusage(resource.RUSAGE_SELF)
    print(f"{sources} sources, {prepared} pages prepared, {failed} failed, {took:.1f} s")
    print(
        f"{prepared / took:.0f} pages a second, {watcher.seconds:.1f} s of processor in the child"
    )
    print(
        f"memory: child {watcher.child // 1024} MB, zygote and workers"
        f" {watcher.workers // 1024} MB, parent with the site {own.ru_maxrss // 1024} MB"
    )


if __name__ == "__main__":
    main()
