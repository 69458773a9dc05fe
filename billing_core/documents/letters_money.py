"""Letters that are not about an open invoice: store a payment method, money was sent back."""

from __future__ import annotations

from billing_core.documents import phrases, plain, stationery, wording
from billing_core.documents.letter import Letter, MailFacts
from billing_core.documents.mails import MailBody, set_letter
from billing_core.rules import cards
from billing_core.rules.nouns import Company, Customer, PaymentMethod


def write_setup(
    company: Company, customer: Customer, url: str, *, ending: PaymentMethod | None = None
) -> MailBody:
    """The mail with the way to the gateway's page; its address stands in it exactly as given.

    ``ending`` is the stored card that cannot be charged much longer. Without ``url`` there is no
    page: the client answers the mail.
    """
    _ = phrases.phrase(customer.language)
    seller, buyer = plain.line(company.name) or "–", plain.cut(customer.billed_as(), 200)
    facts = MailFacts(pay_url=url, reply_name=company.operator_name)
    sentence = _("{seller} asks you to store a way to pay for {buyer}. Nothing is charged by it.")
    ends = ""
    if ending is not None:
        day = wording.day(cards.last_day(ending), customer.language)
        ends = _("{method} can be charged until {day}.").format(
            method=plain.line(ending.label()), day=day
        )
    lead = (
        ends,
        sentence.format(seller=seller, buyer=buyer),
        _(
            "It is kept by our payment provider; we see its kind and its last four digits. "
            "Later invoices are charged to it only as agreed with you."
        ),
    )
    return set_letter(
        Letter(
            language=customer.language,
            seller=seller,
            subject=_("{seller}: store a payment method").format(seller=plain.cut(seller, 48)),
            preheader=_("On our payment provider's page. Nothing is charged.") if url else ends,
            head=_("Store a payment method"),
            lead=tuple(part for part in lead if part),
            button=_("Store a payment method") if url else "",
            url=url,
            link_until=_("It works for 24 hours.") if url else "",
            closing=(stationery.reply_line(_, facts),),
            imprint=", ".join(company.address.lines()),
            because=_("You get this because {buyer} named this address for its invoices.").format(
                buyer=buyer
            ),
        )
    )


def write_refund(
    company: Company,
    customer: Customer,
    *,
    amount_minor: int,
    currency: str,
    invoice: str,
    number: str,
    method: str,
    reason: str,
) -> MailBody:
    """The mail that says how much goes back, for which invoice, and under which credit note."""
    language = customer.language
    _ = phrases.phrase(language)
    seller, buyer = plain.line(company.name) or "–", plain.cut(customer.billed_as(), 200)
    total = wording.money(amount_minor, currency, language)
    facts = MailFacts(reply_name=company.operator_name)
    where = _("It goes back to {method}.").format(method=plain.line(method, most=80))
    lead = (
        _("Credit note {number} for invoice {invoice}.").format(number=number, invoice=invoice),
        f"{where} " + _("Banks take up to ten days to show it."),
        plain.block(reason),
    )
    return set_letter(
        Letter(
            language=language,
            seller=seller,
            subject=_("{seller}: {total} refunded, invoice {invoice}").format(
                seller=plain.cut(seller, 48), total=total, invoice=invoice
            ),
            preheader=where,
            head=_("Refunded"),
            sum=total,
            sum_line=_("Refunded for invoice {invoice}.").format(invoice=invoice),
            lead=tuple(part for part in lead if part),
            closing=(stationery.reply_line(_, facts),),
            imprint=", ".join(company.address.lines()),
            because=_("You get this because {buyer} named this address for its invoices.").format(
                buyer=buyer
            ),
        )
    )
