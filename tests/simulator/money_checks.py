"""Invariants of money at the end of a life (document 5). Each returns what is wrong, in words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from tests.simulator.company import payable
from tests.simulator.ending import End, Row
from tests.simulator.story import CLOSED

DEFAULT_CAP_MINOR = 50_000
COLLECTED = ("capture", "payment")
#: Document 1: what became of money that came. Which of them, the gateway's file says.
PAID_STATES = {
    "": "captured",
    "open": "disputed",
    "won": "captured",
    "lost": "lost",
    "all back": "refunded",
}


def check_i1(end: End) -> Iterator[str]:
    """Captured at the gateway ⇔ exactly one settlement, same amount and currency."""
    captured = end.of("revenue", kind="capture")
    for payment in end.paid:
        booked = [r for r in captured if _is_of(r, payment)]
        surplus = end.is_surplus(payment)
        if len(booked) + surplus != 1:
            yield f"{payment['id']} was paid and is settled {len(booked) + surplus} times"
        for row in booked:
            found = (row["charge_id"], row["gross_minor"], row["currency"])
            wanted = tuple(payment[name] for name in ("charge_id", "amount_minor", "currency"))
            if found != wanted:
                yield f"{payment['id']} is {wanted} at the gateway and {found} in the books"
    for row in captured:
        if sum(_is_of(row, payment) for payment in end.paid) != 1:
            yield f"revenue {row['id']} has no payment at the gateway"
    for charge in end.of("charges"):
        came = [r for r in end.of("revenue", charge_id=charge["id"]) if r["kind"] in COLLECTED]
        state, wanted = charge["state"], PAID_STATES[_became(end, charge["id"])]
        if (state == wanted) != bool(came) or (state in PAID_STATES.values()) != bool(came):
            yield f"{charge['id']} is {state}, with revenue: {bool(came)}; due: {wanted}"


def check_i2(end: End) -> Iterator[str]:
    """At most one capture per charge; what comes a second time lies in suspense, flagged."""
    for charge in end.of("charges"):
        name = charge["id"]
        booked = [r for r in end.of("revenue", charge_id=name) if r["kind"] in COLLECTED]
        if len(booked) > 1:
            yield f"{name} has revenue {len(booked)} times"
        by_hand = [r for r in booked if r["source"] == "manual"]
        came = [p for p in end.paid if p["charge_id"] == name]
        surplus = came[1:] if not by_hand else came
        held = -sum(
            p["amount_minor"] for p in end.of("postings", charge_id=name, account="suspense")
        )
        # what a bank took back for good is nothing that we still owe
        owed = sum(p["amount_minor"] for p in surplus if end.dispute_of(p) != "lost")
        if held != owed:
            yield f"{name} was paid {len(came) + len(by_hand)} times, suspense holds {held}"
        if surplus and not charge["late_money"]:
            yield f"{name} was paid twice and nobody is told"
        left = set(payable(end.story.ground.bank, name)) - end.story.lied
        if charge["state"] in CLOSED and left:
            yield f"{name} is {charge['state']} and can still be paid"
    for nonce, many in end.story.effects.items():
        if many > 1:
            yield f"one press acted {many} times ({nonce[:40]})"


def check_i3(end: End) -> Iterator[str]:
    """No gateway create or confirm without an approval or a mandate durable before it."""
    for create in end.story.creates:
        if not create.evidence:
            yield f"{create.verb} for {create.charge} without evidence"
    for payment in end.payments:
        attempt = json.loads(payment["orders"])["metadata"]["attempt_id"]
        if not end.of("attempts", id=attempt):
            yield f"{payment['id']} was made for an attempt nobody wrote down"


def check_i4(end: End) -> Iterator[str]:
    """Approved digest = served = frozen; the gateway's amount is the invoice's."""
    for charge in end.of("charges"):
        name = charge["id"]
        (invoice,) = end.of("invoices", charge_id=name)
        digest = hashlib.sha256(invoice["canonical"].encode()).hexdigest()
        total = json.loads(invoice["canonical"])["total_minor"]
        digests = {digest, charge["document_sha256"], *end.story.served.get(name, ())}
        papers = set(end.story.papers.get(name, ()))
        for event in events(end, name):
            told = event["payload"]
            if event["kind"] in ("charge.approved", "invoice.frozen", "invoice.rendered"):
                digests.add(told["document_sha256"])
            if event["kind"] in ("charge.approved", "invoice.rendered"):
                papers.add(told["pdf_sha256"])
        if len(digests) > 1:
            yield f"{name} has {len(digests)} digests"
        kept = end.blobs.get(charge["pdf_sha256"] or "")
        if papers and (kept is None or papers != {hashlib.sha256(kept).hexdigest()}):
            yield f"{name}: the papers served and approved are not the one kept"
        asked = {c.amount_minor for c in end.story.creates if c.charge == name}
        if asked | {total, charge["total_minor"]} != {total}:
            yield f"{name} is invoiced at {total}, the gateway was asked for {asked}"


def check_i17(end: End) -> Iterator[str]:
    """0 < amount ≤ limits, and the parts make the whole."""
    caps = {i["id"]: i["max_capture_minor"] or DEFAULT_CAP_MINOR for i in end.of("items")}
    totals = {c["id"]: c["total_minor"] for c in end.of("charges")}
    for charge in end.of("charges"):
        if not 0 < charge["line_minor"] <= caps[charge["item_id"]]:
            yield f"{charge['id']} is over {charge['line_minor']}"
        if charge["net_minor"] + charge["tax_minor"] != charge["total_minor"]:
            yield f"{charge['id']}: net and tax are not the total"
    for attempt in end.of("attempts"):
        if attempt["amount_minor"] != totals[attempt["charge_id"]]:
            yield f"{attempt['id']} asks for another sum than its charge"
    for row in end.of("revenue"):
        if row["gross_minor"] - row["fee_minor"] != row["net_minor"]:
            yield f"{row['id']}: gross less fee is not net"
        if row["kind"] in COLLECTED and row["gross_minor"] <= 0:
            yield f"{row['id']}: {row['gross_minor']} came in"


def events(end: End, stream: str) -> list[Row]:
    """A chain's events, parsed."""
    return [json.loads(row["canonical"]) for row in end.chain(stream)]


def _became(end: End, charge: str) -> str:
    """What the gateway's file says of the money that settled a charge."""
    for payment in end.paid:
        if payment["charge_id"] != charge or end.is_surplus(payment):
            continue
        back = sum(r["amount_minor"] for r in end.refunded if r["payment"] == payment["payment"])
        dispute = end.dispute_of(payment)
        all_back = dispute in ("", "won") and back == payment["amount_minor"]
        return "all back" if all_back else dispute
    return ""


def _is_of(revenue: Row, payment: Row) -> bool:
    return bool(revenue["reference"] in (payment["payment"], payment["id"]))
