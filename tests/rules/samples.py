"""Nouns to hand to rules: one of each, changed by keyword where a test needs another."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from billing_core.rules.nouns import Address, Company, Customer, Item, Milestone, Project

AT = datetime(2026, 3, 16, 14, 0, tzinfo=UTC)
_ITEM = Item(
    id="bi_1",
    name="Project milestone",
    description="Project milestone — client reviews and pays",
    unit_price_minor=500_000,
    currency="USD",
    trigger_mode="event",
    capture_mode="client_confirm",
    allow_override=True,
    max_capture_minor=2_500_000,
    created_at=AT,
)
_COMPANY = Company(
    name="Northlight Studio",
    email="billing@northlight.example",
    address=Address(line1="12 Quay Street", city="Portland", state="ME", country="US"),
    bank=(("Bank", "First Harbor"), ("Account", "000123456789")),
    terms_text="Payment within 30 days.",
)
_CUSTOMER = Customer(
    id="bc_1",
    name="Dana Whitfield",
    company="Harbor & Vine",
    email="dana@harborvine.example",
    address=Address(line1="8 Orchard Lane", city="New York", country="US"),
    currency="USD",
    standing="active",
    time_zone="America/New_York",
    created_at=AT,
)
_PROJECT = Project(
    id="prj_1", customer_id="bc_1", name="New website", currency="USD", created_at=AT
)
_MILESTONE = Milestone(
    id="ms_1",
    project_id="prj_1",
    position=2,
    title="Phase 2: Homepage designs",
    planned_minor=450_000,
    state="delivered",
    delivered_on=date(2026, 3, 15),
)


def item(**other: Any) -> Item:
    """The recipe's item, in dollars, event and client_confirm."""
    return replace(_ITEM, **other)


def company(**other: Any) -> Company:
    """An organisation with its bank and terms."""
    return replace(_COMPANY, **other)


def customer(**other: Any) -> Customer:
    """An active customer of New York."""
    return replace(_CUSTOMER, **other)


def project(**other: Any) -> Project:
    """A project without a contract sum."""
    return replace(_PROJECT, **other)


def milestone(**other: Any) -> Milestone:
    """A delivered second phase."""
    return replace(_MILESTONE, **other)
