"""Every way the API says no: the table of codes, and from what was raised to the answer (RFC 9457).

A code is stable and lower case; its status and title stand here and nowhere else.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Mapping

from starlette.responses import Response

from billing_core import settings
from billing_core.errors import (
    BillingError,
    Duplicate,
    FieldsRefused,
    NotFound,
    Refused,
    SecondPersonNeeded,
)
from paynow.limits import Refusal

log = logging.getLogger("paynow.api")

MEDIA_TYPE = "application/problem+json"
_STATUSES: dict[int, dict[str, str]] = {
    202: {"second_person_needed": "It waits for a second person"},
    400: {"body_invalid": "The body cannot be read"},
    401: {
        "missing_api_key": "No API key was sent",
        "invalid_api_key": "The API key is not valid",
    },
    402: {
        "charge_declined": "The stored payment method was declined",
        "refund_failed": "The refund did not arrive",
    },
    403: {
        "scope_missing": "The key lacks a scope",
        "own_request": "Whoever asked cannot approve it",
        "not_yours": "Only whoever asked can withdraw it",
    },
    404: {
        "not_found": "There is nothing at this address",
        "item_not_found": "There is no such item",
        "customer_not_found": "There is no such customer",
        "enrollment_not_found": "There is no such enrollment",
        "project_not_found": "There is no such project",
        "milestone_not_found": "There is no such milestone",
        "charge_not_found": "There is no such charge",
        "request_not_found": "There is no such request",
        "dispute_not_found": "There is no such dispute",
    },
    405: {"method_not_allowed": "This address does not take this method"},
    408: {"request_timeout": "The request took too long to arrive"},
    409: {
        "item_not_trigger": "The item is not a trigger item",
        "item_inactive": "The item is not active",
        "initial_charge_required": "The customer has to be verified first",
        "customer_not_active": "The customer is not active",
        "trigger_not_allowed": "The customer may not be charged",
        "not_enrolled": "The customer is not enrolled in the item",
        "enrollment_paused": "The enrollment is paused",
        "enrollment_cancelled": "The enrollment was cancelled",
        "milestone_not_billable": "The milestone cannot be billed",
        "no_payment_method": "The customer has no stored payment method",
        "condition_not_met": "The item's condition does not hold",
        "illegal_move": "Its present state does not allow this",
        "dispute_open": "The payer's bank has opened a dispute",
        "paid_outside": "It was paid outside the gateway",
        "evidence_broken": "The evidence does not hold",
        "gateway_cannot": "The gateway of this installation has no such thing",
        "request_in_progress": "The same request is still at work",
    },
    413: {"body_too_large": "The body is too large"},
    414: {"address_too_long": "The address is too long"},
    415: {"content_type_unsupported": "The content type is not supported"},
    422: {
        "fields_invalid": "Some fields are not valid",
        "missing_org": "No organisation was named",
        "missing_brand": "No brand was named",
        "org_mismatch": "This is another organisation or brand",
        "missing_item": "No item was named",
        "missing_customer": "No customer was named",
        "missing_contact": "No contact was named",
        "override_not_allowed": "The item fixes its amount",
        "description_not_allowed": "The item fixes its description",
        "metric_required": "The item needs a metric value",
        "metric_not_allowed": "The item takes no metric value",
        "metric_invalid": "The metric value is not a number",
        "amount_invalid": "The amount is not valid",
        "amount_exceeds_cap": "The amount is above the item's cap",
        "refund_too_much": "More than is left to refund",
        "currency_mismatch": "The currencies differ",
        "contract_exceeded": "The contract sum would be exceeded",
        "text_invalid": "A text is not valid",
        "parameter_invalid": "A parameter of the address is not valid",
        "idempotency_key_invalid": "The idempotency key is not valid",
        "idempotency_conflict": "The idempotency key was used for something else",
        "refused": "This was refused",
    },
    429: {"too_many_requests": "Too many requests"},
    500: {"internal_error": "Something went wrong on our side"},
    503: {
        "unavailable": "We cannot answer just now",
        "gateway_unavailable": "The payment provider does not answer just now",
    },
}
STATUS = {code: status for status, codes in _STATUSES.items() for code in codes}
TITLE = {code: title for codes in _STATUSES.values() for code, title in codes.items()}
_OF_REFUSAL = {
    400: "body_invalid",
    408: "request_timeout",
    413: "body_too_large",
    414: "address_too_long",
    415: "content_type_unsupported",
    429: "too_many_requests",
}
_SENTENCES = {
    "request_timeout": "The request took too long to arrive.",
    "body_too_large": "The body is larger than 64 KiB.",
    "too_many_requests": "Too many requests came from your network. Wait a moment.",
    "unavailable": "Too many requests are waiting. Ask again in a moment.",
}
_OUTSIDE = {
    "GATEWAY_DOWN": "gateway_unavailable",
    "GATEWAY_MISUSED": "gateway_unavailable",
    "TOO_MANY": "too_many_requests",
    "CURRENCY_UNKNOWN": "amount_invalid",
}
#: What flows raise for a thing they did not find, without saying which: the operation knows.
UNNAMED = frozenset({"NOT_FOUND", "NOT_ENROLLED", "MILESTONE_NOT_BILLABLE"})


class Problem(Exception):
    """One refusal of the API. ``fields`` maps field names to sentences, ``more`` is sent along."""

    def __init__(
        self,
        code: str,
        sentence: str,
        *,
        fields: Mapping[str, str] | None = None,
        more: Mapping[str, object] | None = None,
        retry_after_s: int = 0,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = STATUS[code]
        self.sentence = sentence
        self.fields = dict(fields or {})
        self.more = dict(more or {})
        self.retry_after_s = retry_after_s


def problem_of(error: Exception, *, missing: str = "") -> Problem:
    """The problem that ``error`` is. ``missing`` names what an unnamed NotFound has not found."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Refusal):
        return _of_refusal(error)
    if isinstance(error, FieldsRefused):
        return Problem("fields_invalid", error.sentence, fields=error.problems)
    if isinstance(error, Duplicate):
        return Problem("milestone_not_billable", error.sentence, more={"charge": error.charge_id})
    if isinstance(error, SecondPersonNeeded):
        # accepted, not done: what was asked for waits under this id
        return Problem("second_person_needed", error.sentence, more={"request": error.request_id})
    if missing and isinstance(error, NotFound) and error.code in UNNAMED:
        return Problem(missing, error.sentence)
    if isinstance(error, BillingError):
        return _of_billing(error)
    note(error)
    return _failed()


def note(error: Exception) -> None:
    """Log what nobody foresaw: where it happened, never its words, for those may hold a key."""
    where = "".join(traceback.format_tb(error.__traceback__))
    log.error("an API call failed: %s\n%s", type(error).__name__, where)


def as_response(problem: Problem) -> Response:
    """The problem as application/problem+json."""
    told: dict[str, object] = {
        "type": f"{settings.load().pay_base}/docs#{problem.code}",
        "title": TITLE[problem.code],
        "status": problem.status,
        "detail": problem.sentence,
        "code": problem.code,
    }
    if problem.fields:
        named = problem.fields.items()
        told["errors"] = [{"field": name, "detail": sentence} for name, sentence in named]
    response = Response(
        json.dumps(told | problem.more).encode("ascii"),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
    )
    if problem.retry_after_s:
        response.headers["retry-after"] = str(problem.retry_after_s)
    if problem.status == 401:
        response.headers["www-authenticate"] = 'Bearer realm="countersign"'
    if problem.status in (408, 413):
        # the rest of the body is not read: nothing can follow on this connection
        response.headers["connection"] = "close"
    return response


def _of_refusal(refusal: Refusal) -> Problem:
    code = _OF_REFUSAL.get(refusal.status, "unavailable")
    sentence = _SENTENCES.get(code, refusal.sentence)
    return Problem(code, sentence, retry_after_s=refusal.retry_after_s)


def _of_billing(error: BillingError) -> Problem:
    code = _OUTSIDE.get(error.code, error.code.lower())
    if code == "gateway_unavailable":
        log.warning("the gateway failed: %s", error.code)
        sentence = "The payment provider does not answer. Ask again with the same idempotency key."
        return Problem(code, sentence, retry_after_s=10)
    if code == "too_many_requests":
        return Problem(code, error.sentence, retry_after_s=600)
    if code in STATUS:
        retry = 1 if code == "request_in_progress" else 0
        return Problem(code, error.sentence, retry_after_s=retry)
    if isinstance(error, Refused):
        return Problem("not_found" if isinstance(error, NotFound) else "refused", error.sentence)
    note(error)
    if error.code.startswith("DATABASE"):
        sentence = "Our books cannot be opened just now. Ask again with the same idempotency key."
        return Problem("unavailable", sentence, retry_after_s=5)
    return _failed()


def _failed() -> Problem:
    return Problem(
        "internal_error",
        "What you asked for may not have been done. Ask again with the same idempotency key: "
        "nothing is ever done twice under one key.",
    )
