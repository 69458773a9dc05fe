"""Mail on its way: a real SMTP server that takes, refuses, stumbles or is not there (I12)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from billing_core import jobs, settings
from billing_core.flows.answer_changes import answer_changes
from billing_core.flows.open_link import open_link
from billing_core.flows.resend_invoice import resend_invoice
from billing_core.flows.verify_evidence import verify_all
from billing_core.flows.void_charge import void_charge
from billing_core.reports.dossier import dossier
from billing_core.reports.needs import needs_me_now
from tests import books as seeded_books
from tests.books import OPERATOR
from tests.conftest import Clock
from tests.flows import breaking, watching
from tests.flows.visiting import fired, id_of, tab
from tests.support import processes
from tests.support.mailbox import Mailbox

pytestmark = pytest.mark.usefixtures("books", "driven_clock")


@pytest.fixture
def post(smtp_server: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    """The mail server, configured."""
    _configure(monkeypatch, smtp_server.url)
    return smtp_server


def _configure(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("COUNTERSIGN_SMTP_URL", url)
    settings.forget()


def _part(message: EmailMessage, kind: str) -> Any:
    return next(part for part in message.walk() if part.get_content_type() == kind).get_content()


def _states(charge_id: str) -> list[str]:
    return [mail.state for mail in watching.mails_of(charge_id)]


def test_the_invoice_arrives_with_pdf_html_text_and_a_link_that_opens(post: Mailbox) -> None:
    charge = fired(cc="books@harborvine.example")
    jobs.drain()
    (message,) = post.wait_for(1)
    assert (message["To"], message["Cc"]) == (
        "dana@harborvine.example", "books@harborvine.example",
    )  # fmt: skip
    assert set(post.arrived[0].rcpt_tos) == {"dana@harborvine.example", "books@harborvine.example"}
    assert message["From"] == "Northlight Studio <billing@northlight.example>"
    assert message["Reply-To"] == "Maya Okafor <billing@northlight.example>"
    assert "$4,500.00" in message["Subject"]
    assert "Phase 2" in message["Subject"]
    stored = seeded_books.charge(id_of(charge))
    pdf = _part(message, "application/pdf")
    assert pdf.startswith(b"%PDF-")
    assert hashlib.sha256(pdf).hexdigest() == stored.pdf_sha256
    html, text = _part(message, "text/html"), _part(message, "text/plain")
    for body in (" ".join(re.sub(r"<[^>]+>", " ", html).split()), " ".join(text.split())):
        assert "Phase 2: Homepage designs — delivered March 15" in body
        assert "$4,500.00" in body
        assert "Pay Now" in body
    tokens = set(re.findall(r"/pay/([\w-]{43})", html + text))
    assert tokens == {seeded_books.token(charge)}
    assert open_link(tokens.pop()).charge.id == stored.id
    assert "{{" not in html + text
    assert _states(id_of(charge)) == ["sent"]
    assert watching.kinds(id_of(charge))[-1] == "mail.sent"


def test_the_chain_holds_the_digest_of_the_bytes_as_sent(post: Mailbox) -> None:
    charge = fired()
    jobs.drain()
    post.wait_for(1)
    content = post.arrived[0].content
    assert isinstance(content, bytes)
    told = dossier(id_of(charge)).events[-1].event
    assert told.kind == "mail.sent"
    assert told.payload["bytes_sha256"] == hashlib.sha256(content).hexdigest()
    assert verify_all().problems == ()


def test_every_kind_of_mail_of_a_charges_life_arrives(post: Mailbox, driven_clock: Clock) -> None:
    charge = fired()
    tab(charge).ask()
    answer_changes(id_of(charge), answer="It is 80 px now.", actor=OPERATOR)
    driven_clock.advance(days=4)
    jobs.drain()
    token = (dossier(id_of(charge)).pay_url or "").rpartition("/")[2]
    code = seeded_books.mailed_code(token, tab(token).page.nonce)
    tab(token).approve(method="saved", code=code)
    other = seeded_books.fire(seeded_books.seed(email="other@example.com"))
    void_charge(id_of(other), reason="Wrong customer", actor=OPERATOR)
    jobs.drain()
    kinds = {row["kind"]: row["id"] for row in watching.rows("mails", "state = 'sent'")}
    assert set(kinds) == {"invoice", "answered", "code", "receipt", "voided", "reminder"}
    messages = post.wait_for(7)
    with_code = [m for m in messages if code in re.sub(r"\s", "", _part(m, "text/plain"))]
    assert len(with_code) == 1
    assert [m["Cc"] for m in with_code] == [None]
    assert sum("receipt.pdf" in str(m) for m in messages) == 1
    assert sum("cancelled.pdf" in str(m) for m in messages) == 1
    assert watching.rows("jobs", "dead_at IS NOT NULL") == []


def test_hostile_names_stay_in_their_header(post: Mailbox) -> None:
    name = 'Dana "D" <x@evil.example>, Ünïcode 李'
    charge = fired(name=name, company="=?utf-8?q?Bcc=3A?= & Söhne")
    jobs.drain()
    (message,) = post.wait_for(1)
    assert post.arrived[0].rcpt_tos == ["dana@harborvine.example"]
    assert message["Bcc"] is None
    assert _states(id_of(charge)) == ["sent"]


# --- what goes wrong


def _message_ids(post: Mailbox) -> list[str]:
    return [str(message["Message-ID"]) for message in post.messages]


def test_a_server_that_is_busy_gets_it_later(post: Mailbox, driven_clock: Clock) -> None:
    charge = fired()
    post.refuse = "451 4.3.0 come back later"
    for _ in range(15):
        jobs.drain()
        driven_clock.advance(minutes=30)
    assert _states(id_of(charge)) == ["queued"], "never given up, never called failed"
    assert watching.rows("jobs", "kind = 'send_mail'")[0]["error"].startswith("The mail server")
    post.refuse = None
    jobs.drain()
    assert _states(id_of(charge)) == ["sent"]
    assert _message_ids(post) == [watching.mails_of(id_of(charge))[0].message_id]


def test_a_server_that_is_not_there_loses_nothing(
    smtp_server: Mailbox, monkeypatch: pytest.MonkeyPatch, driven_clock: Clock
) -> None:
    _configure(monkeypatch, f"smtp://127.0.0.1:{processes.free_port()}")
    charge = fired()
    jobs.drain()
    assert _states(id_of(charge)) == ["queued"]
    _configure(monkeypatch, smtp_server.url)
    jobs.drain()
    assert _states(id_of(charge)) == ["queued"], "not before its time"
    driven_clock.advance(seconds=3)
    jobs.drain()
    assert _states(id_of(charge)) == ["sent"]
    assert len(smtp_server.wait_for(1)) == 1


def test_a_lost_answer_repeats_the_same_bytes(
    post: Mailbox, monkeypatch: pytest.MonkeyPatch, driven_clock: Clock
) -> None:
    """The server kept it and its answer got lost: the double can be told by its Message-ID."""
    keep: Callable[..., Any] = post.handle_DATA

    async def keep_and_stumble(*args: Any) -> str:
        await keep(*args)
        return "451 4.3.0 stumbled"

    charge = fired()
    monkeypatch.setattr(post, "handle_DATA", keep_and_stumble)
    jobs.drain()
    monkeypatch.undo()
    _configure(monkeypatch, post.url)
    driven_clock.advance(days=1)
    jobs.drain()
    assert _states(id_of(charge))[0] == "sent"
    first, second = post.wait_for(2)[:2]
    assert first["Message-ID"] == second["Message-ID"]
    assert post.arrived[0].content == post.arrived[1].content


def test_a_worker_that_dies_after_sending_sends_the_same_again(
    post: Mailbox, driven_clock: Clock
) -> None:
    charge = fired()
    breaking.refuse("mails", what="UPDATE", when="NEW.state = 'sent'")
    jobs.drain()
    assert _states(id_of(charge)) == ["queued"]
    breaking.allow("mails")
    driven_clock.advance(minutes=1)
    jobs.drain()
    assert _states(id_of(charge)) == ["sent"]
    assert len(set(_message_ids(post))) == 1
    assert watching.kinds(id_of(charge)).count("mail.sent") == 1


def test_a_recipient_refused_for_good_is_shown_to_a_person(post: Mailbox) -> None:
    charge = fired()
    post.refuse = "550 5.1.1 no such user"
    jobs.drain()
    (mail,) = watching.mails_of(id_of(charge))
    assert (mail.state, "550" in mail.problem) == ("failed", True)
    assert watching.kinds(id_of(charge))[-1] == "mail.failed"
    needs = [need for need in needs_me_now() if need.kind == "mail_failed"]
    assert [(need.charge_id, need.title) for need in needs] == [
        (id_of(charge), "Mail to dana@harborvine.example")
    ]
    post.refuse = None
    jobs.drain()
    assert post.messages == [], "not tried again by itself"
    resend_invoice(id_of(charge), actor=OPERATOR)
    jobs.drain()
    assert _states(id_of(charge)) == ["failed", "sent"]


def test_an_address_in_another_script_gets_its_mail(post: Mailbox) -> None:
    charge = fired(email="jürgen@harborvine.example")
    jobs.drain()
    assert _states(id_of(charge)) == ["sent"]
    assert post.arrived[0].rcpt_tos == ["jürgen@harborvine.example"]


def test_an_address_the_server_cannot_take_is_a_failure_not_a_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same address, and a server without SMTPUTF8: said once, and shown."""
    plain = Controller(
        Mailbox(), hostname="127.0.0.1", port=processes.free_port(), enable_SMTPUTF8=False
    )
    plain.start()
    try:
        _configure(monkeypatch, f"smtp://127.0.0.1:{plain.port}")
        charge = fired(email="jürgen@harborvine.example")
        jobs.drain()
    finally:
        plain.stop()
    (mail,) = watching.mails_of(id_of(charge))
    assert (mail.state, [need.kind for need in needs_me_now()]) == ("failed", ["mail_failed"])


def test_without_a_server_mail_waits_in_the_outbox() -> None:
    charge = fired()
    jobs.drain()
    assert _states(id_of(charge)) == ["kept"]
    jobs.drain()
    assert watching.rows("jobs", "kind = 'send_mail' AND done_at IS NULL") == []
    assert "mail.sent" not in watching.kinds(id_of(charge)), "nobody may claim it went out"


def test_mail_never_goes_out_inside_a_transaction(
    post: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the server has the message in its hands, others can write."""
    keep: Callable[..., Any] = post.handle_DATA
    wrote: list[str] = []

    async def write_meanwhile(*args: Any) -> Any:
        watching.write("UPDATE company_settings SET value = value")
        wrote.append("yes")
        return await keep(*args)

    fired()
    monkeypatch.setattr(post, "handle_DATA", write_meanwhile)
    jobs.drain()
    post.wait_for(1)
    assert wrote == ["yes"]
