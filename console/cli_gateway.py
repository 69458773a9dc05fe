"""The verbs about the payment gateway: go through its books, ask a client for a payment method.

Reads arguments, calls a flow, prints the answer; no rule, no SQL, nothing heavy loaded.
"""

from __future__ import annotations

from typing import Annotated

import typer

from console.terminal import Json, say, say_json, say_wrong


def reconcile(as_json: Json = False) -> None:
    """Ask the gateway about everything unsettled and recent; exit 1 when books differ."""
    from billing_core.flows.reconcile import reconcile as go_through
    from billing_core.rules import money

    found = go_through(None if as_json else lambda step: say(f"{step} …"))
    if as_json:
        say_json(
            {
                "looked_at": found.looked_at,
                "changed": found.changed,
                "differences": found.differences,
                "waiting": found.waiting,
                "problem": found.problem,
                "clean": found.is_clean,
            }
        )
    else:
        for sentence in found.changed:
            say(f"- {sentence}")
        for currency, minor in found.differences.items():
            waits = found.waiting.get(currency, 0)
            shown = f"{money.to_text(minor, currency)} {currency} ({minor} minor units)"
            note = ", not yet in the gateway's own books" if waits == minor else ""
            say(f"Difference: {shown}{note}.")
        said = "Our books and the gateway's agree." if found.is_clean else "They do NOT agree."
        say(f"{found.looked_at} looked at, {len(found.changed)} changed. {said}")
    if found.problem:
        say_wrong(found.problem)
    if not found.is_clean:
        raise typer.Exit(1)


def setup_link(customer: Annotated[str, typer.Argument(metavar="bc_…")]) -> None:
    """Mail a client the way to store a payment method, and print it."""
    from billing_core.flows.request_setup import request_setup
    from billing_core.flows.who import local_actor

    say(request_setup(customer, actor=local_actor()).url or "")


def refund(
    charge: Annotated[str, typer.Argument(metavar="sc_…")],
    *,
    amount: Annotated[
        str | None, typer.Option(metavar="100.00", help="A part; all that is left when omitted.")
    ] = None,
    reason: Annotated[
        str,
        typer.Option(metavar="WORD", help="requested_by_customer, duplicate, fraudulent, other."),
    ] = "requested_by_customer",
    note: Annotated[str, typer.Option(metavar="TEXT", help="Shown to the client.")] = "",
    idempotency_key: Annotated[
        str | None, typer.Option(metavar="KEY", help="The same key never refunds twice.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Send money back for a paid charge; exit 1 when it is refused or did not arrive."""
    from billing_core import ids
    from billing_core.flows.refund_charge import refund_charge
    from billing_core.flows.who import local_actor
    from billing_core.rules import money

    key = idempotency_key or ids.new_id("cli")
    done = refund_charge(
        charge, amount=amount or "", reason=reason, note=note, actor=local_actor(), key=key
    )
    if as_json:
        say_json(
            {
                "id": done.id,
                "state": done.state,
                "amount_minor": done.amount_minor,
                "currency": done.currency,
                "credit_note": done.number,
                "problem": done.problem,
            }
        )
    else:
        shown = f"{money.to_text(done.amount_minor, done.currency)} {done.currency}"
        say(f"{done.id}  {shown}  {done.state}  {done.number or ''}".rstrip())
    if done.state in ("failed", "cancelled"):
        say_wrong(done.problem or "The refund did not arrive.")
        raise typer.Exit(1)
