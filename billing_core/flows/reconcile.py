"""Go through the gateway's own books and ours: what messages lost is found, differences are told.

Unsettled things first, then the gateway's objects of the last thirty days, then its lines. Safe to
repeat, beside itself and beside everything else: all of it ends in the flows that settle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Connection

from billing_core import clock, gateway
from billing_core.errors import (
    Down,
    GatewayError,
    NotFound,
    Parked,
    Refused,
)
from billing_core.flows.apply_webhook import apply_webhook
from billing_core.flows.book_line import book_late_line
from billing_core.flows.book_refund import note_line
from billing_core.flows.finish_setup import finish_open_setups
from billing_core.flows.settle_attempt import record_seen, settle_attempt
from billing_core.flows.settle_refund import settle_open_refunds
from billing_core.flows.take_dispute import record_dispute, take_dispute
from billing_core.flows.take_refund import record_any_refund
from billing_core.gateway.port import OutsideGateway, Seen
from billing_core.records import (
    attempts,
    charges,
    concerns,
    db,
    disputes,
    gateway_lines,
    messages,
    reconciliations,
    refunds,
)
from billing_core.rules.charge_states import SETTLED
from billing_core.rules.nouns import Attempt, Line

BACK = timedelta(days=30)
KEPT = timedelta(days=90)
JUST_NOW = timedelta(seconds=1)
AT_ONCE = 500
Tell = Callable[[str], None]
T = TypeVar("T")


@dataclass
class Reconciled:
    """What a round found: sentences of what changed, and per currency what is still different.

    ``differences`` is ledger − gateway in minor units; ``waiting`` the part of it that the
    gateway has not written into its books yet. ``problem`` is why it could not be finished.
    """

    looked_at: int = 0
    changed: list[str] = field(default_factory=list)
    differences: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)
    problem: str = ""

    @property
    def is_clean(self) -> bool:
        """True when our books and the gateway's agree but for what is still on its way."""
        return not self.problem and self.differences == self.waiting


def reconcile(tell: Tell | None = None, *, watched: bool = False) -> Reconciled:
    """One round; ``tell`` hears each step's name, and where it is ``watched`` the books hold it
    for whoever looks on. Never raises what the gateway did."""
    found = Reconciled()
    with db.begin() as connection:
        round_id = reconciliations.begin(connection)

    def say(step: str) -> None:
        if watched:
            with db.begin() as connection:
                reconciliations.tell(connection, round_id, step)
        if tell:
            tell(step)

    try:
        _go_through(found, say)
    except GatewayError as failed:
        found.problem = failed.sentence
        _concern("gateway_account", "account", failed.sentence)
    theirs = gateway.sandbox().balance() if _in_sandbox() else None
    with db.begin() as connection:
        _compare(connection, found, theirs)
        reconciliations.finish(connection, round_id, asdict(found), found.problem)
        reconciliations.forget(connection, clock.now() - KEPT)
        messages.forget_ignored(connection, clock.now() - KEPT)
    return found


def _in_sandbox() -> bool:
    return gateway.current().name == gateway.Sandbox.name


def _go_through(found: Reconciled, say: Tell) -> None:
    since = clock.now() - BACK
    if _in_sandbox():
        say("Payments and refunds that are not settled")
        _settle_alive(found)
        found.looked_at += settle_open_refunds()
        say("Disputes")
        _disputes(found, since)
        return
    outside = gateway.outside()
    say("The account")
    _check_account(outside)
    say("Payments, refunds and set-ups that are not settled")
    _settle_alive(found)
    found.looked_at += settle_open_refunds() + finish_open_setups()
    _waiting_messages(found)
    say("Payments of the last 30 days")
    _each(found, outside.recent_payments(since), lambda seen: _payment(found, seen))
    say("Refunds and disputes")
    _each(found, outside.recent_refunds(since), record_any_refund)
    _disputes(found, since)
    say("Lines of the gateway's books")
    _each(found, outside.recent_lines(since), lambda line: _line(found, outside.name, line))


def _disputes(found: Reconciled, since: datetime) -> None:
    _each(found, gateway.disputing().recent_disputes(since), record_dispute)
    with db.read_only() as connection:
        undecided = disputes.undecided(connection, AT_ONCE)
    _each(found, undecided, lambda dispute: take_dispute(dispute.reference))


def _each(found: Reconciled, things: Iterable[T], act: Callable[[T], object]) -> None:
    """Act on every one; one that our rules refuse must not hide the others."""
    for thing in things:
        found.looked_at += 1
        try:
            act(thing)
        except NotFound:
            # somebody else's payment on the same account
            continue
        except Down:
            raise
        except (GatewayError, Refused, Parked) as refused:
            about = str(getattr(thing, "reference", "") or getattr(thing, "id", ""))
            _concern("message_parked", about, refused.sentence)


def _check_account(outside: OutsideGateway) -> None:
    account = outside.account()
    if account.problem:
        _concern("gateway_account", "account", account.problem)
        return
    with db.begin() as connection:
        concerns.settle(connection, "gateway_account", "account")


def _settle_alive(found: Reconciled) -> None:
    with db.read_only() as connection:
        alive = attempts.alive_before(connection, clock.now() + JUST_NOW, AT_ONCE)
    for attempt_id in alive:
        found.looked_at += 1
        try:
            charge = settle_attempt(attempt_id)
        except Down:
            raise
        except (GatewayError, Refused) as refused:
            _concern("message_parked", attempt_id, refused.sentence)
            continue
        with db.read_only() as connection:
            attempt = attempts.get(connection, attempt_id)
        if attempt.outcome in SETTLED:
            found.changed.append(f"{charge.invoice_number}: the payment {attempt.outcome}")


def _waiting_messages(found: Reconciled) -> None:
    """Messages whose job was given up: acted on once more."""
    with db.read_only() as connection:
        waiting = messages.waiting(connection, clock.now() - timedelta(hours=1), AT_ONCE)
    for message_id in waiting:
        found.looked_at += 1
        apply_webhook(message_id)


def _payment(found: Reconciled, seen: Seen) -> None:
    attempt_id = seen.metadata.get("attempt_id", "")
    if not attempt_id or seen.outcome != "succeeded":
        return
    with db.read_only() as connection:
        try:
            attempt = attempts.get(connection, attempt_id[:40])
        except NotFound:
            raise Parked("A payment names a charge that these books do not have.") from None
        number = charges.get(connection, attempt.charge_id).invoice_number
    if attempt.outcome == "succeeded":
        return
    if attempt.reference is None and attempt.outcome in SETTLED:
        record_seen(attempt.id, seen)
    else:
        settle_attempt(attempt.id, again=True)
    found.changed.append(f"{number}: money had come that we had not heard of")


def _line(found: Reconciled, name: str, line: Line) -> None:
    with db.begin() as connection:
        if line.kind == "payment":
            attempt = attempts.find_by_payment(connection, name, line.payment_reference)
            if attempt is not None and _book(connection, attempt, line):
                found.changed.append(f"{line.id}: what the gateway kept of a payment")
        elif line.kind in ("refund", "refund_failure"):
            refund = refunds.find_by_reference(connection, line.source)
            if refund is not None and not gateway_lines.is_taken(connection, line.id):
                charge = charges.lock(connection, refund.charge_id)
                note_line(connection, charge, refund, line)


def _book(connection: Connection, attempt: Attempt, line: Line) -> bool:
    return book_late_line(connection, charges.lock(connection, attempt.charge_id), attempt, line)


def _compare(connection: Connection, found: Reconciled, theirs: dict[str, int] | None) -> None:
    """Our cash at the gateway against the gateway's own books, per currency (I9)."""
    name, waiting = gateway.current().name, {}
    ours = reconciliations.cash(connection, name)
    if theirs is None:
        theirs = gateway_lines.totals(connection)
        waiting = reconciliations.without_line(connection, name)
    for currency in sorted(ours.keys() | theirs.keys()):
        difference = ours.get(currency, 0) - theirs.get(currency, 0)
        if difference:
            found.differences[currency] = difference
    found.waiting = {c: minor for c, minor in waiting.items() if minor}
    for currency in ours.keys() | theirs.keys():
        rest = found.differences.get(currency, 0) - found.waiting.get(currency, 0)
        if rest:
            sentence = f"Our books hold {rest} minor units of {currency} more than the gateway's."
            concerns.raise_up(connection, "books_differ", currency, sentence)
        else:
            concerns.settle(connection, "books_differ", currency)


def _concern(kind: str, about: str, sentence: str) -> None:
    with db.begin() as connection:
        concerns.raise_up(connection, kind, about, sentence)
