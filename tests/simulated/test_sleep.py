"""Digests while the clock is changed and the machine sleeps: the whole service, and a real process.

FAULTS B1, B2, B3: exactly one for each local date, nothing lost.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.digest.due import digest_moment
from monitor.jobs.deliver import deliver
from monitor.jobs.digests import begin_due
from monitor.model import Subscriber
from tests.jobs.building import KEEPER, Place, open_place
from tests.jobs.running import Running, running, wait_until

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kathmandu",
)
"""Both kinds of change: on either half of the year, by half an hour, around Ramadan, and never."""

TITLE = r"https://daily.example/\d+(?=\?)"
STEP = timedelta(minutes=20)

pytestmark = pytest.mark.timeout(600)


def changes_of(zone: str, year: int) -> list[datetime]:
    """Return the moments in a year at which the clocks of a zone change, to the hour."""
    local = ZoneInfo(zone)
    hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=h) for h in range(365 * 24)]
    offsets = [moment.astimezone(local).utcoffset() for moment in hours]
    return [hours[at] for at in range(1, len(hours)) if offsets[at] != offsets[at - 1]]


@pytest.mark.parametrize(
    ("zone", "digest_at"), list(zip(ZONES, ["02:30", "00:15"] * 3, strict=True))
)
def test_every_local_date_around_every_change_of_clocks_has_one_digest(
    tmp_path: Path, zone: str, digest_at: str
) -> None:
    """Nothing is lost: each alert of those days is in exactly one of them."""
    hour, minute = map(int, digest_at.split(":"))
    at = datetime(2026, 1, 1, hour, minute).time()  # noqa: DTZ001  # only its time of day
    subscriber = replace(KEEPER, time_zone=zone, digest_at=at)
    for number, change in enumerate(changes_of(zone, 2026) or [datetime(2026, 6, 1, tzinfo=UTC)]):
        with open_place(tmp_path / f"var-{number}", subscriber) as place:
            place.clock.moment = change - timedelta(days=2)
            begun = place.clock.now()
            reports = go_on(place, change + timedelta(days=2))
            check(place, subscriber, begun, reports)


def test_laptop_asleep_for_two_days_over_a_change_of_clocks(tmp_path: Path) -> None:
    """The digest of the day it slept through comes late, and holds what was owed then."""
    subscriber = replace(KEEPER, time_zone="Europe/Berlin")
    with open_place(tmp_path / "var", subscriber) as place:
        place.clock.moment = begun = datetime(2026, 10, 23, 12, tzinfo=UTC)
        reports = go_on(place, datetime(2026, 10, 24, 3, tzinfo=UTC))
        place.clock.moment += timedelta(days=2)  # a suspended machine counts no monotonic time
        reports = go_on(place, datetime(2026, 10, 28, 12, tzinfo=UTC), reports=reports)
        check(place, subscriber, begun, reports)


def go_on(place: Place, until: datetime, *, reports: int = 0) -> int:
    """Let the service's jobs run; every six hours there is a report. Returns how many there are."""
    ticks = 0
    while place.clock.now() < until:
        if ticks % 18 == 0:
            reports += 1
            place.desk.owe(reports, subscriber="keeper", channel="email")
        ticks += 1
        begin_due(place.watch)
        deliver(place.watch)
        place.clock.move(seconds=STEP.total_seconds())
    return reports


def check(place: Place, subscriber: Subscriber, begun: datetime, reports: int) -> None:
    """Every local date has one digest, and every report came once and is in one digest."""
    zone = ZoneInfo(subscriber.time_zone)
    day, last = begun.astimezone(zone).date(), place.clock.now() - STEP
    dates = 0
    while digest_moment(subscriber, day) <= last:
        dates, day = dates + 1, day + timedelta(days=1)
    sent = place.post.to("keeper")
    digests = [message for message in sent if message.kind == "digest"]
    assert len({message.subject for message in digests}) == len(digests) == dates
    alerts = [each for message in sent for each in message.alerts]
    assert len(alerts) == len(set(alerts)) == reports
    told = Counter(title for message in digests for title in set(re.findall(TITLE, message.text)))
    assert set(told.values()) == {1}
    assert len(told) >= reports - 4  # those since the last digest are owed to the next


LIBRARY = next(iter(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)
SUBSCRIBER = """\
[[subscribers]]
name = "me"
channel = "folder"
digest_at = "07:00"
time_zone = "Europe/Berlin"
"""


class Wall:
    """The wall clock that a real process sees; its monotonic clock goes on as it does."""

    def __init__(self, folder: Path, moment: datetime) -> None:
        self._file = folder / "wall-clock"
        self._ahead = (moment - datetime.now(UTC)).total_seconds()
        self.move()

    def move(self, *, hours: float = 0) -> None:
        """Set it on or back."""
        self._ahead += hours * 3600
        unfinished = self._file.with_suffix(".new")
        unfinished.write_text(f"{self._ahead:+.0f}\n")
        unfinished.rename(self._file)

    def env(self) -> dict[str, str]:
        """Return what makes a process see it."""
        return {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "TZ": "UTC",
        }


@pytest.mark.skipif(
    LIBRARY is None, reason="libfaketime is missing: apt-get install faketime (as root)"
)
def test_real_process_stopped_over_digests_and_set_back_and_forth_sends_one_a_date(
    tmp_path: Path,
) -> None:
    """SIGSTOP over a digest; an hour back over it, and forward again; asleep for two days."""
    wall = Wall(tmp_path, datetime(2026, 10, 23, 4, 50, tzinfo=UTC))  # ten to seven in Berlin
    with running(tmp_path, SUBSCRIBER, env=wall.env()) as service:
        wait_until((service.data / "backups").is_dir, "the first backup", enough=240)
        assert service.messages("digest") == []

        sleep(service, wall, hours=0.5)
        wait_until(lambda: len(service.messages("digest")) == 1, "the digest of the 23rd")
        wall.move(hours=-1)
        time.sleep(6)
        wall.move(hours=1)
        sleep(service, wall, hours=49)  # over the night in which the clocks go back: seven again
        wait_until(lambda: len(service.messages("digest")) == 3, "the digests it slept through")
        wall.move(hours=-24)
        time.sleep(6)
        wall.move(hours=48)
        wait_until(lambda: len(service.messages("digest")) == 4, "the digest of the 26th")
        sent = service.messages("digest")
        # libfaketime answers EINVAL to time.sleep where the monotonic clock is left alone: the
        # service's orderly end sleeps, so it is not asked for here.
        service.stop(signal.SIGKILL)
    subjects = {message_from_bytes(path.read_bytes())["Subject"] for path in sent}
    assert len(subjects) == len(sent) == 4


def sleep(service: Running, wall: Wall, *, hours: float) -> None:
    """Stop the process as a closed lid does, and let it wake so many hours later."""
    os.kill(service.process.pid, signal.SIGSTOP)
    wall.move(hours=hours)
    time.sleep(0.5)
    os.kill(service.process.pid, signal.SIGCONT)
