"""Reading feeds: what is found, how long it takes, what it holds; beside feedparser.

    python -m benchmarks.feeds [SHARED]

SHARED is the folder of shared material (`../shared`); without it only the parts that need none run.
Times are processor time.  Each part runs in a process of its own, so that its peak memory is its
own.
"""

from __future__ import annotations

import gzip
import io
import json
import multiprocessing
import re
import resource
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import feedparser

from monitor.feeds.decode import decode_to_utf8
from monitor.feeds.html_links import PageLink, list_links, parse_page
from monitor.feeds.link_shape import choose_article_links
from monitor.feeds.read import read_entries
from monitor.feeds.reading import FeedReading

URL = "https://herald.example/feed"
HEADER = re.compile(rb"^Header:\s+([\w-]+):(.*)$", re.MULTILINE)
Headers = tuple[tuple[str, str], ...]


def list_samples(shared: Path) -> Iterator[tuple[str, bytes, Headers]]:
    """Yield the sample feeds with the headers that each says it came with."""
    folder = shared / "hostile" / "feedparser"
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in {".xml", ".json"}:
            body = path.read_bytes()
            pairs = HEADER.findall(body)
            headers = tuple((n.decode(), v.decode("utf-8", "replace").strip()) for n, v in pairs)
            yield str(path.relative_to(folder)), body, headers


def build_feed(items: int) -> bytes:
    """Return a feed of so many items of some 310 bytes."""
    item = (
        "<item><title>Story number {0} about things &amp;amp; places</title>"
        "<link>https://herald.example/news/{0}</link><guid>{0}</guid>"
        "<pubDate>Fri, 15 Mar 2024 10:{1:02}:00 +0100</pubDate><description>&lt;p&gt;Some longer "
        "text of the item, number {0}, with a few words more than its title.&lt;/p&gt;"
        "</description></item>\n"
    )
    inside = "".join(item.format(number, number % 60) for number in range(items))
    return f'<?xml version="1.0"?><rss><channel><title>T</title>{inside}</channel></rss>'.encode()


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return processor seconds and the result of `work`."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def ask_feedparser(body: bytes, headers: Headers) -> int | None:
    """Return how many entries feedparser finds, or None where it raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            parsed = feedparser.parse(
                io.BytesIO(body),
                response_headers={name.lower(): value for name, value in headers},
                sanitize_html=False,
                resolve_relative_uris=False,
            )
        except Exception:
            return None
    return len(parsed.entries)


def compare_samples(shared: Path) -> None:
    """Read every sample with both readers."""
    ours = theirs = slowest = 0.0
    name_of_slowest = ""
    files = same = raised = fewer = entries = unusable = 0
    for name, body, headers in list_samples(shared):
        seconds, reading = timed(
            lambda b=body, h=headers: read_entries(b, kind="feed", url=URL, headers=h)
        )
        if seconds > slowest:
            slowest, name_of_slowest = seconds, name
        ours += seconds
        seconds, expected = timed(lambda b=body, h=headers: ask_feedparser(b, h))
        theirs += seconds
        files += 1
        found = len(reading.entries) + reading.unusable
        entries += len(reading.entries)
        unusable += reading.unusable
        raised += expected is None
        same += expected == found
        fewer += expected is not None and found < expected
    print(f"samples          {files} files, {entries} entries and {unusable} items without a link")
    print(f"  as feedparser counts {same}, fewer {fewer}; feedparser raises on {raised}")
    print(
        f"  ours {ours:.2f} s, feedparser {theirs:.2f} s; slowest {slowest:.3f} s"
        f" ({name_of_slowest})"
    )


def cut_samples(shared: Path) -> None:
    """Cut 50 feeds at every tenth byte: what is whole must stay."""
    rich = [s for s in list_samples(shared) if s[1].count(b"<item") + s[1].count(b"<entry") > 1]
    plain = [s for s in list_samples(shared) if len(s[1]) > 600]
    feeds = (rich + plain[:: max(1, len(plain) // 50)])[:50]
    cuts = lost = 0
    slowest = 0.0
    for _, body, headers in feeds:
        whole = read_entries(body, kind="feed", url=URL, headers=headers)
        ends = [m.end() for m in re.finditer(rb"</(?:item|entry)\s*>", body)]
        for cut in range(0, len(body), 10):
            seconds, reading = timed(
                lambda b=body[:cut], h=headers: read_entries(b, kind="feed", url=URL, headers=h)
            )
            slowest = max(slowest, seconds)
            cuts += 1
            complete = min(sum(end <= cut for end in ends), len(whole.entries) + whole.unusable)
            lost += max(0, complete - len(reading.entries) - reading.unusable)
    print(
        f"cut              {len(feeds)} feeds at every tenth byte: {cuts} readings, no exception,"
    )
    print(f"  {lost} whole items lost; slowest {slowest:.3f} s")


def read_bombs(shared: Path) -> None:
    """Read Python's XML bombs."""
    slowest, count = 0.0, 0
    for path in sorted((shared / "hostile" / "xmlbombs").iterdir()):
        if path.is_file():
            body = path.read_bytes()
            seconds, _ = timed(lambda b=body: read_entries(b, kind="feed", url=URL))
            slowest, count = max(slowest, seconds), count + 1
    print(f"bombs            {count} files; slowest {slowest:.3f} s")


CHARSETS = {
    "ar": "windows-1256 iso-8859-6", "bg": "windows-1251", "cs": "windows-1250 iso-8859-2",
    "de": "windows-1252", "el": "windows-1253 iso-8859-7", "fr": "windows-1252",
    "hr": "windows-1250 iso-8859-2", "hu": "windows-1250 iso-8859-2", "ja": "shift_jis euc-jp",
    "ko": "euc-kr", "pl": "windows-1250 iso-8859-2", "ru": "windows-1251 koi8-r iso-8859-5 cp866",
    "sr-Cyrl": "windows-1251 iso-8859-5", "tr": "windows-1254", "uk": "windows-1251 koi8-u",
    "zh-Hans": "gb18030", "zh-Hant": "big5 gb18030",
}  # fmt: skip
NO_CHARSETS = ("utf-7", "hex", "nonsense")


def misdeclare_charsets(shared: Path) -> None:
    """Read labelled texts in every charset under every declaration but their own."""
    lines = (shared / "labelled" / "match.jsonl").read_text("utf-8").splitlines()
    texts: dict[str, list[str]] = {}
    for document in map(json.loads, lines):
        texts.setdefault(document["lang"], []).append(f"{document['title']}. {document['text']}")
    names = sorted({name for charsets in CHARSETS.values() for name in charsets.split()})
    declared = (*names, "utf-8", "iso-8859-1", "windows-1255", "tis-620", *NO_CHARSETS)
    wrong = right = own = own_right = 0
    for language, charsets in CHARSETS.items():
        for charset in charsets.split():
            for text in texts.get(language, [])[:4]:
                for length in (80, 300, 3000):
                    written = text[:length].encode(charset, "ignore").decode(charset)
                    head = f"<rss><channel><language>{language[:2]}</language>"
                    for name in declared:
                        feed = f'<?xml version="1.0" encoding="{name}"?>{head}{written}'
                        same = decode_to_utf8(feed.encode(charset)).body.decode() == feed
                        if name == charset:
                            own, own_right = own + 1, own_right + same
                        else:
                            wrong, right = wrong + 1, right + same
    print(f"charsets         declared wrongly: {right} of {wrong} read rightly", end="")
    print(f" ({100 * right / wrong:.1f} %); declared rightly: {own_right} of {own}")


def compare_speed(_shared: Path) -> None:
    """Read one feed of 500 items with both readers, in turn."""
    body = build_feed(500)
    read_entries(body, kind="feed", url=URL)
    ask_feedparser(body, ())
    ours = min(timed(lambda: read_entries(body, kind="feed", url=URL))[0] for _ in range(9))
    theirs = min(timed(lambda: ask_feedparser(body, ()))[0] for _ in range(5))
    print(
        f"500 items        ours {ours * 1000:.1f} ms, feedparser {theirs * 1000:.0f} ms: "
        f"{theirs / ours:.1f} times"
    )


def read_large(name: str) -> None:
    """Read one large body."""
    feed = build_feed(100_000) if name.startswith("feed") else b""
    middle = feed.find(b"Story number 50000 ")
    address = "<url><loc>https://herald.example/{0}</loc><lastmod>2024-03-15</lastmod></url>"
    sitemap = f"<urlset>{''.join(address.format(number) for number in range(50_000))}</urlset>"
    body = {
        "feed": lambda: feed,
        "feed, cut": lambda: feed[:-50],
        "feed, broken": lambda: feed[:middle] + b"<b>" + feed[middle:],
        "sitemap": sitemap.encode,
        "gzip bomb": lambda: gzip.compress(bytes(400_000_000), 1),
    }[name]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    kind = "feed" if name.startswith("feed") else "sitemap"
    seconds, reading = timed(lambda: read_entries(body, kind=kind, url=URL))  # type: ignore[arg-type]
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert isinstance(reading, FeedReading)
    print(
        f"{name:16} {len(body) / 1e6:.1f} MB, {len(reading.entries)} entries: {seconds:.2f} s, "
        f"peak {after / 1024:.0f} MB, of which {(after - before) / 1024:.0f} MB by reading"
    )


def tell_articles(shared: Path) -> None:
    """Judge the addresses and headlines of real articles, and count what is told on their pages."""
    right = pages = chosen = offered = 0
    for path in sorted((shared / "pages" / "fundus").rglob("*.html.gz")):
        root = parse_page(decode_to_utf8(gzip.decompress(path.read_bytes())).body)
        if root is None:
            continue
        meta = {m.get("property"): m.get("content") for m in root.iter("meta") if m.get("property")}
        links = [link.get("href") for link in root.iter("link") if link.get("rel") == "canonical"]
        url = next(iter(links), None) or meta.get("og:url") or ""
        if not url.startswith("http"):
            continue
        pages += 1
        site = "/".join(url.split("/")[:3]) + "/"
        # As a section page would show it: a headline in a list, in no particular place.
        own = PageLink(url=url, text=meta.get("og:title") or "", around=("li", "list"))
        right += bool(choose_article_links([own], site))
        found = list(list_links(root, url))
        offered += len({link.url for link in found})
        chosen += len({link.url for link in choose_article_links(found, url)})
    print(f"article links    {right} of {pages} real addresses with their headlines are told")
    print(f"  on those pages {chosen} of {offered} addresses are taken for articles")


def main() -> None:
    """Run each part in a process of its own."""
    shared = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared")
    parts: list[tuple[Callable[..., None], Any]] = [(compare_speed, shared)]
    if shared.is_dir():
        parts += [
            (part, shared)
            for part in (
                compare_samples,
                cut_samples,
                read_bombs,
                misdeclare_charsets,
                tell_articles,
            )
        ]
    large = ("feed", "feed, cut", "feed, broken", "sitemap", "gzip bomb")
    parts += [(read_large, name) for name in large]
    context = multiprocessing.get_context("spawn")
    for part, argument in parts:
        process = context.Process(target=part, args=(argument,))
        process.start()
        process.join()
        if process.exitcode:
            print(json.dumps({"failed": part.__name__, "status": process.exitcode}))


if __name__ == "__main__":
    main()
