"""Where a backfill works beside the one who writes: folders of the data, and what is open there.

backfill/writer.lock     one backfill at a time
backfill/work            its own database, until everything is read
backfill/parcels/ID      the same, closed and renamed: for the one who writes
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from monitor.jobs.watch import Watch
from storage.database import Storage
from storage.files import sync_folder

FOLDER = "backfill"
WORK = "work"
PARCELS = "parcels"


@dataclass(frozen=True, kw_only=True)
class Side:
    """A watch over the backfill's own database, and the main one, which is only read."""

    watch: Watch
    known: Storage


def lock_folder(data: Path) -> Path:
    """Return the folder whose lock the one backfill holds."""
    return data / FOLDER


def work_folder(data: Path) -> Path:
    """Return where the database is that a backfill works in."""
    return data / FOLDER / WORK


def find_parcels(data: Path) -> list[Path]:
    """Return the parcels that lie there, the oldest first."""
    folder = data / FOLDER / PARCELS
    return sorted(each for each in folder.iterdir() if each.is_dir()) if folder.is_dir() else []


def seal(data: Path, now: datetime) -> Path:
    """Leave the closed database of a backfill for the one who writes, in one step."""
    parcels = data / FOLDER / PARCELS
    parcels.mkdir(mode=0o700, exist_ok=True)
    parcel = parcels / f"{now:%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:12]}"
    work_folder(data).rename(parcel)
    sync_folder(parcels)
    sync_folder(parcels.parent)
    return parcel
