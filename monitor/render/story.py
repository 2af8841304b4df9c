"""The changes of one story told as one: what an alert and a digest both show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from monitor.model.delivery import OwedAlert
from monitor.model.digest import AlsoReported, DigestStatus, DigestStory
from monitor.model.matches import Level, Match
from monitor.model.stories import ChangeKind, Story, StoryArticle
from monitor.render.marks import quote_matches, title_marks

MOST_ALSO = 10


def tell_story(changes: Sequence[OwedAlert], *, topics: Sequence[str] = ()) -> DigestStory:
    """Return one story from its changes, each of which is an article's.

    The article that scores highest leads; equal ones go by commit. With `topics`, only matches of
    these topics count (what the reader follows). Refuses no changes at all with ValueError.
    """
    if not changes:
        raise ValueError("while telling a story: there is no change to tell of")
    ordered = sorted(changes, key=lambda owed: owed.change.commit)
    story = ordered[-1].story  # as it stood when the last change was written: most articles
    lead = max(ordered, key=lambda owed: _strength(_wanted(owed.matches, topics)))
    matches = _wanted(lead.matches, topics)
    best = matches[0] if matches else None
    own = next((a for a in story.articles if a.article_id == lead.article_id), None)
    return DigestStory(
        story_id=story.id,
        status=_status(ordered),
        topic=best.topic if best else next(iter(story.topics), ""),
        topics=tuple(dict.fromkeys(match.topic for match in matches)) or story.topics,
        countries=story.countries,
        title=lead.title,
        language=own.language if own else None,
        url=lead.url,
        outlet=own.outlet if own else "",
        outlets=tuple(dict.fromkeys(_outlets(story))),
        articles=count_articles(story.articles),
        publishers=max(count_publishers(story.articles), 1),
        first_seen=story.first_seen,
        published=own.published if own else None,
        score=best.score if best else 0.0,
        because=_because(matches),
        quotes=quote_matches(lead.text, matches),
        level=best.level if best else Level(story.level),
        report_at=best.report_at if best else 0.0,
        mention_at=best.mention_at if best else 0.0,
        title_marks=title_marks(lead.title, matches),
        story_title=story.title if story.title != lead.title else None,
        changes=tuple(dict.fromkeys(str(owed.change.kind) for owed in ordered)),
        also=_also(story, lead),
        first=_first_outlet(story),
        more=max(len(story.articles) - 1 - MOST_ALSO, 0),
        told_in_digest_of=_told_in_digest_of(ordered),
    )


def _told_in_digest_of(changes: Sequence[OwedAlert]) -> date | None:
    """Return when a digest told all of the changes; None where one of them is new."""
    days = [owed.told_in_digest_of for owed in changes]
    told = [day for day in days if day is not None]
    return max(told) if len(told) == len(days) else None


def _first_outlet(story: Story) -> str:
    """Return who had it first: by the date on the page, or else when it was met."""
    firm = [article for article in story.articles if not article.weak]
    first = min(firm, key=lambda a: a.published or a.first_seen, default=None)
    return (first.outlet or first.publisher or "") if first else ""


def count_articles(articles: Sequence[StoryArticle]) -> int:
    """Return how many articles are firmly in a story; those that only may belong do not count."""
    return max(sum(not article.weak for article in articles), 1)


def count_publishers(articles: Sequence[StoryArticle]) -> int:
    """Return how many publishers stand behind `articles`; weak joins and copies do not count.

    Publishers, not outlets, are counted; an outlet without a known publisher is its own.
    """
    counted = (a for a in articles if not a.weak and a.independent)
    return len({(a.publisher or a.outlet).casefold() for a in counted})


def _wanted(matches: Sequence[Match], topics: Sequence[str]) -> list[Match]:
    wanted = [match for match in matches if not topics or match.topic in topics]
    return sorted(wanted, key=lambda match: (match.level is not Level.REPORT, -match.score))


def _strength(matches: Sequence[Match]) -> tuple[bool, float]:
    if not matches:
        return (False, 0.0)
    return (matches[0].level is Level.REPORT, matches[0].score)


def _status(changes: Sequence[OwedAlert]) -> DigestStatus:
    kinds = {owed.change.kind for owed in changes}
    if ChangeKind.FIRST_REPORT in kinds:
        return "new"
    return "corrected" if kinds == {ChangeKind.CORRECTION} else "grown"


def _outlets(story: Story) -> list[str]:
    return [article.outlet for article in story.articles if article.outlet and not article.weak]


def _because(matches: Sequence[Match]) -> tuple[str, ...]:
    """Return the rules that counted for the topics, best first, penalties said as such."""
    reasons: dict[str, None] = {}
    for match in matches:
        for hit in match.hits:
            words = hit.rule
            if hit.score < 0:
                words += " (counted against it)"
            if hit.note:
                words += f" ({hit.note})"
            reasons[words] = None
    return tuple(reasons)


def _also(story: Story, lead: OwedAlert) -> tuple[AlsoReported, ...]:
    others = [article for article in story.articles if article.article_id != lead.article_id]
    others.sort(key=lambda article: article.weak)
    return tuple(
        AlsoReported(
            title=article.title,
            url=article.url,
            outlet=article.outlet,
            language=article.language,
            weak=article.weak,
        )
        for article in others[:MOST_ALSO]
    )
