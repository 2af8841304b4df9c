"""The headline of an article, as its publisher gives it to readers, without the outlet's name."""

from __future__ import annotations

import re
import unicodedata

from monitor.extract.clean import clean_line, clean_markup
from monitor.extract.facts import PageFacts
from monitor.extract.json_ld import text_value

_SEPARATOR = re.compile(
    r"\s+[-–—|·•:»«›/⁄~∣ㅣ]+\s+|\s*[|ㅣ∣»]\s*|\s+[-–—]\s*|--|_(?=[^\x00-\x7f])|(?<=[^\x00-\x7f])[-_]"
)
_WORDS = re.compile(r"[^\W_]+")
# An outlet's own name is short; a part that is longer is a part of the headline.
_LONGEST_SUFFIX = 60


def find_title(facts: PageFacts, *, site_name: str | None = None) -> str:
    """Return the headline of the page, or an empty string.

    JSON-LD, then the heading that the title bears out, `og:title`, `twitter:title`, `<title>`; each
    without the outlet's name. A JSON-LD headline that shares no word with the rest of the page is
    another article's.
    """
    heading = _own_heading(facts)
    candidates = [
        clean_markup(text_value(facts.node, "headline", "alternativeHeadline")),
        heading,
        clean_markup(facts.meta("og:title")),
        clean_markup(facts.meta("twitter:title", "dc.title", "dcterms.title", "parsely-title")),
        clean_markup(facts.title),
        clean_markup(text_value(facts.node, "name")),
    ]
    present = [candidate for candidate in candidates if candidate]
    if not present:
        return next((clean_line(text) for text in facts.headings), "")
    chosen = present[0]
    if chosen == candidates[0] and len(present) > 1 and not _agrees(chosen, present[1:]):
        chosen = present[1]
    return strip_site_name(chosen, others=present, site_name=site_name).lstrip(":|-–— ")


def _own_heading(facts: PageFacts) -> str:
    """Return the `h1` that shares most words with the page's titles; the only one, if there is."""
    titles = _bag(f"{facts.title} {facts.meta('og:title')} {text_value(facts.node, 'headline')}")
    best, best_score = "", 0.0
    for text in facts.headings:
        words = _bag(text)
        score = len(words & titles) / (len(words) + 1)
        if score > best_score:
            best, best_score = text, score
    if best_score < 0.25:
        return ""
    return clean_line(best)


def _agrees(candidate: str, others: list[str]) -> bool:
    words = _bag(candidate)
    return not words or any(len(words & _bag(other)) >= 0.2 * len(words) for other in others)


def _bag(text: str) -> set[str]:
    """Return the words of a title, and pairs of characters where words are not spaced."""
    words: set[str] = set()
    for word in _WORDS.findall(unicodedata.normalize("NFKC", text).casefold()):
        if word[0] > "\u2fff" and len(word) > 2:
            words.update(word[i : i + 2] for i in range(len(word) - 1))
        else:
            words.add(word)
    return words


def strip_site_name(text: str, *, others: list[str], site_name: str | None = None) -> str:
    """Return a title without the outlet's name before or behind it.

    A part counts as the outlet's name when it is that, or when another of the page's titles is the
    rest, exactly.
    """
    rest = {_fold(other) for other in others}
    names = {_fold(name) for name in (site_name,) if name}
    for found in list(_SEPARATOR.finditer(text))[:20]:
        head, tail = text[: found.start()].strip(), text[found.end() :].strip()
        if head and tail and (_fold(head) in rest or _is_name(tail, names)):
            return head
        if (
            head
            and tail
            and (_fold(tail) in rest or _is_name(head, names))
            and len(tail) > len(head)
        ):
            return tail
    return text


def _is_name(part: str, names: set[str]) -> bool:
    folded = _fold(part)
    if len(part) > _LONGEST_SUFFIX:
        return False
    return folded in names or any(
        len(name) > 2 and (folded == name or folded.startswith(name + ".")) for name in names
    )


def _fold(text: str) -> str:
    return "".join(_WORDS.findall(unicodedata.normalize("NFKC", text).casefold()))
