"""What a fire would do: the sums, the button's words, the document and the mail. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from billing_core import clock
from billing_core.documents import wording
from billing_core.documents.mails import MailBody
from billing_core.errors import Duplicate, NotFound, Refused
from billing_core.flows.check_fire import Approved, FireCommand, check_fire
from billing_core.flows.fire_charge import is_above_limit
from billing_core.flows.freeze_invoice import draw
from billing_core.flows.write_mail import write_preview
from billing_core.records import charges, db, items, organisation
from billing_core.rules import amounts
from billing_core.rules.invoice import Document
from billing_core.rules.nouns import Actor, Charge, Company, Item

LOOKS_ALIKE_FOR = timedelta(days=60)
SECOND_PERSON = "Above what one person may do alone: somebody else approves it first."
NUMBER_PLACE = "(number follows)"
_MODES = {
    "event": "you set the amount",
    "variable": "you set the amount",
    "fixed": "the item sets the amount",
    "threshold": "the item sets the amount, a metric decides",
}
_CAPTURES = {
    "client_confirm": "the client approves before anything is charged",
    "off_session": "the stored method is charged at once",
}
_CURES = {
    "CUSTOMER_NOT_ACTIVE": "Restore the customer in the profile.",
    "TRIGGER_NOT_ALLOWED": "Open the profile and switch “may be charged” on.",
    "NOT_ENROLLED": "Enrol the customer in this item in the profile.",
    "ENROLLMENT_PAUSED": "Resume the enrolment in the profile.",
    "NO_PAYMENT_METHOD": "Store a payment method, or take an item that the client confirms.",
    "AMOUNT_EXCEEDS_CAP": "Charge less, or raise the cap on the item.",
    "CURRENCY_MISMATCH": "Take an item in the customer's currency.",
}


@dataclass(frozen=True, slots=True)
class Preview:
    """What the dialog shows. ``label`` goes back with the press as what stood on the button."""

    label: str
    total: str = ""
    total_minor: int | None = None
    net: str = ""
    tax: str = ""
    tax_name: str = ""
    problem: str = ""
    cure: str = ""
    document: Document | None = None
    mail: MailBody | None = None
    warning: str = ""
    warning_charge: str | None = None
    locked: bool = False
    cap: str = ""
    currency: str = ""
    mode_text: str = ""
    second_person: str = ""


@dataclass(frozen=True, slots=True)
class VerbPreview:
    """What a money dialog shows; ``label`` goes back with the press."""

    label: str
    total: str
    problem: str
    facts: tuple[tuple[str, str], ...]
    total_minor: int | None = None


def command_of(values: Mapping[str, str], *, expected_minor: int | None = None) -> FireCommand:
    """The fire that typed values ask for."""
    return FireCommand(
        customer=values.get("customer", ""),
        item=values.get("item", ""),
        amount=values.get("amount", "").strip(),
        description=values.get("description", ""),
        milestone=values.get("milestone", ""),
        po_number=values.get("po_number", ""),
        metric_value=values.get("metric_value", "").strip(),
        grouped=True,
        again=values.get("again") == "yes",
        expected_minor=expected_minor,
    )


def preview(
    values: Mapping[str, str],
    actor: Actor,
    *,
    with_mail: bool = True,
    replaces: str = "",
    approved: bool = False,
) -> Preview:
    """Run the gate without locks. Where it refuses, ``problem`` holds the sentence.

    ``approved``: a second person has seen it, so that the press acts and does not only ask.
    """
    with db.read_only() as connection:
        item = _find_item(connection, values.get("item", ""))
        company = organisation.get_company(connection)
        facts = _item_facts(item, company) if item else {}
        try:
            fire = check_fire(connection, command_of(values), lock=False, replaces=replaces)
        except Refused as refusal:
            return Preview(label="Send invoice", **_refusal(refusal), **facts)
        document = draw(connection, fire, actor=actor, at=clock.now(), number=NUMBER_PLACE)
        alike = _alike(connection, fire, replaces)
    sums, currency = fire.sums, fire.item.currency
    asks = not approved and is_above_limit(fire)
    total = wording.money(sums.total_minor, currency)
    expires_on = clock.today(fire.customer.time_zone) + timedelta(days=fire.company.link_life_days)
    mail = write_preview("invoice", document, expires_on=expires_on) if with_mail else None
    return Preview(
        label=asking(_label(fire, total)) if asks else _label(fire, total),
        total=total,
        total_minor=sums.total_minor,
        net=wording.money(sums.net_minor, currency),
        tax=wording.money(sums.tax_minor, currency),
        tax_name=fire.item.tax_name,
        second_person=SECOND_PERSON if asks else "",
        document=document,
        mail=mail,
        **_duplicate(fire, alike, total),
        **facts,
    )


def _find_item(connection: Connection, item_id: str) -> Item | None:
    try:
        return items.get(connection, item_id)
    except NotFound:
        return None


def _item_facts(item: Item, company: Company) -> dict[str, Any]:
    cap_minor = amounts.effective_cap(item, company)
    mode, capture = _MODES[item.trigger_mode], _CAPTURES[item.capture_mode]
    return {
        "locked": not amounts.may_override(item),
        "cap": wording.money(cap_minor, item.currency),
        "currency": item.currency,
        "mode_text": f"{item.trigger_mode.capitalize()}: {mode}; {capture}.",
    }


def _refusal(refusal: Refused) -> dict[str, Any]:
    standing = refusal.charge_id if isinstance(refusal, Duplicate) else None
    return {
        "problem": refusal.sentence,
        "cure": _CURES.get(refusal.code, ""),
        "warning_charge": standing,
    }


def _label(fire: Approved, total: str) -> str:
    method = fire.customer.payment_method
    if fire.item.capture_mode == "off_session" and method is not None:
        return f"Charge {method.label()} {total}"
    return f"Send invoice for {total}"


def asking(words: str) -> str:
    """A button's words where the press only asks: somebody else has to approve it first."""
    return f"Ask to {words[0].lower()}{words[1:]}"


def _alike(connection: Connection, fire: Approved, replaces: str) -> Charge | None:
    if fire.same is not None:
        return fire.same
    since = clock.now() - LOOKS_ALIKE_FOR
    found = charges.find_same_total(connection, fire.customer.id, fire.sums.total_minor, since)
    return None if found is None or found.id == replaces else found


def _duplicate(fire: Approved, alike: Charge | None, total: str) -> dict[str, Any]:
    """The same a moment ago stops the press; the same amount lately is only asked about."""
    if alike is None:
        return {}
    if fire.same is not None:
        problem = (
            f"Exactly this went out less than {fire.company.cooldown_s} seconds ago "
            f"({alike.invoice_number})."
        )
        cure = "Turn on “charge again” if you mean a second one."
        return {"problem": problem, "cure": cure, "warning_charge": alike.id}
    on = wording.day_short(alike.issued_on)
    warning = (
        f"The same amount went to this customer on {on}: {alike.invoice_number}, {total}. "
        "Is this one new?"
    )
    return {"warning": warning, "warning_charge": alike.id}
