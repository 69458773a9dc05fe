"""Payment intents and what comes of them: charges, refunds, disputes, lines in the books."""

from __future__ import annotations

from typing import Any

from tests.stripe_fake import cards
from tests.stripe_fake.company import DISPUTE_FEE, Company, Obj, Refusal
from tests.stripe_fake.wire import Asked, answer

_THREE_DECIMALS = ("bhd", "jod", "kwd", "omr", "tnd")
_AUTHENTICATE = {
    "type": "card_error", "code": "authentication_required",
    "decline_code": "authentication_required",
    "message": "Your card was declined. This transaction requires authentication.",
}  # fmt: skip
_NO_WAY_BACK = (
    "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because "
    "some of these payment methods might redirect your customer off of your page, you must provide "
    "a `return_url`."
)


def check_amount(company: Company, amount: int | None, currency: str) -> None:
    """What the API refuses about sums, and accounts that cannot charge at all."""
    if not company.account["charges_enabled"]:
        raise Refusal("Your account cannot currently make live charges.", code="account_invalid")
    if amount is None or amount < 1:
        raise Refusal("Invalid positive integer", code="parameter_invalid_integer", param="amount",
                      validation=True)  # fmt: skip
    if amount > 99999999:
        raise Refusal("Amount must be no more than 999,999.99", code="amount_too_large",
                      param="amount", validation=True)  # fmt: skip
    if currency in ("isk", "ugx") and amount % 100:
        raise Refusal(f"Invalid amount: {currency} has no decimals, so it ends in 00.",
                      code="invalid_amount", param="amount", validation=True)  # fmt: skip
    if currency in _THREE_DECIMALS and amount % 10:
        raise Refusal(f"Invalid amount: in {currency} the last digit must be 0.",
                      code="invalid_amount", param="amount", validation=True)  # fmt: skip
    if currency == "usd" and amount < 50:
        raise Refusal("Amount must be at least $0.50 usd", code="amount_too_small", param="amount",
                      validation=True)  # fmt: skip


def new_intent(company: Company, **fields: Any) -> Obj:
    """A payment intent that waits for a method."""
    defaults: Obj = {
        "status": "requires_payment_method", "amount_received": 0, "latest_charge": None,
        "next_action": None, "last_payment_error": None, "payment_method": None, "customer": None,
        "canceled_at": None, "cancellation_reason": None, "metadata": {}, "description": None,
        "capture_method": "automatic_async", "statement_descriptor_suffix": None,
        "payment_method_types": ["card"], "private": {"return_url": None, "off_session": False},
    }  # fmt: skip
    made = company.add("pi", "payment_intent", **(defaults | fields))
    made["client_secret"] = f"{made['id']}_secret_{company.new_id('x', 16)[2:]}"
    company.emit("payment_intent.created", made)
    return made


def create(company: Company, asked: Asked) -> Obj:
    amount = asked.number("amount", required=True)
    currency = str(asked.text("currency", required=True))
    if currency != currency.lower() or len(currency) != 3:
        raise Refusal(f"Invalid currency: {currency}", param="currency", validation=True)
    customer, method = asked.text("customer"), asked.text("payment_method")
    off_session, confirm = asked.flag("off_session"), asked.flag("confirm")
    return_url, suffix = asked.text("return_url"), asked.text("statement_descriptor_suffix")
    description, metadata = asked.text("description"), asked.metadata()
    types = asked.text("payment_method_types", default=["card"])
    automatic = asked.mapping("automatic_payment_methods")
    asked.check_all_read()
    redirects = not asked.given.get("payment_method_types")
    redirects = redirects and automatic.get("allow_redirects") != "never"
    if confirm and redirects and not return_url:
        raise Refusal(_NO_WAY_BACK, param="return_url", validation=True)
    check_amount(company, amount, currency)
    if suffix and (len(suffix) > 22 or any(c in "<>\\'\"*" for c in suffix)):
        raise Refusal("Invalid statement descriptor suffix.", param="statement_descriptor_suffix",
                      validation=True)  # fmt: skip
    if off_session and not confirm:
        raise Refusal("off_session needs confirm=true.", param="off_session", validation=True)
    if customer:
        company.get(customer, "customer", param="customer")
    intent = new_intent(
        company, amount=amount, currency=currency, customer=customer, description=description,
        metadata=metadata, statement_descriptor_suffix=suffix, payment_method_types=types,
    )  # fmt: skip
    intent["private"] = {"return_url": return_url, "off_session": off_session}
    if method:
        found = cards.find(company, method)
        if found["customer"] and found["customer"] != customer:
            raise Refusal("The payment method belongs to another customer.",
                          param="payment_method", validation=True)  # fmt: skip
        intent["payment_method"], intent["status"] = found["id"], "requires_confirmation"
    if confirm:
        confirm_intent(company, intent)
    return intent


def confirm(company: Company, asked: Asked, intent: Obj) -> Obj:
    method, return_url = asked.text("payment_method"), asked.text("return_url")
    off_session = asked.flag("off_session")
    asked.check_all_read()
    if method:
        intent["payment_method"] = cards.find(company, method)["id"]
    intent["private"] = {"return_url": return_url, "off_session": off_session}
    confirm_intent(company, intent)
    return intent


def confirm_intent(company: Company, intent: Obj, *, raises: bool = True) -> None:
    """Present the intent's method: it pays, asks, declines or takes its time."""
    if intent["status"] in ("succeeded", "canceled", "processing"):
        raise _unexpected(company, intent, "confirm")
    if not intent["payment_method"]:
        raise Refusal("You cannot confirm this PaymentIntent because it's missing a payment "
                      "method.", code="payment_intent_unexpected_state")  # fmt: skip
    method = company.objects[intent["payment_method"]]
    does, off = method["does"]["does"], intent["private"]["off_session"]
    authenticated = method["does"].get("set_up") and does == "asks_once"
    if does == "declines":
        fail(company, intent, cards.declined(method["does"]["code"]), raises=raises)
    elif does in ("asks", "asks_once") and not authenticated and off:
        fail(company, intent, dict(_AUTHENTICATE), raises=raises)
    elif does in ("asks", "asks_once") and not authenticated:
        url = f"{company.address}/3ds/{intent['id']}"
        back = intent["private"]["return_url"]
        there = {"url": url, "return_url": back}
        intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": there}
        intent["status"] = "requires_action"
        company.emit("payment_intent.requires_action", intent)
    elif does in ("slow", "slow_fails"):
        intent |= {"status": "processing"}
        charge_of(company, intent, method, status="pending")
        company.emit("payment_intent.processing", intent)
    else:
        succeed(company, intent)


def fail(company: Company, intent: Obj, error: Obj, *, raises: bool) -> None:
    """The method did not pay: the intent waits for another one."""
    method = company.objects.get(intent["payment_method"])
    intent["status"], intent["next_action"] = "requires_payment_method", None
    intent["last_payment_error"] = error | {"payment_method": answer(company, method or {}, [])}
    company.emit("payment_intent.payment_failed", intent)
    if raises:
        told = answer(company, intent, [])
        raise Refusal(
            error["message"], status=402, kind=error["type"], code=error["code"],
            decline_code=error["decline_code"], payment_intent=told,
        )  # fmt: skip


def charge_of(company: Company, intent: Obj, method: Obj, *, status: str) -> Obj:
    """The charge that an intent's attempt made."""
    kind = method["type"]
    made = company.add(
        "ch", "charge", amount=intent["amount"], amount_refunded=0, currency=intent["currency"],
        captured=status == "succeeded", paid=status == "succeeded", status=status, refunded=False,
        disputed=False, dispute=None, customer=intent["customer"], metadata=intent["metadata"],
        payment_intent=intent["id"], payment_method=method["id"], balance_transaction=None,
        payment_method_details={"type": kind, kind: method[kind]}, description=None,
        does=method["does"],
    )  # fmt: skip
    intent["latest_charge"] = made["id"]
    return made


def succeed(company: Company, intent: Obj) -> None:
    """The money is there: charge, line in the books, events."""
    method = company.objects[intent["payment_method"]]
    if intent["status"] == "processing":
        charge = company.objects[intent["latest_charge"]]
        charge |= {"captured": True, "paid": True, "status": "succeeded"}
    else:
        charge = charge_of(company, intent, method, status="succeeded")
    intent |= {"status": "succeeded", "amount_received": intent["amount"], "next_action": None,
               "last_payment_error": None}  # fmt: skip
    if not company.behaviour["late_lines"]:
        book(company, charge)
    company.emit("charge.succeeded", charge)
    company.emit("payment_intent.succeeded", intent)
    if method["does"]["does"] in ("disputed", "inquired"):
        dispute(company, charge, inquiry=method["does"]["does"] == "inquired")


def book(company: Company, charge: Obj) -> None:
    """Write the line of a charge into the books."""
    fee = company.fee(charge["amount"], charge["currency"])
    line = company.line("charge", charge["amount"], charge["currency"], charge["id"], fee=fee)
    charge["balance_transaction"] = line["id"]


def cancel(company: Company, asked: Asked, intent: Obj) -> Obj:
    reason = asked.text("cancellation_reason")
    asked.check_all_read()
    if intent["status"] in ("succeeded", "canceled", "processing"):
        raise _unexpected(company, intent, "cancel")
    intent |= {"status": "canceled", "canceled_at": company.now(), "cancellation_reason": reason,
               "next_action": None}  # fmt: skip
    company.emit("payment_intent.canceled", intent)
    return intent


def _unexpected(company: Company, intent: Obj, verb: str) -> Refusal:
    return Refusal(
        f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}.",
        code="payment_intent_unexpected_state", payment_intent=answer(company, intent, []),
    )  # fmt: skip


def dispute(company: Company, charge: Obj, *, inquiry: bool = False, amount: int = 0,
            reason: str = "fraudulent") -> Obj:  # fmt: skip
    """A cardholder's bank objects: an inquiry takes no money yet, a chargeback does at once."""
    held = amount or charge["amount"]
    made = company.add(
        "dp", "dispute", amount=held, currency=charge["currency"], charge=charge["id"],
        payment_intent=charge["payment_intent"], reason=reason, metadata={},
        status="warning_needs_response" if inquiry else "needs_response",
        is_charge_refundable=inquiry, balance_transactions=[], evidence={},
        evidence_details={"due_by": company.now() + 9 * 86400, "has_evidence": False,
                          "past_due": False, "submission_count": 0},
    )  # fmt: skip
    charge |= {"disputed": True, "dispute": made["id"]}
    company.emit("charge.dispute.created", made)
    if not inquiry:
        withdraw(company, made)
    return made


def withdraw(company: Company, made: Obj) -> None:
    """The disputed sum and the dispute's fee leave the account."""
    line = company.line("adjustment", -made["amount"], made["currency"], made["id"],
                        fee=DISPUTE_FEE)  # fmt: skip
    made["balance_transactions"].append(answer(company, line, []))
    company.emit("charge.dispute.funds_withdrawn", made)


def close(company: Company, made: Obj, status: str) -> None:
    """The bank decided: won, lost, or an inquiry that went no further (warning_closed)."""
    made["status"] = status
    if status == "won" and made["balance_transactions"]:
        line = company.line("adjustment", made["amount"], made["currency"], made["id"])
        made["balance_transactions"].append(answer(company, line, []))
        company.emit("charge.dispute.funds_reinstated", made)
    company.emit("charge.dispute.closed", made)
