"""What can go wrong between a press and the money: each trouble is a story told on a till.

A story begins a payment one way (saved, checkout or off_session), is hit, and returns the charge.
Healing is the matrix's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import event

from billing_core import jobs, settings
from billing_core.errors import BillingError, WebhookRejected
from billing_core.flows.approve_charge import approve_charge
from billing_core.flows.open_link import open_link
from billing_core.flows.receive_webhook import receive_webhook
from billing_core.flows.refund_charge import refund_charge
from billing_core.flows.settle_attempt import settle_attempt
from billing_core.flows.void_charge import void_charge
from billing_core.records import db, patience
from billing_core.rules.nouns import Charge
from tests import books
from tests.books import OPERATOR
from tests.flows import watching
from tests.stripe.test_stored_method import OFF_SESSION, set_up
from tests.stripe.till import Till
from tests.stripe_fake import courier

WAYS = ("saved", "checkout", "off_session")
CREATED = {"saved": "/v1/payment_intents", "checkout": "/v1/checkout/sessions",
           "off_session": "/v1/payment_intents"}  # fmt: skip


class Crash(BaseException):
    """The process is gone: nothing catches this."""


def open_till(till: Till, way: str) -> None:
    """The shop, with a stored card where the way needs one."""
    till.open(item=OFF_SESSION if way == "off_session" else None)
    if way != "checkout":
        set_up(till)


def press(till: Till, way: str) -> str:
    """Fire, and the client's press; whatever fails there is what a story is about.

    The charge's id, "" where the process died before there was one.
    """
    with suppress(BillingError, Crash):
        fired = till.fire("900.00")
        if way != "off_session":
            books.approve(books.token(fired), method="saved" if way == "saved" else "new")
    found = watching.rows("charges")
    return str(found[-1]["id"]) if found else ""


def come_back(till: Till, charge_id: str) -> None:
    """The client opens the page again, follows it to the gateway if it leads there, and pays."""
    for attempt in books.attempts_of(charge_id):
        with suppress(BillingError):
            settle_attempt(attempt.id)
    url = till.attempt(charge_id).url if books.attempts_of(charge_id) else None
    if url and "/c/pay/" in url:
        till.fake.type_number(url)


def paid(till: Till, way: str) -> str:
    """A payment nothing happens to, of which no message has come."""
    charge_id = press(till, way)
    come_back(till, charge_id)
    return charge_id


@contextmanager
def crashing(number: int, *, after: bool) -> Iterator[None]:
    """The process dies at the ``number``-th commit from here: before it, or just after it."""
    seen = 0

    def count(*_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            raise Crash

    engine = db.engine_for(settings.load().database, reading=False)
    if not after:
        event.listen(engine, "commit", count)
        try:
            yield
        finally:
            event.remove(engine, "commit", count)
        return
    kept, db.patience.note_commit = patience.note_commit, count  # type: ignore[assignment]
    try:
        yield
    finally:
        db.patience.note_commit = kept


def crash(number: int, *, after: bool) -> Callable[[Till, str], str]:
    """A story in which the process dies at one of the payment's commits."""

    def story(till: Till, way: str) -> str:
        with crashing(number, after=after):
            charge_id = press(till, way)
        if charge_id:
            come_back(till, charge_id)
        return charge_id

    return story


def fault(kind: str, times: int = 1) -> Callable[[Till, str], str]:
    """A story in which the gateway fails as the payment is begun."""

    def story(till: Till, way: str) -> str:
        till.fake.control("fault", kind=kind, path=CREATED[way], times=times)
        charge_id = press(till, way)
        come_back(till, charge_id)
        return charge_id

    return story


def told(**how: Any) -> Callable[[Till, str], str]:
    """A story in which messages come in a bad way."""

    def story(till: Till, way: str) -> str:
        charge_id = paid(till, way)
        till.hear(**how)
        return charge_id

    return story


def forged(by: int, secret: str) -> Callable[[Till, str], str]:
    """A story in which a message is forged, or signed for another time: it must change nothing."""

    def story(till: Till, way: str) -> str:
        charge_id = press(till, way)
        before = watching.rows("gateway_messages")
        for told_of in till.fake.control("collect")["events"]:
            at = int(till.clock.now.timestamp()) + by
            with suppress(WebhookRejected):
                receive_webhook(told_of.encode(), courier.sign(told_of.encode(), at, [secret]))
        assert watching.rows("gateway_messages") == before
        come_back(till, charge_id)
        return charge_id

    return story


def early(till: Till, way: str) -> str:
    """The message comes before our own answer was recorded."""
    till.fake.control("fault", kind="drop_after", path=CREATED[way])
    charge_id = press(till, way)
    for session in till.fake.objects("checkout.session"):
        if session["mode"] == "payment" and session["url"]:
            till.fake.type_number(session["url"])
    till.hear(copies=2)
    return charge_id


def runs_out(till: Till, way: str) -> str:
    """Nobody comes back for a day, and then the client pays after all."""
    charge_id = press(till, way)
    till.later(hours=24)
    come_back(till, charge_id)
    return charge_id


def pressed_twice(till: Till, way: str) -> str:
    """Two presses at once, from two tabs."""
    fired = till.fire("900.00")
    assert fired.charge
    if way != "off_session":
        token = books.token(fired)
        method = "saved" if way == "saved" else "new"
        pages = [open_link(token), open_link(token)]
        assert pages[0].nonce != pages[1].nonce
        watching.at_once(4, lambda _: books.approve(token, method=method))
    come_back(till, fired.charge.id)
    return fired.charge.id


def pressed_twice_on_one_page(till: Till, way: str) -> str:
    """One page, four impatient presses at once: the same signed form, the same command."""
    if way == "off_session":
        done = watching.at_once(4, lambda _: till.fire("900.00", key="one press").charge)
        [charge_id] = {found.id for found in done if isinstance(found, Charge)}
        return charge_id
    fired = till.fire("900.00")
    assert fired.charge
    token = books.token(fired)
    page = open_link(token)
    method = "saved" if way == "saved" else "new"
    form: dict[str, Any] = {"nonce": page.nonce, "method": method, "code": ""}
    watching.at_once(
        4,
        lambda _: approve_charge(
            token,
            document_sha256=page.document_sha256,
            accept="yes",
            name="Dana Whitfield",
            visit=books.VISIT,
            **form,
        ),
    )
    come_back(till, fired.charge.id)
    return fired.charge.id


def voided(till: Till, way: str) -> str:
    """The operator withdraws while the client pays."""
    charge_id = press(till, way)
    url = till.attempt(charge_id).url
    with suppress(BillingError):
        void_charge(charge_id, reason="", actor=OPERATOR)
    if url and "/c/pay/" in url:
        till.fake.type_number(url)
    return charge_id


def refunded_twice(till: Till, way: str) -> str:
    """Two operators refund at once, and the gateway's first answer is lost."""
    charge_id = told()(till, way)
    till.fake.control("fault", kind="drop_after", path="/v1/refunds")
    watching.at_once(
        3,
        lambda n: refund_charge(
            charge_id, amount="600.00", reason="duplicate", actor=OPERATOR, key=f"r{n}"
        ),
    )
    assert len([r for r in watching.rows("refunds") if r["state"] != "failed"]) == 1
    return charge_id


def disputed_meanwhile(till: Till, way: str) -> str:
    """The bank objects while a refund's outcome is not known."""
    charge_id = told()(till, way)
    till.fake.control("fault", kind="drop_after", path="/v1/refunds", times=2)
    with suppress(BillingError):
        refund_charge(charge_id, amount="", reason="other", actor=OPERATOR)
    till.fake.control("dispute", payment_intent=till.attempt(charge_id).payment_reference)
    jobs.drain()
    return charge_id


TROUBLES: dict[str, Callable[[Till, str], str]] = {
    **{f"crash before commit {n}": crash(n, after=False) for n in (1, 2, 3)},
    **{f"crash after commit {n}": crash(n, after=True) for n in (1, 2, 3)},
    "time-out before it acted": fault("drop_before"),
    "time-out after it acted": fault("drop_after"),
    "500 before it acted": fault("error"),
    "500 after it acted, replayed": fault("error_after"),
    "messages five times": told(copies=5),
    "messages shuffled": told(copies=3, shuffle=11),
    "messages lost": told(lose="all"),
    "message before our answer": early,
    "message forged": forged(0, "whsec_forged"),
    "message dated ahead": forged(400, "whsec_countersign"),
    "the client never comes back": told(lose=["payment_intent.succeeded"]),
    "the page runs out": runs_out,
    "pressed twice on one page": pressed_twice_on_one_page,
    "pressed twice in two tabs": pressed_twice,
    "void while paying": voided,
    "refund pressed twice": refunded_twice,
    "dispute while a refund is on its way": disputed_meanwhile,
}
