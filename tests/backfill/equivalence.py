"""Real pages with labelled texts planted in them, in every charset: what the filter must let by.

real page ─ labelled text, by a trick ─ mutations ─ charset: declared, undeclared, wrong ─ Page
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from monitor.extract.charsets import MULTI_BYTE, SINGLE_BYTE
from monitor.extract.decode import decode
from monitor.model import Page
from monitor.prepare import Preparer
from monitor.sieve import PageSieve
from tests.backfill.planting import TRICKS, as_page
from tests.extract.real_pages import RealPage, read_fundus, read_scrapinghub

CHARSETS = tuple(
    dict.fromkeys([*MULTI_BYTE, *(name for _, names in SINGLE_BYTE.values() for name in names)])
)
WRONG = ("utf-8", "iso-8859-1", "windows-1251", "shift_jis")
_HEAD = re.compile("<head>(.*?)</head>", re.DOTALL)
_BODY = re.compile("<body[^>]*>(.*)</body>", re.DOTALL)
_META = re.compile(r'<meta charset="[^"]*">')


@dataclass(frozen=True, kw_only=True)
class Case:
    """One page, and in words how it was made."""

    name: str
    page: Page


def read_texts(shared: Path) -> list[tuple[str, str, str]]:
    """Return id, title and text of every labelled text."""
    lines = (shared / "labelled" / "match.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [(str(row["id"]), row.get("title") or "", row.get("text") or "") for row in rows]


def read_real(shared: Path) -> list[RealPage]:
    """Return all real pages."""
    return [*read_scrapinghub(shared), *read_fundus(shared)]


def plant(html: str, planted: str, chance: random.Random) -> str:
    """Return a real page with head and body of a made one put into its own, somewhere."""
    head, body = _HEAD.search(planted), _BODY.search(planted)
    inside = body[1] if body else planted
    places = [found.start() for found in re.finditer("<p[ >]|<div[ >]|</p>|<h1", html)] or [0]
    at = chance.choice(places) if chance.random() < 0.7 else len(html) // 2
    if chance.random() < 0.3:  # all that was there is gone: the page is about this
        start, end = html.find("<body"), html.rfind("</body")
        html = f"{html[:start]}<body>{inside}{html[end:]}" if 0 <= start < end else inside
    else:
        html = f"{html[:at]}{inside}{html[at:]}"
    if head and chance.random() < 0.6:
        extra = _META.sub("", head[1])
        html = html.replace("<head>", f"<head>{extra}", 1) if "<head>" in html else extra + html
    return html


MUTATIONS = (
    lambda html, at: f"{html[:at]}<{html[at:]}",
    lambda html, at: f"{html[:at]}>{html[at:]}",
    lambda html, at: f'{html[:at]}"{html[at:]}',
    lambda html, at: f"{html[:at]}<!--{html[at:]}",
    lambda html, at: f"{html[:at]}-->{html[at:]}",
    lambda html, at: f"{html[:at]}<script>{html[at:]}",
    lambda html, at: f"{html[:at]}</script>{html[at:]}",
    lambda html, at: f"{html[:at]}</p>{html[at:]}",
    lambda html, at: f"{html[:at]}<table><tr><td>{html[at:]}",
    lambda html, at: f"{html[:at]}<noscript>{html[at:]}",
    lambda html, at: f"{html[:at]}<div hidden>{html[at:]}",
    lambda html, at: f"{html[:at]}<style>{html[at:]}",
    lambda html, at: f"{html[:at]}<textarea>{html[at:]}",
    lambda html, at: f"{html[:at]}<svg><title>{html[at:]}",
    lambda html, at: f"{html[:at]}&shy;{html[at:]}",
    lambda html, at: f"{html[:at]}<br>{html[at:]}",
    lambda html, at: html[:at] + html[at + 200 :],
    lambda html, at: html[:at],
)


def make_cases(shared: Path, *, seed: int, share: float) -> Iterator[Case]:
    """Yield pages, each real one by itself and with texts planted; `share` of all there could be.

    Every real page comes in each charset that it can be encoded in, and with every trick.
    """
    chance = random.Random(seed)
    texts = read_texts(shared)
    for real in read_real(shared):
        html = decode(real.body).text
        for trick, make in TRICKS.items():
            if chance.random() >= share:
                continue
            key, title, text = chance.choice(texts)
            made = plant(html, make(title, text), chance)
            mutated = chance.random() < 0.4
            for _ in range(chance.randrange(1, 4) if mutated else 0):
                made = chance.choice(MUTATIONS)(made, chance.randrange(len(made) + 1))
            name = f"{real.name}, {key}, {trick}{', broken' if mutated else ''}"
            yield from encode(name, made, chance, share=share)


def encode(name: str, html: str, chance: random.Random, *, share: float) -> Iterator[Case]:
    """Yield a page as UTF-8, and in the legacy charsets that can nearly hold it."""
    yield Case(name=name, page=as_page(html))
    known = len(html) // 50
    for charset in chance.sample(CHARSETS, k=max(1, round(len(CHARSETS) * min(1.0, share)))):
        if len(html.encode("utf-8", "ignore")) and _lost(html, charset) <= known:
            for declared in (None, charset, chance.choice(WRONG)):
                page = as_page(html, charset, declared=declared)
                yield Case(name=f"{name}, {charset} declared {declared}", page=page)


def _lost(html: str, charset: str) -> int:
    return len(html) - len(html.encode(charset, "ignore").decode(charset, "ignore"))


def is_lost(case: Case, preparer: Preparer, sieve: PageSieve) -> bool:
    """Say whether a page is ruled out that is flagged without the filter."""
    if not sieve.rules_out(case.page):
        return False
    analysis = preparer.prepare(case.page).analysis
    return bool(analysis and analysis.matches)
