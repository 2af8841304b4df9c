"""settings.toml as values: the form checked, secrets read, subscribers with their channels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from monitor.config.archives_form import build_archives
from monitor.config.channels import ChannelBuilder
from monitor.config.data_form import DAY, DataForm
from monitor.config.durations import read_seconds
from monitor.config.egress import build_ways
from monitor.config.reader import Document, validate
from monitor.config.recall_form import build_recall
from monitor.config.secrets import SecretPlaces
from monitor.config.settings_form import (
    MEGABYTE,
    WEEKDAYS,
    NetworkForm,
    SettingsForm,
    SubscriberForm,
)
from monitor.config.validation import check_model, find_wrong
from monitor.errors import Problem
from monitor.model import (
    Channel,
    DataSettings,
    Egress,
    LogSettings,
    NetworkSettings,
    Settings,
    Subscriber,
)
from monitor.model.settings import MetricsSettings


def read_settings(
    document: Document | None,
    *,
    folder: Path,
    environment: Mapping[str, str],
    places: SecretPlaces | None = None,
) -> tuple[Settings | None, tuple[Problem, ...]]:
    """Return the settings with their secrets, or None and every problem.

    Without a document, one subscriber `me` finds everything in a folder of the data.
    `folder` is where files with secrets are looked for; `environment` is where variables are;
    `places` stands for both.
    """
    if document is None:
        return Settings(), ()
    _, problems = validate(SettingsForm, document)
    right = None if document.problems else _read_right(document)
    if right is None:
        return None, problems
    form = right.form
    places = places or SecretPlaces(folder=folder, environment=environment)
    builder = ChannelBuilder(
        document, places, allow_private=form.network.allow_private, wrong=right.wrong
    )
    _tell_names_twice(document, builder)
    subscribers = _build_subscribers(right, builder)
    settings = Settings(
        data=_build_data(form.data),
        network=_build_network(form.network, build_ways(form, builder, places)),
        archives=build_archives(form.archives),
        heartbeat=builder.build_heartbeat(form.heartbeat),
        metrics=(
            MetricsSettings(host=form.metrics.host, port=form.metrics.port)
            if form.metrics is not None
            else None
        ),
        recall=build_recall(form.recall),
        log=LogSettings(level=form.log.level, as_json=form.log.json_lines),
        subscribers=subscribers or Settings().subscribers,
    )
    found = sorted((*problems, *builder.problems), key=lambda problem: problem.line or 0)
    return (None if found else settings), tuple(found)


@dataclass(frozen=True, kw_only=True)
class Right:
    """What is right of a settings.toml: whole sections and whole subscribers.

    `numbers` are the places of its subscribers among all that are written, `wrong` the sections
    that were set aside.
    """

    form: SettingsForm
    numbers: tuple[int, ...]
    wrong: frozenset[str]


def _read_right(document: Document) -> Right | None:
    """Return what is right, so that what it asks for is judged, too, and told in one go."""
    if not isinstance(document.value, Mapping):
        return None
    paths = find_wrong(SettingsForm, document.value)
    subscribers = document.value.get("subscribers", ())
    bad = {path[1] for path in paths if path[0] == "subscribers" and len(path) > 1}
    wrong = {str(path[0]) for path in paths if path[0] != "subscribers" or len(path) == 1}
    numbers = [at for at in range(len(subscribers)) if at not in bad and "subscribers" not in wrong]
    value = {key: part for key, part in document.value.items() if key not in wrong}
    if numbers or "subscribers" in value:
        value["subscribers"] = [subscribers[at] for at in numbers]
    form, _ = check_model(SettingsForm, value, document.problem)
    if form is None:
        return None
    return Right(form=form, numbers=tuple(numbers), wrong=frozenset(wrong))


def _tell_names_twice(document: Document, builder: ChannelBuilder) -> None:
    seen: set[str] = set()
    for at, one in written_subscribers(document):
        name = str(one.get("name", at)).strip()
        if name.casefold() in seen:
            problem = f"the subscriber {name!r} stands here a second time"
            builder.tell(("subscribers", at, "name"), problem, "give each a name of their own")
        seen.add(name.casefold())


def written_subscribers(document: Document) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the subscribers as they are written, checked or not, with their numbers."""
    top = document.value if isinstance(document.value, Mapping) else {}
    written = top.get("subscribers")
    for at, one in enumerate(written if isinstance(written, list) else ()):
        if isinstance(one, Mapping):
            yield at, one


def _build_subscribers(right: Right, builder: ChannelBuilder) -> tuple[Subscriber, ...]:
    form = right.form
    if form.smtp is not None:
        builder.take_smtp(form.smtp)
    subscribers: list[Subscriber] = []
    for at, one in zip(right.numbers, form.subscribers, strict=True):
        channel = builder.build(("subscribers", at), one)
        if channel is not None:
            subscribers.append(_build_subscriber(one, channel))
    return with_alarms(subscribers, form)


def with_alarms(subscribers: Sequence[Subscriber], form: SettingsForm) -> tuple[Subscriber, ...]:
    """Return the subscribers, the first of them with alarms where nobody asked for any.

    Somebody always hears of what goes wrong, unless every one of them was told `alarms = false`.
    """
    if any(one.alarms for one in subscribers):
        return tuple(subscribers)
    declined = {one.name for one in form.subscribers if one.alarms is False}
    first = next((one.name for one in subscribers if one.name not in declined), None)
    return tuple(replace(one, alarms=one.name == first) for one in subscribers)


def _build_subscriber(form: SubscriberForm, channel: Channel) -> Subscriber:
    return Subscriber(
        name=form.name,
        channel=channel,
        topics=form.topics,
        countries=form.countries,
        languages=form.languages,
        levels=form.levels,
        alerts=form.alerts,
        digest=form.digest != "off",
        digest_at=form.digest_at,
        time_zone=form.time_zone,
        digest_every="week" if form.digest == "weekly" else "day",
        digest_weekday=WEEKDAYS.index(form.digest_on),
        digest_mentions=form.digest_mentions,
        quiet_hours=form.quiet_hours,
        muted_changes=form.muted_changes,
        alarms=bool(form.alarms),
    )


def _build_data(form: DataForm) -> DataSettings:
    return DataSettings(
        keep_texts=read_seconds(form.keep_texts) // DAY,
        keep_looks=read_seconds(form.keep_looks) // DAY,
        keep_pages=read_seconds(form.keep_pages) // DAY,
        keep_backups=read_seconds(form.keep_backups) // DAY,
        keep_logs=read_seconds(form.keep_logs) // DAY,
        second_backup=form.second_backup,
    )


def _build_network(form: NetworkForm, ways: tuple[Egress, ...]) -> NetworkSettings:
    return NetworkSettings(
        user_agent=form.user_agent,
        allow_private=form.allow_private,
        feed_deadline=float(read_seconds(form.feed_deadline)),
        page_deadline=float(read_seconds(form.page_deadline)),
        worker_deadline=float(read_seconds(form.worker_deadline)),
        most_feed_bytes=form.most_feed_megabytes * MEGABYTE,
        most_page_bytes=form.most_page_megabytes * MEGABYTE,
        at_once=form.at_once,
        delay=form.delay,
        workers=form.workers,
        egress=form.egress,
        ways=ways,
        browser=form.browser,
        search_feeds=form.search_feeds,
    )
