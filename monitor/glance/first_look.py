"""The first look at a page in a backfill: most hold nothing, which is seen in under a millisecond.

    source ─ folded letters, line by line ─ parts of literals ─ could any topic be mentioned?

What it rules out can hold no match; of the rest nothing is said, and it is extracted.
"""

from __future__ import annotations

import numpy as np

from monitor.extract.page_text import PageText
from monitor.extract.page_words import read_declared_in
from monitor.extract.tree import MOST_TAGS, as_bytes, without_controls
from monitor.glance import records
from monitor.glance.letters import Letters
from monitor.glance.names import (
    fill_hashes,
    fill_table,
    join_hashes,
    references,
    tag_kinds,
)
from monitor.glance.rules import fill_judge
from monitor.glance.steps import (
    ALL_LANGUAGES,
    CARRIED,
    CONTROLS,
    NEW_LETTERS,
    NO_TEXT,
    NOWHERE,
    ODD,
    READ,
    SHOWN,
    could_mention,
    find_whole,
    read,
)
from monitor.glance.wholes import list_endings
from monitor.glance.words import fill_trie
from monitor.match.sieve import Sieve
from monitor.text.disguise import (
    CYRILLIC_TO_LATIN,
    GREEK_TO_LATIN,
    LATIN_TO_CYRILLIC,
    LATIN_TO_GREEK,
)
from monitor.text.sentences import ABBREVIATIONS
from monitor.text.shown_languages import find_shown_languages, small_words

MARGIN = 2
"""Small words that may be read otherwise here than in `monitor.extract.page_words`."""


class FirstLook:
    """Rule pages out by their source; never one that would match.  For one thread."""

    def __init__(self, sieve: Sieve) -> None:
        self._memory = np.zeros(1, records.MEMORY)
        self._page, known = self._memory[0]["page"], self._memory[0]["known"]
        self._letters = Letters(known)
        known["alphabets"][:] = _read_alphabets()
        self._forms = list(small_words())
        fill_table(known["tags"], tag_kinds())
        fill_table(known["references"], references())
        fill_hashes(known["endings"], {join_hashes(*pair): 1 for pair in list_endings()})
        fill_table(known["small_words"], {form: n for n, form in enumerate(self._forms)})
        backwards = {self._letters.fold(word)[::-1] for word in ABBREVIATIONS}
        fill_table(known["abbreviations"], dict.fromkeys(backwards, 1))
        parts = list(enumerate(sieve.parts.words))
        fill_trie(known["bordered"], [(part, n) for n, part in parts if part[0] == " "])
        fill_trie(known["inner"], [(part, n) for n, part in parts if part[0] != " "], is_inner=True)
        spoken = {x for some in sieve.standings for one in some for x in one.languages or ()}
        self._languages = sorted(spoken)
        fill_judge(self._memory[0]["judge"], sieve, self._languages)
        self._compile()

    def _compile(self) -> None:
        """Call all that is compiled, so that no page has to wait for it."""
        if self._read(b"<p>A page.</p><script>a('A script.')</script>") == READ:
            could_mention(self._memory, find_whole(self._memory) | SHOWN | CARRIED, ALL_LANGUAGES)

    def rules_out(self, page: PageText) -> bool:
        """Say whether nothing that could be made of a page can match.

        A page in UTF-8, as most are, is read as it came.
        """
        source = page.undecoded
        try:
            state = NO_TEXT if source is None else self._read(source)
            if state == NO_TEXT:
                state = self._read(as_bytes(page.decoded.text))
            return state == READ and not self._could_match()
        except IndexError:  # more of something than there is room for
            return False

    def _read(self, source: bytes) -> int:
        """Read what a page shows and carries; return how it went, READ if it is to be judged."""
        if len(source) > MOST_TAGS and source.count(b"<") > MOST_TAGS:
            return ODD  # extraction cuts it, in the midst of a word, maybe
        put_source(self._page, source)
        is_clean = False
        while True:
            state = read(self._memory, is_clean)
            if state == CONTROLS:
                put_source(self._page, without_controls(source))
                is_clean = True
            elif state == NEW_LETTERS:
                outs = self._page["shown"], self._page["carried"]
                self._letters.learn(
                    {int(one) for out in outs for one in out["unknown"][: out["unknown_count"]]}
                )
            else:
                return int(state)

    def _could_match(self) -> bool:
        places = find_whole(self._memory)
        return places != NOWHERE and bool(
            could_mention(self._memory, places, self._find_languages())
        )

    def _find_languages(self) -> int:
        """Return the languages that a page shows, as bits."""
        source = self._page["source"][: self._page["source_length"]].tobytes()
        declared = read_declared_in(source)
        shown, carried = (
            {self._forms[n] for n in np.flatnonzero(self._page[name]["small_words"])}
            for name in ("shown", "carried")
        )
        found = find_shown_languages(shown | carried, declared, margin=MARGIN)
        if found is None or find_shown_languages(shown, declared, margin=MARGIN) is None:
            return ALL_LANGUAGES
        return sum(1 << n for n, language in enumerate(self._languages) if language in found)


def put_source(page: records.Page, source: bytes) -> None:
    """Write a source, or a space for none, to a page's room; raises IndexError where it is less."""
    if len(source) > records.LONGEST:
        raise IndexError
    source = source or b" "
    page["source_length"] = len(source)
    page["source"][: len(source)] = np.frombuffer(source, np.uint8)


def _read_alphabets() -> records.Ints:
    """Return for each letter what it looks like in another alphabet, a row for each way."""
    ways = (CYRILLIC_TO_LATIN, LATIN_TO_CYRILLIC, GREEK_TO_LATIN, LATIN_TO_GREEK)
    rows = np.tile(np.arange(0x530, dtype=np.int32), (len(ways), 1))
    for row, way in enumerate(ways):
        for letter, other in way.items():
            rows[row, letter] = other
    return rows
