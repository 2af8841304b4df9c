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
    Every alert is in exactly one bundle, or held; the order of `alerts` is kept.
    """
    again, fresh = _split_by_gathering(alerts)
    lately = sorted(moment for moment in sent if now - SPAN < moment <= now)
    room = ONE_BY_ONE - len(lately)
    if len(again) + len(fresh) <= room or not fresh:
        return Gathering(bundles=(*again, *(_single(alert) for alert in fresh)))
    if room > 0:
        return Gathering(
            bundles=(*again, *_gather(fresh)),
            reason=f"{len(fresh)} alerts at once, gathered",
        )
    return Gathering(
        bundles=tuple(again),
        held=tuple(fresh),
        hold_until=lately[-ONE_BY_ONE] + SPAN,
        reason=f"{len(lately)} messages in the last 10 minutes; {len(fresh)} alerts are held",
    )


def _split_by_gathering(alerts: Sequence[OwedAlert]) -> tuple[list[Bundle], list[OwedAlert]]:
    together: dict[str, list[OwedAlert]] = {}
    fresh: list[OwedAlert] = []
    for alert in alerts:
        if alert.gathered_in is not None:
            together.setdefault(alert.gathered_in, []).append(alert)
        elif alert.attempts:
            together.setdefault(alert.id, []).append(alert)
        else:
            fresh.append(alert)
    return [Bundle(id=key, alerts=tuple(group)) for key, group in together.items()], fresh


def _single(alert: OwedAlert) -> Bundle:
    return Bundle(id=alert.id, alerts=(alert,))


def _gather(alerts: Sequence[OwedAlert]) -> list[Bundle]:
    chunks = [
        tuple(alerts[start : start + MOST_IN_ONE]) for start in range(0, len(alerts), MOST_IN_ONE)
    ]
    return [Bundle(id=gathering_id(alert.id for alert in chunk), alerts=chunk) for chunk in chunks]
