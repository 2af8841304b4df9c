from __future__ import annotations

from storage.blocks import FORGET_OTHERS, FORGET_REPEATED, REPEATED_ON
from storage.database import Storage

MENU, TEASER = 1, 2


def test_block_on_every_page_becomes_furniture(storage: Storage) -> None:
    for page in range(REPEATED_ON - 1):
        storage.blocks.count("daily.example", [MENU, 1000 + page])
    before = storage.blocks.get_snapshot("daily.example")
    assert before.repeated == frozenset()
    storage.blocks.count("daily.example", [MENU, 2000])
    after = storage.blocks.get_snapshot("daily.example")
    assert after.repeated == {MENU}
    assert after.version > before.version
    assert storage.blocks.get_snapshot("other.example").repeated == frozenset()


def test_version_changes_only_with_the_set(storage: Storage) -> None:
    for page in range(50):
        storage.blocks.count("daily.example", [MENU, 1000 + page])
    assert storage.blocks.get_snapshot("daily.example").version == 1


def test_paragraph_of_background_is_not_furniture(storage: Storage) -> None:
    """An outlet repeats it in each of its reports, but those are few among its pages."""
    background = 7
    for page in range(200):
        storage.blocks.count("daily.example", [MENU, *([background] if page % 25 == 0 else [])])
    assert storage.blocks.get_snapshot("daily.example").repeated == {MENU}


def test_teaser_that_left_is_forgotten(storage: Storage) -> None:
    for page in range(20):
        storage.blocks.count("daily.example", [TEASER, 1000 + page])
    assert storage.blocks.get_snapshot("daily.example").repeated == {TEASER}
    for page in range(FORGET_REPEATED + 20):
        storage.blocks.count("daily.example", [5000 + page])
    gone = storage.blocks.get_snapshot("daily.example")
    assert (gone.repeated, gone.version) == (frozenset(), 2)


def test_blocks_seen_once_do_not_pile_up(storage: Storage) -> None:
    for page in range(300):
        storage.blocks.count("daily.example", range(page * 50, page * 50 + 50))
    rows = storage.blocks._connection.count("SELECT COUNT(*) FROM site_blocks")
    assert rows <= (FORGET_OTHERS + 11) * 50


def test_hashes_of_64_bits_are_counted_signed_or_not(storage: Storage) -> None:
    for _ in range(REPEATED_ON):
        storage.blocks.count("daily.example", [2**64 - 1, -(2**63)])
    assert storage.blocks.get_snapshot("daily.example").repeated == {-1, -(2**63)}


def test_page_of_a_hundred_thousand_blocks_is_bounded(storage: Storage) -> None:
    storage.blocks.count("daily.example", range(100_000))
    assert storage.blocks._connection.count("SELECT COUNT(*) FROM site_blocks") == 500
