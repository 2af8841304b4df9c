"""What stands on a page about one story, cleaned and said in words: the same for text and HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.model.digest import AlsoReported, DigestStory
from monitor.model.matches import Level
from monitor.model.stories import ChangeKind
from monitor.render.clean import is_web_link, one_line, shown_link
from monitor.render.marks import marked_pieces
from monitor.render.names import (
    country_names,
    language_name,
    say_day,
    say_published,
    say_time,
)
from monitor.text.counting import plural

Pieces = tuple[tuple[str, bool], ...]
LONGEST_NAME = 80
MOST_REASONS = 3  # a long story meets fifteen rules, and nobody reads on
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "ps", "ug", "yi", "dv", "ckb", "sd"})


@dataclass(frozen=True, kw_only=True)
class LinkView:
    """A link as shown; `href` is None where it is no web address and must not be clickable."""

    shown: str
    href: str | None


@dataclass(frozen=True, kw_only=True)
class AlsoView:
    """Another report of the same story."""

    outlet: str
    title: str
    link: LinkView
    weak: bool


@dataclass(frozen=True, kw_only=True)
class QuoteView:
    """A passage in pieces, each with whether its words made the match."""

    pieces: Pieces
    before: bool
    after: bool


@dataclass(frozen=True, kw_only=True)
class StoryView:
    """One story, ready to be set in type; nothing in it needs cleaning, only escaping."""

    status: str
    badge: str
    topic: str
    countries: str
    title: Pieces
    lang: str | None
    direction: str
    language: str
    outlet: str
    reach: str
    published: str
    first_seen: str
    quotes: tuple[QuoteView, ...]
    because: str
    score: str
    link: LinkView
    began_as: str | None
    news: str
    also: tuple[AlsoView, ...]
    also_more: int
    told: str | None

    @property
    def label(self) -> str:
        """Return the badge with what the story has to say, where the badge does not say it."""
        told = self.badge.lower() in self.news or self.news in ("correction", "first report")
        return self.badge if told else f"{self.badge}: {self.news}"


def view_story(
    story: DigestStory, *, zone: str, now: datetime, topics: Mapping[str, str]
) -> StoryView:
    """Return `story` in words; times are in `zone`, topics under the titles people gave them."""
    primary = (story.language or "").split("-")[0].lower()
    return StoryView(
        status=story.status,
        badge=_badge(story),
        topic=", ".join(topic_title(topic, topics) for topic in story.topics or (story.topic,)),
        countries=country_names(story.countries),
        title=_title(story),
        lang=one_line(story.language, longest=35) if story.language else None,
        direction="rtl" if primary in RIGHT_TO_LEFT else "ltr",
        language=language_name(story.language),
        outlet=one_line(story.outlet, longest=LONGEST_NAME) or "outlet not known",
        reach=_reach(story),
        published=say_published(story.published, zone, now=now),
        first_seen=say_time(story.first_seen, zone),
        quotes=tuple(
            QuoteView(
                pieces=marked_pieces(quote.text, quote.marks),
                before=quote.cut_before,
                after=quote.cut_after,
            )
            for quote in story.quotes
        ),
        because=_because(story.because),
        score=_score(story),
        link=view_link(story.url),
        began_as=one_line(story.story_title) if story.story_title else None,
        news=_news(story),
        also=tuple(_view_also(other) for other in story.also),
        also_more=story.more,
        told=_told(story),
    )


def _told(story: DigestStory) -> str | None:
    """Return that a reader may know the story already, from a digest before a restore."""
    if story.told_in_digest_of is None:
        return None
    return (
        f"This may have been in the digest of {say_day(story.told_in_digest_of)} already: a backup"
        " was put back since."
    )


def _because(rules: Sequence[str]) -> str:
    """Return the rules that counted most, and how many others did; JSON and exports have all."""
    shown = [one_line(rule, longest=160) for rule in rules[:MOST_REASONS]]
    more = len(rules) - len(shown)
    if more > 0:
        shown.append(f"and {plural(more, 'other reason')}")
    return "; ".join(shown) or "not recorded"


def _badge(story: DigestStory) -> str:
    if story.status == "new" and story.level is Level.MENTION:
        return "Mention"
    return {"new": "New", "grown": "Grown", "corrected": "Corrected"}[story.status]


def _news(story: DigestStory) -> str:
    """Return what the story has to say; a mention is no report, and is not called one."""
    first = "first mention" if story.level is Level.MENTION else ChangeKind.FIRST_REPORT.value
    return ", ".join(
        first if change == ChangeKind.FIRST_REPORT else str(change) for change in story.changes
    )


def view_link(url: str) -> LinkView:
    """Return a link shown whole; clickable only when it leads to the web."""
    return LinkView(shown=shown_link(url), href=url if is_web_link(url) else None)


def topic_title(topic: str, topics: Mapping[str, str]) -> str:
    """Return the title of a topic, its id where it has none."""
    return one_line(topics.get(topic) or topic or "no topic", longest=LONGEST_NAME)


def _title(story: DigestStory) -> Pieces:
    pieces = marked_pieces(story.title[:400], story.title_marks)
    return pieces if "".join(piece for piece, _ in pieces).strip() else (("(no title)", False),)


def _reach(story: DigestStory) -> str:
    if story.articles <= 1:
        return "1 article"
    first = one_line(story.first, longest=LONGEST_NAME)
    return (
        f"{plural(story.articles, 'article')}, {plural(story.publishers, 'independent report')}"
        + (f", first: {first}" if first else "")
    )


def _score(story: DigestStory) -> str:
    return f"score {story.score:g}; a report needs {story.report_at:g}"


def _view_also(other: AlsoReported) -> AlsoView:
    return AlsoView(
        outlet=one_line(other.outlet, longest=LONGEST_NAME) or "outlet not known",
        title=one_line(other.title) or "(no title)",
        link=view_link(other.url),
        weak=other.weak,
    )
