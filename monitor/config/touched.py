"""Whether a person's files were touched since they were last read, without reading them."""

from __future__ import annotations

import os
from pathlib import Path

from monitor.config.files import KEYWORDS, SETTINGS, SOURCES, shipped_file

READ_ANYWAY = 300.0
"""Seconds after which files that nobody touched are read: a secret may lie elsewhere."""


class Touched:
    """Remembers how the files of a folder stood; `folder` None is the working folder."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._stood: object = None
        self._read_at = float("-inf")

    def look(self, now: float) -> bool:
        """Say whether the files have to be read, at `now` in monotonic seconds."""
        stands = _stand(Path.cwd() if self._folder is None else self._folder)
        if stands == self._stood and now - self._read_at < READ_ANYWAY:
            return False
        self._stood, self._read_at = stands, now
        return True


def _stand(folder: Path) -> object:
    """Return what changes with every file of `folder` and every file that ships."""
    shipped = [shipped_file(name) for name in (KEYWORDS, SOURCES, SETTINGS)]
    try:
        with os.scandir(folder) as entries:
            own = sorted((each.name, _figures(Path(each.path))) for each in entries)
    except OSError as error:
        return error.errno, tuple(_figures(path) for path in shipped)
    return tuple(own), tuple(_figures(path) for path in shipped)


def _figures(path: Path) -> tuple[int, ...]:
    try:
        figures = path.stat()
    except OSError as error:
        return (error.errno or 0,)
    return figures.st_mtime_ns, figures.st_size, figures.st_ino
