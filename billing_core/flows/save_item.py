"""Add or change a billable item. Charges fired before keep what they were fired with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from billing_core import clock, ids
from billing_core.flows.read_form import FormReader, Value
from billing_core.records import db, items, keys, organisation
from billing_core.records.patience import patiently
from billing_core.rules import amounts
from billing_core.rules.nouns import Actor, Company, Item


@patiently
def save_item(
    item_id: str | None, values: Mapping[str, Value], *, actor: Actor, key: str | None = None
) -> Item:
    """Store an item from typed fields. FieldsRefused names every problem under its field.

    Fields: name, description, unit_price, currency, trigger_mode, capture_mode, condition,
    threshold, floor, allow_override, max_capture, tax_name, tax_rate (percent), tax_included,
    tax_note, active. Without a capture mode the settings' default holds.
    """
    with db.read_only() as connection:
        company = organisation.get_company(connection)
    read = _read(values, company)
    mark = keys.fingerprint("save_item", {"id": item_id, "values": dict(values)})
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        bound = keys.find(connection, actor, key, mark)
        if bound is not None:
            return items.get(connection, bound["item"])
        amounts.check_item(read, organisation.get_company(connection))
        if item_id is None:
            item = read
            items.append(connection, item)
        else:
            old = items.get(connection, item_id)
            item = replace(read, id=old.id, created_at=old.created_at)
            items.save(connection, item)
        keys.bind(connection, actor, key, mark, {"item": item.id})
        return item


def _read(values: Mapping[str, Value], company: Company) -> Item:
    form = FormReader(values)
    currency = form.currency("currency")
    mode = form.choice("trigger_mode", "Trigger mode", amounts.TRIGGER_MODES, "event")
    item = Item(
        id=ids.new_id("bi"),
        name=form.line("name", "The name", most=120, required=True),
        description=form.line("description", "The description", most=500),
        unit_price_minor=form.amount("unit_price", currency) or 1,
        currency=currency,
        trigger_mode=mode,
        capture_mode=form.choice(
            "capture_mode", "Capture mode", amounts.CAPTURE_MODES, company.default_capture_mode
        ),
        condition=form.raw("condition") or None,
        threshold=form.raw("threshold") or None,
        floor=form.raw("floor") or None,
        allow_override=form.flag("allow_override"),
        max_capture_minor=form.amount("max_capture", currency, required=False),
        tax_name=form.line("tax_name", "The tax name", most=40),
        tax_rate_ppm=form.percent_ppm("tax_rate"),
        tax_included=form.flag("tax_included"),
        tax_note=form.line("tax_note", "The tax note"),
        active=form.flag("active") if form.has("active") else True,
        created_at=clock.now(),
    )
    form.check()
    return item
