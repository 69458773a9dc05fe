"""A real SMTP server on loopback that keeps what it is sent, for tests of outgoing mail."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    """What arrived. ``refuse`` makes the server answer every message with this line instead."""

    def __init__(self) -> None:
        self.arrived: list[Envelope] = []
        self.refuse: str | None = None
        self.url = ""
        self._changed = threading.Condition()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refuse:
            return self.refuse
        with self._changed:
            self.arrived.append(envelope)
            self._changed.notify_all()
        return "250 2.0.0 kept"

    def wait_for(self, many: int, *, timeout_s: float = 10) -> list[EmailMessage]:
        """The messages, as soon as there are at least ``many``; fails after ``timeout_s``."""
        with self._changed:
            enough = self._changed.wait_for(lambda: len(self.arrived) >= many, timeout_s)
        assert enough, f"{len(self.arrived)} of {many} mails arrived within {timeout_s} s"
        return self.messages

    @property
    def messages(self) -> list[EmailMessage]:
        """Every message so far, parsed."""
        contents: list[Any] = [envelope.content for envelope in self.arrived]
        return [message_from_bytes(raw, policy=policy.default) for raw in contents]


@contextmanager
def running(port: int) -> Iterator[Mailbox]:
    """A mailbox served on 127.0.0.1 at ``port``."""
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    mailbox.url = f"smtp://127.0.0.1:{port}"
    try:
        yield mailbox
    finally:
        controller.stop()
