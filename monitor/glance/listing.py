"""What a line or a stretch of one holds, each listed once: compiled code."""

from __future__ import annotations

from monitor.glance.compiled import compiled
from monitor.glance.records import Work


@compiled
def begin(work: Work) -> None:
    """Forget what was listed."""
    work.now += 1
    work.part_count = work.literal_count = work.hit_count = work.phrase_count = 0


@compiled
def add_part(work: Work, part: int) -> None:
    """List a part."""
    if work.parts_met[part] != work.now:
        work.parts_met[part] = work.now
        work.parts[work.part_count] = part
        work.part_count += 1


@compiled
def add_literal(work: Work, literal: int) -> None:
    """List a literal."""
    if work.literals_met[literal] != work.now:
        work.literals_met[literal] = work.now
        work.literals[work.literal_count] = literal
        work.literal_count += 1
