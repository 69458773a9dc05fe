"""What /v1 does with what waits for a second person: look, approve, refuse, withdraw."""

from __future__ import annotations

from billing_core.flows.approve_request import approve_request
from billing_core.flows.noticing import noticing
from billing_core.flows.refuse_request import refuse_request, withdraw_request
from billing_core.reports import pages
from billing_core.rules.nouns import Request
from paynow.api import shapes_money, telling_requests
from paynow.api.acts_charges import GATE
from paynow.api.bodies import NoFields, Refusal
from paynow.api.calling import Answer, Call, filtered, known, naming
from paynow.api.operation import get, post
from paynow.api.parameters import Parameters, RequestsPage

_NO_REQUEST = ("request_not_found",)


def list_all(call: Call[NoFields, RequestsPage]) -> Answer:
    """Requests, newest first."""
    asked = call.parameters
    page = pages.requests(limit=asked.limit, after=asked.cursor, state=filtered(asked.state))
    data = [shapes_money.Request(**telling_requests.request(found)) for found in page.rows]
    return Answer(shapes_money.RequestList(data=data, next_cursor=page.next_id))


def show(call: Call[NoFields, Parameters]) -> Answer:
    """One request, and what came of it."""
    with naming("request_not_found"):
        found = pages.request(known(call.id, "request_not_found"))
    return Answer(shapes_money.Request(**telling_requests.request(found)))


def approve(call: Call[NoFields, Parameters]) -> Answer:
    """It is done at once, for whoever asked, with all rules looked at again. Whoever asked cannot
    approve it."""
    request_id = known(call.id, "request_not_found")
    with noticing() as seen, naming("request_not_found"):
        pages.request(request_id)
        found = approve_request(request_id, actor=call.caller.actor, key=call.key)
    return _told(found, replay=seen.replay)


def refuse(call: Call[Refusal, Parameters]) -> Answer:
    """Nothing is done. Whoever asked withdraws instead."""
    request_id, reason = known(call.id, "request_not_found"), call.body.reason or ""
    with noticing() as seen, naming("request_not_found"):
        found = refuse_request(request_id, reason=reason, actor=call.caller.actor, key=call.key)
    return _told(found, replay=seen.replay)


def withdraw(call: Call[NoFields, Parameters]) -> Answer:
    """Nothing is done. Only whoever asked can take it back."""
    request_id = known(call.id, "request_not_found")
    with noticing() as seen, naming("request_not_found"):
        found = withdraw_request(request_id, actor=call.caller.actor, key=call.key)
    return _told(found, replay=seen.replay)


def _told(found: Request, *, replay: bool) -> Answer:
    shape = shapes_money.RequestTold(**telling_requests.request(found), idempotent_replay=replay)
    return Answer(shape)


_TOLD = (shapes_money.RequestTold,)
_ENDS = (*_NO_REQUEST, "own_request", "illegal_move")
OPERATIONS = (
    get("listRequests", "requests", "List what waits for a second person, or was decided", list_all,
        parameters=RequestsPage, answers=(shapes_money.RequestList,)),
    get("getRequest", "requests/{id}", "Show a request", show,
        answers=(shapes_money.Request,), refuses=_NO_REQUEST),
    post("approveRequest", "requests/{id}/approve", "Approve what somebody else asked for", approve,
         scope="refund", also="manage", answers=_TOLD,
         refuses=(*_ENDS, *GATE, "refund_too_much", "dispute_open", "paid_outside",
                  "condition_not_met", "charge_not_found")),
    post("refuseRequest", "requests/{id}/refuse", "Refuse what somebody else asked for", refuse,
         scope="refund", also="manage", body=Refusal, answers=_TOLD,
         refuses=(*_ENDS, "text_invalid")),
    post("withdrawRequest", "requests/{id}/withdraw", "Withdraw your own request", withdraw,
         answers=_TOLD, refuses=(*_NO_REQUEST, "not_yours", "illegal_move")),
)  # fmt: skip
