"""The box beside the page: it repeats the sum, the dates and the next thing to do. Pure."""

from __future__ import annotations

from typing import Any

from billing_core import clock
from billing_core.documents.phrases import phrase
from billing_core.documents.wording import method
from billing_core.flows.open_link import OpenLink
from paynow.standing import chip_of
from paynow.words import words_of


def rail(opened: OpenLink, here: str, act: str, *, on_status: bool) -> dict[str, Any]:
    """The box's label, sum, facts and links; ``here`` is the path of the client's page."""
    document, said = opened.document, words_of(opened.document)
    _ = phrase(said.language)
    facts = [
        (_("Due"), said.day(document["due_on"])),
        (_("Invoice date"), said.day(document["issued_on"])),
        (_("Invoice"), document["number"]),
        (_("Your PO"), document["po_number"]),
    ]
    if act in ("settled", "ended"):
        facts = _paid_facts(opened) + facts[1:]
    return {
        "label": _rail_label(opened, act),
        "sum": said.money(document["total_minor"]),
        "facts": [(label, value) for label, value in facts if value],
        "act": _rail_act(opened, act, here, on_status=on_status),
        "also": (f"{here}/invoice.pdf", _("Invoice as PDF")),
    }


def _rail_label(opened: OpenLink, act: str) -> str:
    _ = phrase(opened.document["language"])
    if act == "settled":
        return _("Paid")
    return _("To pay") if act != "ended" else chip_of(opened)[2]


def _rail_act(opened: OpenLink, act: str, here: str, *, on_status: bool) -> tuple[str, str] | None:
    _ = phrase(opened.document["language"])
    if act == "settled":
        return f"{here}/receipt.pdf", _("Receipt as PDF")
    if act == "pay":
        return None if on_status else ("#decide", _("Pay"))
    if act == "approve":
        return (f"{here}#decide" if on_status else "#decide"), _("Read, then decide")
    return None


def _paid_facts(opened: OpenLink) -> list[tuple[str, str]]:
    revenue, said = opened.revenue, words_of(opened.document)
    if revenue is None:
        return []
    _, zone = phrase(said.language), clock.zone(opened.document["time_zone"])
    on = revenue.booked_at.astimezone(zone).date()
    return [(_("Paid on"), said.day(on)), (_("With"), method(revenue.method, said.language))]
