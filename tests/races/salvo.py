"""Many requests released in one moment: sent whole but for the last byte, then that byte of all.

Raw sockets, because any HTTP client would bring its own queue between the threads.
"""

from __future__ import annotations

import html
import re
import selectors
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

ANSWER_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back on one connection."""

    status: int
    location: str
    text: str


def post(path: str, fields: dict[str, str]) -> bytes:
    """A form as a browser sends it, as bytes."""
    body = urlencode(fields).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla/5.0 (a salvo)\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + body


def get(path: str) -> bytes:
    """A look at ``path``."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla/5.0 (a salvo)\r\n"
        "Connection: close\r\n\r\n"
    ).encode()


def fire(shots: Sequence[tuple[int, bytes]]) -> list[Answer]:
    """Send each (port, request) on its own connection, all at once; answers in the same order."""
    lines = []
    try:
        for port, request in shots:
            line = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_WITHIN_S)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            lines.append(line)
            line.sendall(request[:-1])
        for line, (_, request) in zip(lines, shots, strict=True):
            line.sendall(request[-1:])
        return [_parse(data) for data in _read_all(lines)]
    finally:
        for line in lines:
            line.close()


def ask(port: int, request: bytes) -> Answer:
    """One request, one answer."""
    return fire([(port, request)])[0]


def form(page: str, verb: str) -> dict[str, str]:
    """The hidden fields of a page's form that is sent to ``verb``."""
    found = re.search(rf'<form[^>]*action="[^"]*/{verb}(?:[?#][^"]*)?".*?</form>', page, re.DOTALL)
    assert found is not None, f"no form for {verb}"
    pairs = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', found.group())
    return {name: html.unescape(value) for name, value in pairs}


def _read_all(lines: Sequence[socket.socket]) -> list[bytes]:
    """Whatever comes on every line until its other end closes it."""
    found: dict[socket.socket, bytearray] = {line: bytearray() for line in lines}
    with selectors.DefaultSelector() as waiting:
        for line in lines:
            waiting.register(line, selectors.EVENT_READ)
        while waiting.get_map():
            ready = waiting.select(ANSWER_WITHIN_S)
            assert ready, "no answer in time"
            for key, _ in ready:
                line = key.fileobj
                assert isinstance(line, socket.socket)
                data = line.recv(65536)
                found[line] += data
                if not data:
                    waiting.unregister(line)
    return [bytes(found[line]) for line in lines]


def _parse(data: bytes) -> Answer:
    head, _, body = data.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in rest)}
    words = first.split(" ")
    assert len(words) > 1, f"cut off: {data[:80]!r}"
    return Answer(int(words[1]), headers.get("location", ""), body.decode("utf-8", "replace"))
