"""What /v1 does with money that moved: refunds, the evidence of a charge, disputes, revenue."""

from __future__ import annotations

from billing_core.flows.export_evidence import export_evidence
from billing_core.flows.noticing import noticing
from billing_core.flows.refund_charge import refund_charge
from billing_core.reports import pages
from paynow.api import amounts_in, shapes_money, telling
from paynow.api.bodies import NewRefund, NoFields
from paynow.api.calling import Answer, Archive, Call, filtered, known, moment, naming
from paynow.api.operation import ZIP, get, post
from paynow.api.parameters import DisputesPage, Paging, Parameters, RevenuePage
from paynow.api.problems import Problem


def refund(call: Call[NewRefund, Parameters]) -> Answer:
    """The client gets a credit note by mail once the money is there. While the gateway has not
    answered, the state is unknown: we go on asking."""
    body = call.body
    with naming("charge_not_found"):
        charge = pages.charge(known(call.id, "charge_not_found"))
    asked = amounts_in.read("amount", body.amount, body.amount_minor, charge.currency)
    with noticing() as seen, naming("charge_not_found"):
        done = refund_charge(
            charge.id,
            amount=amounts_in.as_typed(asked, charge.currency),
            reason=body.reason,
            note=body.note or "",
            actor=call.caller.actor,
            key=call.key,
        )
    if done.state in ("failed", "cancelled"):
        more = {"charge": charge.id, "refund": done.id, "idempotent_replay": seen.replay}
        raise Problem("refund_failed", done.problem or "The refund did not arrive.", more=more)
    shape = shapes_money.RefundTold(**telling.refund(done), idempotent_replay=seen.replay)
    return Answer(shape, new=not seen.replay)


def list_refunds(call: Call[NoFields, Paging]) -> Answer:
    """What was sent back of a charge or is on its way, newest first."""
    asked = call.parameters
    with naming("charge_not_found"):
        charge = pages.charge(known(call.id, "charge_not_found"))
    page = pages.refunds(charge.id, limit=asked.limit, after=asked.cursor)
    data = [shapes_money.Refund(**telling.refund(found)) for found in page.rows]
    return Answer(shapes_money.RefundList(data=data, next_cursor=page.next_id))


def evidence(call: Call[NoFields, Parameters]) -> Archive:
    """A zip that anybody can check: python verify.py FILE.zip, which is in it. No address of the
    client's page is."""
    with naming("charge_not_found"):
        pack = export_evidence(known(call.id, "charge_not_found"), actor=call.caller.actor)
    return Archive(pack.data, pack.name)


def list_disputes(call: Call[NoFields, DisputesPage]) -> Answer:
    """Disputes, newest first."""
    asked = call.parameters
    page = pages.disputes(
        limit=asked.limit,
        after=asked.cursor,
        charge_id=filtered(asked.charge),
        status=filtered(asked.status),
    )
    data = [shapes_money.Dispute(**telling.dispute(found)) for found in page.rows]
    return Answer(shapes_money.DisputeList(data=data, next_cursor=page.next_id))


def show_dispute(call: Call[NoFields, Parameters]) -> Answer:
    """One dispute."""
    with naming("dispute_not_found"):
        found = pages.dispute(known(call.id, "dispute_not_found"))
    return Answer(shapes_money.Dispute(**telling.dispute(found)))


def list_revenue(call: Call[NoFields, RevenuePage]) -> Answer:
    """What was really collected, and what went out again (negative), the latest recorded first."""
    asked = call.parameters
    page = pages.revenue(
        limit=asked.limit,
        after=asked.cursor,
        since=moment("since", asked.since),
        until=moment("until", asked.until),
        customer_id=filtered(asked.customer),
        project_id=filtered(asked.project),
        currency=filtered(asked.currency),
    )
    data = [shapes_money.Revenue(**telling.revenue(found)) for found in page.rows]
    return Answer(shapes_money.RevenueList(data=data, next_cursor=page.next_id))


_NO_CHARGE = ("charge_not_found",)
OPERATIONS = (
    post("refundCharge", "charges/{id}/refunds", "Refund a paid charge, or a part of it", refund,
         scope="refund", body=NewRefund, answers=(shapes_money.RefundTold,), makes=True,
         refuses=(*_NO_CHARGE, "illegal_move", "amount_invalid", "second_person_needed",
                  "refund_too_much",
                  "dispute_open", "paid_outside", "refund_failed", "text_invalid",
                  "gateway_unavailable")),
    get("listRefunds", "charges/{id}/refunds", "List the refunds of a charge", list_refunds,
        parameters=Paging, answers=(shapes_money.RefundList,), refuses=_NO_CHARGE),
    get("getEvidence", "charges/{id}/evidence", "The evidence pack of a charge", evidence,
        media_type=ZIP, refuses=(*_NO_CHARGE, "evidence_broken")),
    get("listDisputes", "disputes", "List disputes", list_disputes,
        parameters=DisputesPage, answers=(shapes_money.DisputeList,)),
    get("getDispute", "disputes/{id}", "Show a dispute", show_dispute,
        answers=(shapes_money.Dispute,), refuses=("dispute_not_found",)),
    get("listRevenue", "revenue", "List revenue", list_revenue,
        parameters=RevenuePage, answers=(shapes_money.RevenueList,)),
)  # fmt: skip
