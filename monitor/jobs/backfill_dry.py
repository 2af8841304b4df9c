"""What a backfill would ask of whom, and how long it would take: from what its lists name. Pure.

The figures are measured ones where pages were fetched before, else the defaults named here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PAGE_BYTES = 60_000
"""Of a news page as it comes over the wire, packed: 200 kB unpacked on 695 real pages."""

PAGE_SECONDS = 0.5
"""Between question and whole answer, beyond the pause that is kept anyway."""

FILTERED, UNFILTERED = 65, 490
"""Milliseconds a megabyte of packed archive, one core: 4 and 30 a page of 61 kB, from
`benchmarks/README.md`; for estimates only."""

LEAST_MEASURED = 50

USUAL_SIZE = 1024**3
"""Of a file of CC-NEWS: the archive cuts them there."""

MOST_ASKED = 10
"""Files whose server is asked for their size."""


@dataclass(frozen=True, kw_only=True)
class HostCost:
    """What one host would be asked: so many pages, one after the other, at a polite pace."""

    host: str
    requests: int
    seconds_between: float
    hours: float
    megabytes: float


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a backfill would cost; hosts are asked side by side, so the slowest decides.

    `parts_before` of the `parts` of files were read before: bytes and hours are those of the rest.
    `file_sizes` says in words how the bytes of files elsewhere are known; `offline` that nothing
    could be reached, so that nothing is known of hosts.
    """

    hosts: tuple[HostCost, ...] = ()
    files: int = 0
    parts: int = 0
    parts_before: int = 0
    file_bytes: int = 0
    file_hours: float = 0.0
    file_sizes: str = ""
    measured: bool = False
    offline: bool = False

    @property
    def requests(self) -> int:
        """Return how many pages would be asked for."""
        return sum(host.requests for host in self.hosts)

    @property
    def megabytes(self) -> float:
        """Return how much would come over the network."""
        return sum(host.megabytes for host in self.hosts)

    @property
    def hours(self) -> float:
        """Return how long all of it would take."""
        return max((host.hours for host in self.hosts), default=0.0) + self.file_hours


def estimate_hosts(
    pages: Mapping[str, int],
    *,
    delay: float,
    archive_host: str,
    archive_delay: float,
    page_bytes: float | None = None,
) -> tuple[HostCost, ...]:
    """Return what it costs to ask hosts for so many pages, the longest first."""
    hosts = []
    for host, requests in pages.items():
        between = max(delay, archive_delay) if host == archive_host else delay
        hosts.append(
            HostCost(
                host=host,
                requests=requests,
                seconds_between=between,
                hours=requests * (between + PAGE_SECONDS) / 3600,
                megabytes=requests * (page_bytes or PAGE_BYTES) / 1e6,
            )
        )
    return tuple(sorted(hosts, key=lambda cost: (-cost.hours, cost.host)))


def estimate_files(size: int, *, workers: int, filtered: bool) -> float:
    """Return the hours that it takes to read so many bytes of archive files."""
    return size / 1e6 * (FILTERED if filtered else UNFILTERED) / 3.6e6 / workers


def choose_asked(addresses: Sequence[str]) -> list[str]:
    """Return the files that are asked for their size: all of a few, else some from all over."""
    step = max(1, -(-len(addresses) // MOST_ASKED))
    return list(addresses[::step])


def estimate_sizes(count: int, sizes: Sequence[int | None]) -> tuple[int, str]:
    """Return the bytes of so many files elsewhere, and in words how they are known.

    `sizes` are what was answered for some of them; the others are taken for their mean.
    """
    if not count:
        return 0, ""
    known = [size for size in sizes if size is not None]
    if not known:
        said = (
            f"{USUAL_SIZE / 1e9:.1f} GB assumed for each file elsewhere, whose server says no size"
        )
        return count * USUAL_SIZE, said
    mean = sum(known) / len(known)
    total = round(sum(known) + mean * (count - len(known)))
    if len(known) == count:
        return total, "as their servers say"
    return total, f"by the {len(known)} of {count:,} files elsewhere whose servers were asked"
