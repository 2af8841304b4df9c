"""Load the first look where it can be had, and keep what was compiled for later starts.

Whatever stands in its way is said with the cure: without it every page has to be extracted.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pickle
import platform
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import etree

from monitor.collector import collecting_nothing
from monitor.errors import FilterMissing, reason_of
from monitor.match.matcher import Matcher
from monitor.match.sieve import Sieve

if TYPE_CHECKING:
    from monitor.glance.first_look import FirstLook

HTML_AS_HTML5 = (2, 14)  # the libxml2 that first told comments, scripts and references as HTML 5
_PARTS = ("numba", "llvmlite", "numpy")
_MACHINES = frozenset({"x86_64", "AMD64", "aarch64", "arm64"})
"""What llvmlite is published for."""

NO_CODE = "no program may make code here (MemoryDenyWriteExecute, or SELinux's execmem)"
_INSTALL = "type ./stationwatch install speed"
_LOADED = ".loaded"  # ends the name of a mark for rules that were loaded to the end

# What reading a file may raise that was cut short or written over: pickle names the first five "but
# not necessarily limited to"; LLVM raises RuntimeError, a disk OSError.
_BROKEN = (
    pickle.UnpicklingError, AttributeError, EOFError, ImportError, IndexError,
    KeyError, TypeError, ValueError, RuntimeError, OSError,
)  # fmt: skip


def load_first_look(matcher: Matcher, cache: str | None) -> FirstLook:
    """Return the first look for a matcher's rules; raises FilterMissing.

    What is compiled is kept in a folder within `cache`; the first time takes up to a minute.  What
    lies there broken is removed and compiled again.
    """
    folder = _get_folder(cache)
    try:
        import numba  # noqa: PLC0415 - an optional part
    except PermissionError as error:
        raise FilterMissing(f"{NO_CODE}; allow it for a backfill") from error
    except (ImportError, OSError) as error:
        why = f"its compiler cannot be loaded ({_tell(error)})"
        raise FilterMissing(f"{why}; {_INSTALL} again") from error
    # Read when the functions are defined, which is once in a process.
    config: Any = numba.config
    config.CACHE_DIR = str(folder)
    mark = folder / f"{matcher.version}{_LOADED}"
    is_new = not mark.exists()  # compiling leaves garbage of half a gigabyte
    collecting = contextlib.nullcontext() if is_new else collecting_nothing()
    with collecting, _hold(folder, alone=is_new) as be_alone:
        from monitor.glance.first_look import FirstLook  # noqa: PLC0415 - the same

        look = _load(lambda: FirstLook(Sieve(matcher)), folder, be_alone)
        with contextlib.suppress(OSError):  # it only saves the next start from asking
            mark.touch()
        return look


def _load(make: Callable[[], FirstLook], folder: Path, be_alone: Callable[[], None]) -> FirstLook:
    from numba.core.errors import NumbaError  # noqa: PLC0415 - an optional part

    from monitor.glance.records import TooMuch  # noqa: PLC0415 - the same

    try:
        try:
            return make()
        except TooMuch:
            raise
        except _BROKEN:
            be_alone()
            _empty(folder)
            return make()
    except TooMuch as error:
        why = f"the keywords hold more than it has room for ({_tell(error)})"
        raise FilterMissing(f"{why}; fewer or shorter terms and rules bring it back") from error
    except (NumbaError, RuntimeError, OSError, MemoryError) as error:
        why = f"it could not be compiled ({_tell(error)})"
        raise FilterMissing(f"{why}; there must be room and memory, then start again") from error


def find_obstacle(cache: str | None) -> str | None:
    """Return why there can be no first look, as far as that is known without loading anything."""
    try:
        _get_folder(cache)
    except FilterMissing as missing:
        return str(missing)
    return None


def is_compiled(cache: str | None, rules: str | None = None) -> bool:
    """Say whether it was compiled and loaded here, for rules of this version or for any."""
    try:
        folder = _get_folder(cache)
    except FilterMissing:
        return False
    return any(folder.glob(f"{rules or '*'}{_LOADED}"))


def find_home(cache: str | None) -> str | None:
    """Return where what is compiled belongs: to the packages, or else to the data's cache."""
    home = Path(sys.prefix) / "compiled"
    if sys.prefix != sys.base_prefix and os.access(home if home.exists() else sys.prefix, os.W_OK):
        with contextlib.suppress(OSError):
            home.mkdir(mode=0o700, exist_ok=True)
            return str(home)
    return cache


def _tell(error: BaseException) -> str:
    if isinstance(error, OSError):
        return reason_of(error)
    line = " ".join(str(error).split())
    return f"{line:.200}" or type(error).__name__


@contextlib.contextmanager
def _hold(folder: Path, *, alone: bool) -> Iterator[Callable[[], None]]:
    """Hold the folder, `alone` where it is to be filled: what one compiles, others need not.

    Where it was filled, workers load side by side.  Yields what waits until nobody else is there.
    """
    with (folder / "lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield lambda: fcntl.flock(file, fcntl.LOCK_EX)


def _empty(folder: Path) -> None:
    """Remove what was compiled; the lock stays, since others wait for it."""
    for path in folder.rglob("*"):
        if path.name != "lock" and not path.is_dir():
            path.unlink(missing_ok=True)


def _get_folder(cache: str | None) -> Path:
    """Return the folder for what these very sources are compiled to, made.

    Raises FilterMissing where there is nothing to compile with, no place to keep it, or a parser
    that would end comments and scripts elsewhere than the first look does.
    """
    if etree.LIBXML_VERSION < HTML_AS_HTML5:
        found = ".".join(map(str, etree.LIBXML_VERSION))
        raise FilterMissing(
            f"lxml was built with libxml2 {found}, which reads HTML in the old way; use the lxml of"
            " requirements.lock, whose libxml2 is 2.14 or newer"
        )
    if find_spec("numba") is None:
        if platform.machine() not in _MACHINES:
            raise FilterMissing(
                f"there is no compiler for this machine ({platform.machine()});"
                " read the files on another one, or let it take its time"
            )
        raise FilterMissing(f"the part 'speed' is not installed; {_INSTALL}")
    folder = _find_folder(Path(cache)) if cache else None
    if folder is None:
        where = f" in {str(Path(cache) / 'compiled')!r}" if cache else ""
        raise FilterMissing(
            f"what is compiled cannot be kept{where}; it needs a folder of its own there that this"
            " user, and nobody else, may write to"
        )
    return folder


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
        return folder if os.access(folder, os.W_OK) else None
    return None


def _name_sources() -> str:
    """Return a name for all that the machine code depends on, and for where its sources lie.

    Numba knows code by the path of its source: what one checkout compiled, no other finds.
    """
    here = Path(__file__).absolute().parent
    told = hashlib.sha256(" ".join([sys.version, *map(version, _PARTS)]).encode())
    told.update(os.fsencode(here))
    for path in sorted(here.glob("*.py")):
        told.update(path.read_bytes())
    return told.hexdigest()[:16]
