"""AMP forms of a page: caches, paths and suffixes that lead to the same article."""

from __future__ import annotations

import re
from urllib.parse import unquote

from monitor.urls.parts import UrlParts, split

_VIEWER = re.compile(r"/amp/(s/)?(?P<rest>.+)")  # https://www.google.com/amp/s/example.org/x
_CACHE = re.compile(r"/(?:[cvi]|wp|ad)/(s/)?(?P<rest>.+)")  # …cdn.ampproject.org/c/s/example.org/x
_CACHES = (".cdn.ampproject.org", ".ampproject.net", ".bing-amp.com")

_SUFFIX = re.compile(r"[/.]amp(?P<html>\.html?|\.php)?/?$", re.IGNORECASE)
_MARKED_HTML = re.compile(r"[-_]amp(?P<html>\.html?)$", re.IGNORECASE)
_SEGMENT = re.compile(r"/amp(?=/)", re.IGNORECASE)
# What names an article rather than a subject: `/gear/amp` is about amplifiers.
_ARTICLE_LIKE = re.compile(r"[-_0-9]|\.[sp]?html?$")


def find_original(parts: UrlParts) -> UrlParts | None:
    """Return the page behind an AMP cache or viewer, or None where `parts` is no such thing."""
    found = None
    if parts.host.endswith(_CACHES):
        found = _CACHE.fullmatch(parts.path)
    elif parts.host.startswith(("www.google.", "google.")):
        found = _VIEWER.fullmatch(parts.path)
    if found is None:
        return None
    query = f"?{parts.query}" if parts.query else ""
    try:
        return split(f"http{'s' if found[1] else ''}://{unquote(found['rest'])}{query}")
    except ValueError:
        return None


def fold_amp_path(path: str) -> str:
    """Return `path` without what marks an AMP form, where the rest still names an article."""
    for pattern in (_SUFFIX, _MARKED_HTML):
        found = pattern.search(path)
        if found:
            rest = path[: found.start()] + (found["html"] or "")
            if _names_article(rest):
                return rest
    found = _SEGMENT.search(path)
    if found:
        rest = path[: found.start()] + path[found.end() :]
        if _names_article(rest):
            return rest
    return path


def _names_article(path: str) -> bool:
    last = path.rstrip("/").rpartition("/")[2]
    return _ARTICLE_LIKE.search(last) is not None
