"""Which URL a page says is its own, and when that is believed."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from monitor.extract.facts import PageFacts, key_of
from monitor.extract.json_ld import Node
from monitor.urls import join, same_site

# A path that names a program rather than a page: the query says which page.
_PROGRAM = re.compile(r"\.(?:php\d?|aspx?|cgi|jsp|do|pl|cfm|html?)$|^/?$", re.IGNORECASE)
# `/world-news` and `/2024` are sections, `/minister-denies-secret-talks` and `/20240` are articles.
_ARTICLE = re.compile(r"(?:[^-]+-){3}|\d{5,}")
_ERROR = re.compile(r"/(?:404|error|not-?found|login|signin|consent)\b", re.IGNORECASE)


def find_canonical(facts: PageFacts) -> str:
    """Return the key of the page: of its own claim where that is believed, else of its URL.

    `rel=canonical`, `og:url`, JSON-LD; the first that is believed. Raises ValueError where the page
    itself has no http or https URL.
    """
    own = key_of(facts.url)
    for claim in _claims(facts):
        try:
            key = key_of(claim)
        except ValueError:
            continue
        if is_believable(key, own):
            return key
    return own


def is_believable(claim: str, own: str) -> bool:
    """Tell whether a page at `own` may say that its URL is `claim`; both are keys.

    Not another site (a page could pass for another's), not the front page or a section above the
    page, not the bare program where the query names the article, not an error page: each of these
    stands on every page of some site and would make all of them one article.
    """
    if claim == own:
        return True
    theirs, mine = urlsplit(claim), urlsplit(own)
    if not same_site(claim, own) or _ERROR.search(theirs.path):
        return False
    if theirs.path in {"", "/"} and not theirs.query:
        return False
    if theirs.path == mine.path and mine.query and not theirs.query:
        return not _PROGRAM.search(mine.path)
    above = (mine.path + "/").startswith(theirs.path.rstrip("/") + "/")
    return not above or bool(theirs.query or _ARTICLE.search(theirs.path.rpartition("/")[2]))


def _claims(facts: PageFacts) -> list[str]:
    written = [*facts.metas.get("og:url", ())[:1], _page_of(facts.node)]
    claims = [*facts.links.get("canonical", ())[:2], *(join(facts.url, value) for value in written)]
    return [claim for claim in claims if claim]


def _page_of(node: Node) -> str:
    page = node.get("mainEntityOfPage")
    if isinstance(page, dict):
        page = page.get("@id") or page.get("url")
    return page if isinstance(page, str) else ""
