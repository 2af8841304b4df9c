"""What an entry is known again by, whatever the feed does with its GUIDs and links (FAULTS C12).

Too weak a key loses an article in silence, too strict a one floods people with old ones. So a key
counts only where it could hardly be another article's.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.model import Entry
from monitor.urls import canonical_url

SHORTEST_CONTENT = 40  # characters of title and summary

# GUIDs that no feed gives out twice: addresses, tag URIs, UUIDs and hashes, numbers of a database.
# Others ("1", "item-2") may be places in a list, and stand for whatever is there.
_UNIQUE = re.compile(r"(?i)https?://.|tag:.|urn:.|[0-9a-f]{16}|[0-9a-f]{8}-[0-9a-f]{4}-|\d{4}")


@dataclass(frozen=True, kw_only=True)
class EntryKeys:
    """What an entry is known by: short texts for storage, unique within one source.

    Any one of them that is known makes the entry a known one. `guid` and `content` are None where
    they would not tell this entry from others.
    """

    url: str
    guid: str | None
    content: str | None

    @property
    def all(self) -> tuple[str, ...]:
        """Return every key there is."""
        return tuple(key for key in (self.url, self.guid, self.content) if key is not None)


def build_keys(entries: Sequence[Entry]) -> tuple[EntryKeys, ...]:
    """Return the keys of each entry of one look, in order.

        url       the canonical URL: no session, no tracking
        guid      the feed's own; together with the title where it might be a place in a list
        content   title, summary and date, where there is enough of them: for a feed whose links and
                  GUIDs change with every look

    A GUID or content that entries of this look with different URLs share is a key of none of them.
    """
    urls = [_hash("u", _canonical(entry.url)) for entry in entries]
    guids = _keep_own([_hash_guid(entry) for entry in entries], urls)
    contents = _keep_own([_hash_content(entry) for entry in entries], urls)
    return tuple(
        EntryKeys(url=url, guid=guid, content=content)
        for url, guid, content in zip(urls, guids, contents, strict=True)
    )


def _keep_own(keys: Sequence[str | None], urls: Sequence[str]) -> list[str | None]:
    """Return the keys with None for each that stands for more than one address."""
    pairs = {(key, url) for key, url in zip(keys, urls, strict=True) if key is not None}
    counts = Counter(key for key, _ in pairs)
    return [key if key is not None and counts[key] == 1 else None for key in keys]


def _hash_guid(entry: Entry) -> str | None:
    if not entry.guid:
        return None
    if _UNIQUE.search(entry.guid):
        return _hash("g", entry.guid)
    return _hash("g", f"{entry.guid}\n{entry.title}") if entry.title else None


def _hash_content(entry: Entry) -> str | None:
    """Return the key of what an entry says; without a date, a weekly headline would be one."""
    if entry.published is None or len(entry.title) + len(entry.summary) < SHORTEST_CONTENT:
        return None
    moment = entry.published.isoformat()
    return _hash("c", f"{entry.title}\n{entry.summary}\n{moment}")


def _hash(kind: str, text: str) -> str:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12)
    return f"{kind}:{digest.hexdigest()}"


def _canonical(url: str) -> str:
    try:
        return canonical_url(url)
    except ValueError:
        return url
