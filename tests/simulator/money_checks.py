"""Invariants of money at the end of a life (document 5). Each returns what is wrong, in words."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator

from tests.simulator.ending import End, Row
from tests.simulator.story import CLOSED, payable

DEFAULT_CAP_MINOR = 50_000
COLLECTED = ("capture", "payment")


def check_i1(end: End) -> Iterator[str]:
    """Captured at the gateway ⇔ exactly one settlement, same amount and currency."""
    for payment in paid(end):
        order = json.loads(payment["orders"])
        booked = [r for r in end.of("revenue", source="gateway") if _is_of(r, payment)]
        surplus = end.of("attempts", reference=payment["id"], surplus=1)
        if len(booked) + len(surplus) != 1:
            yield f"{payment['id']} was paid and is settled {len(booked) + len(surplus)} times"
        for row in booked:
            found = (row["charge_id"], row["gross_minor"], row["currency"])
            wanted = (order["metadata"]["charge_id"], order["amount_minor"], order["currency"])
            if found != wanted:
                yield f"{payment['id']} is {wanted} at the gateway and {found} in the books"
    for row in end.of("revenue", source="gateway"):
        if sum(_is_of(row, payment) for payment in paid(end)) != 1:
            yield f"revenue {row['id']} has no payment at the gateway"
    for charge in end.of("charges"):
        collected = bool(end.of("revenue", charge_id=charge["id"]))
        if collected != (charge["state"] == "captured"):
            yield f"{charge['id']} is {charge['state']}, with revenue: {collected}"


def check_i2(end: End) -> Iterator[str]:
    """At most one capture per charge; what comes a second time lies in suspense, flagged."""
    for charge in end.of("charges"):
        name = charge["id"]
        booked = [r for r in end.of("revenue", charge_id=name) if r["kind"] in COLLECTED]
        if len(booked) > 1:
            yield f"{name} has revenue {len(booked)} times"
        by_hand = [r for r in booked if r["source"] == "manual"]
        came = [p for p in paid(end) if _charge_of(p) == name]
        surplus = came[1:] if not by_hand else came
        held = -sum(
            p["amount_minor"] for p in end.of("postings", charge_id=name, account="suspense")
        )
        if held != sum(json.loads(p["orders"])["amount_minor"] for p in surplus):
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


def check_i9(end: End) -> Iterator[str]:
    """The ledger sums to zero per currency; its cash equals the gateway's."""
    sets: Counter[tuple[str, str]] = Counter()
    accounts: Counter[str] = Counter()
    for posting in end.of("postings"):
        sets[posting["set_id"], posting["currency"]] += posting["amount_minor"]
        accounts[posting["account"]] += posting["amount_minor"]
    if any(sets.values()):
        yield f"sets that do not balance: {[s for s, n in sets.items() if n]}"
    balance = sum(json.loads(p["orders"])["amount_minor"] for p in paid(end))
    if accounts["cash:sandbox"] != balance:
        yield f"cash is {accounts['cash:sandbox']}, the gateway has {balance}"
    by_hand = sum(r["gross_minor"] for r in end.of("revenue", source="manual"))
    if accounts["cash:bank"] != by_hand:
        yield f"cash at the bank is {accounts['cash:bank']}, {by_hand} was recorded"
    revenue = sum(r["gross_minor"] for r in end.of("revenue"))
    if accounts["sales"] + accounts["tax"] != -revenue:
        yield f"sales and tax are {accounts['sales'] + accounts['tax']}, revenue is {revenue}"


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
        if row["gross_minor"] - row["fee_minor"] != row["net_minor"] or row["gross_minor"] <= 0:
            yield f"{row['id']}: gross less fee is not net"


def events(end: End, stream: str) -> list[Row]:
    """A chain's events, parsed."""
    return [json.loads(row["canonical"]) for row in end.chain(stream)]


def paid(end: End) -> list[Row]:
    """What the gateway took money for, in the order it did."""
    done = [p for p in end.payments if p["state"] == "complete"]
    return sorted(done, key=lambda p: (p["completed_at"], p["id"]))


def _charge_of(payment: Row) -> str:
    return str(json.loads(payment["orders"])["metadata"]["charge_id"])


def _is_of(revenue: Row, payment: Row) -> bool:
    return bool(revenue["reference"] in (payment["payment"], payment["id"]))
