"""The fields of the settings screen, by heading, and what they show now."""

from __future__ import annotations

from typing import Any

from billing_core.rules import money
from billing_core.rules.nouns import Company
from console.forms import Field

_CURRENCIES = {code: code for code in money.currencies()}
_ADDRESS = ("line1", "line2", "city", "postal_code", "state", "country")

_MAJOR = "A whole number of dollars, euros or yen: of the currency that the sum is in."

SECTIONS: tuple[tuple[str, tuple[Field, ...]], ...] = (
    (
        "Who bills",
        (
            Field("name", "Company", placeholder="Northlight Studio", half=True),
            Field(
                "operator_name",
                "Who signs for it",
                placeholder="Maya Okafor",
                help="Stands on the left line of every invoice.",
                half=True,
            ),
            Field("email", "Email for replies", placeholder="billing@company.com", half=True),
            Field("tax_id", "Tax id", half=True),
            Field("line1", "Address", half=True),
            Field("line2", "Address, second line", half=True),
            Field("city", "City", half=True),
            Field("postal_code", "Postal code", half=True),
            Field("state", "State or region", half=True),
            Field("country", "Country", placeholder="US", help="Two letters, ISO 3166.", half=True),
        ),
    ),
    (
        "On the invoice",
        (
            Field("terms_days", "Days to pay", half=True),
            Field("invoice_prefix", "Invoice prefix", half=True),
            Field("terms_text", "Terms", "area"),
            Field("refund_policy", "Refund policy", "area"),
            Field("statement_descriptor", "On the card statement", half=True),
            Field(
                "bank",
                "Bank details",
                "area",
                help="One line each: IBAN: DE02 1203 0000 0000 2020 51",
            ),
        ),
    ),
    (
        "How it runs",
        (
            Field("reporting_zone", "Time zone of your books", placeholder="UTC", half=True),
            Field("reporting_currency", "Currency shown first", "choice", _CURRENCIES, half=True),
            Field("reminder_days", "Reminders, days after sending", half=True),
            Field("link_life_days", "Days a link lives", half=True),
        ),
    ),
    (
        "Limits",
        (
            Field(
                "second_refund_above",
                "Second person for refunds above",
                placeholder="None",
                help=f"{_MAJOR} Earlier refunds of the same charge count. Empty: nobody else.",
                half=True,
            ),
            Field(
                "second_charge_above",
                "Second person for charges above",
                placeholder="None",
                help=f"{_MAJOR} Empty: nobody else.",
                half=True,
            ),
            Field(
                "code_above",
                "Code by mail before a saved card above",
                placeholder="None",
                help=f"{_MAJOR} Empty: never a code.",
                half=True,
            ),
            Field(
                "default_cap",
                "Cap of items that have none",
                help="In the currency shown first.",
                half=True,
            ),
            Field(
                "minimum_initial",
                "Least initial charge",
                help="In the currency shown first: what a customer is verified with.",
                half=True,
            ),
            Field(
                "default_capture_mode",
                "New items by machines are charged",
                "choice",
                {"off_session": "At once", "client_confirm": "When the client confirms"},
                help="Where a machine does not say.",
                half=True,
            ),
            Field(
                "max_consecutive_failures",
                "Declines in a row that pause",
                help="An enrolment, or every enrolment on one stored method.",
                half=True,
            ),
            Field(
                "cooldown_s",
                "Seconds in which the same is a repetition",
                help="The same customer, item, amount and description.",
                half=True,
            ),
        ),
    ),
)
FIELDS = tuple(field for _, fields in SECTIONS for field in fields)


def values_of(company: Company) -> dict[str, Any]:
    """What the fields show now, as text."""
    plain = {f.name: getattr(company, f.name) for f in FIELDS if hasattr(company, f.name)}
    return {
        **plain,
        **{name: getattr(company.address, name) for name in _ADDRESS},
        "bank": "\n".join(f"{label}: {value}" for label, value in company.bank),
        "reminder_days": ", ".join(str(days) for days in company.reminder_days),
        **{name: _limit(getattr(company, f"{name}_major")) for name in _LIMITS},
        **{
            name: money.to_text(getattr(company, f"{name}_minor"), company.reporting_currency)
            for name in ("default_cap", "minimum_initial")
        },
    }


_LIMITS = ("second_refund_above", "second_charge_above", "code_above")


def _limit(major: int | None) -> str:
    return "" if major is None else str(major)
