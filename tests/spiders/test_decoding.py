"""Content codings are undone piece by piece, whole or not at all, and never past the cap (C8)."""

from __future__ import annotations

import gzip
import random
import tracemalloc
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.decoding import Decoder, TooLarge, Undecodable, zstd
from tests.fakes.site import MEGABYTE, PACK

TEXT = b"".join(b"line %d of a page\n" % at for at in range(5000))


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


PACKED = {
    "gzip": gzip.compress(TEXT),
    "x-gzip": gzip.compress(TEXT),
    "deflate": zlib.compress(TEXT),
    "br": brotli.compress(TEXT),
    "zstd": zstd.compress(TEXT),
}


def undo(header: str, stream: bytes, *, cap: int = 10 * MEGABYTE, step: int = 65536) -> bytes:
    decoder = Decoder(header, cap=cap)
    return b"".join(
        piece
        for at in range(0, len(stream), step)
        for piece in decoder.feed(stream[at : at + step])
    )


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("step", [1, 7, 1000, 10**6])
def test_coding_is_undone_however_it_arrives(name: str, step: int) -> None:
    assert undo(name, PACKED[name], step=step) == TEXT


@given(
    st.binary(max_size=3000),
    st.sampled_from(["gzip", "deflate", "br", "zstd"]),
    st.integers(1, 50),
)
def test_any_bytes_come_out_as_they_went_in(body: bytes, name: str, step: int) -> None:
    assert undo(name, PACK[name](body), step=step) == body


def test_deflate_without_its_wrapper_is_undone() -> None:
    assert undo("deflate", raw_deflate(TEXT)) == TEXT


def test_gzip_of_several_members_is_one_body() -> None:
    assert undo("gzip", gzip.compress(b"one ") + gzip.compress(b"two"), step=3) == b"one two"


def test_zstd_of_several_frames_is_one_body() -> None:
    assert undo("zstd", zstd.compress(b"one ") + zstd.compress(b"two"), step=3) == b"one two"


@pytest.mark.parametrize("name", ["gzip", "x-gzip", "deflate"])
def test_what_follows_the_stream_is_left_out(name: str) -> None:
    assert undo(name, PACKED[name] + b"junk") == TEXT


def test_codings_are_undone_in_reverse() -> None:
    assert undo("gzip, br", brotli.compress(gzip.compress(TEXT)), step=100) == TEXT


@pytest.mark.parametrize("header", ["", "identity", " , identity"])
def test_no_coding_leaves_bytes_alone(header: str) -> None:
    decoder = Decoder(header, cap=10)
    assert not decoder.active


@pytest.mark.parametrize("header", ["gzip, gzip, gzip", ", ".join(["br"] * 6), "rot13", "gzip, x"])
def test_odd_codings_are_refused(header: str) -> None:
    with pytest.raises(Undecodable):
        Decoder(header, cap=10)


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_broken_coding_is_refused(name: str) -> None:
    broken = bytearray(PACKED[name])
    broken[len(broken) // 2 :] = random.Random(4).randbytes(len(broken) // 2)
    with pytest.raises(Undecodable):
        undo(name, bytes(broken) + b"\xff" * 5000)


@pytest.mark.parametrize("name", PACKED)
def test_stream_cut_short_gives_what_has_come(name: str) -> None:
    got = undo(name, PACKED[name][: len(PACKED[name]) // 2], step=64)
    assert got == TEXT[: len(got)]


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_bomb_is_noticed_at_the_cap(name: str) -> None:
    body = b" " * 200 * MEGABYTE
    packed = PACK[name](body)
    del body
    tracemalloc.start()
    with pytest.raises(TooLarge):
        undo(name, packed, cap=MEGABYTE, step=len(packed))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12 * MEGABYTE


def test_bomb_inside_a_bomb_is_noticed_in_the_first_layer() -> None:
    inner = gzip.compress(b" " * 50 * MEGABYTE)
    with pytest.raises(TooLarge):
        undo("gzip, gzip", gzip.compress(inner), cap=MEGABYTE)


def test_zstd_that_wants_a_huge_window_is_refused() -> None:
    """RFC 9659: 8 MB is what a content coding may ask for."""
    options = {zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.checksum_flag: 1}
    packer = zstd.ZstdCompressor(options=options)
    stream = packer.compress(b"x" * MEGABYTE) + packer.flush()
    with pytest.raises(Undecodable):
        undo("zstd", stream)
