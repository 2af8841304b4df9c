"""A name server that answers, refuses, or says nothing, by the first label of the name."""

from __future__ import annotations

import socket
import struct
import threading


class NameServer:
    """What it says of a name.

    `nx…` NXDOMAIN, `servfail…` SERVFAIL, `hang…` nothing, `private…` 10.0.0.1, others 127.0.0.1.
    """

    def __init__(self, address: str = "127.0.0.1", port: int = 53) -> None:
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, port))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            packet, client = self._socket.recvfrom(4096)
            name, end = read_name(packet)
            self.asked.append(name)
            reply = self._answer(packet, name, end)
            if reply is not None:
                self._socket.sendto(reply, client)

    def _answer(self, packet: bytes, name: str, end: int) -> bytes | None:
        label = name.split(".", maxsplit=1)[0].rstrip("0123456789")
        if label == "hang":
            return None
        (kind,) = struct.unpack_from(">H", packet, end)
        question = packet[12 : end + 4]
        code = {"nx": 3, "servfail": 2}.get(label, 0)
        answers = 1 if code == 0 and kind == 1 else 0
        head = packet[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, answers, 0, 0)
        if not answers:
            return head + question
        address = "10.0.0.1" if label == "private" else "127.0.0.1"
        record = struct.pack(">HHHIH", 0xC00C, 1, 1, 1, 4) + socket.inet_aton(address)
        return head + question + record


def read_name(packet: bytes) -> tuple[str, int]:
    """Return the name in a query, and where its type begins."""
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1 : at + 1 + packet[at]].decode("latin-1"))
        at += 1 + packet[at]
    return ".".join(labels).lower(), at + 1
