"""The test cards and bank accounts the fake takes, and what each of them does.

Numbers are those that Stripe publishes for testing. None is kept: only brand and last four are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.stripe_fake.company import Company, Obj, Refusal


@dataclass(frozen=True)
class Card:
    """``does`` is pays, declines, asks (always), asks_once, disputed, inquired or slow."""

    brand: str
    last4: str
    does: str
    code: str = ""
    kind: str = "card"


NUMBERS = {
    "4242424242424242": Card("visa", "4242", "pays"),
    "5555555555554444": Card("mastercard", "4444", "pays"),
    "4000000000000002": Card("visa", "0002", "declines", "generic_decline"),
    "4000000000009995": Card("visa", "9995", "declines", "insufficient_funds"),
    "4000000000009987": Card("visa", "9987", "declines", "lost_card"),
    "4000000000000069": Card("visa", "0069", "declines", "expired_card"),
    "4000000000000341": Card("visa", "0341", "declines", "generic_decline"),
    "4000002500003155": Card("visa", "3155", "asks_once"),
    "4000002760003184": Card("visa", "3184", "asks"),
    "4000000000000259": Card("visa", "0259", "disputed"),
    "4000000000001976": Card("visa", "1976", "inquired"),
    "4000000000007726": Card("visa", "7726", "slow_refund"),
    "4000000000005126": Card("visa", "5126", "failing_refund"),
    "000123456789": Card("STRIPE TEST BANK", "6789", "slow", kind="us_bank_account"),
    "000111111116": Card("STRIPE TEST BANK", "1116", "slow_fails", kind="us_bank_account"),
}
TOKENS = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_usBankAccount_success": "000123456789",
}
_SAYS = {
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
}


def digits(text: str) -> str:
    """The bare digits of a typed number."""
    return re.sub(r"[ -]", "", text)


def store(company: Company, number: str, customer: str | None = None) -> Obj:
    """A payment method of this number; Refusal for a number the fake does not know."""
    card = NUMBERS.get(digits(number))
    if card is None:
        raise Refusal("Your card number is incorrect.", status=402, kind="card_error",
                      code="incorrect_number")  # fmt: skip
    details = (
        {"brand": card.brand, "display_brand": card.brand, "last4": card.last4, "exp_month": 12,
         "exp_year": 2034, "country": "US", "funding": "credit"}
        if card.kind == "card"
        else {"bank_name": card.brand, "last4": card.last4, "account_type": "checking"}
    )  # fmt: skip
    return company.add(
        "pm", "payment_method", type=card.kind, customer=customer, billing_details={},
        metadata={}, **{card.kind: details}, does={"does": card.does, "code": card.code},
    )  # fmt: skip


def find(company: Company, ref: str) -> Obj:
    """The payment method ``ref`` names; a test token gives a fresh one, as Stripe's do."""
    if ref in TOKENS:
        return store(company, TOKENS[ref])
    return company.get(ref, "payment_method", param="payment_method")


def declined(code: str) -> Obj:
    """The error object of a declined card."""
    said = _SAYS.get(code, "Your card was declined.")
    top = code if code == "expired_card" else "card_declined"
    return {"type": "card_error", "code": top, "decline_code": code, "message": said}
