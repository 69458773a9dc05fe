"""What the database itself refuses, whoever writes and whatever the rules above forgot.

Rows are copied from real ones with one thing changed, so that nothing else can be the reason; a
copy with nothing wrong goes in, which shows that the refusals mean what they say.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from sqlalchemy import Table, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from billing_core import ids
from billing_core.records import db, tables
from billing_core.rules.charge_states import ALIVE, ENDED, STATES
from billing_core.rules.money import LARGEST_MINOR
from tests import books

Row = dict[str, Any]
# what every copy needs to differ in: table → columns that are unique in it
OWN = {
    "charges": ("id", "invoice_id", "invoice_number"),
    "invoices": ("id", "number"),
    "attempts": ("id", "idempotency_key"),
    "mails": ("id", "message_id"),
    "jobs": ("id", "key"),
    "customers": ("id", "contact_id"),
    "links": ("id", "token_sha256"),
    "idempotency_keys": ("key",),
    "nonces": ("nonce_sha256",),
    "blobs": ("sha256",),
    "company_settings": ("name",),
    "counters": ("kind",),
    "evidence_events": ("stream",),
    "evidence_openings": ("stream",),
}
COUNTED = {"attempts": ("number",), "milestones": ("position",)}
_numbers = count(50)
# beyond that: what a second row must have to be allowed beside the first
ALLOWED: dict[str, Row] = {
    "charges": {"milestone_id": None},
    "attempts": {"outcome": "declined"},
    "revenue": {"kind": "refund"},
    "enrolments": {"status": "cancelled"},
}
# table → changes that must be refused, with the constraint's name or what SQLite says instead
REFUSED: list[tuple[str, Row, str]] = [
    ("charges", {"milestone_id": ...}, "uq_charges_live_milestone charges.milestone_id"),
    ("charges", {"line_minor": 0}, "ck_charges_amount"),
    ("charges", {"line_minor": -1}, "ck_charges_amount"),
    ("charges", {"line_minor": LARGEST_MINOR + 1}, "ck_charges_amount"),
    ("charges", {"total_minor": 0, "net_minor": 0, "tax_minor": 0}, "ck_charges_amount"),
    ("charges", {"net_minor": 1}, "ck_charges_sums"),
    ("charges", {"total_minor": 1}, "ck_charges_sums"),
    ("charges", {"net_minor": 100, "tax_minor": -1, "total_minor": 99}, "ck_charges_sums"),
    ("charges", {"state": "paid"}, "ck_charges_state"),
    ("charges", {"state": ""}, "ck_charges_state"),
    ("charges", {"state": "Captured"}, "ck_charges_state"),
    ("charges", {"chain_length": -1}, "ck_charges_chain"),
    ("charges", {"invoice_number": ...}, "uq_charges_invoice_number charges.invoice_number"),
    ("charges", {"invoice_id": ...}, "uq_charges_invoice_id charges.invoice_id"),
    ("charges", {"id": ...}, "pk_charges charges.id"),
    ("charges", {"customer_id": "bc_nobody"}, "fk_charges_customer_id FOREIGN"),
    ("charges", {"item_id": "bi_nothing"}, "fk_charges_item_id FOREIGN"),
    ("charges", {"enrolment_id": "ts_none"}, "fk_charges_enrolment_id FOREIGN"),
    ("charges", {"milestone_id": "ms_none"}, "fk_charges_milestone_id FOREIGN"),
    ("charges", {"revises": "sc_none"}, "fk_charges_revises FOREIGN"),
    ("charges", {"state": None}, "state"),
    ("charges", {"document_sha256": None}, "document_sha256"),
    ("invoices", {"number": ...}, "uq_invoices_number invoices.number"),
    ("invoices", {"charge_id": "sc_none"}, "fk_invoices_charge_id FOREIGN"),
    ("attempts", {"outcome": "pending"}, "uq_attempts_one_alive attempts.charge_id"),
    ("attempts", {"outcome": "requires_action"}, "uq_attempts_one_alive attempts.charge_id"),
    ("attempts", {"outcome": "processing"}, "uq_attempts_one_alive attempts.charge_id"),
    ("attempts", {"outcome": "unknown"}, "uq_attempts_one_alive attempts.charge_id"),
    ("attempts", {"outcome": "paid"}, "ck_attempts_outcome"),
    ("attempts", {"amount_minor": 0}, "ck_attempts_amount"),
    ("attempts", {"amount_minor": -5}, "ck_attempts_amount"),
    ("attempts", {"number": ...}, "uq_attempts_charge_id_number attempts.number"),
    ("attempts", {"idempotency_key": ...}, "uq_attempts_idempotency_key attempts.idempotency_key"),
    ("revenue", {"kind": "capture"}, "uq_revenue_one_capture revenue.charge_id"),
    ("revenue", {"kind": "payment"}, "uq_revenue_one_capture revenue.charge_id"),
    ("revenue", {"net_minor": 1}, "ck_revenue_net"),
    ("revenue", {"fee_minor": 5}, "ck_revenue_net"),
    ("postings", {"amount_minor": 0}, "ck_postings_amount"),
    ("enrolments", {"status": "active"}, "uq_enrolments_one_standing enrolments.customer_id"),
    ("enrolments", {"status": "paused"}, "uq_enrolments_one_standing enrolments.customer_id"),
    ("enrolments", {"status": "ended"}, "ck_enrolments_status"),
    ("customers", {"standing": "blocked"}, "ck_customers_standing"),
    ("items", {"unit_price_minor": 0}, "ck_items_price"),
    ("milestones", {"planned_minor": 0}, "ck_milestones_planned"),
    ("milestones", {"position": ...}, "uq_milestones_project_id_position milestones.position"),
    ("milestones", {"state": "billed"}, "ck_milestones_state"),
    ("mails", {"state": "lost"}, "ck_mails_state"),
    ("mails", {"message_id": ...}, "uq_mails_message_id mails.message_id"),
    ("jobs", {"key": ...}, "uq_jobs_key jobs.key"),
    ("links", {"token_sha256": ...}, "uq_links_token_sha256 links.token_sha256"),
    ("evidence_events", {"stream": ...}, "pk_evidence_events evidence_events.stream"),
    ("evidence_openings", {"stream": ...}, "pk_evidence_openings evidence_openings.stream"),
    ("blobs", {"sha256": ...}, "pk_blobs blobs.sha256"),
    ("idempotency_keys", {"key": ...}, "pk_idempotency_keys idempotency_keys.key"),
    ("nonces", {"nonce_sha256": ...}, "pk_nonces nonces.nonce_sha256"),
    ("counters", {"kind": ...}, "pk_counters counters.kind"),
]


def fill() -> None:
    """At least one row in every table of interest; the latest attempt is alive."""
    seeded = books.seed()
    books.paid(seeded, "100.00", "Paid")
    plan = books.plan(seeded.customer, "200.00", "300.00")
    fired = books.fire(seeded, "200.00", "Live", key="k1", milestone=plan.milestones[0])
    books.approve(books.token(fired))


def sample(table: Table) -> Row:
    """The row to copy: of a charge the one with the milestone, of attempts the one alive."""
    statement = select(table)
    if table.name == "charges":
        statement = statement.where(table.c.milestone_id.is_not(None))
    if table.name == "attempts":
        statement = statement.where(table.c.outcome.in_(ALIVE))
    with db.read_only() as connection:
        return dict(connection.execute(statement.limit(1)).one()._mapping)


def copied(table: Table, changes: Row) -> Row:
    """The sample under names of its own; ``...`` leaves a column as the sample has it."""
    row = sample(table)
    own: Row = {name: ids.new_id("x")[-16:] for name in OWN.get(table.name, ("id",))}
    own |= {name: next(_numbers) for name in COUNTED.get(table.name, ())}
    kept = {name: row[name] for name, value in changes.items() if value is ...}
    return row | own | ALLOWED.get(table.name, {}) | changes | kept


def said(write: Callable[[], None]) -> str:
    """What the database said no with; "" when it let it through."""
    try:
        write()
    except (IntegrityError, DBAPIError) as error:
        return str(error.orig)
    return ""


def write(table: Table, row: Row) -> Callable[[], None]:
    """Insert in a transaction of its own."""

    def insert_it() -> None:
        with db.begin() as connection:
            connection.execute(insert(table).values(row))

    return insert_it


def test_constraints_refuse_what_the_rules_would(database: str, driven_clock: object) -> None:
    fill()
    touched = {name for name, _, _ in REFUSED}
    for name in sorted(touched):
        table = tables.meta.tables[name]
        assert said(write(table, copied(table, {}))) == "", f"a good copy of {name} must go in"
    wrong = {}
    for name, changes, reasons in REFUSED:
        table = tables.meta.tables[name]
        answer = said(write(table, copied(table, changes)))
        if not any(reason in answer for reason in reasons.split()):
            wrong[f"{name} {changes}"] = answer or "it was let through"
    assert not wrong


def test_every_word_of_the_state_tables_can_be_stored(database: str, driven_clock: object) -> None:
    fill()
    for state in STATES:
        row = copied(tables.charges, {"state": state})
        assert said(write(tables.charges, row)) == "", state
        if state in ENDED:
            again = copied(tables.charges, {"state": state, "milestone_id": ...})
            assert said(write(tables.charges, again)) == "", f"{state} holds no milestone"
    for outcome in ("declined", "expired", "cancelled", "succeeded"):
        row = copied(tables.attempts, {"outcome": outcome})
        assert said(write(tables.attempts, row)) == "", outcome
    for state in ("planned", "in_progress", "delivered", "dropped"):
        row = copied(tables.milestones, {"state": state})
        assert said(write(tables.milestones, row)) == "", state


def test_one_succeeded_attempt_per_charge(database: str, driven_clock: object) -> None:
    fill()
    for surplus in (True, False, True):
        changes = {"outcome": "succeeded", "surplus": surplus}
        assert said(write(tables.attempts, copied(tables.attempts, changes))) == ""
    second = {"outcome": "succeeded", "surplus": False}
    answer = said(write(tables.attempts, copied(tables.attempts, second)))
    assert "uq_attempts_one_paid" in answer or "attempts.charge_id" in answer
