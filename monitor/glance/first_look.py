"""The first look at a page in a backfill: most hold nothing, which is seen in under a millisecond.

    source ─ folded letters, line by line ─ parts of literals ─ could any topic be mentioned?

What it rules out can hold no match; of the rest nothing is said, and it is extracted.
"""

from __future__ import annotations

import re

import numpy as np

from monitor.extract.page_words import read_declared
from monitor.extract.tree import MOST_TAGS, as_bytes
from monitor.glance import records
from monitor.glance.letters import Letters
from monitor.glance.markup import read_page
from monitor.glance.names import fill_table, references, tag_kinds
from monitor.glance.rules import fill_judge
from monitor.glance.scan import scan
from monitor.glance.skipping import has_controls
from monitor.glance.stream import clear
from monitor.glance.verdict import could_match, could_match_whole
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

MUCH_PROSE = 1_500
MARGIN = 2
"""Small words that may be read otherwise here than in `monitor.extract.page_words`."""
_DATA = "data-preloaded"  # an element, and an attribute of it that is read like a script
_DATA_ATTRIBUTE = re.compile(rf"{_DATA}\s*=", re.IGNORECASE)
ALL_LANGUAGES = -1


class FirstLook:
    """Rule pages out by their source; never one that would match.  For one thread."""

    def __init__(self, sieve: Sieve) -> None:
        self._known = records.make(records.LANGUAGE)
        self._judge = records.make(records.JUDGE)
        self._page = records.make(records.PAGE)
        self._shown, self._carried = records.make(records.HITS), records.make(records.HITS)
        self._work, self._close = records.make(records.WORK), records.make(records.WORK)
        self._letters = Letters(self._known)
        self._known["alphabets"][:] = _read_alphabets()
        self._forms = list(small_words())
        fill_table(self._known["tags"], tag_kinds())
        fill_table(self._known["references"], references())
        fill_table(self._known["small_words"], {form: n for n, form in enumerate(self._forms)})
        backwards = {self._letters.fold(word)[::-1] for word in ABBREVIATIONS}
        fill_table(self._known["abbreviations"], dict.fromkeys(backwards, 1))
        parts = list(enumerate(sieve.parts.words))
        fill_trie(self._known["bordered"], [(part, n) for n, part in parts if part[0] == " "])
        fill_trie(
            self._known["inner"], [(part, n) for n, part in parts if part[0] != " "], is_inner=True
        )
        spoken = {x for some in sieve.standings for one in some for x in one.languages or ()}
        self._languages = sorted(spoken)
        fill_judge(self._judge, sieve, self._languages)
        self._compile()

    def _compile(self) -> None:
        """Call all that is compiled, so that no page has to wait for it."""
        if self._read("<p>A page.</p><script>a('A script.')</script>"):
            works = (self._work, self._close)
            for own, other in ((self._shown, self._carried), (self._carried, self._shown)):
                could_match_whole(self._judge, self._work, own, other, ALL_LANGUAGES)
                could_match(
                    self._judge, works, self._page["shown"], own, other, ALL_LANGUAGES, False
                )

    def rules_out(self, text: str) -> bool:
        """Say whether nothing that could be made of a decoded page can match."""
        if len(text) > records.LONGEST or has_too_many_tags(text) or has_data(text):
            return False
        try:
            return self._read(text) and not self._could_match(text)
        except IndexError:  # more of something than there is room for
            return False

    def _read(self, text: str) -> bool:
        """Read what a page shows and carries; say whether it is to be judged by that."""
        page = self._page
        if has_controls(put_source(page, text)):
            put_source(page, as_bytes(text).decode())
        outs = page["shown"], page["carried"]
        while True:
            clear(page)
            read_page(self._known, page)
            new = {int(one) for out in outs for one in out["unknown"][: out["unknown_count"]]}
            if not new:
                break
            self._letters.learn(new)
        if any(out["is_odd"] for out in outs):
            return False
        scan(page["shown"], self._known, self._shown)
        scan(page["carried"], self._known, self._carried)
        return not any(out["is_odd"] for out in outs)

    def _could_match(self, text: str) -> bool:
        both = ((self._shown, self._carried), (self._carried, self._shown))
        rules, work = self._judge, self._work
        found = [could_match_whole(rules, work, own, other, ALL_LANGUAGES) for own, other in both]
        if not any(found):
            return False
        languages = self._find_languages(text)
        works, page = (work, self._close), self._page
        is_one = bool(page["shown"]["prose"] < MUCH_PROSE)  # the last resort
        return (
            found[0]
            and could_match_whole(rules, work, *both[0], languages)
            and could_match(rules, works, page["shown"], *both[0], languages, is_one)
        ) or (found[1] and could_match(rules, works, page["carried"], *both[1], languages, False))

    def _find_languages(self, text: str) -> int:
        """Return the languages that a page shows, as bits."""
        declared = read_declared(text)
        shown, carried = (
            {self._forms[n] for n in np.flatnonzero(self._page[name]["small_words"])}
            for name in ("shown", "carried")
        )
        found = find_shown_languages(shown | carried, declared, margin=MARGIN)
        if found is None or find_shown_languages(shown, declared, margin=MARGIN) is None:
            return ALL_LANGUAGES
        return sum(1 << n for n, language in enumerate(self._languages) if language in found)


def has_too_many_tags(text: str) -> bool:
    """Say whether extraction cuts a page for its tags: in the midst of a word, maybe."""
    return len(text) > MOST_TAGS and text.count("<") > MOST_TAGS


def has_data(text: str) -> bool:
    """Say whether extraction may read text from an attribute."""
    return _DATA in text and _DATA_ATTRIBUTE.search(text) is not None


def put_source(page: records.Page, text: str) -> records.Ints:
    """Write the code points of a text, or a space for none, to a page's room; return them."""
    page["source_length"] = length = max(len(text), 1)
    source: records.Ints = page["source"][:length]
    source.view(f"=U{length}")[0] = text or " "
    return source


def _read_alphabets() -> records.Ints:
    """Return for each letter what it looks like in another alphabet, a row for each way."""
    ways = (CYRILLIC_TO_LATIN, LATIN_TO_CYRILLIC, GREEK_TO_LATIN, LATIN_TO_GREEK)
    rows = np.tile(np.arange(0x530, dtype=np.int32), (len(ways), 1))
    for row, way in enumerate(ways):
        for letter, other in way.items():
            rows[row, letter] = other
    return rows
