"""Traces of something removed in the files of the data: copies of messages, feeds, the log."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from monitor.evidence.purge import overwrite
from monitor.jobs.recall_report import FILE as RECALL
from monitor.jobs.watch import Watch
from monitor.log import LOG_FILE
from monitor.model import AtomChannel, FolderChannel
from storage.redaction import Name

LARGEST = 64 * 1024 * 1024
ENTRY = re.compile(r"<(?:\w+:)?entry>.*?</(?:\w+:)?entry>", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Traces:
    """What a file is searched for: a name, or addresses and ids as they stand."""

    name: Name | None = None
    marks: frozenset[str] = frozenset()

    def are_in(self, text: str) -> bool:
        """Say whether a text holds a trace."""
        if self.name is not None:
            return self.name.is_in(text)
        return any(mark in text for mark in self.marks)


def find_files(watch: Watch, traces: Traces) -> Iterator[Path]:
    """Yield the files that hold a trace: copies of messages, feeds, exports, and reports."""
    folders = {watch.data / name for name in ("outgoing", "exports", "reports")}
    feeds = {watch.data / RECALL}
    for each in watch.subscribers:
        if isinstance(each.channel, FolderChannel):
            folders.add(watch.data / each.channel.path)
        elif isinstance(each.channel, AtomChannel):
            feeds.add(watch.data / each.channel.path)
    inside = {path for folder in folders for path in folder.rglob("*")}
    for path in sorted(inside | feeds):
        if path.is_file() and not path.is_symlink() and traces.are_in(read_text(path)):
            yield path


def read_text(path: Path) -> str:
    """Return everything that can be read of a file: its text, and a mail's parts decoded."""
    raw = path.read_bytes()[:LARGEST]
    if path.suffix == ".eml":
        mail = message_from_bytes(raw, policy=default)
        parts = [str(value) for value in mail.values()]
        parts += [
            part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"
        ]
        return "\n".join(parts)
    text = raw.decode("utf-8", "replace")
    if path.suffix in {".json", ".jsonl"}:
        # letters of other scripts may stand as \u escapes
        lines = text.splitlines() if path.suffix == ".jsonl" else [text]
        text = "\n".join(map(_plain, lines))
    return text


def _plain(document: str) -> str:
    try:
        return json.dumps(json.loads(document), ensure_ascii=False)
    except ValueError:
        return document


def remove_traces(watch: Watch, files: Iterable[Path], traces: Traces) -> int:
    """Take the traces away: entries out of feeds, whole files otherwise; return how many files."""
    feeds = {
        watch.data / each.channel.path
        for each in watch.subscribers
        if isinstance(each.channel, AtomChannel)
    }
    gone = 0
    for path in files:
        if path in feeds:
            text = path.read_text(encoding="utf-8")
            kept = ENTRY.sub(lambda found: "" if traces.are_in(found[0]) else found[0], text)
            overwrite(path)
            path.write_text(kept, encoding="utf-8")
        else:
            for one in (path, path.with_suffix(".json"), path.with_suffix(".eml")):
                if one.exists():
                    overwrite(one)
                    one.unlink()
        gone += 1
    return gone


def forget_in_logs(data: Path, traces: Traces) -> int:
    """Take the lines that hold a trace out of the log; return how many.

    The file in use is cut in place: whoever writes it appends to what is left.
    """
    gone = 0
    for path in sorted((data / "logs").glob(f"{LOG_FILE}*")):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
        kept = [line for line in lines if not traces.are_in(_plain(line))]
        if len(kept) < len(lines):
            gone += len(lines) - len(kept)
            overwrite(path)
            with path.open("r+", encoding="utf-8") as file:
                file.write("".join(kept))
                file.truncate()
    return gone
