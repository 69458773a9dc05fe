"""Keep what one person may not do alone until a second one approves it (document 1, requests).

Used by ``refund_charge`` and ``fire_charge`` in their transaction: nothing but the request is
written, so no charge, number or client is touched. Every surface gets SecondPersonNeeded with the
request's id: the console as a receipt, the command line as a no, /v1 as 202, Edge as an error.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from billing_core import clock, ids
from billing_core.errors import IllegalMove, SecondPersonNeeded
from billing_core.records import keys, requests
from billing_core.rules import money
from billing_core.rules.nouns import Actor, Request


def hold_request(
    connection: Connection,
    verb: str,
    parameters: dict[str, Any],
    *,
    amount_minor: int,
    currency: str,
    customer_id: str,
    actor: Actor,
    charge_id: str | None = None,
    always_new: bool = False,
) -> Request:
    """Store the request; the same asked for once more by the same actor is the first one.

    ``always_new``: the caller's own idempotency keys say that two mean two.
    """
    mark = keys.fingerprint(verb, parameters)
    standing = requests.find_waiting(connection, actor, mark)
    if standing is not None and not always_new:
        return standing
    request = Request(
        id=ids.new_id("rq"),
        verb=verb,
        state="waiting",
        parameters=parameters,
        amount_minor=amount_minor,
        currency=currency,
        customer_id=customer_id,
        charge_id=charge_id,
        asked_by=actor,
        asked_at=clock.now(),
    )
    requests.append(connection, request, mark)
    return request


def needed(request: Request) -> SecondPersonNeeded:
    """What is raised, after the commit, instead of an answer."""
    amount = f"{money.to_text(request.amount_minor, request.currency)} {request.currency}"
    return SecondPersonNeeded(
        f"{amount} is above what one person may do alone. It waits as {request.id} until somebody "
        "else approves it under Operations; nothing was done yet.",
        request_id=request.id,
    )


def answered(connection: Connection, request_id: str) -> str:
    """The id of what an executed request made; raises what stands in its way otherwise."""
    request = requests.get(connection, request_id)
    if request.state == "waiting":
        raise needed(request)
    if request.result is None:
        why = f": {request.reason}" if request.reason else "."
        raise IllegalMove(f"The request {request.id} was {request.state}{why}")
    return request.result


def seal_of(request: Request | None) -> dict[str, str]:
    """What the evidence of an approved act says about who approved it."""
    if request is None or request.decided_by is None:
        return {}
    return {"request": request.id, "approved_by": request.decided_by.id}
