"""Many failures in few lines: by kind, the first of each, and what they have in common."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.cli.output import Output, clean, number

SHOWN = 3
"""Failures of each kind that are named."""

MOST_LINES = 10
"""So many failures are all named, each on its line."""

OWN = re.compile(r"'[^']*'|\"[^\"]*\"|https?://\S+|\b[\w-]+(?:\.[\w-]+)+\b|\d+")
NO_WAY_OUT = (
    "name or service not known", "temporary failure in name resolution", "was not found",
    "network is unreachable", "no route to host", "nodename nor servname", "no address associated",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Failure:
    """What failed, and why."""

    name: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Failures for one reason; `why` is that of the first, with its own names."""

    why: str
    names: tuple[str, ...]


def group_failures(failures: Sequence[Failure]) -> tuple[Kind, ...]:
    """Return failures by reason, names and numbers apart; the most frequent first."""
    kinds: dict[str, list[Failure]] = {}
    for failure in failures:
        kinds.setdefault(OWN.sub("…", clean(failure.why)), []).append(failure)
    largest = sorted(kinds.values(), key=lambda each: -len(each))
    return tuple(
        Kind(why=each[0].why, names=tuple(failure.name for failure in each)) for each in largest
    )


def seems_cut_off(failures: Sequence[Failure], *, asked: int) -> bool:
    """Say whether this machine has probably no way out: several were asked, and none was found."""
    lost = sum(any(sign in each.why.lower() for sign in NO_WAY_OUT) for each in failures)
    return asked == len(failures) >= SHOWN and lost >= 0.8 * asked


def tell_failing_sources(out: Output, failures: Sequence[Failure], *, asked: int) -> None:
    """Print on standard error which sources could not be read; in few lines however many."""
    if not failures:
        return
    if asked == len(failures):
        said = "no source could be reached" if seems_cut_off(failures, asked=asked) else ""
        said = said or "no source could be read"
        out.warn_prose(
            f"{said}; this machine seems to have no way out to the internet: look at its"
            " connection, and try the same again"
            if seems_cut_off(failures, asked=asked)
            else said,
            label="problem: ",
        )
        if len(failures) > SHOWN:
            out.warn_prose(f"The first {SHOWN} of {len(failures)}:")
        for failure in failures[:SHOWN]:
            out.warn_prose(failure.why, label=f"  {failure.name}: ")
        return
    if len(failures) <= MOST_LINES:
        for failure in failures:
            out.warn_prose(failure.why, label=f"no answer to use from {failure.name}: ")
        return
    out.warn_prose(f"{number(len(failures), 'source')} of {asked} gave no answer to use:")
    for kind in group_failures(failures):
        first = ", ".join(kind.names[:SHOWN])
        more = len(kind.names) - SHOWN
        names = f"{first} and {more} more" if more > 0 else first
        out.warn_prose(f"{names}: {kind.why}", label=f"{len(kind.names):>5}  ")
