"""The form of [data]: how long what is kept is kept, and where its backups go."""

from __future__ import annotations

from pydantic import field_validator

from monitor.config.durations import read_duration
from monitor.config.validation import StrictModel, WrongValue

DAY = 86400
ELSEWHERE = dict.fromkeys(
    ("backup", "backups", "second_backup"), "`second_backup` stands under [data]"
)
"""Cures for what is written outside [data], and belongs there."""


class DataForm(StrictModel):
    """[data]: how long what is kept is kept, and where its backups go."""

    keep_texts: str = "90 days"
    keep_looks: str = "90 days"
    keep_pages: str = "400 days"
    keep_backups: str = "14 days"
    keep_logs: str = "30 days"
    second_backup: str | None = None

    @field_validator("keep_texts", "keep_looks", "keep_pages", "keep_backups", "keep_logs")
    @classmethod
    def _is_duration(cls, written: str) -> str:
        read_duration(written, least=DAY, most=3650 * DAY)
        return written

    @field_validator("second_backup")
    @classmethod
    def _is_whole_path(cls, written: str | None) -> str | None:
        if written is not None and not (written.startswith("/") and written.strip("/. ")):
            raise WrongValue(
                f"the folder {written[:80]!r} is no path from the root of the system",
                'write a folder of another disk or a share, like "/mnt/backup/stationwatch"',
            )
        return written
