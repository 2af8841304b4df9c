"""Whatever unpacks, the same comes of it: of whole streams, broken ones, and WARC files of them."""

from __future__ import annotations

import gzip
import io
import random
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from spiders import inflate, warc_records
from spiders.decoding import Decoder, Undecodable
from spiders.warc import Tally, read_pages
from spiders.warc_records import Damage, read_records
from tests.backfill.archives import build_record

WORDS = b"".join(b"word %d of many in a page " % (n * n % 977) for n in range(2000))
WBITS = {"gzip": 31, "zlib": 15, "deflate": -15}


def pack(data: bytes, wbits: int, level: int = 6) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, wbits)
    return packer.compress(data) + packer.flush()


def break_it(data: bytes, dice: random.Random) -> bytes:
    """Return it cut off, with flipped bits, with rubbish in it or behind it, or as it was."""
    way = dice.randrange(6)
    broken = bytearray(data)
    if way == 0:
        del broken[dice.randrange(len(broken)) :]
    elif way in {1, 2}:
        for _ in range(dice.choice([1, 1, 2, 20])):
            at = dice.randrange(min(len(broken), dice.choice([12, 100, len(broken)])))
            broken[at] ^= 1 << dice.randrange(8)
    elif way == 3:
        broken[-8:] = dice.randbytes(8)  # checksum and length of a gzip member
    elif way == 4:
        at = dice.randrange(len(broken))
        broken[at : at + 20] = dice.randbytes(dice.randrange(40))
    return bytes(broken) + dice.choice([b"", b"more"])


def stream(unpacker: inflate.Unpacker, data: bytes, dice: random.Random) -> list[object]:
    """Return all that can be seen of an unpacker that is fed and asked in pieces."""
    seen: list[object] = []
    at = 0
    try:
        while not unpacker.eof and (unpacker.unconsumed_tail or at < len(data)):
            raw = unpacker.unconsumed_tail
            if not raw:
                step = dice.choice([1, 9, 300, 70_000])
                raw, at = data[at : at + step], at + step
            piece = unpacker.decompress(raw, dice.choice([1, 70, 4096, 65536]))
            seen += [piece, unpacker.unconsumed_tail, unpacker.unused_data, unpacker.eof]
    except inflate.BROKEN as error:
        seen.append(str(error))
    return seen


@pytest.mark.parametrize("form", WBITS)
@pytest.mark.parametrize("level", [0, 1, 9])
def test_both_libraries_tell_the_same_of_every_stream(form: str, level: int) -> None:
    dice = random.Random(f"{form} {level}")
    wbits = WBITS[form]
    whole = pack(WORDS[: dice.choice([200, 5000, 50_000])], wbits, level)
    for _ in range(150):
        data, seed = break_it(whole, dice), dice.random()
        ours = stream(inflate.new_unpacker(wbits), data, random.Random(seed))
        assert ours == stream(zlib.decompressobj(wbits), data, random.Random(seed)), data[:80]


def make_file(dice: random.Random) -> bytes:
    """Return a WARC file with members of one record or two, and something wrong with some."""
    parts: list[bytes] = []
    for number in range(5):
        body = b"<p>" + WORDS[: dice.choice([30, 900, 9000, 40_000])]
        record = build_record(
            f"https://a.example/{number}",
            body,
            digest=dice.choice([None, None, None, "sha1:" + "A" * 32]),
            length=dice.choice([None, None, None, None, 3, 10**6]),
        )
        if parts and dice.random() < 0.2:
            record = gzip.decompress(parts.pop()) + record
        parts.append(gzip.compress(record, mtime=0))
    return b"".join(break_it(part, dice) if dice.random() < 0.5 else part for part in parts)


def read(data: bytes, start: int) -> tuple[list[object], list[object]]:
    records: list[object] = [
        item if isinstance(item, Damage) else (item.place, item.headers, bytes(item.block))
        for item in read_records(io.BytesIO(data), start=start)
    ]
    tally = Tally()
    return records, [*read_pages(io.BytesIO(data), tally, start=start), tally]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("size", [900, 256 * 1024])
def test_broken_files_read_the_same_in_every_way(
    seed: int, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """G1, G2: by either library, in one step and piece by piece, with pieces cut anywhere."""
    dice = random.Random(seed)
    monkeypatch.setattr(warc_records, "READ", size)
    for _ in range(25):
        data = make_file(dice)
        start = dice.choice([0, 0, dice.randrange(len(data))])
        usual = read(data, start)
        with monkeypatch.context() as patch:
            patch.setattr(inflate, "_library", zlib)
            assert read(data, start) == usual
        with monkeypatch.context() as patch:
            patch.setattr(warc_records, "MOST_AT_ONCE", 0)
            assert read(data, start) == usual


def test_member_that_only_the_other_library_refuses_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Refusing:
        unconsumed_tail = unused_data = b""
        eof = False

        def decompress(self, data: bytes, max_length: int, /) -> bytes:
            raise zlib.error("no")

    monkeypatch.setattr(warc_records, "new_unpacker", lambda _: Refusing())
    data = gzip.compress(build_record("https://a.example/", b"<p>page</p>"))
    tally = Tally()
    assert [page.url for _, page in read_pages(io.BytesIO(data), tally)] == ["https://a.example/"]
    assert not tally.damaged


def test_member_larger_than_one_step_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"".join(
        gzip.compress(build_record(f"https://a.example/{n}", b"<p>" + WORDS[: n * 9000]))
        for n in range(4)
    )
    usual = read(data, 0)
    assert len(usual[0]) == 4
    for most in (1, 10_000, 20_000):
        monkeypatch.setattr(warc_records, "MOST_AT_ONCE", most)
        assert read(data, 0) == usual


def test_broken_coding_is_told_in_the_words_of_zlib() -> None:
    packed = bytearray(pack(WORDS, 31))
    packed[-6] ^= 1
    with pytest.raises(Undecodable, match="incorrect data check"):
        list(Decoder("gzip", cap=10**6).feed(bytes(packed)))


WITHOUT = """
import sys
sys.modules["zlib_ng"] = None
import io, zlib
from spiders import inflate
from spiders.decoding import Decoder
from spiders.warc import Tally, read_pages
from tests.spiders.test_inflate import WORDS, make_file, pack, read
import random
assert type(inflate.new_unpacker(31)) is type(zlib.decompressobj(31))
assert b"".join(Decoder("gzip", cap=10**6).feed(pack(WORDS, 31))) == WORDS
print(*[repr(read(make_file(random.Random(seed)), 0)) for seed in range(3)], sep="\\n")
"""


def test_everything_works_without_the_faster_library() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    expected = [repr(read(make_file(random.Random(seed)), 0)) for seed in range(3)]
    assert done.stdout.splitlines() == expected


def test_faster_library_is_used_where_it_is_installed() -> None:
    why = "zlib-ng is not installed: uv sync brings it"
    pytest.importorskip("zlib_ng", reason=why, exc_type=ImportError)
    assert type(inflate.new_unpacker(31)) is not type(zlib.decompressobj(31))
