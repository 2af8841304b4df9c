"""Archive files from the web or from S3-compatible storage into a folder, going on where it broke.

    address ─ Range: bytes=N- (only while it is the same file) ─▶ NAME.part ─ whole? ─▶ NAME

Every connection goes to an address that was checked; a server that falls silent is asked again.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpcore2

from monitor.egress import (
    Allowance,
    check_url,
    host_header,
    parse_allowance,
    tls_context,
    wire_url,
)
from monitor.egress.lookup import Lookup, look_up
from monitor.egress.post import Deadline, GuardedBackend
from monitor.errors import EgressRefused, StationwatchError, reason_of
from monitor.feeds.pace import read_retry_after
from monitor.text.counting import plural
from spiders.archive_bucket import open_bucket
from spiders.dialing import NO_NAME
from spiders.headers import header_value
from spiders.reach import RECHECK, Reach

CHUNK = 256 * 1024
SILENCE = 60.0
"""Seconds without a byte after which a connection is given up and opened anew."""

LEAST = 64 * 1024
SLOW = 5
"""A connection that brings less than LEAST bytes in so many times SILENCE is given up, too."""

WAITS = (1.0, 5.0, 30.0, 120.0)
LONGEST_WAIT = 3600.0
MOST_REDIRECTS = 5
LARGEST = 64 * 1024**3
LARGEST_LIST = 16 * 1024**2
"""A month of CC-NEWS has about 500 files; their names take a few kilobytes."""


@dataclass(frozen=True, kw_only=True)
class DownloadSetup:
    """How files are fetched: private places that may be contacted, certificates, waits.

    `reach` hears how each question ended, and tells whoever waits what is tried again, and why;
    `recheck` are the seconds before the one more try where nothing was ever reached.
    """

    user_agent: str
    allow_private: tuple[str, ...] = ()
    ca_file: str | None = None
    lookup: Lookup = look_up
    silence: float = SILENCE
    waits: tuple[float, ...] = WAITS
    reach: Reach = field(default_factory=Reach)
    recheck: float = RECHECK


class NotToBeHad(StationwatchError):
    """A file cannot be downloaded."""


class _TryAgain(Exception):
    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class _Pace(Deadline):
    """Every step may take so long; the whole may take as long as enough bytes come.

    A server that gives a byte now and then would hold a backfill for years.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self._seconds = seconds
        self._since = time.monotonic()
        self._bytes = 0

    def count(self, size: int) -> None:
        """Note that so many bytes of the file have come."""
        self._bytes += size
        if self._bytes >= LEAST:
            self._since, self._bytes = time.monotonic(), 0

    def left(self) -> float:
        if time.monotonic() - self._since > SLOW * self._seconds:
            raise httpcore2.ReadTimeout("too little came for too long")
        return self._seconds


def name_of(url: str) -> str:
    """Return the name of the file that an address is kept in; the same address, the same name."""
    base = re.sub(r"[^\w.-]", "_", Path(urlsplit(url).path).name)[-80:] or "archive.warc"
    return f"{hashlib.sha256(url.encode()).hexdigest()[:12]}-{base}"


def download(
    url: str,
    folder: Path,
    setup: DownloadSetup,
    *,
    stop: Callable[[], bool] = lambda: False,
    most: int = LARGEST,
) -> Path:
    """Return the file that `url` names, whole, in `folder`; what is there already is not asked for.

    A server that answered once has all the patience there is; where nothing was ever reached, one
    more try decides.
    Raises NotToBeHad with the reason, that it has more than `most` bytes among them, EgressRefused
    for a place that may not be contacted.
    """
    target = folder / name_of(url)
    if target.exists():
        return target
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_suffix(target.suffix + ".part")
    reach, host = setup.reach, urlsplit(url).netloc
    if (lost := reach.find_lost(host)) is not None:
        raise NotToBeHad(f"while downloading {url!r}: {lost}")
    tries = 0
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            _take_any(url, part, setup, stop, most)
            break
        except _TryAgain as error:
            reach.note_end(str(error), host)
            grown = part.exists() and part.stat().st_size >= before + LEAST
            tries = 0 if grown else tries + 1
            if stop() or tries > len(setup.waits) or reach.given_up:
                raise NotToBeHad(f"while downloading {url!r}: {error}") from None
            if reach.is_offline:
                reach.wait_once(setup.recheck, partial(_sleep, stop=stop))
                continue
            wait = min(error.wait or setup.waits[max(tries - 1, 0)], LONGEST_WAIT)
            if not grown:
                said = f"trying again in {plural(round(wait), 'second')}"
                reach.say(f"while downloading {url!r}: {error}; {said}")
            _sleep(wait, stop)
    part.replace(target)
    _mark(part).unlink(missing_ok=True)
    return target


def _take_any(
    url: str, part: Path, setup: DownloadSetup, stop: Callable[[], bool], most: int
) -> None:
    if not url.startswith("s3://"):
        _take(url, part, setup, stop, most)
        return
    try:
        _take_object(url, part, stop, most)
    except OSError as error:
        setup.reach.note_end(str(error), urlsplit(url).netloc)
        raise
    setup.reach.note_end(None)


def read_small(url: str, setup: DownloadSetup, folder: Path) -> bytes:
    """Return the bytes of a small file, such as a list of paths; nothing is kept.

    Raises NotToBeHad where it is not small.
    """
    target = download(url, folder, setup, most=LARGEST_LIST)
    data = target.read_bytes()
    target.unlink()
    return data


def _sleep(seconds: float, stop: Callable[[], bool]) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends and not stop():
        time.sleep(min(0.2, max(0.0, ends - time.monotonic())))


def _mark(part: Path) -> Path:
    return part.with_suffix(".mark")


def _take_object(url: str, part: Path, stop: Callable[[], bool], most: int) -> None:
    """Append what is missing of an object in a bucket."""
    parts = urlsplit(url)
    bucket = open_bucket(parts.netloc)
    key = parts.path.lstrip("/")
    size, mark = bucket.describe(key)
    if size > most:
        raise NotToBeHad(f"while downloading {url!r}: {_too_large(most)}")
    start = _resume_at(part, mark)
    with part.open("ab") as file:
        while start < size:
            if stop():
                raise _TryAgain("it was stopped")
            try:
                data = bucket.read(key, start, min(start + 32 * CHUNK, size))
            except OSError as error:
                raise _TryAgain(str(error)) from error
            if not data:
                raise _TryAgain("the bucket gave nothing of what is left")
            file.write(data)
            start += len(data)


def _resume_at(part: Path, mark: str) -> int:
    """Return how much there is of the file with this mark; nothing where it is another one."""
    marked = _mark(part)
    known = marked.read_text("utf-8") if marked.exists() else None
    if part.exists() and known == mark and mark:
        return part.stat().st_size
    part.unlink(missing_ok=True)
    marked.write_text(mark, encoding="utf-8")
    return 0


def _take(url: str, part: Path, setup: DownloadSetup, stop: Callable[[], bool], most: int) -> None:
    allow = parse_allowance(setup.allow_private)
    for _ in range(MOST_REDIRECTS + 1):
        pace = _Pace(setup.silence)
        with _ask(url, part, setup, allow, pace) as response:
            setup.reach.note_end(None)
            if response.status in (301, 302, 303, 307, 308):
                url = _follow(url, header_value(_headers(response), "location"))
                continue
            _check_status(response, part)
            _append(response, part, stop, pace, most)
            return
    raise NotToBeHad(f"while downloading {url!r}: it leads on and on")


def _follow(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise NotToBeHad(f"while downloading {url!r}: it leads to no address") from None


@contextmanager
def _ask(
    url: str, part: Path, setup: DownloadSetup, allow: Allowance, pace: _Pace
) -> Iterator[httpcore2.Response]:
    headers: list[tuple[str, str]] = []
    validator = _read_validator(_mark(part))
    if validator and part.exists() and part.stat().st_size:
        headers += [("Range", f"bytes={part.stat().st_size}-"), ("If-Range", validator)]
    with _open("GET", url, headers, setup, allow=allow, pace=pace) as response:
        yield response


@contextmanager
def _open(
    method: str,
    url: str,
    more: list[tuple[str, str]],
    setup: DownloadSetup,
    *,
    allow: Allowance,
    pace: _Pace,
) -> Iterator[httpcore2.Response]:
    target = check_url(url, allow)
    backend = GuardedBackend(target, allow, pace, partial(_look_up, setup.lookup))
    headers = [("Host", host_header(target)), ("User-Agent", setup.user_agent), ("Accept", "*/*")]
    context = tls_context(setup.ca_file) if target.scheme == "https" else None
    try:
        with (
            httpcore2.ConnectionPool(
                ssl_context=context, network_backend=backend, max_connections=1
            ) as pool,
            pool.stream(method, wire_url(url, target), headers=headers + more) as response,
        ):
            yield response
    except EgressRefused:
        raise
    except (
        httpcore2.NetworkError,
        httpcore2.ProtocolError,
        httpcore2.TimeoutException,
        OSError,
    ) as error:
        raise _TryAgain(str(error) or type(error).__name__) from error


def _look_up(lookup: Lookup, host: str, port: int) -> Sequence[str]:
    """Return addresses; raises OSError, which says of what name it is, where there are none."""
    try:
        return lookup(host, port)
    except OSError as error:
        raise OSError(f"the name {host!r} {NO_NAME}: {reason_of(error)}") from error


def find_size(url: str, setup: DownloadSetup) -> int | None:
    """Return the bytes of a file by asking for its head alone; None where nobody says.

    Asked once: for an estimate nobody waits for a busy server.
    """
    try:
        if url.startswith("s3://"):
            parts = urlsplit(url)
            return open_bucket(parts.netloc).describe(parts.path.lstrip("/"))[0]
        return _find_size(url, setup)
    except (_TryAgain, OSError) as error:
        setup.reach.note_end(str(error), urlsplit(url).netloc)
        return None
    except StationwatchError:
        return None


def _find_size(url: str, setup: DownloadSetup) -> int | None:
    allow = parse_allowance(setup.allow_private)
    for _ in range(MOST_REDIRECTS + 1):
        pace = _Pace(setup.silence)
        with _open("HEAD", url, [], setup, allow=allow, pace=pace) as response:
            headers = _headers(response)
        setup.reach.note_end(None)
        if response.status in (301, 302, 303, 307, 308):
            url = _follow(url, header_value(headers, "location"))
            continue
        length = header_value(headers, "content-length")
        return int(length) if response.status == 200 and length.isdigit() else None
    return None


def _read_validator(mark: Path) -> str | None:
    """Return what tells whether it is the same file still; None where a kill left half of it."""
    try:
        return str(json.loads(mark.read_text("utf-8"))["validator"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _headers(response: httpcore2.Response) -> tuple[tuple[str, str], ...]:
    return tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in response.headers)


def _check_status(response: httpcore2.Response, part: Path) -> None:
    """Raise what a status means; a whole answer in place of a part begins the file anew."""
    status, headers = response.status, _headers(response)
    if status in (408, 425, 429) or status >= 500:
        from datetime import UTC, datetime  # noqa: PLC0415 - seldom

        wait = read_retry_after(header_value(headers, "retry-after") or None, now=datetime.now(UTC))
        raise _TryAgain(f"the server answered {status}", wait)
    if status == 416:
        part.unlink(missing_ok=True)
        raise _TryAgain("the server has another file there now")
    if status == 206:
        said = re.match(r"bytes (\d+)-", header_value(headers, "content-range"))
        if said and int(said[1]) == part.stat().st_size:
            return
        part.unlink(missing_ok=True)
        raise _TryAgain("the server sent another part than was asked for")
    if status != 200:
        raise NotToBeHad(f"the server answered {status}")
    part.unlink(missing_ok=True)
    validator = header_value(headers, "etag") or header_value(headers, "last-modified")
    if validator and validator.isascii() and not validator.startswith("W/"):
        _mark(part).write_text(json.dumps({"validator": validator}), encoding="utf-8")
    else:
        _mark(part).unlink(missing_ok=True)


def _too_large(most: int) -> str:
    return f"it is larger than {most // 1024**2:,} MB"


def _append(
    response: httpcore2.Response, part: Path, stop: Callable[[], bool], pace: _Pace, most: int
) -> None:
    length = header_value(_headers(response), "content-length")
    promised = int(length) if length.isdigit() else None
    got = 0
    with part.open("ab") as file:
        for chunk in response.iter_stream():
            file.write(chunk)
            got += len(chunk)
            pace.count(len(chunk))
            if file.tell() > most:
                raise NotToBeHad(_too_large(most))
            if stop():
                raise _TryAgain("it was stopped")
    if promised is not None and got < promised:
        raise _TryAgain(f"the connection ended after {got:,} of {promised:,} bytes")
