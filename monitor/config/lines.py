"""Where each value of a configuration file stands: a tree of line numbers beside the values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Step = str | int


@dataclass(slots=True)
class Place:
    """The line (counted from 1) of one value, and the places of what it holds.

    `inside` is keyed by the keys of a mapping or the indices of a list.
    """

    line: int
    inside: dict[Step, Place] | None = None

    def put(self, step: Step, place: Place) -> Place:
        """Keep `place` as that of the part `step`, and return it."""
        if self.inside is None:
            self.inside = {}
        self.inside[step] = place
        return place

    def find(self, step: Step) -> Place | None:
        """Return the place of the part `step`, if it is known."""
        return None if self.inside is None else self.inside.get(step)

    def find_line(self, path: Iterable[Step]) -> int:
        """Return the line of the value at `path`, or of the nearest thing around it.

        Steps that do not exist are passed over, so that the location that pydantic gives (which
        holds names of union members, and of keys that are missing) still leads to the right line.
        """
        place = self
        for step in path:
            place = place.find(step) or place
        return place.line
