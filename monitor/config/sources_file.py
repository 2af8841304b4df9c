"""Writing to a person's sources.yaml: new sources between what stands there, remarks and all.

    text → text with the new sources → strict reader → renamed into place

The file is never in place before the strict reader found it in order, so that a running watch never
meets a half-written list.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from monitor.config.durations import say
from monitor.config.files import SOURCES, shipped_file
from monitor.config.reader import Document, read_document, validate
from monitor.config.scalars import UnclearValue, read_scalar
from monitor.config.sources import SourcesForm, read_sources
from monitor.errors import ConfigError, UsageError
from monitor.model import Source

HEAD = """\
# Your own sources. They lie over the list that ships with Stationwatch
# (stationwatch sources list shows all of them).
# After every change: stationwatch check

version: 1
"""
EXPORT_HEAD = """\
# Every source that was watched when this list was written. As the sources.yaml of a configuration
# folder it stands for itself: nothing of the list that ships is added to it.

version: 1
replace: true
"""

_PLAIN = re.compile(r"[^\W_](?:[^\x00-\x20:#\"'{}\[\],&*!|>%@`]|:(?=[^\s])| (?=[^\s#:]))*")
_EMPTY_LIST = re.compile(r"^(sources[ \t]*:)[ \t]*\[[ \t]*\][ \t]*(#.*)?$")


def add_sources(folder: Path, sources: Sequence[Source]) -> Path:
    """Add `sources` to the sources.yaml of `folder`, which is made when missing; return its path.

    Remarks and everything else in the file stay as they are.
    Refuses with ConfigError a file that is not in order, and with UsageError the list that ships,
    a list in brackets, and sources that the strict reader would not take; the file is then as it
    was. A source whose id stands in the file already is such a one.
    """
    path = (folder / SOURCES).resolve()
    if path == shipped_file(SOURCES).resolve():
        raise UsageError(
            f"while writing {str(path)!r}: this is the list that ships; name your own folder with"
            " --config"
        )
    try:
        before = path.read_bytes() if path.exists() else None
        text = build_text(before, path, sources)
        replace_file(path, text, before=before, sources=sources)
    except OSError as error:
        raise UsageError(
            f"while writing {str(path)!r}: {error.strerror}; check the disk and your rights"
        ) from error
    return path


def write_list(sources: Iterable[Source]) -> str:
    """Return `sources` as a whole sources.yaml that stands for itself."""
    lines = [line for source in sources for line in ("", *render_source(source))]
    return EXPORT_HEAD + "\n".join(["sources:" if lines else "sources: []", *lines]) + "\n"


def render_source(source: Source, *, indent: int = 2) -> list[str]:
    """Return the lines of one source, as a person would write them."""
    lines = [f"{name}: {write_scalar(value)}" for name, value in _fields(source)]
    if source.links is not None:
        given = {"selector": source.links.selector, "url": source.links.url}
        inner = [f"  {name}: {write_scalar(value)}" for name, value in given.items() if value]
        lines += ["links:", *inner] if inner else ["links: {}"]
    if source.pins:
        lines += ["pins:", *(f"  - {write_scalar(pin)}" for pin in source.pins)]
    if source.browser:
        lines.append("browser: true")
    if not source.enabled:
        lines.append("enabled: false")
    margin = " " * indent
    return [f"{margin}{'- ' if at == 0 else '  '}{line}" for at, line in enumerate(lines)]


def write_scalar(value: str) -> str:
    """Return `value` as YAML: as it is where that can only be meant in one way, else quoted."""
    try:
        plain = read_scalar(value) == value
    except UnclearValue:
        plain = False
    if plain and value.isprintable() and _PLAIN.fullmatch(value) and not value.endswith(":"):
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(char if char.isprintable() else _escape(char) for char in quoted)


def _escape(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _fields(source: Source) -> Iterator[tuple[str, str]]:
    fields = {
        "id": source.id,
        "outlet": source.outlet,
        "kind": source.kind,
        "url": source.url,
        "country": source.country,
        "language": source.language,
        "class": source.source_class,
        "publisher": source.publisher,
        "every": None if source.every is None else say(source.every),
        "egress": source.egress,
        "note": source.note or None,
    }
    yield from ((name, value) for name, value in fields.items() if value is not None)


def build_text(before: bytes | None, path: Path, sources: Sequence[Source]) -> str:
    """Return the text of the file with `sources` in it."""
    text = (before or b"").decode("utf-8-sig", "replace")  # what is no UTF-8 is refused below
    if not _holds_values(text):
        text = text.rstrip() + "\n\nversion: 1\n" if text.strip() else HEAD
        return text + _join(["", "sources:"], sources, 2)
    document = read_document(path)
    form, problems = validate(SourcesForm, document)
    if form is None:
        raise ConfigError(problems)
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.replace("\r\n", "\n").split("\n")
    return newline.join(insert(lines, document, sources))


def insert(lines: list[str], document: Document, sources: Sequence[Source]) -> list[str]:
    """Return the lines of a file in order with `sources` behind those that stand there."""
    value: dict[str, Any] = document.value
    if "sources" not in value:
        while lines and not lines[-1].strip():
            lines.pop()
        return [*lines, "", *_join(["sources:"], sources, 2).split("\n")]
    line = document.line_of(("sources",)) or 1
    if not value["sources"]:
        empty = _EMPTY_LIST.match(lines[line - 1])
        if empty is None:
            raise bracketed(document.file, line)
        head = f"{empty[1]}{'  ' + empty[2] if empty[2] else ''}"
        rest = lines[line:]
        gap = [""] if rest and rest[0].strip() else []
        return [*lines[: line - 1], head, *_blocks(sources, 2), *gap, *rest]
    first = document.line_of(("sources", 0)) or line
    dash = re.match(r"( *)- ", lines[first - 1])
    if dash is None:
        raise bracketed(document.file, line)
    after = [document.line_of((key,)) or 0 for key in value]
    end = min((each for each in after if each > line), default=len(lines) + 1) - 1
    while end > first and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return [*lines[:end], *_blocks(sources, len(dash[1])), *lines[end:]]


def replace_file(path: Path, text: str, *, before: bytes | None, sources: Sequence[Source]) -> None:
    """Put `text` in the place of the file when the strict reader finds all of it in order."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(prefix=".sources-", suffix=".yaml", dir=path.parent)
    written = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        check_written(written, path, before=before, sources=sources)
        written.chmod(path.stat().st_mode & 0o777 if before is not None else 0o644)
        if (path.read_bytes() if path.exists() else None) != before:
            raise UsageError(f"while writing {str(path)!r}: it was changed meanwhile; try again")
        written.replace(path)
    except UnicodeEncodeError as error:
        raise UsageError(
            f"while writing {str(path)!r}: {error.object[:60]!r} holds half a character; correct it"
        ) from error
    finally:
        written.unlink(missing_ok=True)


def check_written(
    written: Path, path: Path, *, before: bytes | None, sources: Sequence[Source]
) -> None:
    """Raise UsageError unless the new file holds what the old one held, and `sources`."""
    document = read_document(written, file=str(path))
    form, problems = validate(SourcesForm, document)
    if form is None:
        raise UsageError(f"while adding to {str(path)!r}: {problems[0]}; nothing was changed")
    old = read_document(path) if before is not None else None
    kept = validate(SourcesForm, old)[0] if old is not None and old.value is not None else None
    count = len(kept.sources) if kept is not None else 0
    same = kept is None or (form.sources[:count], form.replace) == (kept.sources, kept.replace)
    # Read by themselves: what they are must not hang on what the file says otherwise.
    added = {source.id: source for source in read_sources(None, document)[0]}
    _, found = read_sources(shipped_file_document(), document)
    if found:
        raise UsageError(f"while adding to {str(path)!r}: {found[0]}; nothing was changed")
    if not same or any(added.get(source.id) != source for source in sources):
        raise UsageError(
            f"while adding to {str(path)!r}: the sources do not come back as they were written;"
            " nothing was changed; add them by hand"
        )


def shipped_file_document() -> Document:
    """Return the list that ships, as read."""
    return read_document(shipped_file(SOURCES))


def bracketed(file: str, line: int) -> UsageError:
    """Return the error for a list in brackets, which cannot be added to line by line."""
    return UsageError(
        f"while adding to {file}:{line}: the list stands in brackets; write each source on lines of"
        " its own, beginning with '- id:'"
    )


def _holds_values(text: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines())


def _join(head: list[str], sources: Sequence[Source], indent: int) -> str:
    return "\n".join([*head, *_blocks(sources, indent)]) + "\n"


def _blocks(sources: Sequence[Source], indent: int) -> list[str]:
    return [line for source in sources for line in render_source(source, indent=indent)]
