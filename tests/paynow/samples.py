"""Opened links to draw: every state a charge can be in, over the invoices of the look."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from billing_core.flows.open_link import Moment, OpenLink
from billing_core.rules.invoice import freeze
from billing_core.rules.nouns import (
    Actor,
    Attempt,
    Charge,
    Company,
    Customer,
    Link,
    PaymentMethod,
    Revenue,
)
from tests.documents.samples import northlight

Document = dict[str, Any]
FIRED_AT = datetime(2026, 3, 16, 13, 12, tzinfo=UTC)
APPROVED_AT = datetime(2026, 3, 17, 18, 7, tzinfo=UTC)
PAID_AT = datetime(2026, 3, 17, 18, 8, tzinfo=UTC)
TOKEN = "T" * 43

SENT = Moment("sent", FIRED_AT, {})
ASKED = Moment(
    "changes_requested",
    datetime(2026, 3, 17, 9, 0, tzinfo=UTC),
    {"message": "The tablet layout is missing the booking bar,\nand we agreed to drop it."},
)
APPROVED = Moment("approved", APPROVED_AT, {"name": "Alma Reyes", "identity": "link+code"})
DECLINED = Moment("payment_declined", PAID_AT, {})
PAID = Moment("paid", PAID_AT, {"method": "Visa •••• 4242"})


def revised() -> Document:
    """The look's revised invoice: another sum, other words, both sides' messages."""
    document = northlight()
    document["title"] = "Phase 2: Homepage designs — delivered March 19"
    document["milestone"]["scope"] = (
        "The new homepage for desktop, tablet and phone with the two changes agreed in the "
        "review of March 11 and the booking bar on tablets."
    )
    document["lines"][0] = {"description": document["title"], "amount_minor": 420000}
    document["revises"] = {
        "number": "NS-2026-00042",
        "document_sha256": "a" * 64,
        "changes": [
            {"label": "Net", "before": "4500.00", "after": "4200.00"},
            {"label": "Tax", "before": "0.00", "after": "0.00"},
            {"label": "Total", "before": "4500.00", "after": "4200.00"},
            {
                "label": "Title",
                "before": "Phase 2: Homepage designs — delivered March 15",
                "after": document["title"],
            },
            {
                "label": "What was delivered",
                "before": "The new homepage for desktop, tablet and phone, with the opening "
                "animation and the two changes agreed in the review of March 11.",
                "after": document["milestone"]["scope"],
            },
            {"label": "Invoice date", "before": "2026-03-16", "after": "2026-03-19"},
            {"label": "Due", "before": "2026-04-15", "after": "2026-04-18"},
        ],
        "messages": [
            {
                "from": "client",
                "name": "Harbor & Vine",
                "on": "2026-03-17",
                "text": "The tablet layout is missing the booking bar, and we agreed to drop the "
                "animation.",
            },
            {
                "from": "staff",
                "name": "Maya Okafor",
                "on": "2026-03-19",
                "text": "Booking bar added. The animation is out, and so is its price.",
            },
        ],
    }
    agreement = (
        "I have reviewed Phase 2: Homepage designs, I may approve it for Harbor & Vine, and I "
        "agree to pay $4,200.00."
    )
    sums = {"net_minor": 420000, "total_minor": 420000, "issued_on": "2026-03-19"}
    return document | sums | {"number": "NS-2026-00044", "agreement": agreement}


def opened(document: Document | None = None, state: str = "pending_client") -> OpenLink:
    """A link into a charge in ``state``, with a stored Visa and a code needed."""
    document = document or northlight()
    charge = _charge(document, state)
    return OpenLink(
        link=Link("ln_1", charge.id, FIRED_AT, datetime(2026, 4, 15, tzinfo=UTC), _EMAIL),
        charge=charge,
        customer=_customer(document),
        company=Company(name=document["seller"]["name"]),
        document=document,
        document_sha256=freeze(document)[1],
        attempt=None,
        nonce="1774000000.n_0123456789abcdefghjkmnpqrs." + "s" * 43,
        can=frozenset({"approve", "changes"}) if state == "pending_client" else frozenset(),
        blocked="",
        needs_code=True,
        masked_email="ac•••@harborandvine.example",
        story=(SENT,),
        revenue=None,
        bank=tuple((b["label"], b["value"]) for b in document["seller"]["bank"]),
        awaiting=False,
        continue_url="",
        successor="",
    )


def every_state(document: Document | None = None) -> dict[str, OpenLink]:
    """One opened link for everything a client can find behind a link."""
    waiting = opened(document)
    approved = replace(opened(document, "approved"), story=(SENT, APPROVED))
    blocked = "Approving and paying is not available at the moment. Nothing was charged."
    return {
        "waiting": waiting,
        "waiting-plain": replace(waiting, customer=replace(waiting.customer, payment_method=None)),
        "blocked": replace(waiting, blocked=blocked, can=frozenset({"changes"})),
        "asked": replace(opened(document, "changes_requested"), story=(SENT, ASKED)),
        "declined": replace(
            approved,
            can=frozenset({"pay"}),
            attempt=attempt("declined", problem="The card was declined."),
            story=(SENT, APPROVED, DECLINED),
        ),
        "unpayable": replace(approved, can=frozenset({"pay"}), blocked=blocked),
        "continue": replace(
            approved,
            attempt=attempt("requires_action"),
            continue_url="http://127.0.0.1:8502/sandbox/checkout/cs_1",
        ),
        "awaited": replace(approved, attempt=attempt("unknown"), awaiting=True),
        "paid": paid(document),
        "void": replace(
            opened(document, "void"), story=(SENT, Moment("voided", PAID_AT, {})), successor="N-2"
        ),
        "expired": replace(
            opened(document, "expired"), story=(SENT, Moment("expired", PAID_AT, {}))
        ),
        "charging": opened(document, "charging"),
        "failed": opened(document, "failed"),
        "refunded": opened(document, "refunded"),
        "disputed": opened(document, "disputed"),
        "lost": opened(document, "lost"),
    }


def paid(document: Document | None = None) -> OpenLink:
    """Captured with a card."""
    found = replace(opened(document, "captured"), story=(SENT, APPROVED, PAID))
    charge, total = found.charge, found.charge.total_minor
    revenue = Revenue(
        id="rev_1",
        charge_id=charge.id,
        customer_id=charge.customer_id,
        item_id=charge.item_id,
        kind="capture",
        gross_minor=total,
        tax_minor=charge.tax_minor,
        fee_minor=0,
        net_minor=total,
        currency=charge.currency,
        method="Visa •••• 4242",
        gateway="sandbox",
        reference="pay_1",
        source="gateway",
        booked_at=PAID_AT,
        recorded_at=PAID_AT,
    )
    return replace(found, revenue=revenue, attempt=attempt("succeeded"))


def attempt(outcome: str, *, problem: str = "") -> Attempt:
    """The latest try to collect."""
    return Attempt(
        id="at_1",
        charge_id="sc_1",
        number=1,
        gateway="sandbox",
        via="checkout",
        idempotency_key="k",
        amount_minor=450000,
        currency="USD",
        outcome=outcome,
        started_at=APPROVED_AT,
        parameters={},
        problem=problem,
    )


_EMAIL = "accounts@harborandvine.example"


def _charge(document: Document, state: str) -> Charge:
    return Charge(
        id="sc_1",
        state=state,
        customer_id="bc_7",
        item_id="bi_1",
        enrolment_id="ts_1",
        invoice_id="inv_1",
        invoice_number=document["number"],
        document_sha256=freeze(document)[1],
        line_minor=document["net_minor"],
        net_minor=document["net_minor"],
        tax_minor=document["tax_minor"],
        total_minor=document["total_minor"],
        currency=document["currency"],
        description=document["title"],
        trigger_mode="event",
        capture_mode="client_confirm",
        origin="manual_ui",
        actor=Actor("staff", "st_local", "Maya Okafor"),
        fired_at=FIRED_AT,
        issued_on=date.fromisoformat(document["issued_on"]),
        due_on=date.fromisoformat(document["due_on"]),
        chain_length=3,
        chain_head="0" * 64,
        valid_until=date(2026, 4, 1) if state == "expired" else None,
        pdf_sha256="f" * 64,
    )


def _customer(document: Document) -> Customer:
    return Customer(
        id="bc_7",
        name=document["buyer"]["name"],
        email=_EMAIL,
        currency=document["currency"],
        standing="active",
        created_at=FIRED_AT,
        payment_method=PaymentMethod("pm_1", "Visa", "4242", 12, 2030, date(2026, 2, 6)),
    )
