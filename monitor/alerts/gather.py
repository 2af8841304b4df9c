"""Many alerts within minutes become few messages; none is dropped, and all are counted: pure.

The same alerts stay together when they are tried again, so that the retry is the same message with
the same id. That holds across a crash when the caller keeps `Bundle.id` with the alerts
(`OwedAlert.gathered_in`) before it sends; without, a receiver can still tell by the ids of the
alerts, which every gathering lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model.delivery import OwedAlert, gathering_id
from monitor.text.counting import plural

# Five messages in ten minutes can be read one by one; more of them and people mute the channel.
SPAN = timedelta(minutes=10)
ONE_BY_ONE = 5
# A thousand are 160 kB of text and 600 kB of HTML, well below every limit of a mail server.
MOST_IN_ONE = 1000


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """Alerts that go out as one message; with one alert, `id` is that alert's own."""

    id: str
    alerts: tuple[OwedAlert, ...]


@dataclass(frozen=True, kw_only=True)
class Gathering:
    """What goes out now, and what waits until `hold_until` to be gathered with more."""

    bundles: tuple[Bundle, ...]
    held: tuple[OwedAlert, ...] = ()
    hold_until: datetime | None = None
    reason: str = ""


def decide_gather(
    alerts: Sequence[OwedAlert], *, sent: Sequence[datetime], now: datetime
) -> Gathering:
    """Return how the alerts owed to one subscriber over one channel go out.

    `sent` are the moments of the messages that the subscriber was sent lately.
    Every alert is in exactly one bundle, or held. Bundles go in the order of `alerts`: what was
    tried before stays as it was, and only what stands between two of those is gathered, so that
    nothing overtakes an older alert (FAULTS E8).
    """
    parts = _split(alerts)
    fresh = sum(len(part.alerts) for part in parts if part.id is None)
    lately = sorted(moment for moment in sent if now - SPAN < moment <= now)
    room = ONE_BY_ONE - len(lately)
    if not fresh or fresh + sum(part.id is not None for part in parts) <= room:
        return Gathering(bundles=tuple(bundle for part in parts for bundle in part.singles()))
    if room > 0:
        return Gathering(
            bundles=tuple(bundle for part in parts for bundle in part.gathered()),
            reason=f"{fresh} alerts at once, gathered",
        )
    first = next(place for place, part in enumerate(parts) if part.id is None)
    return Gathering(
        bundles=tuple(bundle for part in parts[:first] for bundle in part.singles()),
        held=tuple(alert for part in parts[first:] for alert in part.alerts),
        hold_until=lately[-ONE_BY_ONE] + SPAN,
        reason=f"{plural(len(lately), 'message')} in the last 10 minutes;"
        f" held: {plural(fresh, 'alert')}",
    )


@dataclass(kw_only=True)
class _Part:
    """Alerts that follow each other: those of one earlier message, or new ones (no `id`)."""

    id: str | None
    alerts: list[OwedAlert]

    def singles(self) -> list[Bundle]:
        if self.id is not None:
            return [Bundle(id=self.id, alerts=tuple(self.alerts))]
        return [Bundle(id=alert.id, alerts=(alert,)) for alert in self.alerts]

    def gathered(self) -> list[Bundle]:
        if self.id is not None:
            return self.singles()
        starts = range(0, len(self.alerts), MOST_IN_ONE)
        chunks = [tuple(self.alerts[start : start + MOST_IN_ONE]) for start in starts]
        return [
            Bundle(id=gathering_id(alert.id for alert in chunk), alerts=chunk)
            if len(chunk) > 1
            else Bundle(id=chunk[0].id, alerts=chunk)
            for chunk in chunks
        ]


def _split(alerts: Sequence[OwedAlert]) -> list[_Part]:
    """Return the alerts in parts; a message that was tried stands where its oldest alert does."""
    parts: list[_Part] = []
    again: dict[str, _Part] = {}
    for alert in alerts:
        if alert.gathered_in is None and not alert.attempts:
            if not parts or parts[-1].id is not None:
                parts.append(_Part(id=None, alerts=[]))
            parts[-1].alerts.append(alert)
            continue
        key = alert.gathered_in or alert.id
        if key not in again:
            again[key] = _Part(id=key, alerts=[])
            parts.append(again[key])
        again[key].alerts.append(alert)
    return parts
