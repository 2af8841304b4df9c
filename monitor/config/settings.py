"""settings.toml as values: the form checked, secrets read, subscribers with their channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from monitor.config.channels import ChannelBuilder
from monitor.config.durations import read_seconds
from monitor.config.reader import Document, validate
from monitor.config.secrets import SecretPlaces
from monitor.config.settings_form import (
    DAY,
    MEGABYTE,
    WEEKDAYS,
    DataForm,
    NetworkForm,
    SettingsForm,
    SubscriberForm,
)
from monitor.errors import Problem
from monitor.model import (
    Channel,
    DataSettings,
    LogSettings,
    NetworkSettings,
    Settings,
    Subscriber,
)


def read_settings(
    document: Document | None, *, folder: Path, environment: Mapping[str, str]
) -> tuple[Settings | None, tuple[Problem, ...]]:
    """Return the settings with their secrets, or None and every problem.

    Without a document, one subscriber `me` finds everything in a folder of the data.
    `folder` is where files with secrets are looked for; `environment` is where variables are.
    """
    if document is None:
        return Settings(), ()
    form, problems = validate(SettingsForm, document)
    if form is None:
        return None, problems
    places = SecretPlaces(folder=folder, environment=environment)
    builder = ChannelBuilder(document, places, allow_private=form.network.allow_private)
    subscribers = _build_subscribers(form, builder)
    settings = Settings(
        data=_build_data(form.data),
        network=_build_network(form.network),
        heartbeat=builder.build_heartbeat(form.heartbeat),
        log=LogSettings(level=form.log.level, as_json=form.log.json_lines),
        subscribers=subscribers or Settings().subscribers,
    )
    return (None if builder.problems else settings), tuple(builder.problems)


def _build_subscribers(form: SettingsForm, builder: ChannelBuilder) -> tuple[Subscriber, ...]:
    if form.smtp is not None:
        builder.take_smtp(form.smtp)
    subscribers: list[Subscriber] = []
    seen: set[str] = set()
    for at, one in enumerate(form.subscribers):
        path = ("subscribers", at)
        if one.name.casefold() in seen:
            problem = f"the subscriber {one.name!r} stands here a second time"
            builder.tell((*path, "name"), problem, "give each a name of their own")
        seen.add(one.name.casefold())
        channel = builder.build(path, one)
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
    )


def _build_network(form: NetworkForm) -> NetworkSettings:
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
        children=form.children,
        workers=form.workers,
    )
