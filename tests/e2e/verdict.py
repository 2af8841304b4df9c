"""What came of many kills: what was lost, told under two ids, or repeated though it was marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.e2e.program import KILLED
from tests.e2e.scene import Arrival, Scene

CHANNELS = ("email", "webhook", "folder")
# Only where the program died after a message had gone out may one come again: that message, or
# another that was on its way at the time.
WHILE_SENDING = (
    "sending",
    "sent, not marked",
    "marking",
    "marked",
    "mail accepted",
    "hook taken",
    "digest sending",
    "digest sent, not marked",
    "digest marked",
)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The figures of one scene; everything but `kills`, `repeats` and `planted` should be empty."""

    runs: int
    kills: Counter[str]
    not_reached: Counter[str]
    planted: int
    lost: tuple[str, ...]
    told_twice: tuple[str, ...]
    repeats: Counter[str]
    repeated_though_marked: tuple[str, ...]
    repeated_without_sending: tuple[str, ...]
    lost_by_digests: tuple[str, ...]
    in_two_digests: tuple[str, ...]
    half_files: tuple[str, ...]
    left_running: int
    verified: bool
    needs: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Say whether nothing was lost, repeated without need, or left behind."""
        wrong = (
            self.lost,
            self.told_twice,
            self.repeated_though_marked,
            self.repeated_without_sending,
            self.lost_by_digests,
            self.in_two_digests,
            self.half_files,
            self.left_running,
            self.needs,
        )
        return self.verified and not any(wrong)


def add_up(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the figures of several scenes as one."""
    return Verdict(
        runs=sum(each.runs for each in verdicts),
        kills=sum((each.kills for each in verdicts), Counter()),
        not_reached=sum((each.not_reached for each in verdicts), Counter()),
        planted=sum(each.planted for each in verdicts),
        lost=tuple(one for each in verdicts for one in each.lost),
        told_twice=tuple(one for each in verdicts for one in each.told_twice),
        repeats=sum((each.repeats for each in verdicts), Counter()),
        repeated_though_marked=tuple(
            one for each in verdicts for one in each.repeated_though_marked
        ),
        repeated_without_sending=tuple(
            one for each in verdicts for one in each.repeated_without_sending
        ),
        lost_by_digests=tuple(one for each in verdicts for one in each.lost_by_digests),
        in_two_digests=tuple(one for each in verdicts for one in each.in_two_digests),
        half_files=tuple(one for each in verdicts for one in each.half_files),
        left_running=sum(each.left_running for each in verdicts),
        verified=all(each.verified for each in verdicts),
        needs=tuple(one for each in verdicts for one in each.needs),
    )


def judge(scene: Scene, *, digests: bool = True) -> Verdict:
    """Return what came of a scene after its `finish`."""
    arrivals = scene.arrivals
    alerts = [each for each in arrivals if not each.digest]
    told = {(each.channel, url) for each in alerts for url in each.reports}
    keys: dict[tuple[str, str], set[str]] = {}
    for each in alerts:
        for url in each.reports:
            keys.setdefault((each.channel, url), set()).add(each.key)
    listed: dict[str, set[str]] = {}
    for each in arrivals:
        if each.digest and each.channel == "email":
            for url in each.reports:
                listed.setdefault(url, set()).add(each.key)
    again = find_repeats(arrivals)
    return Verdict(
        runs=len(scene.ended),
        kills=Counter(each.step for each in scene.ended if each.status == KILLED),
        not_reached=Counter(
            each.step for each in scene.ended if each.status != KILLED and each.step != "none"
        ),
        planted=len(scene.planted),
        lost=tuple(
            f"{url} over {channel}"
            for url in sorted(scene.planted)
            for channel in CHANNELS
            if (channel, url) not in told
        ),
        told_twice=tuple(
            f"{url} over {channel}" for (channel, url), ids in keys.items() if len(ids) > 1
        ),
        repeats=Counter(scene.ended[before.run].step for before, _ in again),
        repeated_though_marked=tuple(
            f"{each.key} over {each.channel} in run {each.run}"
            for _, each in again
            if each.key in scene.ended[each.run - 1].marked
        ),
        repeated_without_sending=tuple(
            f"{each.key} over {each.channel} in run {each.run}"
            for before, each in again
            if scene.ended[before.run].step not in (*WHILE_SENDING, "none")
            or scene.ended[before.run].status != KILLED
        ),
        lost_by_digests=tuple(sorted(scene.planted - listed.keys())) if digests else (),
        in_two_digests=tuple(url for url, ids in listed.items() if len(ids) > 1),
        half_files=tuple(sorted(scene.half_files)),
        left_running=sum(each.left for each in scene.ended),
        verified=scene.verified,
        needs=tuple(scene.needs),
    )


def find_repeats(arrivals: list[Arrival]) -> list[tuple[Arrival, Arrival]]:
    """Return what arrived again under an id of the same channel, each with the one before it."""
    last: dict[tuple[str, str], Arrival] = {}
    again = []
    for each in arrivals:
        before = last.get((each.channel, each.key))
        if before is not None:
            again.append((before, each))
        last[each.channel, each.key] = each
    return again
