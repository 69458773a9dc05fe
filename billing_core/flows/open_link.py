"""What a client sees behind a link. Reads only: opening a page changes nothing (I5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from billing_core import clock, ids
from billing_core.documents import wording
from billing_core.flows import read_link
from billing_core.flows.check_code import needs_code
from billing_core.records import attempts, books, charges, db, evidence, rows
from billing_core.rules import charge_states
from billing_core.rules.nouns import Attempt, Charge, Company, Customer, Event, Link, Revenue

#: Chain events a client may see, under the word the page uses for them.
_STORY = {
    "charge.fired": "sent",
    "changes.requested": "changes_requested",
    "charge.declined_by_client": "declined",
    "changes.answered": "answered",
    "charge.approved": "approved",
    "attempt.declined": "payment_declined",
    "charge.captured": "paid",
    "payment.recorded": "paid",
    "charge.voided": "voided",
    "charge.expired": "expired",
}
_SHOWN_FACTS = ("name", "message", "answer", "method")
_AWAITED = ("pending", "processing", "unknown")
#: A bank that needs longer than this needs days: the page no longer asks by itself.
_SOON = timedelta(minutes=10)
#: Links kept between two commits of anybody, per connection.
_MOST_KEPT = 64


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of the story, with the words a client may see."""

    kind: str
    at: datetime
    facts: dict[str, str]


@dataclass(frozen=True, slots=True)
class OpenLink:
    """Everything the client's pages show."""

    link: Link
    charge: Charge
    customer: Customer
    company: Company
    document: dict[str, Any]
    document_sha256: str
    attempt: Attempt | None
    nonce: str
    can: frozenset[str]
    blocked: str
    needs_code: bool
    masked_email: str
    story: tuple[Moment, ...]
    revenue: Revenue | None
    bank: tuple[tuple[str, str], ...]
    awaiting: bool
    continue_url: str
    successor: str


@dataclass(frozen=True, slots=True)
class _Found:
    """What the books say of a link, whatever the time is."""

    entered: read_link.Entered
    document: dict[str, Any]
    latest: Attempt | None
    paid: Revenue | None
    story: tuple[Moment, ...]
    successor: str


def open_link(token: str) -> OpenLink:
    """The page behind a token. LinkUnknown (404) or LinkExpired (410) otherwise."""
    with db.read_only() as connection:
        found = _find(connection, token)
    entered, document, latest = found.entered, found.document, found.latest
    charge = entered.charge
    alive = latest is not None and latest.outcome in charge_states.ALIVE
    return OpenLink(
        link=entered.link,
        charge=charge,
        customer=entered.customer,
        company=entered.company,
        document=document,
        document_sha256=charge.document_sha256,
        attempt=latest,
        nonce=read_link.new_nonce(entered.link, charge.document_sha256),
        can=_can(charge, alive=alive),
        blocked=read_link.blocked_sentence(entered.customer),
        needs_code=needs_code(entered, "saved"),
        masked_email=wording.masked_email(entered.link.mailed_to),
        story=found.story,
        revenue=found.paid,
        bank=tuple((b["label"], b["value"]) for b in document["seller"]["bank"]),
        awaiting=alive and latest is not None and _is_awaited(latest),
        continue_url=(latest.url or "") if alive and latest is not None else "",
        successor=found.successor,
    )


def _find(connection: Connection, token: str) -> _Found:
    """What the books say, read anew once anybody has committed since the last look."""
    place, name = db.kept(connection), ids.sha256_hex(token)
    if place is not None and name in place:
        kept: _Found = place[name]
        read_link.check_works(kept.entered.link)
        return kept
    found = _read(connection, token)
    if place is not None and len(place) < _MOST_KEPT:
        place[name] = found
    return found


def _read(connection: Connection, token: str) -> _Found:
    entered = read_link.enter(connection, token, lock=False)
    charge = entered.charge
    tried = attempts.of_charge(connection, charge.id)
    paid = [r for r in books.revenue_of(connection, charge.id) if r.gross_minor > 0]
    next_one = charges.get(connection, charge.revised_by) if charge.revised_by else None
    return _Found(
        entered=entered,
        document=rows.load(charges.get_canonical(connection, charge.id)),
        latest=tried[-1] if tried else None,
        paid=paid[0] if paid else None,
        story=_story(connection, charge),
        successor=next_one.invoice_number if next_one else "",
    )


def _is_awaited(latest: Attempt) -> bool:
    slow = latest.outcome == "processing" and clock.now() - latest.started_at > _SOON
    return latest.outcome in _AWAITED and not slow


def _can(charge: Charge, *, alive: bool) -> frozenset[str]:
    if charge.state == "pending_client":
        return frozenset({"approve", "changes"})
    if charge.state == "approved" and not alive:
        return frozenset({"pay"})
    return frozenset()


def _story(connection: Connection, charge: Charge) -> tuple[Moment, ...]:
    opened: dict[int, dict[str, str]] = {}
    for opening in evidence.openings_of(connection, charge.id):
        name = opening.path.removeprefix("/payload/")
        if name in _SHOWN_FACTS:
            opened.setdefault(opening.seq, {})[name] = opening.value
    events = evidence.of_stream(connection, charge.id)
    return tuple(_moment(e, opened.get(e.seq, {})) for e in events if e.kind in _STORY)


def _moment(event: Event, facts: dict[str, str]) -> Moment:
    code = {"identity": str(event.payload["identity"])} if "identity" in event.payload else {}
    return Moment(_STORY[event.kind], clock.read_stamp(event.at), facts | code)
