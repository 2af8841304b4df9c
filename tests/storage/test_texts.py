from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from monitor.errors import StorageCorrupt
from monitor.model import StoredText
from storage.database import Storage
from storage.files import TEXTS
from tests.storage.building import NOON, Desk, HeldClock, make_article


def make_text(number: int = 1, **article: object) -> StoredText:
    return StoredText(
        id=str(uuid4()),
        article=make_article(number, **article),
        fetched_at=NOON,
        source_id="daily",
        text_hash="h",
        rules_version="rules-1",
    )


def test_text_comes_back_whole(storage: Storage) -> None:
    text = make_text(text="Szöveg, 文字, текст.\n" * 200)
    storage.texts.add(text)
    assert storage.texts.find_by_url(text.article.canonical_url) == text
    assert storage.texts.find_by_url("https://daily.example/none") is None


def test_text_is_compressed(storage: Storage, folder: Path) -> None:
    storage.texts.add_many(
        [make_text(number, text="the same words " * 2000) for number in range(50)]
    )
    storage.checkpoint()
    assert (folder / TEXTS).stat().st_size < 200_000  # 1.5 MB as they are


def test_newer_text_of_a_page_takes_its_place(storage: Storage) -> None:
    storage.texts.add(make_text(title="before"))
    storage.texts.add(make_text(title="after"))
    found = storage.texts.find_by_url("https://daily.example/1")
    assert found is not None
    assert found.article.title == "after"
    assert storage.texts.count() == 1


def test_texts_not_matched_with_these_rules_are_found(storage: Storage) -> None:
    """What `rematch` has left to do, in portions, while it marks."""
    storage.texts.add_many([make_text(number) for number in range(450)])
    assert len(list(storage.texts.iterate(unless_rules="rules-1"))) == 0
    seen = 0
    for text in storage.texts.iterate(unless_rules="rules-2"):
        storage.texts.mark_matched([text.id], "rules-2")
        seen += 1
    assert seen == 450
    assert list(storage.texts.iterate(unless_rules="rules-2")) == []
    assert len(list(storage.texts.iterate())) == 450


def test_old_texts_are_forgotten_and_their_room_given_back(storage: Storage, folder: Path) -> None:
    chance = random.Random(1)
    noise = "".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(20_000))
    storage.texts.add_many([make_text(number, text=f"{number}{noise}") for number in range(40)])
    kept = make_text(99)
    storage.texts.add(
        StoredText(id=kept.id, article=kept.article, fetched_at=NOON + timedelta(days=91))
    )
    storage.checkpoint()
    before = (folder / TEXTS).stat().st_size
    assert storage.texts.prune(NOON + timedelta(days=90)) == 40
    storage.checkpoint()
    assert storage.texts.count() == 1
    assert (folder / TEXTS).stat().st_size < before / 5


def test_text_that_became_an_article_is_removed(storage: Storage) -> None:
    text = make_text()
    storage.texts.add(text)
    assert storage.texts.remove([text.id]) == 1
    assert storage.texts.count() == 0


def test_reader_finds_texts_and_none_where_none_were_kept(
    folder: Path, clock: HeldClock, storage: Storage
) -> None:
    with Storage.open_reader(folder, clock) as reader:
        assert reader.texts.count() == 0
        assert reader.texts.find_by_url("https://daily.example/1") is None
    assert not (folder / TEXTS).exists()
    storage.texts.add(make_text())
    with Storage.open_reader(folder, clock) as reader:
        assert reader.texts.count() == 1
        assert len(list(reader.texts.iterate())) == 1


def test_damaged_texts_do_not_harm_the_rest(folder: Path, clock: HeldClock) -> None:
    """FAULTS A7: refused and named, not made anew; what was flagged is not in that file."""
    with Storage.create(folder, clock) as storage:
        Desk(storage, clock).tell()
        storage.texts.add(make_text())
    (folder / TEXTS).write_bytes(b"not a database any more" * 1000)
    with Storage.open_writer(folder, clock) as storage:
        assert storage.last_commit() == 1
        with pytest.raises(StorageCorrupt, match=r"texts\.db"):
            storage.texts.add(make_text())


def test_hostile_text_is_kept(storage: Storage) -> None:
    text = make_text(title="\ud800 \x00", text="\x00" * 10)
    storage.texts.add(text)
    found = storage.texts.find_by_url("https://daily.example/1")
    assert found is not None
    assert "\ud800" not in found.article.title
