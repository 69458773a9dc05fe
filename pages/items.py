"""Items: the catalogue, and one item's form under ``?item=bi_…`` or ``?item=new``."""

from __future__ import annotations

from functools import partial

import streamlit as st

from billing_core.documents import wording as spoken
from billing_core.flows.save_item import save_item
from billing_core.reports import lists
from billing_core.rules.nouns import Item
from console import access, forms, item_parts, places, widgets, wording


def show_list() -> None:
    """The catalogue."""
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch"):
            widgets.title("Items")
        st.button(
            "New item",
            key="new",
            type="primary",
            icon=":material/add:",
            on_click=places.turn,
            args=("items",),
            kwargs={"item": "new"},
        )
    found = lists.items()
    if not found:
        widgets.empty("No item yet. The template for milestones is filled in already.")
        return
    with widgets.rows("items"):
        for item in found:
            _row(item)


def _row(item: Item) -> None:
    with widgets.row(item.id) as cells:
        cells.badge(wording.ITEM_ACTIVE if item.active else wording.ITEM_INACTIVE)
        cells.name(item.name)
        cells.text(wording.modes(item))
        cap = item.max_capture_minor
        capped = f"cap {spoken.money(cap, item.currency)}" if cap is not None else "default cap"
        cells.side(capped, 150)
        cells.amount(spoken.money(item.unit_price_minor, item.currency))
        cells.action("Edit", places.turn, "items", item=item.id)


def show_form(item: Item | None) -> None:
    """An item, with the rules of its modes explained as they are chosen."""
    name = f"item:{item.id if item else 'new'}"
    widgets.title("Edit item" if item else "New item")
    if item:
        st.caption("Changes hold for later charges. What was fired stays as it was.")
    drawn = item_parts.draw(name, item_parts.values_of(item) if item else item_parts.template())
    with st.container(horizontal=True):
        st.button(
            "Save item",
            key="save",
            type="primary",
            on_click=forms.save,
            args=(name, drawn, partial(_write, item), _saved),
        )
        st.button("Cancel", key="cancel", on_click=places.turn, args=("items",))
    if item:
        item_parts.over_the_api(item)


def _write(item: Item | None, values: forms.Values, key: str) -> Item:
    return save_item(item.id if item else None, values, actor=access.actor(), key=key)


def _saved(item: Item) -> None:
    places.turn("items")


asked = places.asked("item")
if asked == "new":
    show_form(None)
elif asked:
    show_form(lists.item(asked))
else:
    show_list()
