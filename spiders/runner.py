"""Run one crawl in this process: the only module that starts a reactor."""

from __future__ import annotations

import os
import socket

from scrapy.crawler import AsyncCrawlerProcess

from monitor.errors import FrameError, StationwatchError
from spiders.channel import Channel
from spiders.frames import (
    HEAD,
    LARGEST_FRAME,
    Done,
    Start,
    read_to_child,
    write_frame,
)
from spiders.harvest import Harvest
from spiders.settings import scrapy_settings
from spiders.workers import Limits, WorkerPool


def run_crawl(read_fd: int, write_fd: int, worker_fd: int) -> int:
    """Read what to do, do it, and return the exit status."""
    begin = read_start(read_fd)
    fetch = begin.settings
    limits = Limits(
        feed_seconds=fetch.feed_seconds,
        page_seconds=fetch.page_seconds,
        memory=fetch.worker_memory,
    )
    client = socket.socket(fileno=worker_fd)
    with WorkerPool(client, size=fetch.workers, limits=limits) as pool:
        try:
            check_rules(pool, begin.rules_version)
        except StationwatchError as error:
            os.write(write_fd, write_frame(Done(problem=str(error))))
            return 1
        crawl(begin, Channel(read_fd, write_fd), pool)
    return 0


def crawl(begin: Start, channel: Channel, pool: WorkerPool) -> None:
    """Run the reactor until the crawl has ended."""
    process = AsyncCrawlerProcess(scrapy_settings(begin.settings))
    process.crawl(Harvest, begin=begin, channel=channel, pool=pool)
    process.start()


def read_start(read_fd: int) -> Start:
    """Return the first message, which says what to do; raises FrameError for any other."""
    (length,) = HEAD.unpack(read_exactly(read_fd, HEAD.size))
    if length > LARGEST_FRAME:
        raise FrameError(f"while reading the first frame: {length} bytes are announced")
    message = read_to_child(read_exactly(read_fd, length))
    if not isinstance(message, Start):
        raise FrameError(f"while reading the first frame: it is a {type(message).__name__}")
    return message


def read_exactly(fd: int, length: int) -> bytes:
    """Return so many bytes, and leave what follows in the pipe."""
    buffer = bytearray()
    while len(buffer) < length:
        piece = os.read(fd, length - len(buffer))
        if not piece:
            raise FrameError("while reading the first frame: the service has gone")
        buffer += piece
    return bytes(buffer)


def check_rules(pool: WorkerPool, expected: str) -> None:
    """Raise StationwatchError when the workers hold other rules than the service does."""
    if expected and pool.rules_version != expected:
        raise StationwatchError(
            f"while starting a crawl: the workers hold the rules {pool.rules_version[:12]!r}, the"
            f" service {expected[:12]!r} (keywords.yaml has changed: start the workers again)"
        )
