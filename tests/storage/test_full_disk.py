"""A real full disk: a small tmpfs, mounted in a namespace of the test's own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = r'''
import json, os, sys
from pathlib import Path

from monitor.errors import EvidenceError, StorageFull
from monitor.evidence.store import EvidenceStore
from monitor.evidence.verify import verify
from storage.database import Storage
from tests.storage.building import Desk, HeldClock, make_article, make_page

disk = Path(sys.argv[1])
folder, ballast, clock = disk / "var", disk / "ballast", HeldClock()
failures, successes, broken, number = 0, 0, [], 0


def leave(free):
    """Fill the disk but for `free` bytes."""
    ballast.write_bytes(b"")
    room = os.statvfs(disk)
    ballast.write_bytes(b"x" * max(0, room.f_bavail * room.f_frsize - free))


def store(desk, evidence):
    """One page as it is committed: bytes, article, match, story, alert, text, ledger."""
    article = make_article(number, text=f"{number} " + "word " * 2000)
    kept = evidence.keep(b"b" * 9000 + str(number).encode(), headers=(), url=article.url,
                         fetched_at=clock.now())
    with desk.storage.transaction():
        desk.storage.evidence.append(kept)
        _, change = desk.tell(article)
        desk.storage.outbox.add_alert(change, subscriber="desk", channel="email")
        desk.storage.pages.add(make_page(desk.run_id, number))
    evidence.record_links(desk.storage.evidence.read_links(after=evidence.last_recorded()))


storage = Storage.create(folder, clock)
desk, evidence = Desk(storage, clock), EvidenceStore(folder / "evidence")
warned_early = storage.health().disk_problem is not None
stored = 0
for free in list(range(0, 160_000, 4096)) * 2:
    number += 1
    leave(free)
    try:
        store(desk, evidence)
    except (StorageFull, EvidenceError) as error:
        failures += 1
        message = str(error)
    else:
        successes += 1
        stored += 1
    with Storage.open_reader(folder, clock) as reader:
        counts = (reader.last_commit(), reader.outbox.count().owed,
                  len(list(reader.articles.iterate())),
                  sum(reader.runs.get(desk.run_id).outcomes.values()))
        if set(counts) != {stored} and not (set(counts) == {stored + 1}):
            broken.append(("in pieces", free, counts, stored))
        stored = counts[0]
        if not reader.search.find("word") and stored:
            broken.append(("not readable", free))
    ballast.unlink()
    if failures and failures % 20 == 0:
        storage.checkpoint()

number += 1
store(desk, evidence)  # there is room again: it goes on by itself
evidence.record_links(storage.evidence.read_links(after=evidence.last_recorded()))
left = [str(path) for path in (folder / "evidence" / "unfinished").glob("*")]
checked = verify(evidence, storage.evidence.read_links())
problems = storage.check()
storage.close()

leave(0)
with Storage.open_reader(folder, clock) as reader:  # no writer, nothing can be made any more
    alone = reader.last_commit()
try:
    Storage.open_writer(folder, clock).runs.find_latest()
    opened = "opened"
except StorageFull as error:
    opened = type(error).__name__
print(json.dumps({
    "failures": failures, "successes": successes, "broken": broken, "message": message,
    "left": left, "evidence": [p.problem for p in checked.problems], "problems": problems,
    "warned": warned_early, "alone": alone, "stored": stored, "opened": opened,
}))
'''


def test_full_disk_at_each_write_leaves_no_piece(tmp_path: Path, root: Path) -> None:
    """FAULTS A5: a clear error, no partial item, reads work, a warning before, and it resumes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    script = tmp_path / "fill.py"
    script.write_text(SCRIPT)
    mounted = f"mount -t tmpfs -o size=24m none {disk} && exec {sys.executable} {script} {disk}"
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", mounted],
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
        env={"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
    )
    if "unshare:" in done.stderr or "mount:" in done.stderr:
        pytest.skip("this machine allows no mount namespace")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["failures"] >= 10, found
    assert found["successes"] >= 10, found
    assert found["broken"] == []
    assert found["left"] == []
    assert found["evidence"] == []
    assert found["problems"] == []
    assert found["warned"] is True
    assert found["alone"] == found["stored"] + 1
    assert "free some space" in found["message"] or "the room on the disk" in found["message"]
    assert found["opened"] in {"opened", "StorageFull"}
