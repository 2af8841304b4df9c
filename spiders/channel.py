"""The child's end of the pipes: frames in and out, without blocking the reactor.

A thread reads and a thread writes, both of which die with the process: a pipe to a service that
has stopped reading must not hold the child at its end.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import threading
from concurrent.futures import Future

from monitor.errors import FrameError
from spiders.frames import FrameSplitter, Message, Stop, ToChild, read_to_child, write_frame

READ_BYTES = 256 * 1024


class Channel:
    """Frames over a pair of pipes.

    `send` waits until the service has taken the frame, which is what keeps the child's memory flat.
    """

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self._read_fd = read_fd
        self._write_fd = write_fd
        self._out: queue.SimpleQueue[tuple[bytes, Future[None]]] = queue.SimpleQueue()
        self._in: asyncio.Queue[ToChild] = asyncio.Queue()

    def open(self) -> None:
        """Begin to read and write; to be called where a loop runs."""
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, args=(loop,), daemon=True).start()
        threading.Thread(target=self._write, daemon=True).start()

    async def send(self, message: Message) -> None:
        """Send one message.

        Raises FrameError when it is too large for a frame, OSError when the service is gone.
        """
        done: Future[None] = Future()
        self._out.put((write_frame(message), done))
        await asyncio.wrap_future(done)

    async def receive(self) -> ToChild:
        """Return the next message; Stop when the service is gone or says what is no message."""
        return await self._in.get()

    def _write(self) -> None:
        while True:
            frame, done = self._out.get()
            if not done.set_running_or_notify_cancel():
                continue
            try:
                left = memoryview(frame)
                while left:
                    left = left[os.write(self._write_fd, left) :]
            except OSError as error:
                done.set_exception(error)
            else:
                done.set_result(None)

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        splitter = FrameSplitter()
        # RuntimeError: the loop has closed, and nobody waits any more.
        with contextlib.suppress(OSError, FrameError, RuntimeError):
            while data := os.read(self._read_fd, READ_BYTES):
                for payload in splitter.feed(data):
                    loop.call_soon_threadsafe(self._in.put_nowait, read_to_child(payload))
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(self._in.put_nowait, Stop())
