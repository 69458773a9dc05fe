"""What /v1 does with charges: fire, show, list, void, send again, mint a link, record a payment."""

from __future__ import annotations

from billing_core.errors import NotFound
from billing_core.flows.check_fire import FireCommand
from billing_core.flows.fire_charge import Fired, fire_charge
from billing_core.flows.mint_link import mint_link
from billing_core.flows.noticing import noticing
from billing_core.flows.record_payment import record_payment
from billing_core.flows.resend_invoice import resend_invoice
from billing_core.flows.retry_charge import retry_charge
from billing_core.flows.void_charge import void_charge
from billing_core.reports import pages
from billing_core.rules.nouns import Charge
from paynow.api import amounts_in, shapes, telling
from paynow.api.bodies import NewCharge, NoFields, Payment, Void
from paynow.api.calling import Answer, Call, filtered, known, naming
from paynow.api.checking import refused_fields
from paynow.api.operation import get, post
from paynow.api.parameters import ChargesPage, Parameters
from paynow.api.problems import Problem

#: Who holds one of these sees the client's address where it is answered at all.
MAY_SEE_LINKS = frozenset({"fire", "links"})


def fire(call: Call[NewCharge, Parameters]) -> Answer:
    """The same idempotency key gives the same charge, in its present state."""
    fired = fire_charge(_command(call.body), actor=call.caller.actor, origin="api", key=call.key)
    if fired.charge is None:
        return Answer(_not_met(call.body))
    check_declined(fired)
    shape = shapes.ChargeWithLink(
        **telling.charge(fired.charge), idempotent_replay=fired.replay, invoice_url=fired.url
    )
    return Answer(shape, new=not fired.replay)


def check_declined(fired: Fired) -> None:
    """Problem charge_declined when the stored method was declined and nothing came after that."""
    charge, attempt = fired.charge, fired.attempt
    if charge is not None and charge.state == "failed":
        raise _declined(charge.id, attempt.problem if attempt else "", replay=fired.replay)


def retry(call: Call[NoFields, Parameters]) -> Answer:
    """Charge the method that is stored now for a charge that failed; the same invoice, a new
    attempt. Where the bank wants the client, the charge waits for them."""
    charge_id = known(call.id, "charge_not_found")
    with noticing() as seen, naming("charge_not_found"):
        found = retry_charge(charge_id, actor=call.caller.actor, key=call.key)
    if found.state == "failed":
        raise _declined(found.id, pages.last_problem(found.id), replay=seen.replay)
    return _told(found, replay=seen.replay)


def decimal_amount(item_id: str, text: str | None, minor: int | None) -> str:
    """The amount of a fire as decimal text, "" for none; what is no amount is left to the gate.

    Problem amount_invalid when text and minor units are both there and differ.
    """
    if text is not None and not text.strip():
        raise refused_fields({"amount": "An empty amount is none. Leave the field out."})
    if minor is None:
        return text or ""
    try:
        currency = pages.item(item_id).currency
    except NotFound:
        return text or ""
    found = amounts_in.read("amount", text, minor, currency)
    return amounts_in.as_typed(found, currency)


def show(call: Call[NoFields, Parameters]) -> Answer:
    """One charge."""
    with naming("charge_not_found"):
        found = pages.charge(known(call.id, "charge_not_found"))
    return Answer(shapes.Charge(**telling.charge(found)))


def list_all(call: Call[NoFields, ChargesPage]) -> Answer:
    """Charges, newest first."""
    asked = call.parameters
    page = pages.charges(
        limit=asked.limit,
        after=asked.cursor,
        customer_id=filtered(asked.customer),
        project_id=filtered(asked.project),
        state=filtered(asked.state),
    )
    data = [shapes.Charge(**telling.charge(found)) for found in page.rows]
    return Answer(shapes.ChargeList(data=data, next_cursor=page.next_id))


def void(call: Call[Void, Parameters]) -> Answer:
    """Withdraw the invoice; the client is told."""
    charge_id = known(call.id, "charge_not_found")
    with noticing() as seen, naming("charge_not_found"):
        found = void_charge(
            charge_id, reason=call.body.reason or "", actor=call.caller.actor, key=call.key
        )
    return _told(found, replay=seen.replay)


def resend(call: Call[NoFields, Parameters]) -> Answer:
    """Send the invoice mail again under a new link; the old link dies."""
    charge_id = known(call.id, "charge_not_found")
    with noticing() as seen, naming("charge_not_found"):
        found = resend_invoice(charge_id, actor=call.caller.actor, key=call.key)
    return _with_link(call, found, replay=seen.replay)


def link(call: Call[NoFields, Parameters]) -> Answer:
    """Mint a new link without a mail; the old one dies."""
    charge_id = known(call.id, "charge_not_found")
    with noticing() as seen, naming("charge_not_found"):
        mint_link(charge_id, actor=call.caller.actor, key=call.key)
    return _with_link(call, pages.charge(charge_id), replay=seen.replay)


def pay(call: Call[Payment, Parameters]) -> Answer:
    """Record that the whole sum was paid elsewhere."""
    charge_id, body = known(call.id, "charge_not_found"), call.body
    with noticing() as seen, naming("charge_not_found"):
        found = record_payment(
            charge_id,
            method=body.method,
            paid_on=body.paid_on,
            reference=body.reference,
            actor=call.caller.actor,
            key=call.key,
        )
    return _told(found, replay=seen.replay)


def _command(body: NewCharge) -> FireCommand:
    known(body.item, "item_not_found")
    return FireCommand(
        customer=body.customer,
        item=body.item,
        amount=decimal_amount(body.item, body.amount, body.amount_minor),
        description=body.description or "",
        milestone=body.milestone or "",
        po_number=body.po_number or "",
        metric_value=body.metric_value or "",
    )


def _declined(charge_id: str, said: str, *, replay: bool) -> Problem:
    more = {"charge": charge_id, "idempotent_replay": replay}
    sentence = said or "The stored payment method was declined."
    return Problem("charge_declined", sentence, more=more)


def _not_met(body: NewCharge) -> shapes.NotMet:
    return shapes.NotMet(
        id=None,
        code="condition_not_met",
        customer=body.customer,
        item=body.item,
        metric_value=body.metric_value,
        idempotent_replay=False,
    )


def _told(found: Charge, *, replay: bool) -> Answer:
    return Answer(shapes.ChargeTold(**telling.charge(found), idempotent_replay=replay))


def _with_link(call: Call[NoFields, Parameters], found: Charge, *, replay: bool) -> Answer:
    told = telling.charge(found)
    if not MAY_SEE_LINKS.intersection(call.caller.scopes):
        return Answer(shapes.ChargeWithLink(**told, idempotent_replay=replay))
    url = pages.invoice_url(found.id)
    return Answer(shapes.ChargeWithLink(**told, idempotent_replay=replay, invoice_url=url))


#: Every refusal of the gate of a fire, in its order.
GATE = (
    "missing_item", "item_not_found", "item_inactive", "item_not_trigger", "missing_customer",
    "customer_not_found", "initial_charge_required", "customer_not_active", "trigger_not_allowed",
    "not_enrolled", "enrollment_paused", "enrollment_cancelled", "metric_not_allowed",
    "metric_required", "metric_invalid", "override_not_allowed", "description_not_allowed",
    "amount_invalid", "amount_exceeds_cap", "text_invalid", "currency_mismatch",
    "contract_exceeded", "milestone_not_billable", "no_payment_method", "second_person_needed",
    "charge_declined", "gateway_unavailable",
)  # fmt: skip
_MOVE = ("charge_not_found", "illegal_move")
OPERATIONS = (
    post("fire", "charges", "Fire a charge", fire, scope="fire",
         body=NewCharge, answers=(shapes.ChargeWithLink, shapes.NotMet), makes=True, refuses=GATE),
    get("listCharges", "charges", "List charges", list_all,
        parameters=ChargesPage, answers=(shapes.ChargeList,)),
    get("getCharge", "charges/{id}", "Show a charge", show,
        answers=(shapes.Charge,), refuses=("charge_not_found",)),
    post("voidCharge", "charges/{id}/void", "Void a charge before it is paid", void,
         body=Void, answers=(shapes.ChargeTold,),
         refuses=(*_MOVE, "text_invalid", "gateway_unavailable")),
    post("resendInvoice", "charges/{id}/resend", "Send the invoice again under a new link", resend,
         answers=(shapes.ChargeWithLink,), refuses=_MOVE),
    post("retryCharge", "charges/{id}/retry", "Try a failed charge again", retry, scope="fire",
         answers=(shapes.ChargeTold,),
         refuses=(*_MOVE, "initial_charge_required", "customer_not_active", "trigger_not_allowed",
                  "not_enrolled", "enrollment_paused", "enrollment_cancelled",
                  "no_payment_method", "amount_invalid", "charge_declined",
                  "gateway_unavailable")),
    post("mintLink", "charges/{id}/link", "Mint a new Pay Now link", link, scope="links",
         answers=(shapes.ChargeWithLink,), refuses=_MOVE),
    post("recordPayment", "charges/{id}/payments", "Record a payment made elsewhere", pay,
         body=Payment, answers=(shapes.ChargeTold,), refuses=(*_MOVE, "gateway_unavailable")),
)  # fmt: skip
