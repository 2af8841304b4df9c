"""What a page says of its outlet, its language and whether it is free to read."""

from __future__ import annotations

import re
from typing import Any

from monitor.extract.clean import clean_markup
from monitor.extract.facts import PageFacts
from monitor.extract.json_ld import text_value, types_of

_TAG = re.compile(r"^[a-zA-Z]{2,3}(?:[-_][a-zA-Z0-9]{2,8}){0,3}$")
_NO = frozenset({"false", "no", "0"})
_OUTLETS = frozenset({"WebSite", "NewsMediaOrganization", "Organization"})


def find_site_name(facts: PageFacts) -> str | None:
    """Return the outlet's name as the page gives it, or None."""
    claims = [
        facts.meta("og:site_name"),
        text_value(facts.node, "publisher", "provider", "sourceOrganization"),
        *(text_value(n, "name") for n in facts.nodes[:50] if _OUTLETS.intersection(types_of(n))),
        facts.meta("application-name", "cre", "dc.publisher", "publisher", "copyright-holder"),
    ]
    for claim in claims:
        name = clean_markup(claim, longest=100)
        if name and "://" not in name:
            return name
    return None


def find_declared_language(facts: PageFacts) -> str | None:
    """Return the language that the page claims, as a BCP 47 tag, or None."""
    claims = (
        facts.html_language,
        text_value(facts.node, "inLanguage"),
        facts.meta("content-language", "og:locale", "dc.language", "language"),
    )
    for claim in claims:
        tag = claim.split(",")[0].strip()
        if _TAG.match(tag):
            return _spell(tag)
    return None


def _spell(tag: str) -> str:
    """Return a tag as BCP 47 writes it: `pt-BR`, `zh-Hant`."""
    first, *others = re.split("[-_]", tag)
    spelled = [o.upper() if len(o) == 2 else o.title() if len(o) == 4 else o for o in others]
    return "-".join([first.lower(), *spelled])


def is_paywalled(facts: PageFacts) -> bool:
    """Tell whether the page says that its full text is not free to read."""
    if _says_no(facts.node.get("isAccessibleForFree")):
        return True
    return facts.meta("article:content_tier").strip().lower() == "locked"


def _says_no(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip().rpartition("/")[2].lower() in _NO
    return value is False
