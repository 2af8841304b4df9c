"""A digest as people read it: text, HTML and JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.log import get_logger
from monitor.model.delivery import Message, Subscriber
from monitor.model.digest import Digest, DigestStory
from monitor.render.clean import header, one_line
from monitor.render.html import render_html
from monitor.render.names import country_name, say_day, say_time
from monitor.render.payload import digest_payload
from monitor.render.picture import Bars, draw_history
from monitor.render.plain import plain_digest
from monitor.render.reader import PRODUCT, reader_line, unsubscribe_url
from monitor.render.text import heading, short_lines, story_lines, table_lines, wrap
from monitor.render.view import StoryView, view_story
from monitor.render.watch import TroubleView, WatchView, is_sound, view_watch
from monitor.text.counting import plural

# Mail readers cut what is longer than about 100 kB (Gmail: 102); the rest is told in a line each.
MOST_FULL, MOST_SHORT, MOST_MENTIONS = 15, 60, 30
FEW = 5  # so many stories need no list of contents
MORE = "and {count:,} more, too many for one message: `stationwatch stories` lists them all"

log = get_logger("render")


@dataclass(frozen=True, kw_only=True)
class GroupView:
    """The stories of one topic in one country."""

    topic: str
    country: str
    first_of_topic: bool
    stories: tuple[StoryView, ...]
    short: tuple[StoryView, ...] = ()
    more: int = 0


@dataclass(frozen=True, kw_only=True)
class DigestView:
    """A whole digest in words."""

    headline: str
    lead: str
    contents: tuple[tuple[str, str], ...]
    calm: tuple[str, ...]
    groups: tuple[GroupView, ...]
    mentions: tuple[StoryView, ...]
    mentions_more: int
    chart: tuple[Bars, ...]
    watch: WatchView
    window_line: str


def render_digest(digest: Digest, subscriber: Subscriber) -> Message:
    """Return the message that carries `digest`, also when nothing was found, and then says so.

    Never raises for what an article holds: when rendering fails, titles and links go out plain.
    """
    try:
        return _render(digest, subscriber)
    except Exception:
        log.exception("digest goes out plain", digest=digest.id)
        return plain_digest(digest)


def _render(digest: Digest, subscriber: Subscriber) -> Message:
    view = view_digest(digest)
    url = unsubscribe_url(subscriber)
    reader = reader_line(subscriber, digest.topic_titles)
    subject = f"{view.headline}: {_count(digest)}"
    context: dict[str, Any] = {
        **{name: getattr(view, name) for name in view.__dataclass_fields__},
        "page_title": one_line(subject),
        "more_line": MORE,
        "kicker": PRODUCT,
        "warnings": view.watch.warnings,
        "reader_line": reader,
        "unsubscribe": url,
    }
    foot = ["", "--", *wrap(view.window_line), *wrap(reader)]
    if url:
        foot.append(f"To get no more of these messages: {url}")
    return Message(
        id=digest.id,
        kind="digest",
        subscriber=subscriber.name,
        subject=header(subject),
        text="\n".join((*digest_lines(view), *foot)) + "\n",
        html=render_html("digest.html", context),
        payload=digest_payload(digest),
        created_at=digest.created_at,
        neutral_subject="Daily message" if digest.period == "day" else "Weekly message",
        references=(),
        unsubscribe_url=url,
    )


def view_digest(digest: Digest) -> DigestView:
    """Return `digest` in words, its times in the reader's zone."""
    zone = digest.time_zone

    def say(story: DigestStory) -> StoryView:
        return view_story(story, zone=zone, now=digest.created_at, topics=digest.topic_titles)

    groups = _view_groups(digest, say)
    return DigestView(
        headline=_headline(digest),
        lead=_lead(digest),
        calm=_calm(digest),
        contents=_contents(digest),
        groups=groups,
        mentions=tuple(say(story) for story in digest.mentions[:MOST_MENTIONS]),
        mentions_more=max(len(digest.mentions) - MOST_MENTIONS, 0),
        chart=draw_history(
            digest.watch.history, until=digest.local_date, topics=digest.topic_titles
        ),
        watch=view_watch(digest.watch, zone=zone),
        window_line=(
            f"Covers commits {digest.after_commit + 1} to {digest.to_commit}"
            f" ({'daily' if digest.period == 'day' else 'weekly'}, made"
            f" {say_time(digest.created_at, zone)})."
        ),
    )


def _view_groups(digest: Digest, say: Callable[[DigestStory], StoryView]) -> tuple[GroupView, ...]:
    """Return the groups with the top stories in full, and of the others a line each.

    A mail of several hundred kilobytes is cut by those who show it, the state of the watch first.
    """
    ranked = sorted(digest.stories, key=_rank)
    full = {story.story_id for story in ranked[:MOST_FULL]}
    listed = {story.story_id for story in ranked[MOST_FULL : MOST_FULL + MOST_SHORT]}
    groups: list[GroupView] = []
    topics = list(dict.fromkeys(group.topic for group in digest.groups))
    ordered = sorted(
        digest.groups,
        key=lambda group: (
            topics.index(group.topic),
            not any(story.story_id in full for story in group.stories),
        ),
    )
    for group in ordered:
        topic = one_line(group.topic_title)
        short = tuple(say(story) for story in group.stories if story.story_id in listed)
        stories = tuple(say(story) for story in group.stories if story.story_id in full)
        groups.append(
            GroupView(
                topic=topic,
                country=country_name(group.country),
                first_of_topic=not groups or groups[-1].topic != topic,
                stories=stories,
                short=short,
                more=len(group.stories) - len(stories) - len(short),
            )
        )
    return tuple(groups)


def _rank(story: DigestStory) -> tuple[bool, bool, int, float]:
    return (
        story.told_in_digest_of is not None,
        story.status != "new",
        -story.publishers,
        -story.score,
    )


def _contents(digest: Digest) -> tuple[tuple[str, str], ...]:
    """Return how many stories each topic has in each country, where there are many."""
    if len(digest.stories) <= FEW:
        return ()
    rows: dict[str, list[str]] = {}
    for group in digest.groups:
        told = f"{country_name(group.country)} {len(group.stories)}"
        rows.setdefault(one_line(group.topic_title), []).append(told)
    return tuple((topic, ", ".join(countries)) for topic, countries in rows.items())


def digest_lines(view: DigestView) -> list[str]:
    """Return the whole digest as lines of text."""
    lines = [view.headline, "=" * len(view.headline), "", *wrap(view.lead)]
    for warning in view.watch.warnings:
        lines += ["", *wrap(f"! {warning}", "", "  ")]
    for sentence in view.calm:
        lines += ["", *wrap(sentence)]
    for topic, countries in view.contents:
        lines += ["", *wrap(f"{topic}: {countries}", "", "  ")]
    for group in view.groups:
        lines += _group_lines(group)
    if view.mentions:
        lines += heading("Also mentioned (a sentence each; not enough for a report)", "-")
        for story in view.mentions:
            lines += short_lines(story)
        lines += _more_lines(view.mentions_more)
    if view.chart:
        lines += heading("The last 30 days: reports a day, by topic", "-")
        for row in view.chart:
            drawn = [f"  |{row.sparkline}|"] if any(row.counts) else []
            lines += [f"{row.topic}", *drawn, *wrap(row.sentence, "  ")]
    return [*lines, *watch_lines(view.watch)]


def _group_lines(group: GroupView) -> list[str]:
    lines = heading(f"{group.topic}: {group.country}", "-")
    for story in group.stories:
        lines += ["", *story_lines(story, with_heading=False)]
    for number, story in enumerate(group.short):
        lines += ["", *short_lines(story)] if number == 0 else short_lines(story)
    return lines + _more_lines(group.more)


def _more_lines(more: int) -> list[str]:
    return ["", *wrap(MORE.format(count=more))] if more else []


def watch_lines(watch: WatchView) -> list[str]:
    """Return the state of the watch as lines of text."""
    lines = [*heading("The state of the watch", "-"), watch.span, ""]
    lines += table_lines(watch.sources)
    lines += _trouble_lines("Could not be read", watch.failed)
    lines += _trouble_lines("Silent for longer than usual", watch.silent)
    lines += _trouble_lines("Seen elsewhere, not here", watch.elsewhere)
    lines += ["", "What became of the pages:", *table_lines((*watch.outcomes, watch.pages))]
    if watch.suppressed:
        lines += ["", "Held back, and why:", *table_lines(watch.suppressed)]
    lines += _trouble_lines("Messages that did not arrive", watch.deliveries)
    return [*lines, "", *wrap(watch.canary)]


def _trouble_lines(title: str, rows: Sequence[TroubleView]) -> list[str]:
    if not rows:
        return []
    lines = ["", f"{title}:"]
    for row in rows:
        lines += wrap(f"- {row.name}: {row.why}", "  ", "    ")
    return lines


def _headline(digest: Digest) -> str:
    kind = "Daily digest" if digest.period == "day" else "Weekly digest"
    return f"{kind}, {say_day(digest.local_date)}"


def _count(digest: Digest) -> str:
    """Return what there is in a few words: `2 new reports, 1 story grown`."""
    counts = dict.fromkeys(("new", "grown", "corrected"), 0)
    for story in digest.stories:
        counts[story.status] += 1
    parts = [
        plural(counts["new"], "new report") if counts["new"] else "",
        f"{plural(counts['grown'], 'story', 'stories')} grown" if counts["grown"] else "",
        plural(counts["corrected"], "correction") if counts["corrected"] else "",
        plural(len(digest.mentions), "mention") if digest.mentions else "",
    ]
    return ", ".join(part for part in parts if part) or "nothing new"


def _lead(digest: Digest) -> str:
    watch = digest.watch
    answered = max(watch.sources_asked - len(watch.sources_failed), 0)
    found = _count(digest)
    return (
        f"{found[0].upper()}{found[1:]}.{_told(digest)} {answered:,} of"
        f" {plural(watch.sources_asked, 'source')} answered, and"
        f" {plural(watch.pages, 'page was', 'pages were')} read."
    )


def _told(digest: Digest) -> str:
    """Return how much of it another digest told, before a backup was put back."""
    told = [story for story in digest.stories if story.told_in_digest_of is not None]
    if not told:
        return ""
    return (
        f" {len(told):,} of them may have been in an earlier digest, as said there: a backup was"
        " put back since."
    )


def _calm(digest: Digest) -> tuple[str, ...]:
    """Return what to say when nothing was found, and whether it can be believed."""
    if digest.stories or digest.mentions:
        return ()
    when = "today" if digest.period == "day" else "this week"
    if not is_sound(digest.watch):
        return (
            f"Nothing was found {when}. Please read the warning above before you rely on it:"
            " part of the watch did not work, and something may have been missed.",
        )
    return (
        f"Nothing new {when}: no report on what you follow, in any of the pages read.",
        "The watch itself is well, so you can take this silence for what it is. It goes on"
        " looking, and will write as soon as there is something.",
    )
