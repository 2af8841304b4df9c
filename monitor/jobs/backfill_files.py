"""Archive files that are not here: fetched one ahead, read, and removed when they are covered.

    addresses ─▶ thread: download ─▶ at most one waits ─▶ parts ─▶ workers ─▶ covered: removed

A file that was covered is known by its address and not asked for again; one that broke off goes on
where it was.  It needs room for three files.
"""

from __future__ import annotations

import gzip
import io
import queue
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit

from monitor.errors import StationwatchError, UsageError, reason_of
from monitor.jobs.backfill_plan import EMPTY, PART, cut_file
from monitor.jobs.backfill_unread import is_address
from monitor.log import get_logger
from spiders.archive_bucket import open_bucket
from spiders.archive_download import LARGEST_LIST, DownloadSetup, download, read_small
from spiders.reach import Reach
from spiders.units import Unit

log = get_logger("backfill")


@dataclass(frozen=True, kw_only=True)
class Plans:
    """Files by where they are: paths here, addresses elsewhere; and what cannot be read, why."""

    paths: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()


def sort_files(
    patterns: Iterable[str], *, check: Callable[[str], None], reach: Reach | None = None
) -> Plans:
    """Return what `--warc` names, by where it is; lists (`@FILE`) may hold both.

    `reach` hears how asking for the names in a bucket ended; `check` is called with each address
    before anything is asked, and raises where it may not be.
    Raises UsageError for a list that cannot be read and for schemes that are not known.
    """
    paths: list[str] = []
    addresses: list[str] = []
    missing: list[tuple[str, str]] = []
    for pattern in list_named(patterns):
        if is_address(pattern):
            check(pattern)
            try:
                addresses += list_bucket(pattern) if is_bucket_pattern(pattern) else [pattern]
            except OSError as error:
                (reach or Reach()).note_end(str(error), urlsplit(pattern).netloc)
                missing.append((pattern, str(error)))
        elif "://" in pattern:
            raise UsageError(
                f"while reading --warc {pattern!r}: write a path, or an address with http://,"
                " https:// or s3://"
            )
        else:
            paths.append(pattern)
    return Plans(
        paths=tuple(paths), addresses=tuple(dict.fromkeys(addresses)), missing=tuple(missing)
    )


def list_named(patterns: Iterable[str]) -> Iterator[str]:
    """Yield what `--warc` names, the lines of lists (`@FILE`) in place of these.

    Raises UsageError for a list that cannot be read.
    """
    for pattern in patterns:
        if pattern.startswith("@"):
            yield from list_named(_read_lines(Path(pattern[1:])))
        else:
            yield pattern


def is_bucket_pattern(pattern: str) -> bool:
    """Say whether an address names many objects of a bucket."""
    return pattern.startswith("s3://") and any(letter in pattern for letter in "*?[")


def _read_lines(file: Path) -> list[str]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = reason_of(error) if isinstance(error, OSError) else "it is no text in UTF-8"
        raise UsageError(f"while reading the list {str(file)!r}: {why}") from error
    return [line.strip() for line in text.splitlines() if line.strip() and line[0] != "#"]


def list_bucket(pattern: str) -> list[str]:
    """Return the objects that a pattern with asterisks names."""
    parts = urlsplit(pattern.replace("?", "\x00").replace("#", "\x01"))
    key = parts.path.lstrip("/").replace("\x00", "?").replace("\x01", "#")
    fixed = key[: min(key.find(letter) for letter in "*?[" if letter in key)]
    folder = fixed.rpartition("/")[0]
    keys = open_bucket(parts.netloc).list(folder)
    return [f"s3://{parts.netloc}/{each}" for each in keys if fnmatchcase(each, key)]


def find_ccnews(month: str, base: str, setup: DownloadSetup, spool: Path) -> Plans:
    """Return the files of one month (`2024-03`) of Common Crawl's news, named by its list of paths.

    `base` is an address, or a folder that mirrors it.
    """
    place = f"crawl-data/CC-NEWS/{month.replace('-', '/')}/warc.paths.gz"
    here = not is_address(base)
    try:
        packed = (
            (Path(base) / place).read_bytes()
            if here
            else read_small(f"{base.rstrip('/')}/{place}", setup, spool)
        )
        lines = _unpack(packed).decode("utf-8").split()
    except (OSError, EOFError, ValueError, zlib.error, StationwatchError) as error:
        return Plans(missing=((f"CC-NEWS of {month}", str(error)),))
    if here:
        return Plans(paths=tuple(str(Path(base) / line) for line in lines))
    return Plans(addresses=tuple(f"{base.rstrip('/')}/{line}" for line in lines))


def _unpack(packed: bytes) -> bytes:
    """Return a packed list; raises ValueError for a bomb, and what gzip and zlib raise."""
    with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
        data = file.read(LARGEST_LIST + 1)
    if len(data) > LARGEST_LIST:
        raise ValueError(f"unpacked, the list is larger than {LARGEST_LIST // 1024**2} MB")
    return data


@dataclass
class _Open:
    """A file whose parts are in work."""

    url: str
    path: Path
    left: set[str] = field(default_factory=set)
    failed: bool = False


class Downloads:
    """Files from elsewhere as units, to be closed; `failed` are those not to be had, and why.

    Iterated over in the threads of workers, one at a time.
    """

    def __init__(
        self, addresses: Iterable[str], spool: Path, setup: DownloadSetup, *, part: int = PART
    ) -> None:
        self._addresses = tuple(addresses)
        self._spool = spool
        self._setup = setup
        self._part = part
        self._ready: queue.Queue[tuple[str, Path] | None] = queue.Queue(1)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._fetch, daemon=True)
        self._open: dict[str, _Open] = {}
        self._lock = threading.Lock()
        self.failed: list[tuple[str, str]] = []
        self.finished: list[str] = []

    def close(self) -> None:
        """End downloads; what is there of them stays for the next run."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def units(self, done: frozenset[str]) -> Iterator[Unit]:
        """Yield the parts of the files as they come, without those that are done."""
        self._addresses = tuple(url for url in self._addresses if whole_name(url) not in done)
        self._thread.start()
        while (item := self._take()) is not None:
            url, path = item
            units = [unit for unit in cut_file(path, self._part) if unit.name not in done]
            opened = _Open(url=url, path=path, left={unit.name for unit in units})
            with self._lock:
                self._open.update((unit.name, opened) for unit in units)
                if not units:
                    self._close(opened)
            yield from units

    def _take(self) -> tuple[str, Path] | None:
        while not self._closing.is_set():
            with suppress(queue.Empty):
                return self._ready.get(timeout=0.2)
        return None

    def end(self, unit: Unit, failed: bool) -> Iterator[str]:
        """Note that a unit has come to its end; yield what stands for files that are covered now.

        A file is removed with its last part, unless one of them failed.
        """
        with self._lock:
            opened = self._open.pop(unit.name, None)
            if opened is not None:
                opened.left.discard(unit.name)
                opened.failed = opened.failed or failed
                if not opened.left:
                    self._close(opened)
            finished, self.finished = self.finished, []
        yield from (whole_name(url) for url in finished)

    def rest(self) -> Iterator[str]:
        """Yield what stands for files of which no part was left, after the last unit's end."""
        with self._lock:
            finished, self.finished = self.finished, []
        yield from (whole_name(url) for url in finished)

    def _close(self, opened: _Open) -> None:
        if not opened.failed:
            opened.path.unlink(missing_ok=True)
            self.finished.append(opened.url)

    def _fetch(self) -> None:
        try:
            for url in self._addresses:
                if self._closing.is_set():
                    return
                try:
                    path = download(url, self._spool, self._setup, stop=self._closing.is_set)
                except (StationwatchError, OSError) as error:
                    if not self._closing.is_set():
                        self.failed.append((url, str(error)))
                    continue
                if path.stat().st_size:
                    self._offer((url, path))
                else:
                    path.unlink()
                    self.failed.append((url, EMPTY))
        except Exception as error:
            log.exception("downloads broke")
            self.failed.append(("downloads", f"broke: {error!r:.200}"))
        finally:
            self._offer(None)

    def _offer(self, item: tuple[str, Path] | None) -> None:
        while not self._closing.is_set():
            with suppress(queue.Full):
                self._ready.put(item, timeout=0.2)
                return


def whole_name(url: str) -> str:
    """Return the unit that stands for a whole file from elsewhere."""
    return f"file {url}"
