"""Kept pages of other reports that hold a person's name outside of the text that was read.

A name in a menu or among "latest news" is in the bytes as received, and nowhere in the database.
Read where a person waits for the answer, never in the service: all kept pages are opened for it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator

from monitor.errors import EvidenceError
from monitor.extract.decode import decode
from monitor.jobs.watch import Watch
from monitor.model import EvidenceLink
from monitor.model.evidence import PURGE_URL
from monitor.text.counting import plural
from spiders.warc import decode_body
from storage.redaction import Name

TAG = re.compile(r"<[^<>]{0,5000}>")
WITHIN_WORDS = re.compile(r"(?i)</?(?:a|b|em|font|i|mark|span|strong|u|wbr)\b[^<>]{0,5000}>")
MOST_NAMED = 10


def tell_pages_with(watch: Watch, name: Name, *, but: Collection[int]) -> Iterator[str]:
    """Yield what is to be said of kept pages that hold `name`, without those of the links `but`."""
    found: list[int] = []
    unread = 0
    for link in watch.storage.evidence.read_links():
        if link.seq in but or link.url in {"", PURGE_URL}:
            continue
        try:
            if holds_name(watch, link, name):
                found.append(link.seq)
        except EvidenceError:
            unread += 1
    if found:
        reports = watch.storage.purges.describe_proved_by(found)
        named = ", ".join(each.id for each in reports[:MOST_NAMED])
        more = f" and {len(reports) - MOST_NAMED} more" if len(reports) > MOST_NAMED else ""
        yield (
            f"the kept pages of {plural(len(reports), 'other report')} hold the name outside of the"
            f" text (menus, other news), and bytes cannot be blackened: {named}{more}; remove those"
            " that have to go (purge --article ID)"
        )
    if unread:
        yield f"{plural(unread, 'kept page')} could not be read ('stationwatch verify' names them)"


def holds_name(watch: Watch, link: EvidenceLink, name: Name) -> bool:
    """Say whether the bytes of a link hold a name, between tags or across them.

    Raises EvidenceError when the bytes are not there.
    """
    wire = watch.evidence.read_body(link.sha256)
    body = decode_body(wire, watch.evidence.read_headers(link.headers_sha256))
    text = html.unescape(decode(wire if body is None else body).text)
    joined = TAG.sub(" ", WITHIN_WORDS.sub("", text))
    return any(name.is_in(each) for each in (text, TAG.sub(" ", text), joined))
