"""Makes the virtual environments that ./stationwatch and ./check run in, once for each lock.

    python tooling/environment.py ROOT NAME LOCK          prints the environment's Python
    python tooling/environment.py ROOT NAME LOCK PART     adds an optional part first, and keeps it

Standard library only, and nothing of the program: it runs before anything is installed.
An environment is ready when it holds a copy of each lock that it was made from (an optional part
has one of its own), and no file `unfinished`; what was interrupted is made anew. An environment
that somebody else made is never touched: ours then lies in the user's cache, as it does for a
checkout that cannot be written to.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

STAMP = "requirements.lock"
UNFINISHED = "unfinished"
# What a person's own pip settings must not change about our environment.
MEDDLING = {f"PIP_{name}" for name in ("USER", "TARGET", "PREFIX", "ROOT", "NO_DEPS")}
MEDDLING |= {f"PIP_{name}" for name in ("NO_BINARY", "ONLY_BINARY", "CONSTRAINT", "REQUIREMENT")}
MEDDLING |= {"PIP_REQUIRE_VIRTUALENV", "PYTHONPATH", "PYTHONHOME"}
HELD: list[int] = []

EXPLAINED = (
    (
        r"No space left on device|Errno 28",
        "the disk is full",
        "about 700 MB are needed; free some and start again",
    ),
    (
        r"DO NOT MATCH THE HASHES",
        "a package that was downloaded is not the one that was locked; nothing was installed",
        "try again; if it happens again, somebody between you and the package index changes files",
    ),
    (
        r"Retrying \(|NewConnectionError|ConnectTimeout|ProxyError|SSLError|Max retries exceeded",
        "the packages could not be downloaded",
        "check the connection to the internet; behind a proxy, set HTTPS_PROXY",
    ),
    (
        r"No matching distribution found for ([^\s]+)",
        "there is no ready-made package of {0} for this machine",
        "use Python 3.11, 3.12 or 3.13 on Linux or macOS, 64 bits",
    ),
)


class SetUpFailed(Exception):
    """The environment could not be made; says why, and the cure."""


def main(arguments: list[str]) -> int:
    """Make the environment ready and print its Python; say in one sentence why not."""
    root, name, lock = Path(arguments[0]).resolve(), arguments[1], arguments[2]
    try:
        venv = find_place(root, name, root / lock)
        make_ready(venv, find_locks(root / lock, venv, arguments[3:]))
    except SetUpFailed as failed:
        print(f"stationwatch: while setting up: {failed}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stationwatch: set-up was stopped; the next start begins it anew", file=sys.stderr)
        return 130
    print(get_python(venv))
    return 0


def find_place(root: Path, name: str, lock: Path) -> Path:
    """Return where the environment lies or is to be made: in the checkout or in the cache."""
    here = root / name
    if ":" in str(root):
        raise SetUpFailed(f"the path {str(root)!r} holds a colon (move the folder)")
    if not is_foreign(here) and (can_write(here) or is_ready(here, find_locks(lock, here, []))):
        return here
    key = hashlib.sha256(os.fsencode(here)).hexdigest()[:16]
    return find_cache() / f"{name.lstrip('.')}-{key}"


def is_foreign(venv: Path) -> bool:
    """Say whether somebody else made this environment."""
    is_ours = (venv / STAMP).exists() or (venv / UNFINISHED).exists()
    return (venv / "pyvenv.cfg").exists() and not is_ours


def can_write(venv: Path) -> bool:
    """Say whether the environment can be made or changed by this user."""
    return os.access(venv if venv.exists() else venv.parent, os.W_OK)


def find_cache() -> Path:
    """Return a folder that is this user's alone and can be written to."""
    wanted = [os.environ.get("XDG_CACHE_HOME", "")]
    with contextlib.suppress(RuntimeError):
        wanted.append(str(Path.home() / ".cache"))
    for folder in filter(os.path.isabs, wanted):
        with contextlib.suppress(OSError):
            cache = Path(folder) / "stationwatch"
            cache.mkdir(mode=0o700, parents=True, exist_ok=True)
            if os.access(cache, os.W_OK):
                return cache
    cache = Path(tempfile.gettempdir()) / f"stationwatch-{os.getuid()}"
    try:
        cache.mkdir(mode=0o700, exist_ok=True)
        state = cache.lstat()
    except OSError as error:
        raise SetUpFailed(f"no folder can be written to ({error}; set HOME)") from error
    if cache.is_symlink() or state.st_uid != os.getuid() or state.st_mode & 0o022:
        raise SetUpFailed(f"{str(cache)!r} belongs to somebody else (remove it, or set HOME)")
    return cache


def get_python(venv: Path) -> Path:
    """Return the environment's Python."""
    return venv / "bin" / "python"


def find_locks(lock: Path, venv: Path, added: list[str]) -> list[Path]:
    """Return the lock and those of the optional parts that are there or are to be added.

    The first is the one that says whether the environment is ours; a part that the program no
    longer has is left out.
    """
    parts = {path.stem.partition("-")[2]: path for path in lock.parent.glob("requirements-*.lock")}
    parts.pop("dev", None)
    for name in added:
        if name not in parts:
            names = ", ".join(sorted(parts))
            raise SetUpFailed(f"there is no optional part {name!r} (there are: {names})")
    there = {path.stem.partition("-")[2] for path in venv.glob("requirements-*.lock")}
    return [lock, *(parts[name] for name in sorted(parts.keys() & {*there, *added}))]


def get_stamp(venv: Path, lock: Path, first: Path) -> Path:
    """Return where the environment's copy of a lock lies."""
    return venv / (STAMP if lock == first else lock.name)


def is_ready(venv: Path, locks: list[Path]) -> bool:
    """Say whether the environment was made from these very locks and can start."""
    if (venv / UNFINISHED).exists():
        return False
    stamps = [(get_stamp(venv, lock, locks[0]), lock) for lock in locks]
    same = all(stamp.exists() and stamp.read_bytes() == lock.read_bytes() for stamp, lock in stamps)
    return same and can_start(venv)


def can_start(venv: Path) -> bool:
    """Say whether the environment's Python runs; it does not when the system's was removed."""
    try:
        asked = subprocess.run([get_python(venv), "-c", ""], capture_output=True, check=False)
    except OSError:
        return False
    return asked.returncode == 0


def make_ready(venv: Path, locks: list[Path]) -> None:
    """Make the environment, or bring it to the locks; one process at a time.

    no environment, or an unfinished one → made from nothing
    one from other locks                 → what the locks name is fetched first, then installed

    so that a failed download leaves what was there as it was.
    """
    if is_ready(venv, locks):
        return
    with hold(venv):
        if is_ready(venv, locks):
            return
        if (venv / UNFINISHED).exists() or not (venv / STAMP).exists() or not can_start(venv):
            make_new(venv)
        else:
            say(f"bringing {venv} up to date with {', '.join(lock.name for lock in locks)}")
        with tempfile.TemporaryDirectory(prefix="stationwatch-") as folder:
            fetch(venv, locks, Path(folder))
            (venv / UNFINISHED).touch()
            install(venv, locks, Path(folder))
        remove_others(venv, locks)
        for lock in locks:
            stamp = get_stamp(venv, lock, locks[0])
            new = stamp.with_name(f"{stamp.name}.new")
            new.write_bytes(lock.read_bytes())
            new.replace(stamp)
        (venv / UNFINISHED).unlink()


@contextlib.contextmanager
def hold(venv: Path) -> Iterator[None]:
    """Keep other starts waiting until this one has set up."""
    path = venv.with_name(f"{venv.name}.lock")
    with path.open("w") as stream:
        # Held by what we start, too: a pip that outlives us is waited for.
        HELD[:] = [stream.fileno()]
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("waiting for another start that is setting up")
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield
        HELD.clear()


def make_new(venv: Path) -> None:
    """Make an environment with pip alone, marked as unfinished from its first moment."""
    say(f"setting up in {venv} (once; a minute or two)")
    shutil.rmtree(venv, ignore_errors=True)
    try:
        venv.mkdir(parents=True)
        (venv / UNFINISHED).touch()
    except OSError as error:
        raise SetUpFailed(
            f"{str(venv)!r} cannot be made: {error.strerror} (check the folder)"
        ) from error
    made = run([sys.executable, "-m", "venv", str(venv)])
    if made.returncode:
        raise SetUpFailed(f"python -m venv failed: {last_lines(made.stdout)}")


def fetch(venv: Path, locks: list[Path], folder: Path) -> None:
    """Download everything the locks name, by hash."""
    options = ["--require-hashes", "--only-binary=:all:", "--dest", str(folder)]
    pip(venv, "download", "--retries", "2", *options, *name_files(locks))


def install(venv: Path, locks: list[Path], folder: Path) -> None:
    """Install what was downloaded, without asking anybody again."""
    options = ["--no-index", "--find-links", str(folder), "--require-hashes", "--no-deps"]
    pip(venv, "install", *options, *name_files(locks))


def name_files(locks: list[Path]) -> list[str]:
    """Return pip's options for several locks."""
    return [option for lock in locks for option in ("-r", str(lock))]


def remove_others(venv: Path, locks: list[Path]) -> None:
    """Remove what an earlier lock had and these have not."""
    named = "\n".join(lock.read_text("utf-8") for lock in locks)
    names = {fold(name) for name in re.findall(r"(?m)^([A-Za-z0-9._-]+)==", named)}
    listed = pip(venv, "list", "--format=freeze", quiet=False)
    installed = {fold(line.partition("==")[0]) for line in listed.splitlines() if "==" in line}
    others = sorted(installed - names - {"pip", "setuptools"})
    if others:
        pip(venv, "uninstall", "--yes", *others)


def fold(name: str) -> str:
    """Return the name of a package as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pip(venv: Path, *arguments: str, quiet: bool = True) -> str:
    """Run the environment's pip; return what it printed, or raise SetUpFailed with the cure."""
    options = ["--disable-pip-version-check", "--no-input", *(["--quiet"] if quiet else [])]
    done = run([str(get_python(venv)), "-m", "pip", arguments[0], *options, *arguments[1:]])
    if done.returncode == 0:
        return str(done.stdout)
    raise SetUpFailed(explain(done.stdout))


def explain(printed: str) -> str:
    """Return one sentence with its cure for what pip printed."""
    for pattern, problem, cure in EXPLAINED:
        found = re.search(pattern, printed)
        if found:
            return f"{problem.format(*found.groups())} ({cure})"
    return f"pip failed: {last_lines(printed)}"


def last_lines(printed: str) -> str:
    """Return the end of what was printed, in one line."""
    return " / ".join(line.strip() for line in printed.strip().splitlines()[-4:])


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command without the settings that would lead it astray."""
    environment = {name: value for name, value in os.environ.items() if name not in MEDDLING}
    return subprocess.run(
        command,
        env={**environment, "PIP_USER": "0", "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        pass_fds=HELD,
    )


def say(what: str) -> None:
    """Say on standard error what takes time."""
    print(f"stationwatch: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
