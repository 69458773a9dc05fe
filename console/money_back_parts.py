"""On a charge's screen: what of its money went back, is asked back, or is held by a bank."""

from __future__ import annotations

import streamlit as st

from billing_core.documents import wording as spoken
from billing_core.flows.render_credit_note import render_credit_note
from billing_core.reports.money_back import MoneyBack
from billing_core.rules import refunds as rules
from billing_core.rules.nouns import Charge, Dispute, Refund
from console import dispute_parts, places, widgets, wording

#: Half a page is narrow: the badge gives way to the words.
_BADGE_PX = 120


def badge(found: MoneyBack) -> None:
    """Partly refunded: derived, so it stands beside the charge's own state."""
    if found.is_partly_refunded:
        widgets.badge(wording.PARTLY_REFUNDED)


def draw(charge: Charge, found: MoneyBack) -> None:
    """Refunds, what waits for a second person, and disputes; nothing where there is none."""
    if found.refunds or found.requests:
        widgets.section("Refunds")
        _sums(charge, found)
        with widgets.rows("refunds"):
            for request in found.requests:
                with widgets.row(request.id) as cells:
                    with cells.cell("badge", _BADGE_PX):
                        widgets.badge(wording.REQUEST["waiting"])
                    cells.text(f"Asked by {request.asked_by.name or request.asked_by.id}")
                    cells.amount(spoken.money(request.amount_minor, request.currency))
                    cells.action("Open", places.turn, "operations")
            for refund in reversed(found.refunds):
                _refund(refund)
    if found.disputes:
        widgets.section("Disputes")
        with widgets.rows("disputes"):
            for dispute in reversed(found.disputes):
                _dispute(dispute)


def _sums(charge: Charge, found: MoneyBack) -> None:
    gone = spoken.money(found.refunded_minor, charge.currency)
    total = spoken.money(charge.total_minor, charge.currency)
    widgets.soft(f"{gone} of {total} refunded")


def _refund(refund: Refund) -> None:
    who = f"{refund.actor.name or refund.actor.id}, {widgets.moment(refund.requested_at)}"
    note = f"Credit note {refund.number}" if refund.number else ""
    with widgets.row(refund.id) as cells:
        with cells.cell("badge", _BADGE_PX):
            widgets.badge(wording.REFUND[refund.state])
        with cells.cell("text"):
            st.text(rules.REASONS.get(refund.reason, refund.reason))
            widgets.soft("\n".join(part for part in (refund.note, note, who) if part))
            widgets.problem(refund.problem)
        cells.amount(spoken.money(refund.amount_minor, refund.currency))
        with cells.cell("action", "content"):
            if refund.number:
                st.download_button(
                    "PDF",
                    lambda: render_credit_note(refund.id),
                    f"{refund.number}.pdf",
                    "application/pdf",
                    key=f"credit-note:{refund.id}",
                    icon=":material/download:",
                    type="tertiary",
                    on_click="ignore",
                )


def _dispute(dispute: Dispute) -> None:
    with widgets.row(dispute.id) as cells:
        cells.badge(wording.DISPUTE[dispute.status])
        cells.name(dispute_parts.words(dispute))
        cells.text(dispute_parts.deadline(dispute))
        cells.amount(spoken.money(dispute.amount_minor, dispute.currency))
