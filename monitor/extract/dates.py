"""When an article says it was published and changed; what is not plausible is not believed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Literal

from htmldate import find_date
from lxml.html import HtmlElement

from monitor.extract.facts import PageFacts
from monitor.extract.json_ld import text_value

Precision = Literal["second", "minute", "day"]

# The web is no older; archives that say so are left to their URL and to people.
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
# A publisher's clock, a zone misread, an embargo: not more than this ahead (FAULTS B4).
AHEAD = timedelta(days=1)

_ISO = re.compile(
    r"(?P<year>\d{4})-?(?P<month>\d\d)-?(?P<day>\d\d)"
    r"(?:[T ]{1,3}(?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,]\d{1,9})?)?"
    r"\s{0,2}(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d)?)?",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"\d{10}(\d{3})?")
_URL_DATE = re.compile(
    r"(?<!\d)(?P<year>20[0-3]\d|199\d)[/_-]?(?P<month>0[1-9]|1[0-2])[/_-]?(?P<day>0[1-9]|[12]\d|3[01])(?!\d)"
)

# Names that RFC 5322 does not know and that Java's and Perl's dates end in; hours east of UTC.
# Only those that mean one thing in the press of their region (IST and CST do not).
_ZONES = {
    "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3,
    "PKT": 5, "WIB": 7, "HKT": 8, "SGT": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11,
}  # fmt: skip
_ZONE_NAME = re.compile(r"\b(" + "|".join(_ZONES) + r")\b")

_PUBLISHED = (
    "article:published_time",
    "article:published",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "date_published",
    "pubdate",
    "publishdate",
    "publish_date",
    "publish-date",
    "published_time",
    "parsely-pub-date",
    "sailthru.date",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date.created",
    "dc.date",
    "dcterms.date",
    "dc.terms.created",
    "article.published",
    "article_date_original",
    "cxenseparse:recs:publishtime",
    "originalpublicationdate",
    "publication_date",
    "datecreated",
    "date",
)
_MODIFIED = (
    "article:modified_time",
    "article:modified",
    "og:updated_time",
    "og:article:modified_time",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "last-modified",
    "lastmod",
    "article.updated",
    "revised",
)


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A moment with how finely it was given; a day is midnight UTC."""

    at: datetime
    precision: Precision
    has_zone: bool = True


def find_published(facts: PageFacts, root: HtmlElement, *, fetched_at: datetime) -> Moment | None:
    """Return when the page says that it was published, or None.

    JSON-LD, `<meta>`, `itemprop`, `<time>`, what htmldate makes of the text, the day in the URL.
    A time without a zone is taken for UTC unless another claim gives the same time with its zone.
    """
    claims = [
        text_value(facts.node, "datePublished", "dateCreated", "uploadDate"),
        *(value for name in _PUBLISHED for value in facts.metas.get(name, ())[:1]),
    ]
    found = (
        _first_plausible(claims, fetched_at)
        or _first_plausible(_marked_times(root, "datepublished", "pubdate"), fetched_at)
        or _first_plausible(_loose_times(root), fetched_at)
    )
    # Of a claim that is not plausible htmldate would make the first of its month.
    if found is None and not any(read_moment(claim) for claim in claims):
        found = _search(root, facts.url, fetched_at)
    return found or day_of_url(facts.url, fetched_at=fetched_at)


def find_modified(facts: PageFacts, *, fetched_at: datetime) -> Moment | None:
    """Return when the page says that it was changed, or None."""
    claims = [
        text_value(facts.node, "dateModified"),
        *(value for name in _MODIFIED for value in facts.metas.get(name, ())[:1]),
    ]
    return _first_plausible(claims, fetched_at)


def read_moment(text: str) -> Moment | None:
    """Return the moment that a machine-readable date gives, or None. Never raises.

    Reads ISO 8601 and its common misspellings, RFC 5322, and seconds or milliseconds since 1970.
    """
    text = text.strip()[:64]
    if _EPOCH.fullmatch(text):
        seconds = int(text) / (1000 if len(text) == 13 else 1)
        return Moment(at=datetime.fromtimestamp(seconds, UTC), precision="second")
    found = _ISO.match(text)
    if found:
        return _from_iso(found)
    try:
        moment = parsedate_to_datetime(_ZONE_NAME.sub(_offset_of_zone, text))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        return Moment(at=moment.replace(tzinfo=UTC), precision="second", has_zone=False)
    return Moment(at=moment.astimezone(UTC), precision="second")


def _offset_of_zone(found: re.Match[str]) -> str:
    return f"+{_ZONES[found[1]]:02d}00"


def _from_iso(found: re.Match[str]) -> Moment | None:
    part = found.groupdict()
    hour, minute, second = (int(part[name] or 0) for name in ("hour", "minute", "second"))
    try:
        moment = datetime(
            int(part["year"]),
            int(part["month"]),
            int(part["day"]),
            hour,
            minute,
            min(second, 59),
            tzinfo=_zone(part["zone"]),
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if part["hour"] is None:
        return Moment(at=moment, precision="day", has_zone=False)
    precision: Precision = "second" if part["second"] else "minute"
    return Moment(at=moment, precision=precision, has_zone=part["zone"] is not None)


def _zone(text: str | None) -> timezone:
    """Return the zone that an ISO time ends in; UTC where there is none."""
    if not text or text.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def is_plausible(moment: datetime, *, fetched_at: datetime) -> bool:
    """Tell whether an article fetched at `fetched_at` can be of this date (FAULTS B4)."""
    return EARLIEST <= moment <= fetched_at + AHEAD


def _first_plausible(claims: list[str], fetched_at: datetime) -> Moment | None:
    """Return the first claim that is plausible, sharpened by a later one of the same moment."""
    moments = [
        moment
        for claim in claims
        if claim
        and (moment := read_moment(claim))
        and is_plausible(moment.at, fetched_at=fetched_at)
    ]
    if not moments:
        return None
    first = moments[0]
    if first.precision == "day":  # a claim with the time of the same day says more
        return next(
            (m for m in moments if m.precision != "day" and abs(m.at - first.at) < AHEAD), first
        )
    if not first.has_zone:  # 13:00 and 13:00+02:00 are one claim; the second says when
        return next((m for m in moments if m.has_zone and _same_clock(m, first)), first)
    return first


def _same_clock(one: Moment, other: Moment) -> bool:
    """Tell whether two moments differ by a zone's offset: whole quarters of at most 14 hours."""
    seconds = abs((one.at - other.at).total_seconds())
    return seconds <= 14 * 3600 and seconds % 900 < 60


def _marked_times(root: HtmlElement, *marks: str) -> list[str]:
    """Return what elements marked as the date of publication (microdata) say."""
    claims = []
    for element in root.iter("time", "span", "div", "p", "abbr", "meta"):
        mark = (element.get("itemprop") or "").lower()
        if mark in marks or (element.tag == "time" and element.get("pubdate") is not None):
            claims.append(element.get("datetime") or element.get("content") or element.text or "")
        if len(claims) >= 5:
            break
    return claims


def _loose_times(root: HtmlElement) -> list[str]:
    """Return the `datetime` of the first `<time>` that stands in no menu, margin or footer."""
    for element in root.iter("time"):
        value = element.get("datetime")
        if value and next(element.iterancestors("nav", "aside", "footer"), None) is None:
            return [value]
    return []


def _search(root: HtmlElement, url: str, fetched_at: datetime) -> Moment | None:
    """Return what htmldate reads out of the page; it sees only the tree, never the network."""
    latest = (fetched_at + AHEAD).replace(tzinfo=None)
    try:
        found = find_date(
            root,
            extensive_search=False,
            original_date=True,
            outputformat="%Y-%m-%dT%H:%M:%S%z",
            url=url,
            deferred_url_extractor=True,
            min_date=EARLIEST.replace(tzinfo=None),
            max_date=latest,
        )
    except (ValueError, TypeError, OverflowError, RecursionError, AttributeError, IndexError):
        return None
    moment = read_moment(found) if found else None
    if moment is None or not is_plausible(moment.at, fetched_at=fetched_at):
        return None
    if moment.at.time() == datetime.min.time() and not moment.has_zone:
        return Moment(at=moment.at, precision="day", has_zone=False)
    return moment


def day_of_url(url: str, *, fetched_at: datetime) -> Moment | None:
    """Return the day that stands in a URL's path (`/2024/03/05/`, `/20240305-`), or None."""
    for found in list(_URL_DATE.finditer(url[:2000]))[:3]:
        try:
            at = datetime(int(found["year"]), int(found["month"]), int(found["day"]), tzinfo=UTC)
        except ValueError:
            continue
        if is_plausible(at, fetched_at=fetched_at):
            return Moment(at=at, precision="day", has_zone=False)
    return None
