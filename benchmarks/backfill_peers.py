"""Other people's ways from a WARC file to flags, each in the Python that has it; alone on purpose.

    PYTHON benchmarks/backfill_peers.py news-please|fundus|plain|warcio LISTS.json

It imports nothing of this project.  A line in is a slice of an archive, its path and its address;
a line out is JSON: seconds of processor time, the addresses flagged, how many pages had a text, and
the largest resident size so far.  LISTS.json holds the four lists of keywords, case folded.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Way = Callable[[str, str], Iterator[tuple[str, str]]]
"""A path and an address in; the address and the text of each page out."""


def make_lists(file: Path) -> Callable[[str], bool]:
    """Return what keyword lists say of a text: China and a station, or a patrol and police."""
    import ahocorasick  # noqa: PLC0415 - the venv of each tool has it

    lists: dict[str, list[str]] = json.loads(file.read_text("utf-8"))
    kinds: dict[str, set[str]] = {}
    for kind, terms in lists.items():
        for term in terms:
            if bare := term.replace("*", ""):
                kinds.setdefault(bare, set()).add(kind)
    automaton = ahocorasick.Automaton()
    for term, found in kinds.items():
        automaton.add_word(term, frozenset(found))
    automaton.make_automaton()

    def is_flagged(text: str) -> bool:
        there: set[str] = set()
        for _, found in automaton.iter(text.casefold()):
            there |= found
        return "china" in there and ("station" in there or {"patrol", "police"} <= there)

    return is_flagged


def by_warcio() -> Way:
    """Return reading and unpacking with warcio, and nothing else."""
    from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415

    def read(path: str, _address: str) -> Iterator[tuple[str, str]]:
        with Path(path).open("rb") as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type == "response":
                    record.content_stream().read()
        yield from ()

    return read


def by_plain() -> Way:
    """Return the loop that everybody writes first."""
    from trafilatura import bare_extraction  # noqa: PLC0415
    from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415

    def read(path: str, _address: str) -> Iterator[tuple[str, str]]:
        with Path(path).open("rb") as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type != "response":
                    continue
                found = bare_extraction(
                    record.content_stream().read(), with_metadata=True, include_comments=False
                )
                if found is not None:
                    yield record.rec_headers["WARC-Target-URI"], f"{found.title}\n{found.text}"

    return read


def by_news_please() -> Way:
    """Return the loop of news-please's crawler for Common Crawl; it fetches no pictures."""
    from newsplease import EmptyResponseError, NewsPlease  # noqa: PLC0415
    from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415

    def read(path: str, _address: str) -> Iterator[tuple[str, str]]:
        with Path(path).open("rb") as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type != "response":
                    continue
                try:
                    found = NewsPlease.from_warc(
                        record, decode_errors="replace", fetch_images=False
                    )
                except EmptyResponseError:
                    continue
                except Exception as error:  # as its own `continue_after_error`
                    sys.stderr.write(f"news-please: {error!r:.120}\n")
                    continue
                yield (
                    record.rec_headers["WARC-Target-URI"],
                    f"{found.title}\n{found.description or ''}\n{found.maintext or ''}",
                )

    return read


def by_fundus() -> Way:
    """Return fundus's crawler for CC-NEWS with the parsers of all publishers that it knows."""
    from fundus import PublisherCollection  # noqa: PLC0415
    from fundus.scraping.html import CCNewsSource  # noqa: PLC0415
    from fundus.scraping.scraper import CCNewsScraper  # noqa: PLC0415

    publishers = tuple(PublisherCollection)

    def read(_path: str, address: str) -> Iterator[tuple[str, str]]:
        scraper = CCNewsScraper(CCNewsSource(*publishers, warc_path=address))
        for article in scraper.scrape("suppress"):
            body = str(article.body) if article.body else ""
            yield article.html.requested_url, f"{article.title or ''}\n{body}"

    return read


WAYS: dict[str, Callable[[], Way]] = {
    "warcio": by_warcio,
    "plain": by_plain,
    "news-please": by_news_please,
    "fundus": by_fundus,
}


def answer(flagged: set[str], read: int, began: float) -> None:
    """Write what one slice came to."""
    line: dict[str, Any] = {
        "seconds": time.process_time() - began,
        "flagged": sorted(flagged),
        "read": read,
        "MB": largest_size(),
    }
    print(json.dumps(line), flush=True)


def largest_size() -> int:
    """Return the largest resident size so far, MB; getrusage has that of the starter, too."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) // 1024


def main() -> None:
    name, lists = sys.argv[1:]
    logging.disable(logging.CRITICAL)
    way, is_flagged = WAYS[name](), make_lists(Path(lists))
    print("{}", flush=True)
    for line in sys.stdin:
        path, address = line.split()
        began = time.process_time()
        read, flagged = 0, set()
        for url, text in way(path, address):
            read += 1
            if is_flagged(text):
                flagged.add(url)
        answer(flagged, read, began)


if __name__ == "__main__":
    main()
