"""Refunds: never more than was taken, never while the bank holds the money."""

from __future__ import annotations

from tests.stripe_fake.company import Company, Obj, Refusal
from tests.stripe_fake.wire import Asked

_REASONS = (None, "duplicate", "fraudulent", "requested_by_customer")


def create(company: Company, asked: Asked) -> Obj:
    intent_id, charge_id = asked.text("payment_intent"), asked.text("charge")
    amount, reason = asked.number("amount", least=1), asked.text("reason")
    metadata = asked.metadata()
    asked.check_all_read()
    if reason not in _REASONS:
        raise Refusal(f"Invalid reason: must be one of {_REASONS[1:]}", param="reason",
                      validation=True)  # fmt: skip
    charge = _charge(company, intent_id, charge_id)
    left = charge["amount"] - charge["amount_refunded"]
    if charge["disputed"] and not _is_refundable(company, charge):
        raise Refusal(f"Charge {charge['id']} has been charged back; cannot issue a refund.",
                      code="charge_disputed")  # fmt: skip
    if left == 0:
        raise Refusal(f"Charge {charge['id']} has already been refunded.",
                      code="charge_already_refunded")  # fmt: skip
    wanted = left if amount is None else amount
    if wanted > left:
        raise Refusal(
            f"Refund amount ({wanted}) is greater than unrefunded amount on charge ({left})",
            param="amount",
        )
    if charge["currency"] in ("bhd", "jod", "kwd", "omr", "tnd") and wanted % 10:
        raise Refusal("Invalid amount: the last digit must be 0.", param="amount", validation=True)
    return _refund(company, charge, wanted, reason, metadata)


def _charge(company: Company, intent_id: str | None, charge_id: str | None) -> Obj:
    if intent_id:
        charge_id = company.get(intent_id, "payment_intent")["latest_charge"]
    charge = company.get(charge_id or "", "charge", param="charge")
    if charge["status"] != "succeeded":
        raise Refusal("This charge has not succeeded and cannot be refunded.",
                      code="charge_not_refundable")  # fmt: skip
    return charge


def _is_refundable(company: Company, charge: Obj) -> bool:
    found = company.objects[charge["dispute"]]
    return bool(found["is_charge_refundable"] or found["status"] == "won")


def _refund(company: Company, charge: Obj, amount: int, reason: str | None, metadata: Obj) -> Obj:
    does = charge["does"]["does"]
    slow = company.behaviour["slow_refunds"] or does in ("slow_refund", "failing_refund", "slow")
    made = company.add(
        "re", "refund", amount=amount, currency=charge["currency"], charge=charge["id"],
        payment_intent=charge["payment_intent"], reason=reason, metadata=metadata,
        status="pending" if slow else "succeeded", balance_transaction=None,
        failure_reason=None, failure_balance_transaction=None,
    )  # fmt: skip
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    line = company.line("refund", -amount, charge["currency"], made["id"])
    made["balance_transaction"] = line["id"]
    company.emit("refund.created", made)
    company.emit("charge.refunded", charge)
    return made


def finish(company: Company, made: Obj, *, succeed: bool) -> None:
    """A slow refund arrived, or came back: then the money is on the account again."""
    if made["status"] != "pending":
        return
    if succeed:
        made["status"] = "succeeded"
        company.emit("refund.updated", made)
        return
    charge = company.objects[made["charge"]]
    charge["amount_refunded"] -= made["amount"]
    charge["refunded"] = False
    line = company.line("refund_failure", made["amount"], made["currency"], made["id"])
    made |= {"status": "failed", "failure_reason": "expired_or_canceled_card",
             "failure_balance_transaction": line["id"]}  # fmt: skip
    company.emit("refund.failed", made)
