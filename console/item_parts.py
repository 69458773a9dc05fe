"""The item form: its fields by mode, what the chosen modes mean, and the starting template."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from billing_core import settings
from billing_core.documents import wording as spoken
from billing_core.errors import Refused
from billing_core.rules import amounts, money
from billing_core.rules.nouns import Item
from console import cache, forms, places, widgets, wording
from console.forms import Field

CURRENCIES = {code: code for code in money.currencies()}
_CONDITIONS = {"": "None", "gte": "at least", "lte": "at most", "eq": "exactly"}

_FIRST = (
    Field("name", "Name", placeholder="Project milestone", half=True),
    Field("currency", "Currency", "choice", CURRENCIES, half=True),
    Field("description", "Description, when a charge brings none"),
    Field("trigger_mode", "How it is triggered", "choice", wording.MODE_SHORT, half=True),
    Field("capture_mode", "How it is collected", "choice", wording.CAPTURE_LONG, half=True),
    Field("unit_price", "Price", placeholder="5000.00", half=True),
)
_OPEN = (
    Field("max_capture", "Cap: no single charge above it", placeholder="25000.00", half=True),
    Field("allow_override", "The amount may be changed when firing", "switch"),
)
_METRIC = (
    Field("condition", "Condition on the metric", "choice", _CONDITIONS, half=True),
    Field("threshold", "Threshold", placeholder="98.5", half=True),
    Field("floor", "Floor, not above the threshold", half=True),
)
_TAX = (
    Field("tax_name", "Tax", placeholder="Sales tax, VAT …", half=True),
    Field("tax_rate", "Tax rate in percent", placeholder="8.25", half=True),
    Field("tax_included", "The price includes the tax", "switch"),
    Field("tax_note", "Note on the invoice", placeholder="Reverse charge"),
)
_LAST = (Field("active", "Active: may be charged", "switch"),)


def template() -> dict[str, Any]:
    """What a new item starts with: event and client confirms, as milestones want it."""
    return {
        "name": "Project milestone",
        "description": "Project milestone — client reviews and pays",
        "trigger_mode": "event",
        "capture_mode": "client_confirm",
        "unit_price": "5000.00",
        "max_capture": "25000.00",
        "currency": cache.company().reporting_currency,
        "allow_override": True,
        "active": True,
        "condition": "",
    }


def values_of(item: Item) -> dict[str, Any]:
    """What the form of an existing item starts with."""
    cap, rate = item.max_capture_minor, item.tax_rate_ppm
    return {
        **{name: getattr(item, name) or "" for name in _PLAIN},
        "unit_price": money.to_text(item.unit_price_minor, item.currency),
        "max_capture": "" if cap is None else money.to_text(cap, item.currency),
        "tax_rate": spoken.percent(rate).removesuffix("%") if rate else "",
    }


_PLAIN = (
    "name",
    "description",
    "trigger_mode",
    "capture_mode",
    "currency",
    "allow_override",
    "condition",
    "threshold",
    "floor",
    "tax_name",
    "tax_included",
    "tax_note",
    "active",
)


def fields(form: str, now: dict[str, Any]) -> tuple[Field, ...]:
    """The fields that mean something in the mode chosen at this moment."""
    mode = _chosen(form, "trigger_mode", now)
    middle = _OPEN if mode in amounts.OPEN_MODES else _OPEN[:1]
    metric = () if mode == "event" else _METRIC
    return (*_FIRST, *middle, *metric, *_TAX, *_LAST)


def draw(form: str, now: dict[str, Any]) -> tuple[Field, ...]:
    """The form with the rules of its modes beside it; gives the fields that were drawn."""
    shown = fields(form, now)
    left, right = st.columns([1.7, 1], gap="large")
    with left:
        forms.draw(form, shown, now)
    with right:
        _explain(form, now)
    return shown


def over_the_api(item: Item) -> None:
    """The command that fires this item from a terminal or a machine, ready to be pasted."""
    widgets.section("Fire it from a machine")
    st.code(curl(item), language="bash", wrap_lines=True)
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch"):
            st.caption(
                "Put in your key and the customer's id, from the address of the profile. "
                "A new Idempotency-Key means a new charge."
            )
        st.button("Make a key", key="key", type="tertiary", icon=":material/key:",
                  on_click=places.turn, args=("team",))  # fmt: skip


def curl(item: Item) -> str:
    """A call of ``/v1/charges`` with what the item's mode asks for, and nothing it refuses."""
    body = {"customer": "bc_…", "item": item.id}
    if amounts.may_override(item):
        body["amount"] = money.to_text(item.unit_price_minor, item.currency)
    if item.trigger_mode != "threshold":
        body["description"] = wording.GOOD_DESCRIPTION
    if item.condition:
        body["metric_value"] = str(item.threshold)
    told = json.dumps(body, ensure_ascii=False, indent=2).replace("'", "'\\''")
    return (
        f"curl {settings.load().pay_base}/v1/charges \\\n"
        '  -H "Authorization: Bearer csk_…" -H "Idempotency-Key: phase-2" \\\n'
        f"  -H \"Content-Type: application/json\" -d '{told}'"
    )


def _explain(form: str, now: dict[str, Any]) -> None:
    mode, capture = _chosen(form, "trigger_mode", now), _chosen(form, "capture_mode", now)
    with st.container(border=True):
        st.markdown("**What this item does**")
        st.text(wording.MODES[mode])
        st.text(wording.CAPTURES[capture])
        st.text(_cap_words(form, now))
        advice = amounts.advice(_sketch(mode, capture))
        if advice:
            st.badge("Advice", icon=":material/lightbulb:", color="orange")
            st.text(advice)


def _cap_words(form: str, now: dict[str, Any]) -> str:
    currency = _chosen(form, "currency", now)
    try:
        price = money.parse_amount(_chosen(form, "unit_price", now), currency, grouped=True)
        cap_text = _chosen(form, "max_capture", now)
        if not cap_text:
            return f"Five times the price is a good cap: {spoken.money(5 * price, currency)}."
        cap = money.parse_amount(cap_text, currency, grouped=True)
    except Refused as refusal:
        return refusal.sentence
    return f"Price {spoken.money(price, currency)}, cap {spoken.money(cap, currency)}."


def _chosen(form: str, name: str, now: dict[str, Any]) -> str:
    return str(st.session_state.get(f"{form}/{name}", now.get(name, "")) or "")


def _sketch(mode: str, capture: str) -> Item:
    """An item with nothing but its modes, for the advice on them."""
    return Item("", "", 0, "USD", mode, capture, datetime.min.replace(tzinfo=UTC))
