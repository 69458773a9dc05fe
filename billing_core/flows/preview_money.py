"""What a retry and a refund would do: the button's words, the sum, and why not. Writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from billing_core.documents import wording
from billing_core.errors import Refused
from billing_core.flows.preview_charge import SECOND_PERSON, VerbPreview, asking
from billing_core.flows.refund_charge import check_refundable, is_above_limit, left_minor
from billing_core.flows.retry_charge import check_retry
from billing_core.records import attempts, books, db, refunds
from billing_core.rules.nouns import Charge, Customer

Values = Mapping[str, str]


def _retry(charge: Charge, customer: Customer, values: Values) -> VerbPreview:
    """The gate of a retry, only looked at; the button names the method and the sum."""
    del values
    problem, method = "", customer.payment_method
    try:
        with db.read_only() as connection:
            check_retry(connection, charge, lock=False)
            tries = attempts.of_charge(connection, charge.id)
    except Refused as refusal:
        problem, tries = refusal.sentence, []
    total = wording.money(charge.total_minor, charge.currency)
    facts = (
        ("Invoice", charge.invoice_number),
        ("Customer", customer.billed_as()),
        ("Last try", tries[-1].problem if tries else ""),
    )
    label = f"Charge {method.label()} {total}" if method else f"Charge {total}"
    return VerbPreview(label, total, problem, facts, charge.total_minor)


def preview_refund(
    charge: Charge, customer: Customer, values: Values, *, approved: bool = False
) -> VerbPreview:
    """What is left to refund, and where it goes back to; ``approved`` by a second person."""
    problem, asked, above = "", 0, False
    with db.read_only() as connection:
        left = max(left_minor(connection, charge), 0)
        gone = refunds.taken_minor(connection, charge.id)
        paid = [r for r in books.revenue_of(connection, charge.id) if r.kind == "capture"]
        try:
            asked = check_refundable(connection, charge, values.get("amount", "").strip())
            above = not approved and is_above_limit(connection, charge, asked)
        except Refused as refusal:
            problem = refusal.sentence
    where = (paid[0].method if paid else "") or "the client"

    def shown(minor: int) -> str:
        return wording.money(minor, charge.currency)

    label = f"Refund {shown(asked)} to {where}" if asked else "Refund"
    facts = (
        ("Invoice", charge.invoice_number),
        ("Paid", shown(charge.total_minor)),
        ("Refunded, or on its way", shown(gone) if gone else ""),
        ("Left to refund", shown(left)),
        ("Credit note goes to", customer.email),
        ("Second person", SECOND_PERSON if above else ""),
    )
    return VerbPreview(
        label=asking(label) if above else label,
        total=shown(asked) if asked else "",
        problem=problem,
        facts=facts,
        total_minor=asked or None,
    )


MONEY_VERBS: dict[str, Callable[[Charge, Customer, Values], VerbPreview]] = {
    "retry": _retry,
    "refund": preview_refund,
}
