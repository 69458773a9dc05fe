"""Fire a charge (journey 1): key, gate, amount, number, frozen invoice, link, chain, mail job."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection

from billing_core import clock
from billing_core.errors import Down
from billing_core.flows.check_fire import Approved, FireCommand, check_fire
from billing_core.flows.freeze_invoice import freeze_invoice
from billing_core.flows.hold_request import answered, hold_request, needed
from billing_core.flows.mint_link import address_of
from billing_core.flows.settle_attempt import settle_attempt
from billing_core.flows.start_attempt import start_attempt
from billing_core.records import attempts, charges, db, items, keys, links
from billing_core.records.patience import patiently
from billing_core.rules import second_person
from billing_core.rules.nouns import Actor, Attempt, Charge, Request


@dataclass(frozen=True, slots=True)
class Fired:
    """The answer to a fire. ``met`` is False when a threshold's condition did not hold.

    ``attempt`` is the latest try to collect, where there was one.
    """

    charge: Charge | None
    url: str | None
    replay: bool = False
    met: bool = True
    attempt: Attempt | None = None


@patiently
def fire_charge(
    command: FireCommand,
    *,
    actor: Actor,
    origin: str = "manual_ui",
    key: str | None = None,
    approved: Request | None = None,
) -> Fired:
    """Fire once. The same key and command give the same charge in its present state.

    Raises the Refused that comes first in the gate; then nothing was bound, numbered or sent. A
    stored method whose gateway does not answer leaves the charge ``charging``: the worker asks on.
    Above the limit for one person it is kept as a request (SecondPersonNeeded), which binds the
    key; ``approved`` is that request once a second person approved it.
    """
    fired = _fire(command, actor, origin, key, approved)
    if fired.charge is None or fired.charge.state != "charging" or fired.attempt is None:
        return fired
    # repetitions come here too: whoever asks waits for the gateway's answer, under one key of ours
    try:
        settle_attempt(fired.attempt.id)
    except Down:
        return fired
    with db.read_only() as connection:
        return _present(connection, fired.charge.id, replay=fired.replay)


def _fire(
    command: FireCommand, actor: Actor, origin: str, key: str | None, approved: Request | None
) -> Fired:
    mark = keys.fingerprint("fire", _normal(command))
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        bound = keys.find(connection, actor, key, mark)
        if bound is not None:
            made = bound.get("charge") or answered(connection, bound["request"])
            return _present(connection, made, replay=True)
        gate_command = replace(command, again=command.again or (origin == "api" and bool(key)))
        fire = check_fire(connection, gate_command)
        if not fire.metric.met:
            return Fired(None, None, met=False)
        if fire.same is not None:
            keys.bind(connection, actor, key, mark, {"charge": fire.same.id})
            return _present(connection, fire.same.id, replay=True)
        if approved is None and is_above_limit(fire):
            held = _hold(connection, fire, command, actor, origin, always_new=gate_command.again)
            keys.bind(connection, actor, key, mark, {"request": held.id})
        else:
            charge, link = freeze_invoice(
                connection, fire, actor=actor, origin=origin, approved=approved
            )
            attempt = _follow(connection, fire, charge, actor)
            keys.bind(connection, actor, key, mark, {"charge": charge.id})
            return Fired(charge, address_of(link) if link else None, attempt=attempt)
    raise needed(held)


def is_above_limit(fire: Approved) -> bool:
    """True when this total is more than one person may charge."""
    limit = fire.company.second_charge_above_major
    return second_person.is_above(fire.sums.total_minor, fire.item.currency, limit)


def _hold(
    connection: Connection,
    fire: Approved,
    command: FireCommand,
    actor: Actor,
    origin: str,
    *,
    always_new: bool,
) -> Request:
    """The request that this fire becomes; its total is frozen, so that no other is ever fired."""
    frozen = replace(command, expected_minor=fire.sums.total_minor, again=True)
    return hold_request(
        connection,
        "fire",
        asdict(frozen) | {"origin": origin},
        amount_minor=fire.sums.total_minor,
        currency=fire.item.currency,
        customer_id=fire.customer.id,
        actor=actor,
        always_new=always_new,
    )


def _follow(connection: Connection, fire: Approved, charge: Charge, actor: Actor) -> Attempt | None:
    """The enrolment's own memory, and for ``off_session`` the attempt to call the gateway with."""
    items.touch_enrolment(connection, fire.enrolment.id, clock.now(), charge.state)
    if charge.state != "charging":
        return None
    return start_attempt(
        connection, charge, fire.customer, via="off_session", link=None, actor=actor
    )


def _present(connection: Connection, charge_id: str, *, replay: bool) -> Fired:
    """The charge as it is now, with its live link and its latest attempt."""
    link = links.find_live(connection, charge_id)
    tries = attempts.of_charge(connection, charge_id)
    return Fired(
        charges.get(connection, charge_id),
        address_of(link) if link else None,
        replay=replay,
        attempt=tries[-1] if tries else None,
    )


def _normal(command: FireCommand) -> dict[str, object]:
    """What was meant, however it was typed: the same command has the same fingerprint."""
    values: dict[str, object] = {
        name: getattr(command, name)
        for name in FireCommand.__dataclass_fields__
        if name not in ("expected_minor", "grouped", "again")
    }
    for name in ("description", "po_number", "metric_value"):
        values[name] = str(values[name]).strip()
    return values | {"amount": _plain(command.amount, grouped=command.grouped)}


def _plain(amount: str, *, grouped: bool) -> str:
    """``4500.0``, `` 4500.00 `` and a person's ``4,500.00`` as ``4500.``; anything odd as it is."""
    typed = amount.strip().replace(",", "") if grouped else amount.strip()
    whole, _, decimals = typed.partition(".")
    if not (whole.isascii() and whole.isdigit() and f"0{decimals}".isdigit()):
        return amount
    return f"{whole.lstrip('0')}.{decimals.rstrip('0')}"
