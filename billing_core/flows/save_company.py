"""Change the organisation's own settings. Changes never act backwards: invoices are frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from billing_core.flows.read_form import FormReader, Value
from billing_core.records import db, keys, organisation
from billing_core.records.patience import repeatably
from billing_core.rules.amounts import CAPTURE_MODES
from billing_core.rules.nouns import Actor, Address, Company

_ADDRESS = ("line1", "line2", "city", "postal_code", "state", "country")
_MOST_DAYS = 365
_MOST_LIMIT = 999_999_999
#: What a field is called, what it is when left empty, its least and its most.
_NUMBERS = {
    "terms_days": ("Days to pay", 30, 1, _MOST_DAYS),
    "link_life_days": ("Days a link lives", 30, 1, _MOST_DAYS),
    "cooldown_s": ("Cooldown", 60, 0, 86_400),
    "max_consecutive_failures": ("Declines in a row", 3, 1, 100),
}
#: Sums in the currency of the books.
_AMOUNTS = ("default_cap", "minimum_initial")
#: Limits in major units of whatever currency a sum is in; empty is none.
_LIMITS = {
    "code_above": "Code by mail above",
    "second_refund_above": "Second person for refunds above",
    "second_charge_above": "Second person for charges above",
}


@repeatably
def save_company(values: Mapping[str, Value], *, actor: Actor, key: str | None = None) -> Company:
    """Store the fields that the form carries; FieldsRefused names every problem.

    ``bank`` is lines of ``label: value``; ``reminder_days`` numbers separated by commas.
    """
    form = FormReader(values)
    stored: dict[str, Any] = {}
    texts = {
        "name": "The company name",
        "operator_name": "Your name",
        "tax_id": "The tax id",
        "statement_descriptor": "The statement descriptor",
    }
    for field, what in texts.items():
        if form.has(field):
            most = 22 if field == "statement_descriptor" else 120
            stored[field] = form.line(field, what, most=most, required=field == "name")
    for field, what in {"refund_policy": "The refund policy", "terms_text": "Terms"}.items():
        if form.has(field):
            stored[field] = form.block(field, what, most=4000)
    if form.has("email"):
        stored["email"] = form.email("email", "The email", required=False)
    if form.has("line1"):
        lines = {part: form.line(part, "The address", most=120) for part in _ADDRESS}
        stored["address"] = asdict(Address(**lines))
    with db.read_only() as connection:
        company = organisation.get_company(connection)
    _read_rules(form, stored, company)
    form.check()
    mark = keys.fingerprint("save_company", dict(values))
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        if keys.find(connection, actor, key, mark) is None:
            organisation.save_settings(connection, stored, actor)
            keys.bind(connection, actor, key, mark, {})
        return organisation.get_company(connection)


def _read_rules(form: FormReader, stored: dict[str, Any], company: Company) -> None:
    if form.has("bank"):
        stored["bank"] = _bank(form)
    if form.has("invoice_prefix"):
        stored["invoice_prefix"] = form.line("invoice_prefix", "The invoice prefix", most=12)
    if form.has("reporting_zone"):
        stored["reporting_zone"] = form.zone("reporting_zone", "UTC")
    if form.has("reporting_currency"):
        stored["reporting_currency"] = form.currency("reporting_currency")
    for field, (what, default, least, most) in _NUMBERS.items():
        if form.has(field):
            stored[field] = form.whole(field, what, default=default, least=least, most=most)
    currency = stored.get("reporting_currency", company.reporting_currency)
    for field in _AMOUNTS:
        if form.has(field):
            stored[f"{field}_minor"] = form.amount(field, currency)
    for field, what in _LIMITS.items():
        if form.has(field):
            stored[f"{field}_major"] = form.limit(field, what, most=_MOST_LIMIT)
    if form.has("default_capture_mode"):
        stored["default_capture_mode"] = form.choice(
            "default_capture_mode", "How new items are charged", CAPTURE_MODES, "off_session"
        )
    if form.has("reminder_days"):
        stored["reminder_days"] = _days(form)


def _bank(form: FormReader) -> list[tuple[str, str]]:
    pairs = []
    for line in form.block("bank", "Bank details").splitlines():
        label, colon, value = line.partition(":")
        if line.strip() and not (colon and label.strip() and value.strip()):
            form.problems["bank"] = "Write one line each, for example “IBAN: DE00 1234”."
        elif line.strip():
            pairs.append((label.strip(), value.strip()))
    return pairs


def _days(form: FormReader) -> list[int]:
    days = []
    for part in form.raw("reminder_days").split(","):
        typed = part.strip()
        if not (typed.isascii() and typed.isdigit()) or not 0 < int(typed[:4]) <= _MOST_DAYS:
            form.problems["reminder_days"] = "Write days separated by commas, for example 3, 7, 14."
            return []
        days.append(int(typed))
    return sorted(set(days))
