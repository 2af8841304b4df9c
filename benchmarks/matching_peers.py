"""What a user would pick instead of rules: keyword lists in four common shapes.

All are built from the terms of the same keywords.yaml, with the boolean that people write for such
a watch: (a station AND China) or (a patrol AND China AND police).  Alternatives are multiplied out,
`...` becomes nothing, and `*` becomes what the tool has for it.  Each is tried on the whole text
and on the headline with the first paragraph, so that it may be at its best.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Callable, Iterable

from monitor.model.rules import Concept, Keywords
from monitor.text.terms import expand

Peer = Callable[[str, str], frozenset[str]]

STATION, PATROL = "overseas-stations", "joint-patrols"
_CHINA_CONCEPTS = ("china", "chinese-before", "chinese-after", "china-name")
_STATION_CONCEPTS = ("police-station", "overseas-station")


def _terms(keywords: Keywords, names: Iterable[str]) -> frozenset[str]:
    wanted = set(names)
    found: set[str] = set()
    for concept in keywords.concepts:
        if concept.name in wanted:
            found |= _expanded(concept)
    return frozenset(found)


def _expanded(concept: Concept) -> set[str]:
    plain = (t.replace("=", "") for terms in concept.terms.values() for t in terms)
    spread = (one for term in plain for one in expand(term))
    return {" ".join(re.sub(r"\.\.\.\d*", " ", one).split()).casefold() for one in spread}


class _Lists:
    """The four lists that the booleans need."""

    def __init__(self, keywords: Keywords) -> None:
        self.station = _terms(keywords, _STATION_CONCEPTS)
        self.china = _terms(keywords, _CHINA_CONCEPTS)
        self.patrol = _terms(keywords, ("patrol",))
        self.police = _terms(keywords, ("police",))

    def decide(self, holds: Callable[[frozenset[str]], bool]) -> frozenset[str]:
        """Return the topics that the booleans give."""
        if not holds(self.china):
            return frozenset()
        topics = set()
        if holds(self.station):
            topics.add(STATION)
        if holds(self.patrol) and holds(self.police):
            topics.add(PATROL)
        return frozenset(topics)


def build_substrings(keywords: Keywords) -> Peer:
    """Return case-folded substrings: `*` is simply dropped."""
    lists = _Lists(keywords)
    bare = {
        id(terms): tuple(t.strip("*") for t in terms)
        for terms in (lists.station, lists.china, lists.patrol, lists.police)
    }

    def match(title: str, text: str) -> frozenset[str]:
        folded = f"{title}\n{text}".casefold()
        return lists.decide(lambda terms: any(t in folded for t in bare[id(terms)]))

    return match


def build_regexes(keywords: Keywords) -> Peer:
    r"""Return one alternation a list with `\b` at both ends; `*` is `\w*`."""
    lists = _Lists(keywords)

    def compiled(terms: frozenset[str]) -> re.Pattern[str]:
        parts = sorted((re.escape(t).replace(r"\*", r"\w*") for t in terms), key=len, reverse=True)
        return re.compile(r"\b(?:" + "|".join(parts) + r")\b")

    patterns = {
        id(terms): compiled(terms)
        for terms in (lists.station, lists.china, lists.patrol, lists.police)
    }

    def match(title: str, text: str) -> frozenset[str]:
        folded = f"{title}\n{text}".casefold()
        return lists.decide(lambda terms: patterns[id(terms)].search(folded) is not None)

    return match


def build_keyword_trie(keywords: Keywords) -> Peer:
    """Return flashtext's method: a trie of whole words, longest first, no stems.

    flashtext itself has had no release since 2018; these lines do what it does.
    """
    lists = _Lists(keywords)
    all_terms = {
        "s": lists.station,
        "c": lists.china,
        "p": lists.patrol,
        "o": lists.police,
    }
    trie: dict[str, dict[str, set[str]]] = {}
    longest = 1
    for kind, terms in all_terms.items():
        for term in terms:
            words = tuple(_words(term.replace("*", "")))
            if words:
                trie.setdefault(words[0], {}).setdefault(" ".join(words), set()).add(kind)
                longest = max(longest, len(words))

    def match(title: str, text: str) -> frozenset[str]:
        words = _words(f"{title}\n{text}".casefold())
        kinds: set[str] = set()
        for at, word in enumerate(words):
            for length in range(longest, 0, -1):
                found = trie.get(word, {}).get(" ".join(words[at : at + length]))
                if found:
                    kinds |= found
                    break
        names = {id(terms): kind for kind, terms in all_terms.items()}
        return lists.decide(lambda terms: names[id(terms)] in kinds)

    return match


def _words(text: str) -> list[str]:
    """Return the words; Han and kana one character each, as such tools are told to do."""
    return re.findall(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+", text)


def build_fts(keywords: Keywords) -> Peer:
    """Return a boolean query in SQLite FTS5: phrases and prefixes, accents removed, Han spaced."""
    lists = _Lists(keywords)
    database = sqlite3.connect(":memory:")
    database.execute(
        "CREATE VIRTUAL TABLE one USING fts5(text, tokenize='unicode61 remove_diacritics 2')"
    )
    queries = {
        id(terms): " OR ".join(_phrases(terms))
        for terms in (lists.station, lists.china, lists.patrol, lists.police)
    }

    def match(title: str, text: str) -> frozenset[str]:
        database.execute("DELETE FROM one")
        database.execute("INSERT INTO one VALUES (?)", (_fold(f"{title}\n{text}"),))

        def holds(terms: frozenset[str]) -> bool:
            query = "SELECT 1 FROM one WHERE one MATCH ?"
            return database.execute(query, (queries[id(terms)],)).fetchone() is not None

        return lists.decide(holds)

    return match


def _phrases(terms: frozenset[str]) -> set[str]:
    phrases = set()
    for term in terms:
        words = " ".join(_words(_fold(term.replace("*", ""))))
        if words:
            # FTS5 knows a prefix at the end of a phrase only.
            phrases.add(f'"{words}"' + (" *" if term.endswith("*") else ""))
    return phrases


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"([\u3040-\u30ff\u3400-\u9fff])", r" \1 ", unicodedata.normalize("NFC", bare))


PEERS: dict[str, Callable[[Keywords], Peer]] = {
    "substrings, case folded": build_substrings,
    r"\b regexes": build_regexes,
    "keyword trie (flashtext)": build_keyword_trie,
    "boolean query in FTS5": build_fts,
}
