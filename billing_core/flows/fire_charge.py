"""Fire a charge (journey 1): key, gate, amount, number, frozen invoice, link, chain, mail job."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from billing_core import clock
from billing_core.flows.check_fire import Approved, FireCommand, check_fire
from billing_core.flows.freeze_invoice import freeze_invoice
from billing_core.flows.mint_link import address_of
from billing_core.flows.settle_attempt import settle_attempt
from billing_core.flows.start_attempt import start_attempt
from billing_core.records import charges, db, items, keys, links
from billing_core.records.patience import patiently
from billing_core.rules.nouns import Actor, Charge


@dataclass(frozen=True, slots=True)
class Fired:
    """The answer to a fire. ``met`` is False when a threshold's condition did not hold."""

    charge: Charge | None
    url: str | None
    replay: bool = False
    met: bool = True


@patiently
def fire_charge(
    command: FireCommand, *, actor: Actor, origin: str = "manual_ui", key: str | None = None
) -> Fired:
    """Fire once. The same key and command give the same charge in its present state.

    Raises the Refused that comes first in the gate; then nothing was bound, numbered or sent.
    """
    mark = keys.fingerprint("fire", _normal(command))
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        bound = keys.find(connection, actor, key, mark)
        if bound is not None:
            return _again(connection, bound["charge"])
        gate_command = replace(command, again=command.again or (origin == "api" and bool(key)))
        fire = check_fire(connection, gate_command)
        if not fire.metric.met:
            return Fired(None, None, met=False)
        if fire.same is not None:
            keys.bind(connection, actor, key, mark, {"charge": fire.same.id})
            return _again(connection, fire.same.id)
        charge, link = freeze_invoice(connection, fire, actor=actor, origin=origin)
        attempt_id = _follow(connection, fire, charge, actor)
        keys.bind(connection, actor, key, mark, {"charge": charge.id})
    if attempt_id is None:
        return Fired(charge, address_of(link) if link else None)
    settle_attempt(attempt_id)
    with db.read_only() as connection:
        return replace(_again(connection, charge.id), replay=False)


def _follow(connection: Connection, fire: Approved, charge: Charge, actor: Actor) -> str | None:
    """The enrolment's own memory, and for ``off_session`` the attempt to call the gateway with."""
    items.touch_enrolment(connection, fire.enrolment.id, clock.now(), charge.state)
    if charge.state != "charging":
        return None
    attempt = start_attempt(
        connection, charge, fire.customer, via="off_session", link=None, actor=actor
    )
    return attempt.id


def _again(connection: Connection, charge_id: str) -> Fired:
    charge = charges.get(connection, charge_id)
    link = links.find_live(connection, charge_id)
    return Fired(charge, address_of(link) if link else None, replay=True)


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
