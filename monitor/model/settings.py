"""What the one person who runs it has set: limits, the network, how much is kept and said."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from monitor.model.delivery import FolderChannel, Subscriber

LogLevel = Literal["debug", "info", "warning", "error"]


@dataclass(frozen=True, kw_only=True)
class DataSettings:
    """How long what is kept is kept, in days. What was flagged stays until a person removes it.

    `keep_looks` is for the looks at sources, from which their rhythm is learned; `keep_pages` for
    the rows of pages that were not flagged (the counts of the ledger stay). `second_backup` is a
    folder of another disk, or of a share, that gets a copy of each nightly backup.
    """

    keep_texts: int = 90
    keep_looks: int = 90
    keep_pages: int = 400
    keep_backups: int = 14
    keep_logs: int = 30
    second_backup: str | None = None


@dataclass(frozen=True, kw_only=True)
class Egress:
    """A way out that sources may name: the proxy that carries their requests, none is `direct`.

    `proxy` is an address with its login (`socks5h://me:secret@127.0.0.1:9050`).
    """

    name: str
    proxy: str | None = None

    def __repr__(self) -> str:
        """Return the way out without its address, which may hold a password."""
        return f"Egress(name={self.name!r})"


DIRECT = Egress(name="direct")
TOR = Egress(name="tor", proxy="socks5h://127.0.0.1:9050")
"""Where Tor listens unless it was told otherwise."""


@dataclass(frozen=True, kw_only=True)
class NetworkSettings:
    """How the press is asked. Deadlines are seconds for the whole request, caps are bytes.

    `user_agent` None leaves the crawler's own, which names no organisation.
    `allow_private` names the only private addresses that may be contacted: a host, `host:port`, or
    a network (`10.20.0.0/16`).
    `at_once` counts requests under way in one crawl; `delay` is the seconds between two requests to
    one host; `workers` are the processes that read pages in a crawl.
    `worker_deadline` bounds the reading of one page.
    `egress` is the way out of every source that names none, one of `ways`.
    `browser` is the path of a Chromium; None looks for one in the usual places.
    `search_feeds` is a person's word that search companies may learn what is watched.
    """

    user_agent: str | None = None
    allow_private: tuple[str, ...] = ()
    feed_deadline: float = 30.0
    page_deadline: float = 60.0
    worker_deadline: float = 30.0
    most_feed_bytes: int = 20 * 1024 * 1024
    most_page_bytes: int = 10 * 1024 * 1024
    at_once: int = 128
    delay: float = 1.0
    workers: int = 2
    egress: str = "direct"
    ways: tuple[Egress, ...] = (DIRECT, TOR)
    browser: str | None = None
    search_feeds: bool = False


@dataclass(frozen=True, kw_only=True)
class LogSettings:
    """What is logged, and for whom."""

    level: LogLevel = "warning"
    as_json: bool = False


@dataclass(frozen=True, kw_only=True)
class HeartbeatSettings:
    """The dead man's switch: an address outside that is called for as long as everything works.

    `every` is the seconds between two calls; whoever is called raises the alarm when none comes.
    """

    url: str
    every: float = 300.0
    allow_private: tuple[str, ...] = ()
    ca_file: str | None = None

    def __repr__(self) -> str:
        """Return the settings without the address, which is a secret."""
        return f"HeartbeatSettings(every={self.every!r})"


@dataclass(frozen=True, kw_only=True)
class ArchiveSettings:
    """Where backfills look: the Wayback Machine or a collection of another archive of captures.

    `ccnews` is where the lists of Common Crawl's news archives begin: an address, or a folder that
    mirrors it.
    The Wayback Machine takes 24 requests a minute.
    """

    captures: str = "https://web.archive.org"
    requests_a_minute: float = 24.0
    ccnews: str = "https://data.commoncrawl.org"
    gdelt: str = "https://api.gdeltproject.org/api/v2/doc/doc"


@dataclass(frozen=True, kw_only=True)
class MetricsSettings:
    """Where figures for Prometheus are served; an address of this machine alone."""

    port: int
    host: str = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class RecallSettings:
    """The recall check: which search is asked, how often, and in which languages.

    Asking tells the search company the subject. `url` is another server that speaks the same.
    """

    search: Literal["google-news", "bing-news", "gdelt"] = "gdelt"
    every: timedelta = timedelta(days=7)
    languages: tuple[str, ...] = ("en",)
    url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A whole settings.toml, secrets read; without any file, one subscriber with a folder."""

    data: DataSettings = field(default_factory=DataSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)
    archives: ArchiveSettings = field(default_factory=ArchiveSettings)
    log: LogSettings = field(default_factory=LogSettings)
    heartbeat: HeartbeatSettings | None = None
    metrics: MetricsSettings | None = None
    recall: RecallSettings | None = None
    subscribers: tuple[Subscriber, ...] = (
        Subscriber(name="me", channel=FolderChannel(), alarms=True),
    )
