"""What goes into a frame comes out, however the stream is cut; nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import FrameError
from monitor.model import (
    Analysis,
    Entry,
    Fingerprint,
    Level,
    Look,
    Match,
    Outcome,
    PendingEntry,
    Prepared,
    SiteBlocks,
    Source,
    Validators,
)
from spiders.frames import (
    HEAD,
    LARGEST_FRAME,
    Done,
    Fetch,
    FrameSplitter,
    Looked,
    Message,
    PageFailed,
    PagePrepared,
    RobotsRead,
    RobotsRecord,
    SourceDone,
    SourceTask,
    Start,
    Stop,
    read_from_child,
    read_to_child,
    write_frame,
)

NOW = datetime(2026, 3, 4, 5, 6, 7, 890123, tzinfo=UTC)
ENTRY = Entry(url="http://x.test/ü?a=1&b", guid="\u2028", title="<b>\x7f", published=NOW)
RECORD = RobotsRecord(origin="http://x.test", fetched_at=NOW, status=404, verdict="allow")
TO_CHILD: list[Start | Fetch | Stop] = [
    Start(
        tasks=(SourceTask(source=Source(id="a", kind="feed", url="u", outlet="O"), look=False),),
        rules_version="v",
        robots=(RECORD,),
    ),
    Fetch(
        source_id="a",
        entries=(PendingEntry(id="1", source_id="a", entry=ENTRY, attempts=2),),
        blocks=(SiteBlocks(site="x.test", version=3, repeated=frozenset({-(2**63), 7})),),
        validators={"1": Validators(etag='W/"x"')},
        last=False,
    ),
    Stop(),
]
FROM_CHILD = [
    Looked(look=Look(source_id="a", looked_at=NOW, entries=(ENTRY,), fresh_for=3)),
    RobotsRead(record=RECORD),
    PagePrepared(
        source_id="a",
        entry_id="1",
        prepared=Prepared(
            url="u",
            final_url="u",
            fetched_at=NOW,
            status=200,
            body_sha256="00",
            analysis=Analysis(
                language="zh-Hant",
                matches=(
                    Match(
                        topic="t", level=Level.REPORT, score=1.5, report_at=1, mention_at=0, hits=()
                    ),
                ),
            ),
            fingerprint=Fingerprint(text_hash="00", hashes=(-1, 2**62)),
        ),
        body=bytes(range(256)),
        headers=(("A", "ü"),),
    ),
    PageFailed(
        source_id="a", entry_id="1", url="u", reason="r", outcome=Outcome.ROBOTS, status=None
    ),
    SourceDone(source_id="a"),
    Done(problem="p"),
]


@pytest.mark.parametrize("message", TO_CHILD, ids=lambda each: type(each).__name__)
def test_message_to_the_child_comes_out_as_it_went_in(message: Message) -> None:
    assert read_to_child(write_frame(message)[HEAD.size :]) == message


@pytest.mark.parametrize("message", FROM_CHILD, ids=lambda each: type(each).__name__)
def test_message_from_the_child_comes_out_as_it_went_in(message: Message) -> None:
    assert read_from_child(write_frame(message)[HEAD.size :]) == message


@given(st.lists(st.binary(max_size=40), max_size=8), st.data())
def test_stream_cut_anywhere_gives_the_same_frames(
    payloads: list[bytes], data: st.DataObject
) -> None:
    stream = b"".join(HEAD.pack(len(each)) + each for each in payloads)
    splitter, got = FrameSplitter(), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        got += list(splitter.feed(stream[:size]))
        stream = stream[size:]
    assert got == payloads
    assert splitter.rest == 0


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"type": "nonsense"}',
        b'{"type": "done", "problem": 3}',
        b'{"type": "done", "more": 3}',
        b'{"type": "source done"}',
        b'{"type": "looked", "look": {"source_id": "a", "looked_at": "yesterday"}}',
        b'{"type": "failed", "source_id": "a", "entry_id": "1", "url": "u", "reason": "r",'
        b' "outcome": "splendid"}',
        b"\x80\x04\x95cos\nsystem\n",
        b'{"type": "done"' + b"[" * 10_000,
        b'{"type": "done", "problem": "\xff"}',
    ],
)
def test_what_is_not_in_the_protocol_is_refused(payload: bytes) -> None:
    with pytest.raises(FrameError, match="while reading a frame"):
        read_from_child(payload)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused(payload: bytes) -> None:
    with pytest.raises(FrameError):
        read_from_child(payload)
    with pytest.raises(FrameError):
        read_to_child(payload)


def test_absurd_length_is_refused_before_it_is_read() -> None:
    with pytest.raises(FrameError, match="announced"):
        list(FrameSplitter().feed(HEAD.pack(LARGEST_FRAME + 1)))


def test_message_too_large_for_a_frame_is_refused() -> None:
    with pytest.raises(FrameError, match="more than"):
        write_frame(Done(problem="x" * LARGEST_FRAME))


def test_text_that_is_no_text_is_refused_when_written() -> None:
    with pytest.raises(FrameError, match="while writing"):
        write_frame(Done(problem="\ud800"))
