"""What reading the keywords and sources that ship comes to, kept as a program keeps it.

Reading them anew is a second of processor time to each data folder that a test makes.
"""

from __future__ import annotations

import functools
import shutil
import tempfile
from pathlib import Path

from monitor.config.folder import read_configuration
from monitor.wiring import CACHE
from tests.conftest import ROOT


def fill_cache(data: Path) -> None:
    """Have a data folder know what ships, as after a first start."""
    shutil.copytree(_read_once().name, data / CACHE, dirs_exist_ok=True)


@functools.cache
def _read_once() -> tempfile.TemporaryDirectory[str]:
    kept = tempfile.TemporaryDirectory(prefix="stationwatch-kept-")
    read_configuration(ROOT, cache=Path(kept.name))
    return kept
