"""What runs on a worker of a cluster: one unit, in a supervised process of its own, as at home.

A page that kills costs that page, not the cluster's worker; everything that goes in and out is
plain bytes, checked on both sides.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
import zlib
from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter
from pydantic_core import to_json

from spiders.unit_pool import PoolSetup, UnitPool
from spiders.units import Unit, pack_told

_SETUP = TypeAdapter(PoolSetup)
_UNIT = TypeAdapter(Unit)
_lock = threading.Lock()
_pools: dict[str, UnitPool] = {}
_folders: list[tempfile.TemporaryDirectory[str]] = []
"""Removed when the process ends: no keywords stay on a machine of the cluster."""


def pack_setup(setup: PoolSetup) -> bytes:
    """Return what a worker needs and nothing else: keywords themselves instead of their path."""
    keywords = Path(setup.keywords).read_text(encoding="utf-8")
    bare = replace(setup, keywords="", cache=None)
    return zlib.compress(to_json({"setup": bare, "keywords": keywords}))


def work_unit_apart(packed: bytes, unit: bytes) -> list[bytes]:
    """Work a unit through in a child process; returns the flagged pages, what it came to last.

    The child is kept for further units with the same setup.
    """
    pool = _find_pool(packed)
    result = pool.work(threading.get_ident(), _UNIT.validate_json(unit))
    return [to_json(result.unit.skip), *map(pack_told, result.flagged), pack_told(result.done)]


def _find_pool(packed: bytes) -> UnitPool:
    key = hashlib.sha256(packed).hexdigest()
    with _lock:
        if key not in _pools:
            loaded = json.loads(zlib.decompress(packed))
            setup = _SETUP.validate_python(loaded["setup"])
            file = _write_keywords(loaded["keywords"])
            here = replace(setup, keywords=str(file), cache=str(file.parent))
            _pools[key] = UnitPool((), here, size=1)
        return _pools[key]


def _write_keywords(text: str) -> Path:
    """Write the keywords where only this user can read them."""
    folder = tempfile.TemporaryDirectory(prefix="stationwatch-")
    _folders.append(folder)
    file = Path(folder.name) / "keywords.yaml"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)
    return file
