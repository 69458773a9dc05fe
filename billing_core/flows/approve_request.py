"""A second person approves what another one asked for, and it is done: intend, call, record.

The approval is durable first; then the verb's own flow runs for the asker, under the request's id
as its key and with all its rules looked at again. Dying in between is repaired by the worker.
"""

from __future__ import annotations

from datetime import timedelta

from billing_core import clock, ids
from billing_core.errors import IllegalMove, NotAllowed, Refused
from billing_core.flows.check_fire import FireCommand
from billing_core.flows.fire_charge import fire_charge
from billing_core.flows.refund_charge import refund_charge
from billing_core.records import db, keys, organisation, requests, work
from billing_core.records.patience import patiently, repeatably
from billing_core.rules.nouns import Actor, Request

FIRST_LOOK = timedelta(seconds=20)


@patiently
def approve_request(request_id: str, *, actor: Actor, key: str | None = None) -> Request:
    """Execute the request once; approved again it is the same. ``actor`` must not be the asker.

    Raises NotAllowed, IllegalMove when it was refused or withdrawn, and whatever the verb's flow
    refuses: then the request waits on, with that as its ``problem``.
    """
    mark = keys.fingerprint("approve_request", {"request": request_id})
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        request = requests.lock(connection, request_id)
        if keys.find(connection, actor, key, mark) is not None:
            return request
        check_other(request, actor)
        if request.state in ("refused", "withdrawn"):
            raise IllegalMove(f"This request was {request.state}, so nobody can approve it.")
        if request.state == "waiting" and request.decided_by is None:
            requests.change(
                connection, request_id, decided_by=actor, decided_at=clock.now(), problem=""
            )
            work.enqueue(
                connection,
                "execute_request",
                f"request:{request_id}:{ids.new_id('n')}",
                {"request": request_id},
                due_at=clock.now() + FIRST_LOOK,
            )
    done = execute_request(request_id)
    with db.begin() as connection:
        keys.bind(connection, actor, key, mark, {"request": request_id})
    return done


def check_other(request: Request, actor: Actor) -> None:
    """NotAllowed for whoever asked: the second person is another one."""
    if actor.id == request.asked_by.id:
        raise NotAllowed(
            "You asked for this yourself: somebody else has to approve it.", code="OWN_REQUEST"
        )


def execute_request(request_id: str) -> Request:
    """Do what was approved; safe to repeat. One that is not approved, or done, is left alone."""
    with db.read_only() as connection:
        request = requests.get(connection, request_id)
    if request.state != "waiting" or request.decided_by is None:
        return request
    try:
        made = _VERBS[request.verb](request)
    except Refused as refusal:
        _record(request_id, None, refusal.sentence)
        raise
    return _record(request_id, made, "")


@repeatably
def _record(request_id: str, made: str | None, problem: str) -> Request:
    """What came of it. Refused by a rule it waits again, as if nobody had decided."""
    with db.begin() as connection:
        request = requests.lock(connection, request_id)
        if request.state == "waiting" and made is not None:
            requests.change(connection, request_id, state="executed", result=made, problem="")
            approver = request.decided_by or request.asked_by
            told = {"request": request_id, "made": made}
            organisation.note_act(connection, "request.executed", told, approver)
        elif request.state == "waiting":
            requests.change(
                connection, request_id, decided_by=None, decided_at=None, problem=problem
            )
        work.cancel(connection, f"request:{request_id}:")
        return requests.get(connection, request_id)


def _fire(request: Request) -> str | None:
    fields = dict(request.parameters)
    origin = fields.pop("origin")
    command = FireCommand(**fields)
    asker, key = request.asked_by, request.id
    charge = fire_charge(command, actor=asker, origin=origin, key=key, approved=request).charge
    if charge is None:
        raise NotAllowed("The item's condition does not hold any more.", code="CONDITION_NOT_MET")
    return charge.id


def _refund(request: Request) -> str:
    said = request.parameters
    done = refund_charge(
        said["charge"],
        amount=said["amount"],
        reason=said["reason"],
        note=said["note"],
        actor=request.asked_by,
        key=request.id,
        approved=request,
    )
    return done.id


_VERBS = {"fire": _fire, "refund": _refund}
