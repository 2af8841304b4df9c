"""One page → one article, in steps that each say what they gave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from monitor.extract.author import find_author
from monitor.extract.blocks import Blocks, read_blocks
from monitor.extract.body import Body, Reader, find_body, find_forward
from monitor.extract.canonical import find_canonical
from monitor.extract.clean import clean_line, clean_markup, clean_text
from monitor.extract.dates import Moment, find_modified, find_published, is_plausible
from monitor.extract.extraction import Extraction, Wall
from monitor.extract.facts import PageFacts, gather_facts, key_of
from monitor.extract.outlet import find_declared_language, find_site_name, is_paywalled
from monitor.extract.page_text import PageText
from monitor.extract.title import find_title
from monitor.extract.tree import ParsedPage, parse
from monitor.extract.visible import find_visible_text, linked_share, prose_length, visible_length
from monitor.extract.walls import find_wall, is_sent_home
from monitor.model import Article, Entry, ExtractionMethod, Outcome, Page
from monitor.text.language import identify
from monitor.urls import canonical_url

# A page with less running text than this, nearly all of it links, is no article.
_LIST_TEXT = 250
_LIST_LINKS = 0.7
_FROM_DATA = (ExtractionMethod.JSON_LD, ExtractionMethod.EMBEDDED)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An extraction in which what does not decide a match is still to be looked for.

    The article of `extraction` has no author, no dates, and is not known to be paid for; `finish`
    returns the extraction with these.
    """

    extraction: Extraction
    finish: Callable[[], Extraction]


def extract_article(page: Page, *, entry: Entry | None = None) -> Extraction:
    """Return what `page` says: an article, or why there is none; `draft_article` says how."""
    return draft_article(page, entry=entry).finish()


def draft_article(page: Page, *, entry: Entry | None = None, text: PageText | None = None) -> Draft:
    """Return what `page` says: an article, or why there is none.

        bytes → text → tree → blocks of text, claims of the head
          → trafilatura checked by container → JSON-LD → data in scripts → visible text
          → title, language, canonical URL ─ author, dates

    Pure: no network, no clock, no files. Raises ValueError where the page has no http or https URL,
    and nothing else whatever it holds. `entry` is what the source offered: its title, summary,
    author and date fill in where the page is silent. `text` is the page as it was read before.
    """
    key_of(page.final_url or page.url)
    text = text or PageText(page)
    if text.kind:
        return _finished(
            Extraction(
                outcome=Outcome.NOT_AN_ARTICLE, reason=f"the body is {text.kind}, not a web page"
            )
        )
    known = Extraction(encoding=text.decoded.encoding)
    parsed = parse(text.decoded.text)
    if parsed is None:
        return _finished(_from_entry(known, page, entry, reason="the page is empty"))
    return _extract(known, page, parsed, entry)


def _finished(extraction: Extraction) -> Draft:
    return Draft(extraction=extraction, finish=lambda: extraction)


class _Read(NamedTuple):
    """A page as far as it was read: what is asked of it together."""

    known: Extraction
    page: Page
    parsed: ParsedPage
    facts: PageFacts
    entry: Entry | None


def _extract(known: Extraction, page: Page, parsed: ParsedPage, entry: Entry | None) -> Draft:
    """Return the extraction of a page that could be read."""
    facts = gather_facts(parsed.root, page.final_url or page.url)
    blocks = read_blocks(parsed.root)
    known = replace(known, visible_length=visible_length(blocks))
    wall = find_wall(page, facts, blocks, parsed.root)
    if wall is not None:
        return _finished(_behind_wall(known, page, facts, blocks, wall, entry))
    if is_sent_home(page):
        reason = "the server sent us to its front page: the article is gone"
        return _finished(_from_entry(known, page, entry, reason=reason))
    body = find_body(_reader(parsed, facts, blocks))
    if _is_list(facts, blocks, body):
        reason = "the page is a list of links"
        return _finished(replace(known, outcome=Outcome.NOT_AN_ARTICLE, reason=reason))
    read = _Read(known, page, parsed, facts, entry)
    article = _build_article(read, body)
    return Draft(
        extraction=_conclude(read, body, article),
        finish=lambda: _conclude(read, body, _complete(read, article)),
    )


def _conclude(read: _Read, body: Body, article: Article) -> Extraction:
    """Return the extraction that ends in `article`."""
    if not article.text:
        return _without_text(read.known, article, read.facts, read.page, read.entry)
    failed = body.method is ExtractionMethod.VISIBLE_TEXT
    return replace(
        read.known,
        article=article,
        outcome=Outcome.EXTRACTION_FAILED if failed else None,
        reason=_join(body.doubt, read.parsed.note, _truncation(read.page)),
    )


def _reader(parsed: ParsedPage, facts: PageFacts, blocks: Blocks) -> Reader:
    """Return the page as the steps for its text need it."""
    descriptions = (
        facts.meta("og:description"),
        facts.meta("description"),
        str(facts.node.get("description") or ""),
    )
    return Reader(
        root=parsed.root,
        elements=parsed.elements,
        facts=facts,
        blocks=blocks,
        titles=[
            find_title(facts),
            *facts.headings,
            clean_markup(facts.meta("og:title")),
            facts.title,
        ],
        descriptions=[clean_markup(value, longest=2000) for value in descriptions],
    )


def _build_article(read: _Read, body: Body) -> Article:
    """Return the article with what decides a match, as the page gives it, or else the source."""
    page, facts, entry = read.page, read.facts, read.entry
    site_name = find_site_name(facts)
    title = find_title(facts, site_name=site_name) or _entry_title(entry)
    declared = find_declared_language(facts) or (entry.language if entry else None)
    return Article(
        url=page.final_url or page.url,
        canonical_url=find_canonical(facts),
        title=title,
        text=body.text,
        language=identify(f"{title}\n{body.text}", declared=declared),
        declared_language=declared,
        site_name=site_name,
        method=body.method,
    )


def _complete(read: _Read, article: Article) -> Article:
    """Return the article with every other field that the page, or else the source, gives."""
    page, facts, entry, root = read.page, read.facts, read.entry, read.parsed.root
    published = find_published(facts, root, fetched_at=page.fetched_at)
    published = published or _entry_date(entry, page.fetched_at)
    modified = find_modified(facts, fetched_at=page.fetched_at)
    author = find_author(facts, root, site_name=article.site_name)
    return replace(
        article,
        author=author or _entry_author(entry),
        published=published.at if published else None,
        published_precision=published.precision if published else None,
        modified=modified.at if modified else None,
        paywalled=is_paywalled(facts),
    )


def _is_list(facts: PageFacts, blocks: Blocks, body: Body) -> bool:
    """Tell whether the page is a list of links to articles rather than one."""
    if prose_length(blocks) >= _LIST_TEXT or body.method in _FROM_DATA:
        return False
    is_article = bool(facts.node) or facts.meta("og:type").lower() == "article"
    return not is_article and len(blocks) >= 20 and linked_share(blocks) > _LIST_LINKS


def _behind_wall(
    known: Extraction,
    page: Page,
    facts: PageFacts,
    blocks: Blocks,
    wall: Wall,
    entry: Entry | None,
) -> Extraction:
    """Return what can be matched of a page that shows something else in place of its article.

    The wall's own text stays in: should it be none, nothing is lost.
    """
    shown = clean_text(find_visible_text(blocks))
    told = clean_text(entry.summary) if entry else ""
    own_title = find_title(facts)
    article = _plain_article(
        page,
        title=_entry_title(entry) or own_title,
        text="\n".join(part for part in (told, shown) if part),
        method=ExtractionMethod.FEED if told else ExtractionMethod.VISIBLE_TEXT,
        entry=entry,
    )
    return replace(
        known,
        article=article if article.text or article.title else None,
        outcome=Outcome.EXTRACTION_FAILED,
        wall=wall,
        reason=f"the page shows a {wall.value} in place of the article"
        if wall is not Wall.SOFT_404
        else f"the page says that it was not found ({own_title!r}), with status {page.status}",
    )


def _without_text(
    known: Extraction, article: Article, facts: PageFacts, page: Page, entry: Entry | None
) -> Extraction:
    """Return what there is of a page without text: its title, what the feed says."""
    forward = find_forward(facts)
    reason = f"the page only sends its readers to {forward[:200]!r}" if forward else None
    reason = _join(reason or "no text was found on the page", _truncation(page))
    found = _from_entry(known, page, entry, reason=reason)
    if found.article is not None:
        return replace(found, article=replace(found.article, title=article.title))
    return replace(found, article=article if article.title else None)


def _from_entry(
    known: Extraction, page: Page, entry: Entry | None, *, reason: str | None
) -> Extraction:
    """Return what the source said of a page that gave nothing."""
    article = None
    if entry is not None and (entry.title.strip() or entry.summary.strip()):
        article = _plain_article(
            page,
            title=_entry_title(entry),
            text=clean_text(entry.summary),
            method=ExtractionMethod.FEED,
            entry=entry,
        )
    return replace(known, article=article, outcome=Outcome.EXTRACTION_FAILED, reason=reason)


def _plain_article(
    page: Page, *, title: str, text: str, method: ExtractionMethod, entry: Entry | None
) -> Article:
    """Return an article made of the little that is known without the page.

    Its address is the one that was asked for: where that led (a log-in, a consent page) is the same
    for every article of the site, and would make all of them one.
    """
    url = entry.url if entry and method is ExtractionMethod.FEED else page.url
    published = _entry_date(entry, page.fetched_at)
    declared = entry.language if entry else None
    return Article(
        url=url,
        canonical_url=canonical_url(url),
        title=title,
        text=text,
        author=_entry_author(entry),
        published=published.at if published else None,
        published_precision=published.precision if published else None,
        language=identify(f"{title}\n{text}", declared=declared),
        declared_language=declared,
        method=method,
    )


def _entry_title(entry: Entry | None) -> str:
    return clean_line(entry.title) if entry else ""


def _entry_author(entry: Entry | None) -> str | None:
    return clean_line(entry.author, longest=200) or None if entry and entry.author else None


def _entry_date(entry: Entry | None, fetched_at: datetime) -> Moment | None:
    if entry is None or entry.published is None:
        return None
    if not is_plausible(entry.published, fetched_at=fetched_at):
        return None
    return Moment(at=entry.published, precision="second")


def _truncation(page: Page) -> str | None:
    return "the connection ended before the page did" if page.truncated else None


def _join(*reasons: str | None) -> str | None:
    return "; ".join(reason for reason in reasons if reason) or None
