"""Which entries of a look are new, whatever the feed does with its GUIDs and links."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from monitor.model import Entry


@dataclass(frozen=True, kw_only=True)
class EntryKeys:
    """What an entry can be known again by: short texts for storage, unique within one source.

    `guid` and `content` are None where they would not tell this entry from others of its look.
    """

    url: str
    guid: str | None
    content: str | None

    @property
    def all(self) -> tuple[str, ...]:
        """Return every key there is; storage keeps all of them for each entry of a source."""
        return tuple(key for key in (self.url, self.guid, self.content) if key is not None)


def build_keys(entries: Sequence[Entry]) -> tuple[EntryKeys, ...]:
    """Return the keys of each entry of one look, in order; they depend on the whole look."""
    return tuple(EntryKeys(url=f"u:{entry.url}", guid=None, content=None) for entry in entries)


def find_new(keys: Sequence[EntryKeys], known: Collection[str]) -> tuple[int, ...]:
    """Return the positions in `keys` of the entries that are new, once each, in order.

    `known` are those of the keys that storage holds for the source.
    """
    held = set(known)
    new = []
    for position, key in enumerate(keys):
        if key.url not in held:
            new.append(position)
        held.add(key.url)
    return tuple(new)
