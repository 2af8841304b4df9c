"""Whether anything can be reached at all: learnt from how one run's questions end.

Waiting as long as for a site that is down, where there is no connection, would take minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from spiders.dialing import NO_NAME

NO_WAY_OUT = (NO_NAME, "while looking up", "network is unreachable", "no route to host")
"""In what is said of a question that never left this machine or its network."""

OFFLINE = "nothing could be reached, no name of a host was found: is there a connection?"
"""In place of what each source has left for the next run."""

AGAIN = (
    "no name of a host was found so far, so there may be no connection; trying once more in"
    " {:.0f} seconds"
)
"""Said at once, before the one more try that decides."""

RECHECK = 10.0
"""Seconds between the first question, which found no name, and the one more try."""

Say = Callable[[str], None]
"""Called with a sentence for the one who waits."""


def say_nothing(*_said: object) -> None:
    """Show nothing."""


@dataclass(kw_only=True)
class Reach:
    """How the questions of one run ended: never having left this network, or otherwise.

    `lost` says of hosts that could not be reached why; `was_rechecked` that the one more try, which
    decides, has begun.
    """

    say: Say = say_nothing
    nameless: int = 0
    reached: int = 0
    was_rechecked: bool = False
    lost: dict[str, str] = field(default_factory=dict)

    def note_end(self, problem: str | None, host: str = "") -> None:
        """Note how one question ended: for want of a host's address or a way, or otherwise."""
        if problem is not None and any(each in problem.lower() for each in NO_WAY_OUT):
            self.nameless += 1
            self.lost[host] = problem
        else:
            self.reached += 1

    @property
    def is_offline(self) -> bool:
        """Say whether all that was asked failed for want of a host's address, or of a way."""
        return self.nameless > 0 and not self.reached

    @property
    def given_up(self) -> bool:
        """Say whether nothing was reached, the one more try included."""
        return self.was_rechecked and self.is_offline

    def find_lost(self, host: str) -> str | None:
        """Return why a host was asked in vain, where every other one was, too."""
        return self.lost.get(host) if self.given_up else None

    def wait_once(self, seconds: float, sleep: Callable[[float], None]) -> None:
        """Say that it is tried once more, and why, and wait for it."""
        self.say(AGAIN.format(seconds))
        sleep(seconds)
        self.was_rechecked = True

    def gives_up(
        self, ask_again: Callable[[], None], *, seconds: float, sleep: Callable[[float], None]
    ) -> bool:
        """Say whether nothing at all can be reached; asked once more, which is said beforehand."""
        if self.is_offline and not self.was_rechecked:
            self.wait_once(seconds, sleep)
            ask_again()
        return self.given_up
