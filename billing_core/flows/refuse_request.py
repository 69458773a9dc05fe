"""End a request without doing what it asks for: refused by somebody else, or withdrawn."""

from __future__ import annotations

from billing_core import clock
from billing_core.errors import IllegalMove, NotAllowed
from billing_core.flows.approve_request import check_other
from billing_core.records import db, keys, organisation, requests
from billing_core.records.patience import patiently
from billing_core.rules import texts
from billing_core.rules.nouns import Actor, Request


@patiently
def refuse_request(
    request_id: str, *, reason: str = "", actor: Actor, key: str | None = None
) -> Request:
    """Refused by somebody else than the asker. Raises NotAllowed, IllegalMove."""
    return _end(request_id, "refused", reason, actor, key)


@patiently
def withdraw_request(request_id: str, *, actor: Actor, key: str | None = None) -> Request:
    """Taken back by its asker. Raises NotAllowed, IllegalMove."""
    return _end(request_id, "withdrawn", "", actor, key)


def _end(request_id: str, state: str, reason: str, actor: Actor, key: str | None) -> Request:
    why = texts.check_line(reason, "The reason", most=300, required=False)
    mark = keys.fingerprint(f"{state}_request", {"request": request_id, "reason": why})
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        request = requests.lock(connection, request_id)
        if keys.find(connection, actor, key, mark) is not None or request.state == state:
            return request
        if state == "refused":
            check_other(request, actor)
        elif actor.id != request.asked_by.id:
            raise NotAllowed("Only who asked for this can withdraw it.", code="NOT_YOURS")
        if request.state != "waiting" or request.decided_by is not None:
            stands = "approved" if request.decided_by else request.state
            raise IllegalMove(f"This request was {stands} already.")
        requests.change(
            connection,
            request_id,
            state=state,
            decided_by=actor,
            decided_at=clock.now(),
            reason=why,
        )
        organisation.note_act(
            connection, f"request.{state}", {"request": request_id, "reason": why}, actor
        )
        keys.bind(connection, actor, key, mark, {"request": request_id})
        return requests.get(connection, request_id)
