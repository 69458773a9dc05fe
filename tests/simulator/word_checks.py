"""Invariants of presses, evidence and jobs at the end of a life. Each returns what is wrong.

Chains are checked here with nothing but hashlib and json: the product's verifier is not trusted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from tests.simulator.ending import End, Row
from tests.simulator.money_checks import events
from tests.simulator.story import ALIVE, holds
from tests.simulator.watch_refunds import OPEN

ENDED = ("void", "expired", "refunded", "lost")
COOLDOWN = timedelta(seconds=60)
FIRST_REMINDER = timedelta(days=3)
GENESIS = "0" * 64
_OF_DISPUTE = ("charge_id", "amount_minor", "currency", "status")
_TO_CLIENT = ("charge.fired", "changes.answered", "charge.reissued", "attempt.cancelled")


def check_i5(end: End) -> Iterator[str]:
    """Approvals and requests exist only where a person typed them."""
    for charge in end.of("charges"):
        for event in events(end, charge["id"]):
            asks = event["kind"] in ("changes.requested", "charge.declined_by_client")
            if event["kind"] == "charge.approved":
                if event["payload"]["nonce"] not in end.story.approved:
                    yield f"{charge['id']} was approved by nobody"
            elif asks and not end.story.asked_changes:
                yield f"{charge['id']}: {event['kind']}, by nobody"


def check_i6(end: End) -> Iterator[str]:
    """Same key → same charge, one per key; one live charge per milestone; cooldown by content."""
    bound = {json.loads(row["result"]).get("charge") for row in end.of("idempotency_keys")}
    fired = [c for c in end.of("charges") if c["revises"] is None]
    for charge in fired:
        if charge["id"] not in bound:
            yield f"{charge['id']} belongs to no key that was sent"
    answers: dict[tuple[tuple[str, str], str], set[str]] = {}
    for fire in end.story.fires:
        answers.setdefault((fire.scope, fire.key), set()).add(fire.charge or "")
    for key, found in answers.items():
        if len(found) > 1:
            yield f"{key} was answered with {sorted(found)}"
    live = [c["milestone_id"] for c in end.of("charges") if c["state"] not in ENDED]
    billed = [m for m in live if m is not None]
    if len(billed) != len(set(billed)):
        yield f"a milestone was billed twice: {billed}"
    for later in fired:
        for first in fired:
            if _same_again(first, later):
                yield f"{later['id']} repeats {first['id']} inside the cooldown"


def check_i7(end: End) -> Iterator[str]:
    """What was acknowledged is still there."""
    for ack in end.story.acks:
        if not holds(ack, events(end, ack.stream)):
            yield f"{ack.kind} of {ack.stream} was acknowledged and is gone"


def check_i11(end: End) -> Iterator[str]:
    """Every attempt and mail has its job; a job is done, or waits for its time; none is dropped."""
    keys = {job["key"] for job in end.of("jobs")}
    for attempt in end.of("attempts"):
        if f"settle:{attempt['id']}" not in keys:
            yield f"{attempt['id']} has no job"
    for refund in end.of("refunds"):
        if f"refund:{refund['id']}" not in keys:
            yield f"{refund['id']} has no job"
    for mail in end.of("mails"):
        if f"mail:{mail['id']}" not in keys:
            yield f"{mail['id']} has no job"
        if mail["state"] != "kept":
            yield f"{mail['id']} ({mail['kind']}) is {mail['state']}: it never went out"
    for job in end.of("jobs"):
        if job["dead_at"] is not None:
            yield f"{job['kind']} died: {job['error']}"
        elif job["done_at"] is None and _moment(job["due_at"]) < end.now:
            yield f"{job['kind']} was due at {job['due_at']} and is not done"
    for charge in end.of("charges", state="pending_client"):
        yield from _check_reminded(end, charge)


def check_i13(end: End) -> Iterator[str]:
    """Chains are gapless and linked, and end where their subject's own row says."""
    subjects = [r for t in ("charges", "customers", "projects") for r in end.of(t)]
    known = {subject["id"] for subject in subjects}
    if any(row["stream"] not in known for row in end.of("evidence_events")):
        yield "events without a subject"
    for subject in subjects:
        head, count = GENESIS, 0
        for row in end.chain(subject["id"]):
            count += 1
            event = json.loads(row["canonical"])
            digest = hashlib.sha256(row["canonical"].encode()).hexdigest()
            named = (row["seq"], event["seq"], event["stream"], event["prev"], row["hash"])
            if named != (count, count, subject["id"], head, digest):
                yield f"{subject['id']}: event {count} does not fit"
            head = digest
            yield from _check_openings(end, subject["id"], event)
        if (subject["chain_length"], subject["chain_head"]) != (count, head):
            yield f"{subject['id']}: {count} events, its row says {subject['chain_length']}"


def check_i16(end: End) -> Iterator[str]:
    """With faults healed everything settles: nothing unknown, nothing under way."""
    for attempt in end.of("attempts"):
        if attempt["outcome"] in ALIVE:
            yield f"{attempt['id']} is {attempt['outcome']} after 96 hours"
    for charge in end.of("charges", state="charging"):
        yield f"{charge['id']} is charging after 96 hours"
    for refund in end.of("refunds"):
        if refund["state"] in OPEN:
            yield f"{refund['id']} is {refund['state']} after 96 hours"
    for dispute in end.disputed:
        told = end.of("disputes", reference=dispute["id"])
        found = [tuple(row[n] for n in _OF_DISPUTE) for row in told]
        if found != [tuple(dispute[n] for n in _OF_DISPUTE)]:
            yield f"{dispute['id']} is {dispute['status']} at the gateway, here {found}"
    for command in end.of("commands", state="running"):
        yield f"the press {command['id']} is running after 96 hours"


def check_i18(end: End) -> Iterator[str]:
    """Evidence could not be written → refused, and the gateway was never called for it."""
    for task in end.story.unwritable & end.story.approvers:
        yield f"call #{task} said that the approval was not recorded, and it is"
    for number, create in enumerate(end.story.creates):
        failed = end.story.failed_evidence.get(create.task)
        if failed is not None and number >= failed:
            yield f"{create.verb} for {create.charge} after its evidence could not be written"


def _same_again(first: Row, later: Row) -> bool:
    apart = _moment(later["fired_at"]) - _moment(first["fired_at"])
    ended = first["ended_at"] is not None and _moment(first["ended_at"]) <= _moment(
        later["fired_at"]
    )
    return (
        first["id"] != later["id"]
        and first["content_key"] == later["content_key"]
        and first["milestone_id"] is None
        and later["milestone_id"] is None
        and later["origin"] == "manual_ui"
        and timedelta(0) <= apart < COOLDOWN
        and not ended
    )


def _check_reminded(end: End, charge: Row) -> Iterator[str]:
    """A client who has waited in one state since before the third day got a reminder."""
    told = events(end, charge["id"])
    since = max(_stamp(e["at"]) for e in told if e["kind"] in _TO_CLIENT)
    stood = not any(e["kind"] == "customer.suspended" for e in events(end, charge["customer_id"]))
    day = _moment(charge["fired_at"]) + FIRST_REMINDER
    # 09:00 in New York is 13:00 UTC at this time of the year
    due = day.replace(hour=13, minute=0, second=0, microsecond=0)
    reminded = any(e["kind"] == "reminder.sent" for e in told)
    waited = since < due - timedelta(days=1) and due + timedelta(hours=1) < end.now
    if stood and waited and not reminded:
        yield f"{charge['id']} waits since {since} and was never reminded"


def _check_openings(end: End, stream: str, event: Row) -> Iterator[str]:
    for opening in end.of("evidence_openings", stream=stream, seq=event["seq"]):
        held = event["payload"].get(opening["path"].removeprefix("/payload/"))
        salted = b"\x00" + bytes.fromhex(opening["salt"]) + opening["value"].encode()
        if held != {"commitment": hashlib.sha256(salted).hexdigest()}:
            yield f"{stream}: {opening['path']} of event {event['seq']} does not open"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _stamp(text: str) -> datetime:
    return datetime.fromisoformat(text)
