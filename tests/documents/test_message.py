"""A mail as MIME: its parts, its headers, and that nothing can be smuggled into them."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_core.documents.mails import MailBody, compose
from billing_core.documents.message import Mailbox, build_message
from billing_core.errors import TextRefused
from tests.documents import gallery, samples

PDF = ("NS-2026-00042.pdf", b"%PDF-1.7 \x00\xff" * 500, "application/pdf")
HEADERS = {
    "From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted",
    "X-Auto-Response-Suppress", "MIME-Version", "Content-Type",
}  # fmt: skip


def build(body: MailBody | None = None, **changed: Any) -> EmailMessage:
    """The first sample's mail, addressed."""
    arguments: dict[str, Any] = {
        "sender": Mailbox("billing@northlight.example", "Maya Okafor, Northlight Studio"),
        "to": [Mailbox("accounts@harborandvine.example", "Alma Reyes")],
        "cc": [Mailbox("owner@harborandvine.example")],
        "reply_to": Mailbox("maya@northlight.example"),
        "message_id": "<ml_1@northlight.example>",
        "date": datetime(2026, 3, 16, 13, 12, tzinfo=UTC),
        "attachments": [PDF],
    }
    made = body or compose("invoice", document=samples.northlight(), facts=gallery.FACTS)
    return build_message(made, **(arguments | changed))


def sent(message: EmailMessage) -> EmailMessage:
    """The message as its reader's program sees it."""
    return email.message_from_bytes(message.as_bytes(), policy=email.policy.default)


def decoded(message: EmailMessage, name: str) -> str:
    """A header's text by RFC 2047, without the parser's own liberties."""
    raw = email.message_from_bytes(message.as_bytes(), policy=email.policy.compat32)[name]
    return str(make_header(decode_header(raw.replace("\r\n ", " ").replace("\r\n", ""))))


def test_text_html_and_paper_are_there_in_this_order() -> None:
    message = sent(build())
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/pdf",
    ]
    paper = next(message.iter_attachments())
    assert paper.get_filename() == "NS-2026-00042.pdf"
    assert paper.get_content() == PDF[1]
    body = compose("invoice", document=samples.northlight(), facts=gallery.FACTS)
    for kind, told in (("plain", body.text), ("html", body.html)):
        part = message.get_body((kind,))
        assert part is not None
        assert part.get_content().replace("\r\n", "\n").rstrip("\n") == told.rstrip("\n")


def test_headers() -> None:
    message = sent(build())
    assert set(message.keys()) == HEADERS
    assert message["From"] == '"Maya Okafor, Northlight Studio" <billing@northlight.example>'
    assert message["Message-ID"] == "<ml_1@northlight.example>"
    assert message["Date"].datetime == datetime(2026, 3, 16, 13, 12, tzinfo=UTC)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Subject"].startswith("Northlight Studio: $4,500.00 for Phase 2")


def test_the_same_mail_gives_the_same_bytes() -> None:
    assert build().as_bytes() == build().as_bytes()
    other = build(message_id="<ml_2@northlight.example>")
    assert build().get_boundary() != other.get_boundary()


def test_without_an_attachment_the_twins_are_the_message() -> None:
    assert sent(build(attachments=[])).get_content_type() == "multipart/alternative"


def test_every_line_fits_the_wire() -> None:
    body = compose("invoice", document=samples.long_names(), facts=gallery.FACTS)
    message = build(body, sender=Mailbox("b@x.example", "漢" * 300)).as_bytes()
    assert b"\r\n" in message
    assert b"\n" not in message.replace(b"\r\n", b"")
    assert max(len(line) for line in message.split(b"\r\n")) <= 998
    message.decode("ascii")


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x00", "\x0b", "\x0c", "\x85", "\u2028"])
def test_no_line_end_gets_into_a_header(end: str) -> None:
    text = f"hello{end}Bcc: thief@evil.example{end}{end}body"
    message = build(
        MailBody(subject=text, html="<p>x</p>", text="x\n"),
        sender=Mailbox("billing@northlight.example", text),
        message_id=text,
        attachments=[(text, b"x", "application/pdf")],
    )
    head = message.as_bytes().partition(b"\r\n\r\n")[0]
    assert not any(line.lower().startswith(b"bcc") for line in head.split(b"\r\n"))
    assert set(sent(message).keys()) == HEADERS
    assert decoded(message, "Subject") == "hello Bcc: thief@evil.example body"


@settings(max_examples=80, deadline=None)
@given(text=st.text(max_size=80))
def test_no_text_can_add_a_header_or_a_recipient(text: str) -> None:
    body = MailBody(subject=text, html=f"<p>{len(text)}</p>", text="hello\n")
    message = build(
        body,
        sender=Mailbox("billing@northlight.example", text),
        to=[Mailbox("accounts@harborandvine.example", text)],
        attachments=[(text, b"x", "application/pdf")],
        message_id=text + "@x.example",
    )
    read = sent(message)
    assert set(read.keys()) == HEADERS
    for name, address in (
        ("From", "billing@northlight.example"),
        ("To", "accounts@harborandvine.example"),
    ):
        assert [box.addr_spec for box in read[name].addresses] == [address]
    assert [part.get_content_type() for part in read.iter_attachments()] == ["application/pdf"]


@settings(max_examples=80, deadline=None)
@given(
    subject=st.text(
        st.characters(categories=["L", "N", "P", "S", "Zs"], min_codepoint=32), max_size=150
    )
)
def test_a_subject_arrives_as_it_was_written(subject: str) -> None:
    written = " ".join(subject.split())
    if "=?" in written:
        return  # would be an encoded word of its own; it must only do no harm
    body = MailBody(subject=subject, html="<p>x</p>", text="x\n")
    assert decoded(build(body), "Subject").split() == written.split()


def test_names_in_any_script_arrive() -> None:
    name = "Jörg Müller, شركة الميناء للتجارة 株式会社ミナト"
    message = build(sender=Mailbox("billing@northlight.example", name))
    assert decoded(message, "From") == f"{name} <billing@northlight.example>"


def test_international_addresses() -> None:
    message = build(to=[Mailbox("kasse@bücher.example")])
    assert b"To: kasse@xn--bcher-kva.example\r\n" in message.as_bytes()
    message = build(to=[Mailbox("jörg@bücher.example", "Jörg")])
    assert "<jörg@xn--bcher-kva.example>".encode() in message.as_bytes()


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "@x.example", "a@", "a b@x.example", "a@x.example\r\nBcc: t@evil.example",
     "a@x.example, b@y.example", "a@b@x.example", "<a@x.example>", "a\x00@x.example",
     "a@" + "x" * 70 + ".example", "a@\u202ex.example"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(TextRefused):
        build(to=[Mailbox(address)])
