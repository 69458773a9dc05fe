"""An operator at a money button: every verb with values that go through, and what it adds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from billing_core.errors import SecondPersonNeeded
from billing_core.flows import commands
from billing_core.flows.commands import Command
from billing_core.flows.preview_verb import preview_verb
from billing_core.flows.refund_charge import refund_charge
from billing_core.flows.save_company import save_company
from billing_core.flows.save_customer import save_customer
from billing_core.rules.nouns import Actor
from tests import books as seeded_books
from tests.books import CUSTOMER, OPERATOR, PHASE_2
from tests.flows import watching
from tests.flows.visiting import id_of, tab

STRANGER = Actor("staff", "st_other", "Somebody Else")
ROBOT = Actor("key", "key_project_tool", "Project tool")
CMD = "cmd_01"


def label(verb: str, values: dict[str, str]) -> str:
    return preview_verb(verb, values, OPERATOR).label


def press(verb: str, values: dict[str, str], cmd: str = CMD, **more: Any) -> Command:
    shown = {"shown": label(verb, values)} | more
    return commands.press(cmd, OPERATOR, verb, values, **shown)


def fire_values() -> dict[str, str]:
    seeded = seeded_books.seed()
    return {
        "customer": seeded.customer, "item": seeded.item, "amount": "4,500.00",
        "description": PHASE_2, "milestone": "", "po_number": "",
    }  # fmt: skip


def fresh_charge() -> str:
    return id_of(seeded_books.fire(seeded_books.seed()))


def asked_charge() -> str:
    charge = seeded_books.fire(seeded_books.seed())
    tab(charge).ask()
    return id_of(charge)


def expired_charge() -> str:
    charge_id = fresh_charge()
    watching.write("UPDATE charges SET state = 'expired', valid_until = '2026-03-01'")
    return charge_id


def failed_charge() -> str:
    seeded = seeded_books.seed(
        item={"capture_mode": "off_session"}, payment_method="pm_card_chargeDeclined"
    )
    failed = id_of(seeded_books.fire(seeded, "200.00"))
    card = CUSTOMER | {"payment_method": "pm_card_visa"}
    save_customer(seeded.customer, card, actor=OPERATOR)
    return failed


def paid_charge() -> str:
    return seeded_books.paid(seeded_books.seed()).id


def large_refund(asker: Actor) -> str:
    charge_id = paid_charge()
    save_company({"second_refund_above": "1000"}, actor=OPERATOR)
    try:
        refund_charge(charge_id, amount="", reason="other", actor=asker)
    except SecondPersonNeeded as needed:
        return needed.request_id
    raise AssertionError("one person did it alone")


#: Every verb with values that go through, made from fresh books.
VERBS: dict[str, Callable[[], dict[str, str]]] = {
    "fire": fire_values,
    "void": lambda: {"charge": fresh_charge(), "reason": "Wrong sum"},
    "record_payment": lambda: {
        "charge": fresh_charge(), "method": "cash", "paid_on": "2026-03-16", "reference": "",
    },
    "answer": lambda: {"charge": asked_charge(), "answer": "Done."},
    "resend": lambda: {"charge": fresh_charge()},
    "new_link": lambda: {"charge": fresh_charge()},
    "revise": lambda: {
        "charge": fresh_charge(), "amount": "4200.00", "description": PHASE_2, "answer": "Less.",
    },
    "reissue": lambda: {"charge": expired_charge()},
    "retry": lambda: {"charge": failed_charge()},
    "refund": lambda: {
        "charge": paid_charge(), "amount": "500.00", "reason": "other", "note": "",
    },
    "approve_request": lambda: {"request": large_refund(ROBOT)},
}  # fmt: skip
#: What one effect of each verb adds to the books.
EFFECTS = {
    "fire": {"charges": 1, "invoices": 1, "links": 1, "mails": 1},
    "void": {"mails": 1},
    "record_payment": {"mails": 1, "revenue": 1, "postings": 2},
    "answer": {"mails": 1},
    "resend": {"links": 1, "mails": 1},
    "new_link": {"links": 1},
    "revise": {"charges": 1, "invoices": 1, "links": 1, "mails": 1},
    "reissue": {"links": 1, "mails": 1},
    "retry": {"mails": 1, "revenue": 1, "postings": 2},
    "refund": {"mails": 1, "revenue": 1, "postings": 4},
    "approve_request": {"mails": 1, "revenue": 1, "postings": 4},
}
_COUNTED = ("charges", "invoices", "links", "mails", "revenue", "postings")


def counts() -> dict[str, int]:
    return {table: len(watching.rows(table)) for table in _COUNTED}


def added(before: dict[str, int]) -> dict[str, int]:
    return {t: n - before[t] for t, n in counts().items() if n != before[t]}
