"""No token, code or card number in the database in clear (I14), whatever was done with a charge."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import select

from billing_core import jobs
from billing_core.flows import commands, sandbox_checkout
from billing_core.flows.mint_link import mint_link
from billing_core.flows.preview_verb import preview_verb
from billing_core.flows.renew_link import renew_link
from billing_core.records import db, tables
from billing_core.reports import outbox
from tests import books as seeded_books
from tests.books import ASKS, DECLINES, OPERATOR, PAYS, VISIT
from tests.conftest import SECRET, Clock
from tests.flows import watching
from tests.flows.visiting import id_of, tab


def _bytes_of(url: str) -> bytes:
    """The database file with everything that is not checkpointed yet; of a server every value."""
    if not url.startswith("sqlite"):
        values = [v for found in watching.everything().values() for row in found for v in row]
        return b"\n".join(bytes(v) if isinstance(v, bytes) else str(v).encode() for v in values)
    file = Path(url.removeprefix("sqlite:///"))
    journal = file.with_name(f"{file.name}-wal")
    return file.read_bytes() + (journal.read_bytes() if journal.exists() else b"")


def _a_full_life(driven_clock: Clock) -> tuple[set[str], set[str]]:
    """Fire by the money button, links anew, codes, declines, payment: its tokens and codes."""
    seeded = seeded_books.seed()
    values = {
        "customer": seeded.customer, "item": seeded.item, "amount": "4500.00",
        "description": seeded_books.PHASE_2,
    }  # fmt: skip
    label = preview_verb("fire", values, OPERATOR).label
    done = commands.press("cmd_1", OPERATOR, "fire", values, shown=label)
    assert done.result
    urls = [done.result["url"]]
    charge_id = done.charge_id or ""
    urls.append(mint_link(charge_id, actor=OPERATOR, key="k"))
    wanted = {"charge": charge_id}
    label = preview_verb("new_link", wanted, OPERATOR).label
    done = commands.press("cmd_2", OPERATOR, "new_link", wanted, shown=label)
    assert done.result
    urls.append(done.result["url"])
    driven_clock.advance(days=31)
    renew_link(urls[-1].rpartition("/")[2], visit=VISIT)
    jobs.drain()
    fresh = watching.mails_of(charge_id, "fresh_link")[0]
    urls.append(outbox.mail(fresh.id).pay_url)
    tokens = {url.rpartition("/")[2] for url in urls}
    assert len(tokens) == 4
    token = urls[-1].rpartition("/")[2]
    codes = {seeded_books.mailed_code(token, tab(token).page.nonce)}
    seeded_books.pay(tab(token).approve(), DECLINES)
    seeded_books.settle(charge_id)
    step = tab(token).pay()
    seeded_books.pay(step, ASKS)
    sandbox_checkout.authenticate(seeded_books.session_of(step), succeed=True)
    assert seeded_books.settle(charge_id).state == "captured"
    driven_clock.advance(days=15)
    jobs.drain()
    return tokens, codes


def test_the_database_holds_no_token_no_card_and_no_key(books: str, driven_clock: Clock) -> None:
    tokens, _ = _a_full_life(driven_clock)
    stored = _bytes_of(books)
    assert b"{{PAY_URL}}" in stored, "this reads what was written"
    found = {token for token in tokens if token.encode() in stored}
    assert found == set()
    for secret in (SECRET, *(n.replace(" ", "") for n in (PAYS, DECLINES, ASKS)), PAYS, DECLINES):
        assert secret.encode() not in stored


def test_the_database_holds_no_code(books: str, driven_clock: Clock) -> None:
    _, codes = _a_full_life(driven_clock)
    with db.read_only() as connection:
        texts = [
            value
            for table in tables.meta.sorted_tables
            for row in connection.execute(select(table))
            for value in row
            if isinstance(value, str)
        ]
    standing_alone = re.compile(
        "|".join(rf"(?<![0-9A-Za-z.]){code}(?![0-9A-Za-z])" for code in codes)
    )
    assert len(texts) > 500
    assert [text for text in texts if standing_alone.search(text)] == []


@pytest.mark.usefixtures("books", "driven_clock")
def test_the_screen_shows_link_and_code_all_the_same() -> None:
    charge = seeded_books.fire(seeded_books.seed())
    open_tab = tab(charge)
    code = seeded_books.mailed_code(open_tab.token, open_tab.page.nonce)
    jobs.drain()
    invoice = outbox.mail(watching.mails_of(id_of(charge), "invoice")[0].id)
    assert invoice.mail.state == "kept"
    assert invoice.pay_url == charge.url
    assert (charge.url or "?") in invoice.html
    assert (charge.url or "?") in invoice.text
    shown = outbox.mail(watching.mails_of(id_of(charge), "code")[0].id)
    assert code in re.sub(r"\s", "", shown.text)
    assert "{{" not in invoice.html + invoice.text + shown.html + shown.text
    assert shown.mail.to == ("dana@harborvine.example",)
