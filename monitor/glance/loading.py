"""Load the first look where it can be had, and keep what was compiled for later starts.

Without the part `speed`, with an lxml whose libxml2 reads HTML in the old way, or on a machine that
lets no program make code, there is none: the closer look reads every page, ten times as slowly.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import etree

from monitor.match.matcher import Matcher
from monitor.match.sieve import Sieve

if TYPE_CHECKING:
    from monitor.glance.first_look import FirstLook

HTML_AS_HTML5 = (2, 14)  # the libxml2 that first told comments, scripts and references as HTML 5
_PARTS = ("numba", "llvmlite", "numpy")


def load_first_look(matcher: Matcher, cache: str | None) -> FirstLook | None:
    """Return the first look for a matcher's rules, or None where there is none.

    What is compiled is kept in a folder within `cache`; the first time takes half a minute.
    """
    if etree.LIBXML_VERSION < HTML_AS_HTML5:
        return None
    try:
        import numba  # noqa: PLC0415 - an optional part
    except (ImportError, OSError):
        return None
    folder = _find_folder(Path(cache)) if cache else None
    # Read when the functions are defined, which is once in a process.
    config: Any = numba.config
    config.CACHE_DIR = str(folder) if folder else ""
    from monitor.glance.first_look import FirstLook  # noqa: PLC0415 - the same
    from monitor.glance.records import TooMuch  # noqa: PLC0415 - the same

    try:
        with _alone(folder):
            return FirstLook(Sieve(matcher))
    except TooMuch:
        return None
    except Exception:
        if folder is None:
            raise
        shutil.rmtree(folder, ignore_errors=True)  # a file of it was cut short, or the disk is full
        return None


def find_home(cache: str | None) -> str | None:
    """Return where what is compiled belongs: to the packages, or else to the data's cache."""
    home = Path(sys.prefix) / "compiled"
    if sys.prefix != sys.base_prefix and os.access(home if home.exists() else sys.prefix, os.W_OK):
        with contextlib.suppress(OSError):
            home.mkdir(mode=0o700, exist_ok=True)
            return str(home)
    return cache


@contextlib.contextmanager
def _alone(folder: Path | None) -> Iterator[None]:
    """Wait until no other process fills the folder: what it compiles need not be compiled again."""
    if folder is None:
        yield
        return
    with (folder / "lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _find_folder(cache: Path) -> Path | None:
    """Return the folder for what these very sources are compiled to, made; None if it cannot be.

    What lies there is run, so nobody else may be able to put anything into it.
    """
    parent = cache / "compiled"
    folder = parent / _name_sources()
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        parent.chmod(0o700)
        for one in (parent, folder):
            state = one.lstat()
            if one.is_symlink() or state.st_uid != os.getuid() or state.st_mode & 0o022:
                return None
        return folder
    return None


def _name_sources() -> str:
    """Return a name for all that the machine code depends on."""
    told = hashlib.sha256(" ".join([sys.version, *map(version, _PARTS)]).encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        told.update(path.read_bytes())
    return told.hexdigest()[:16]
