"""What happened and the settings, as the fields of their shapes. As ``telling`` has it."""

from __future__ import annotations

from dataclasses import asdict

from billing_core.reports.happenings import Happening
from billing_core.rules.nouns import Company
from billing_core.settings import load
from paynow.api.telling import Fields, both, moment

_VERSION = "1"
_OF_HASH = 32


def event(found: Happening) -> Fields:
    """The fields of ``shapes_house.Event``."""
    charge = found.charge
    return {
        "event_id": f"ev_{found.hash[:_OF_HASH]}",
        "event_type": found.type,
        "api_version": _VERSION,
        "created_at": moment(found.at),
        "org_id": load().org_id,
        "data": {
            "kind": found.kind,
            "seq": found.seq,
            "hash": found.hash,
            "actor": found.actor,
            "charge_id": charge.id,
            "invoice_id": charge.invoice_id,
            "billing_customer_id": charge.customer_id,
            "billable_item_id": charge.item_id,
            "ts_id": charge.enrolment_id,
            "milestone_id": charge.milestone_id,
            **both("amount", charge.total_minor, charge.currency),
            "currency": charge.currency,
            "payload": found.payload,
        },
    }


def settings(found: Company) -> Fields:
    """The fields of ``shapes_house.Settings``."""
    here, currency = load(), found.reporting_currency
    told = {name: value for name, value in asdict(found).items() if not name.endswith("_minor")}
    return told | {
        "bank": [{"label": label, "text": text} for label, text in found.bank],
        "reminder_days": list(found.reminder_days),
        **both("minimum_initial", found.minimum_initial_minor, currency),
        **both("default_cap", found.default_cap_minor, currency),
        "gateway": here.gateway,
        "org_id": here.org_id,
        "brand_id": here.brand_id,
    }
