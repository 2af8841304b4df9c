"""One URL for one article: the key by which an article seen again is known."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from urllib.parse import unquote, unquote_plus

from monitor.urls.amp import find_original, fold_amp_path
from monitor.urls.parts import LONGEST_URL, UrlParts, refusal, split, unsplit
from monitor.urls.site import registrable_domain, subdomain_of
from monitor.urls.tracking import is_tracking

# Labels that serve the same pages in another dress; `www3` is another server, so only these.
_FOLDED_LABELS = frozenset({"www", "m", "amp", "mobile"})
_INDEX = re.compile(r"/index\.html?$", re.IGNORECASE)
_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*", re.IGNORECASE)
_SLASHES = re.compile(r"/{2,}")

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PATH_SAFE = frozenset(b"!$&'()*+,;=:@/")
_QUERY_SAFE = frozenset(b"!$'()*+,;=:@/?&[]|")
_ESCAPE = re.compile(rb"%[0-9A-Fa-f]{2}")


@lru_cache(maxsize=8192)
def canonical_url(url: str) -> str:
    """Return the key of the page behind `url`; equal for every address of one article.

    Raises ValueError where `url` is not an absolute http or https URL with a host, or its key would
    be longer than LONGEST_URL; never anything else. Idempotent.

        caches and viewers of AMP    → the page behind them
        scheme, host, port           → https where the port is the usual one; IDNA; no www, m, amp
        path                         → no dots, no doubled or closing slash, no session, no /amp
        query                        → without tracking and sessions, sorted by name
        fragment                     → gone, unless it names the page (`#!/2024/1`)

    The key can be opened, yet a page that answers only under `www` or only without TLS will not:
    people are shown the URL it was fetched from.
    """
    parts = split(url)
    for _ in range(3):  # a cache within a viewer; deeper is no real link
        original = find_original(parts)
        if original is None:
            break
        parts = original
    key = unsplit(
        replace(
            parts,
            scheme="https" if parts.port is None and parts.is_public_name else parts.scheme,
            host=_fold_host(parts),
            path=_fold_path(parts.path),
            query=_fold_query(parts.query),
            fragment=_fold_fragment(parts.fragment),
        )
    )
    if len(key) > LONGEST_URL:
        raise refusal(url)
    return key


def _fold_host(parts: UrlParts) -> str:
    """Return the host without labels that only choose a dress of the same site."""
    domain = registrable_domain(parts.host)
    if not domain:
        return parts.host
    labels = [label for label in subdomain_of(parts).split(".") if label]
    return ".".join([label for label in labels if label not in _FOLDED_LABELS] + [domain])


def _fold_path(path: str) -> str:
    path = _SESSION.sub("", path)
    path = normalise_escapes(path, _PATH_SAFE)
    path = _resolve_dots(path)
    if ":/" not in path:  # a URL inside a path keeps its two slashes
        path = _SLASHES.sub("/", path)
    for _ in range(3):  # `/amp/index.html/` needs three rounds to settle
        folded = fold_amp_path(_INDEX.sub("/", path).rstrip("/"))
        if folded == path:
            break
        path = folded
    return path or "/"


def _resolve_dots(path: str) -> str:
    """Return `path` without `.` and `..` segments (RFC 3986, 5.2.4)."""
    if "/." not in path:
        return path
    out: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del out[-1:]
        elif segment != ".":
            out.append(segment)
    if segments[-1] in {".", ".."}:
        out.append("")
    return "/" + "/".join(out)


def _fold_query(query: str) -> str:
    """Return the query without tracking, sorted by name; repeated names keep their order."""
    kept = []
    for written in query.split("&"):
        pair = written.removeprefix("amp;")  # an ampersand escaped twice
        name, _, value = pair.partition("=")
        if pair and not is_tracking(unquote_plus(name), unquote(value)):
            kept.append(normalise_escapes(pair, _QUERY_SAFE))
    return "&".join(sorted(kept, key=lambda pair: pair.partition("=")[0]))


def _fold_fragment(fragment: str) -> str:
    """Return the fragment where scripts route by it (`#!…`, `#/…`), else nothing."""
    if fragment.startswith(("!", "/")) and len(fragment) > 2:
        return normalise_escapes(fragment, _QUERY_SAFE)
    return ""


def normalise_escapes(text: str, safe: frozenset[int]) -> str:
    """Return `text` with one spelling for each character (RFC 3986, 6.2.2).

    Escapes of unreserved characters are decoded, all others are in upper case; what may not stand
    in a URL is escaped as UTF-8; a `%` that escapes nothing becomes `%25`.
    """
    raw = text.encode("utf-8", "replace")
    out = bytearray()
    position = 0
    while position < len(raw):
        byte = raw[position]
        if byte == 0x25 and _ESCAPE.match(raw, position):
            value = int(raw[position + 1 : position + 3], 16)
            out += bytes([value]) if value in _UNRESERVED else b"%%%02X" % value
            position += 3
            continue
        out += bytes([byte]) if byte in _UNRESERVED or byte in safe else b"%%%02X" % byte
        position += 1
    return out.decode("ascii")
