"""A real SOCKS5 and HTTP CONNECT proxy on loopback that remembers where it was asked to go."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from typing import Self


class FakeProxy:
    """Every name leads to 127.0.0.1; with `login`, user name and password are wanted.

    With `any_login` each is taken, as Tor does, and all are kept in `logins`.
    """

    def __init__(
        self,
        *,
        login: tuple[str, str] | None = None,
        refuse: bool = False,
        address: str = "127.0.0.1",
        any_login: bool = False,
    ) -> None:
        self._listener = socket.create_server((address, 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self.asked: list[tuple[str, int]] = []
        self._login = login
        self._refuse = refuse
        self._any_login = any_login
        self.logins: list[tuple[str, str]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                conn, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(conn,), daemon=True).start()

    def _serve(self, conn: socket.socket) -> None:
        with conn, suppress(OSError, struct.error, IndexError):
            first = conn.recv(1)
            place = self._socks(conn) if first == b"\x05" else self._tunnel(conn, first)
            if place is None:
                return
            self.asked.append(place)
            if self._refuse:
                conn.sendall(
                    b"\x05\x05\x00\x01" + bytes(6)
                    if first == b"\x05"
                    else b"HTTP/1.1 503 no\r\n\r\n"
                )
                return
            with socket.create_connection(("127.0.0.1", place[1])) as far:
                conn.sendall(
                    b"\x05\x00\x00\x01" + bytes(6)
                    if first == b"\x05"
                    else b"HTTP/1.1 200 Connected\r\nVia: fake\r\n\r\n"
                )
                back = threading.Thread(target=pump, args=(far, conn), daemon=True)
                back.start()
                pump(conn, far)
                back.join(10)

    def _socks(self, conn: socket.socket) -> tuple[str, int] | None:
        methods = conn.recv(conn.recv(1)[0])
        wanted = 2 if self._login or (self._any_login and 2 in methods) else 0
        if wanted not in methods:
            conn.sendall(b"\x05\xff")
            return None
        conn.sendall(bytes([5, wanted]))
        if wanted == 2:
            conn.recv(1)
            name = conn.recv(conn.recv(1)[0]).decode()
            secret = conn.recv(conn.recv(1)[0]).decode()
            self.logins.append((name, secret))
            good = self._any_login or (name, secret) == self._login
            conn.sendall(b"\x01\x00" if good else b"\x01\x01")
            if not good:
                return None
        _, _, _, kind = conn.recv(4)
        if kind == 3:
            host = conn.recv(conn.recv(1)[0]).decode()
        else:
            family, size = (socket.AF_INET, 4) if kind == 1 else (socket.AF_INET6, 16)
            host = socket.inet_ntop(family, conn.recv(size))
        return host, struct.unpack(">H", conn.recv(2))[0]

    def _tunnel(self, conn: socket.socket, first: bytes) -> tuple[str, int] | None:
        head = first
        while not head.endswith(b"\r\n\r\n"):
            head += conn.recv(1)
        method, place, _ = head.decode("latin-1").split(" ", 2)
        assert method == "CONNECT"
        host, _, port = place.rpartition(":")
        return host, int(port)


def pump(source: socket.socket, target: socket.socket) -> None:
    """Copy until one side ends."""
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
