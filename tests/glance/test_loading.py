"""Loading the first look: where it cannot be had there is none, and what is kept is guarded."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.errors import FilterMissing
from monitor.glance import loading
from monitor.glance.loading import load_first_look
from monitor.match.matcher import Matcher
from tests.glance.loaded import load
from tests.glance.pages import KEYWORDS, Look, frame

START = """
import sys
from pathlib import Path
from monitor.config.keywords import read_keywords
from monitor.glance.loading import load_first_look
from monitor.match.matcher import Matcher
from tests.glance.pages import Look
matcher = Matcher(read_keywords(Path(sys.argv[1])), places=())
print(Look(load_first_look(matcher, sys.argv[2])).rules_out_source(sys.argv[3]))
"""


def folder_of_code(cache: Path) -> Path:
    return cache / "compiled" / loading._name_sources()


@pytest.fixture
def kept(matcher: Matcher, compiled: Path, tmp_path: Path) -> Path:
    """Return a cache of its own with what was compiled for all tests."""
    load(matcher, compiled)
    cache = tmp_path / "cache"
    cache.mkdir()
    shutil.copytree(folder_of_code(compiled), folder_of_code(cache))
    return cache


STOP_BEFORE_COMPILING = """
import sys
from monitor.glance import loading
def stop(folder):
    print("to be compiled again")
    sys.exit()
loading._empty = stop
"""


def start(
    root: Path, cache: Path, tmp_path: Path, *, before: str = "", seconds: float = 600
) -> str:
    """Return what another process says of a page that starts with a cache."""
    keywords = tmp_path / "keywords.yaml"
    keywords.write_text(KEYWORDS, "utf-8")
    command = [sys.executable, "-c", before + START, str(keywords), str(cache), frame("")]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=root, timeout=seconds
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_no_compiler_is_said_with_the_cure(
    matcher: Matcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(FilterMissing, match=r"not installed; type \./stationwatch install speed"):
        load_first_look(matcher, str(tmp_path))
    assert "not installed" in (loading.find_obstacle(str(tmp_path)) or "")
    assert list(tmp_path.iterdir()) == []


def test_machine_without_compilers_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nothing to install there."""
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.setattr(loading.platform, "machine", lambda: "ppc64le")
    said = loading.find_obstacle(str(tmp_path))
    assert said is not None
    assert "no compiler for this machine (ppc64le)" in said
    assert "install" not in said


def test_compiler_that_cannot_be_loaded_is_said(
    matcher: Matcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library may be missing on the machine."""
    broken = tmp_path / "numba"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise OSError('could not load libllvmlite.so')")
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(FilterMissing, match=r"cannot be loaded \(could not load libllvmlite.so\)"):
        load_first_look(matcher, str(tmp_path))


# PR_SET_MDWE (Linux 6.3): what MemoryDenyWriteExecute asks for, and never taken back.
WITHOUT_CODE = """
import ctypes
if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0):
    print("unknown here")
    raise SystemExit
from monitor.errors import FilterMissing
from monitor.glance.loading import load_first_look
try:
    load_first_look(None, "CACHE")
except FilterMissing as missing:
    print(missing)
"""


@pytest.mark.usefixtures("compiled")
def test_process_that_may_make_no_code_is_told_so(root: Path, tmp_path: Path) -> None:
    code = WITHOUT_CODE.replace("CACHE", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    if "unknown here" in done.stdout:
        pytest.skip("needs Linux 6.3 or newer")
    assert "MemoryDenyWriteExecute" in done.stdout


def test_old_parser_of_html_is_said(
    matcher: Matcher, compiled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends comments and scripts elsewhere than the first look does."""
    monkeypatch.setattr(loading.etree, "LIBXML_VERSION", (2, 13, 9))
    with pytest.raises(FilterMissing, match=r"libxml2 2\.13\.9, which reads HTML in the old way"):
        load_first_look(matcher, str(compiled))
    monkeypatch.setattr(loading.etree, "LIBXML_VERSION", (2, 14, 0))
    assert Look(load(matcher, compiled)).rules_out("")


def test_more_than_there_is_room_for_is_said(
    matcher: Matcher, compiled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from monitor.glance import rules

    look = Look(load(matcher, compiled))
    code = folder_of_code(compiled)
    monkeypatch.setattr(rules, "NEAR_WORDS", 0)
    with pytest.raises(FilterMissing, match="the keywords hold more than it has room for"):
        load_first_look(matcher, str(compiled))
    assert any(code.rglob("*.nbi"))
    assert look.rules_out("")


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), RuntimeError("Unable to allocate memory")]
)
def test_what_keeps_it_from_being_compiled_is_said(
    matcher: Matcher,
    compiled: Path,
    kept: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    from monitor.glance import first_look

    load(matcher, compiled)

    def fail(_sieve: object) -> None:
        raise error

    monkeypatch.setattr(first_look, "FirstLook", fail)
    with pytest.raises(FilterMissing, match=r"(?i)could not be compiled \((no space|unable to)"):
        load_first_look(matcher, str(kept))


def test_rules_that_were_loaded_are_known(matcher: Matcher, compiled: Path, tmp_path: Path) -> None:
    load(matcher, compiled)
    assert loading.is_compiled(str(compiled), matcher.version)
    assert loading.is_compiled(str(compiled))
    assert not loading.is_compiled(str(compiled), "0123456789abcdef")
    assert not loading.is_compiled(str(tmp_path))
    assert not loading.is_compiled(None)


def test_what_is_kept_is_loaded_and_not_compiled_again(
    root: Path, kept: Path, tmp_path: Path
) -> None:
    start(root, kept, tmp_path)  # other tests may have kept less: what they imported before
    before = {path: path.stat().st_mtime_ns for path in kept.rglob("*.nb?")}
    assert start(root, kept, tmp_path) == "True"
    assert before
    assert {path: path.stat().st_mtime_ns for path in kept.rglob("*.nb?")} == before


@pytest.mark.parametrize(("kind", "rest"), [("nbi", 0), ("nbc", 100)], ids=["an index", "code"])
def test_file_that_was_cut_short_has_all_compiled_again(
    root: Path, kept: Path, tmp_path: Path, kind: str, rest: int
) -> None:
    """The disk was full, or the machine lost its power."""
    for path in folder_of_code(kept).rglob(f"*.{kind}"):
        path.write_bytes(path.read_bytes()[:rest])
    assert start(root, kept, tmp_path, before=STOP_BEFORE_COMPILING) == "to be compiled again"


def test_what_was_broken_is_removed_and_loaded_again(kept: Path) -> None:
    folder, answers = folder_of_code(kept), iter([EOFError("Ran out of input"), "a look"])
    (folder / "lock").touch()

    def make() -> object:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert any(folder.rglob("*.nbc"))
    waited: list[bool] = []
    look = loading._load(make, folder, lambda: waited.append(any(folder.rglob("*.nbc"))))
    assert look == "a look"
    assert waited == [True]  # for others that read there, before anything is removed
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["lock"]


def test_workers_load_side_by_side_what_was_loaded_once(
    root: Path, kept: Path, tmp_path: Path
) -> None:
    start(root, kept, tmp_path)
    with (folder_of_code(kept) / "lock").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        assert start(root, kept, tmp_path, seconds=120) == "True"


def test_nobody_loads_while_the_folder_is_filled(tmp_path: Path) -> None:
    def is_free(how: int) -> bool:
        with (tmp_path / "lock").open("wb") as other:
            try:
                fcntl.flock(other, how | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

    with loading._hold(tmp_path, alone=True):
        assert not is_free(fcntl.LOCK_SH)
    with loading._hold(tmp_path, alone=False) as be_alone:
        assert is_free(fcntl.LOCK_SH)
        assert not is_free(fcntl.LOCK_EX)
        be_alone()
        assert not is_free(fcntl.LOCK_SH)


def test_missing_code_is_compiled_again(root: Path, kept: Path, tmp_path: Path) -> None:
    one = next(folder_of_code(kept).rglob("verdict.could_match_whole*.nbc"))
    one.unlink()
    assert start(root, kept, tmp_path) == "True"


def test_folder_that_cannot_be_made_is_said(matcher: Matcher, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.write_text("a file where the folder should be")
    with pytest.raises(FilterMissing, match=r"cannot be kept in .*this user, and nobody else"):
        load_first_look(matcher, str(cache))
    assert cache.is_file()
    with pytest.raises(FilterMissing, match="cannot be kept; it needs a folder"):
        load_first_look(matcher, None)


def test_folder_is_named_by_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "glance"
    shutil.copytree(Path(loading.__file__).parent, copy)
    monkeypatch.setattr(loading, "__file__", str(copy / "loading.py"))
    first = loading._find_folder(tmp_path)
    assert first is not None
    assert loading._find_folder(tmp_path) == first
    (first / "code").touch()
    with (copy / "words.py").open("a") as source:
        source.write("\n")
    second = loading._find_folder(tmp_path)
    assert second is not None
    assert second != first
    assert first.exists()  # another program on these packages may be running


def test_another_checkout_does_not_take_the_mark_of_the_first_for_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of its workers compiled at once: numba finds no code of sources that lie elsewhere."""
    first = loading._find_folder(tmp_path)
    assert first is not None
    (first / f"rules{loading._LOADED}").touch()
    assert loading.is_compiled(str(tmp_path))
    copy = tmp_path / "second" / "glance"
    shutil.copytree(Path(loading.__file__).parent, copy)
    monkeypatch.setattr(loading, "__file__", str(copy / "loading.py"))
    assert not loading.is_compiled(str(tmp_path))


@pytest.mark.parametrize("part", ["numba", "llvmlite", "numpy", ""])
def test_folder_is_named_by_what_compiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    first = loading._find_folder(tmp_path)
    version = loading.version
    if part:
        monkeypatch.setattr(loading, "version", lambda name: version(name) + "1" * (name == part))
    else:
        monkeypatch.setattr(sys, "version", f"{sys.version} of another maker")
    assert loading._find_folder(tmp_path) != first


def test_folder_is_closed_to_others(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        folder = loading._find_folder(tmp_path)
    finally:
        os.umask(mask)
    assert folder is not None
    assert folder.stat().st_mode & 0o077 == 0
    assert folder.parent.stat().st_mode & 0o077 == 0


def test_folder_that_others_may_write_to_is_not_used(tmp_path: Path) -> None:
    """What lies there is run: another user of the machine could put anything into it."""
    folder = loading._find_folder(tmp_path)
    assert folder is not None
    folder.chmod(0o777)
    assert loading._find_folder(tmp_path) is None
    folder.chmod(0o770)
    assert loading._find_folder(tmp_path) is None
    folder.chmod(0o700)
    assert loading._find_folder(tmp_path) == folder


def test_folder_of_somebody_else_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert loading._find_folder(tmp_path) is not None
    own = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: own + 1)
    assert loading._find_folder(tmp_path) is None


def test_link_to_a_folder_elsewhere_is_not_used(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    (elsewhere / "kept").touch()
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "compiled").symlink_to(elsewhere)
    assert loading._find_folder(cache) is None
    folder = loading._find_folder(tmp_path)
    assert folder is not None
    folder.rmdir()
    folder.symlink_to(elsewhere)
    assert loading._find_folder(tmp_path) is None
    assert (elsewhere / "kept").exists()
