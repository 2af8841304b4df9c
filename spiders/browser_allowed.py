"""Whether the system lets a browser start; tried, so that the cure can be named."""

from __future__ import annotations

import mmap
import subprocess
import sys
from pathlib import Path

WRITTEN_AND_RUN = "code that is made while it runs (MemoryDenyWriteExecute)"
NAMESPACES = "namespaces for its sandbox (RestrictNamespaces)"
ROOTLESS = "chroot and capset for its sandbox (SystemCallFilter)"
PROCESSOR = "a look at /proc/cpuinfo (ProcSubset)"

# What Chromium's sandbox does first: namespaces of its own, an empty root, no capabilities. It is
# tried in a process of its own, which cannot come back from it. capset(2) without data fails with
# EFAULT (14) where it may be called at all.
TRIES = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
if libc.unshare(0x10000000 | 0x20000000 | 0x40000000):
    sys.exit(3)
header = (ctypes.c_uint32 * 2)(0x20080522, 0)
if libc.chroot(b"/") or (libc.capset(header, None) and ctypes.get_errno() != 14):
    sys.exit(4)
"""


def why_forbidden(*, sandboxed: bool) -> str | None:
    """Return one sentence with the cure when what runs this program keeps a browser from starting.

    A hardened systemd unit does, and so do some containers. `sandboxed` says whether the browser is
    to have its sandbox. Costs a process then: for use after a start that failed.
    """
    tried = (try_memory(), try_sandbox() if sandboxed else None, try_proc())
    found = [each for each in tried if each is not None]
    if not found:
        return None
    return (
        f"the system forbids {', '.join(found)}: allow it in the systemd unit or container that"
        " runs this; deploy/README.md says how, under 'A browser'"
    )


def try_memory() -> str | None:
    """Say whether memory that is written may be run."""
    try:
        mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()
    except OSError:
        return WRITTEN_AND_RUN
    return None


def try_sandbox() -> str | None:
    """Say whether Chromium can make its sandbox."""
    if sys.platform != "linux":
        return None
    tried = subprocess.run(  # noqa: S603 - the words above, no shell
        [sys.executable, "-I", "-S", "-c", TRIES], capture_output=True, check=False, timeout=20
    )
    return {3: NAMESPACES, 4: ROOTLESS}.get(tried.returncode)


def try_proc() -> str | None:
    """Say whether the start script of Debian's Chromium finds what it looks at."""
    is_hidden = sys.platform == "linux" and not Path("/proc/cpuinfo").exists()
    return PROCESSOR if is_hidden else None
