"""What reading the keywords and sources that ship comes to, kept as a program keeps it.

Reading them anew is a second of processor time to each data folder that a test makes.
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
from pathlib import Path

from monitor.config.folder import read_configuration
from monitor.wiring import CACHE
from tests.conftest import ROOT


def fill_cache(data: Path) -> None:
    """Have a data folder know what ships, as after a first start."""
    shutil.copytree(_read_once(), data / CACHE, dirs_exist_ok=True)


@functools.cache
def _read_once() -> Path:
    kept = Path(tempfile.mkdtemp(prefix="stationwatch-kept-"))
    atexit.register(_remove, kept, os.getpid())
    read_configuration(ROOT, cache=kept)
    return kept


def _remove(kept: Path, owner: int) -> None:
    if os.getpid() == owner:  # a forked process ends long before the tests do
        shutil.rmtree(kept, ignore_errors=True)
