"""The nouns of the domain as frozen values, named as document 1 names them.

Flows return them, screens read them. No behaviour beyond what a noun can say of itself, and
never a mapped row: what stands here can be passed anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: ``kind`` is client, staff, key, gateway or system; ``id`` never an address."""

    kind: str
    id: str
    name: str = ""


SYSTEM = Actor("system", "system")
LOCAL_OPERATOR = Actor("staff", "st_local", "")


@dataclass(frozen=True, slots=True)
class Visit:
    """Where a client's request came from, and by which rule we believe it."""

    address: str = ""
    rule: str = "none"
    peer: str = ""
    forwarded: str = ""
    user_agent: str = ""
    accept_language: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; empty strings where a part is missing, country as ISO 3166 alpha-2."""

    line1: str = ""
    line2: str = ""
    city: str = ""
    postal_code: str = ""
    state: str = ""
    country: str = ""

    def lines(self) -> list[str]:
        """The address as printed lines, without the empty ones."""
        town = " ".join(p for p in (self.city, self.state, self.postal_code) if p)
        return [p for p in (self.line1, self.line2, town, self.country) if p]


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """A method stored at the gateway. Never a card number: brand and last four only."""

    reference: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    saved_on: date

    def label(self) -> str:
        """As buttons and pages name it, for example ``Visa •••• 4242``."""
        return f"{self.brand} •••• {self.last4}"


@dataclass(frozen=True, slots=True)
class Customer:
    """Whom we bill. ``standing`` is pending, active or suspended."""

    id: str
    name: str
    email: str
    currency: str
    standing: str
    created_at: datetime
    company: str = ""
    cc: tuple[str, ...] = ()
    address: Address = field(default_factory=Address)
    tax_id: str = ""
    language: str = "en"
    time_zone: str = "UTC"
    contact_id: str | None = None
    gateway_customer: str | None = None
    payment_method: PaymentMethod | None = None
    allow_trigger: bool = False
    require_initial: bool = False
    initial_minor: int | None = None
    notes: str = ""

    def billed_as(self) -> str:
        """The name the invoice is made out to: the company where there is one."""
        return self.company or self.name


@dataclass(frozen=True, slots=True)
class Item:
    """What may be charged. Amounts in minor units of ``currency``, tax in parts per million."""

    id: str
    name: str
    unit_price_minor: int
    currency: str
    trigger_mode: str
    capture_mode: str
    created_at: datetime
    billing_type: str = "trigger"
    description: str = ""
    allow_override: bool = False
    max_capture_minor: int | None = None
    condition: str | None = None
    threshold: str | None = None
    floor: str | None = None
    tax_name: str = ""
    tax_rate_ppm: int = 0
    tax_included: bool = False
    tax_note: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One customer in one item; ``status`` is active, paused or cancelled."""

    id: str
    customer_id: str
    item_id: str
    status: str
    created_at: datetime
    consecutive_failures: int = 0
    last_fired_at: datetime | None = None
    last_result: str = ""


@dataclass(frozen=True, slots=True)
class Project:
    """A contract with a customer."""

    id: str
    customer_id: str
    name: str
    currency: str
    created_at: datetime
    number: str = ""
    po_number: str = ""
    contract_sum_minor: int | None = None
    terms_text: str = ""
    terms_version: str = ""


@dataclass(frozen=True, slots=True)
class Milestone:
    """One phase of a project. ``state`` is planned, in_progress, delivered or dropped."""

    id: str
    project_id: str
    position: int
    title: str
    planned_minor: int
    state: str
    due_on: date | None = None
    delivered_on: date | None = None
    scope: str = ""
    acceptance: str = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """One fired sum. ``total_minor`` is what the client pays; ``line_minor`` what was fired."""

    id: str
    state: str
    customer_id: str
    item_id: str
    enrolment_id: str
    invoice_id: str
    invoice_number: str
    document_sha256: str
    line_minor: int
    net_minor: int
    tax_minor: int
    total_minor: int
    currency: str
    description: str
    trigger_mode: str
    capture_mode: str
    origin: str
    actor: Actor
    fired_at: datetime
    issued_on: date
    due_on: date
    chain_length: int
    chain_head: str
    kind: str = "milestone"
    project_id: str | None = None
    milestone_id: str | None = None
    po_number: str = ""
    metric_value: str | None = None
    valid_until: date | None = None
    approved_at: datetime | None = None
    captured_at: datetime | None = None
    ended_at: datetime | None = None
    late_money: bool = False
    revises: str | None = None
    revised_by: str | None = None
    note: str = ""
    pdf_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to collect a charge; ``outcome`` as document 1 lists them."""

    id: str
    charge_id: str
    number: int
    gateway: str
    via: str
    idempotency_key: str
    amount_minor: int
    currency: str
    outcome: str
    started_at: datetime
    parameters: dict[str, str]
    reference: str | None = None
    url: str | None = None
    method_label: str = ""
    problem: str = ""
    payment_reference: str | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """One way into one charge. The token itself is derived, never stored."""

    id: str
    charge_id: str
    minted_at: datetime
    expires_at: datetime
    mailed_to: str
    replaced_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """One message of ours. ``state`` is queued, kept (no mail server), sent or failed."""

    id: str
    kind: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    state: str
    message_id: str
    queued_at: datetime
    charge_id: str | None = None
    link_id: str | None = None
    html: str = ""
    text: str = ""
    attachments: tuple[tuple[str, str, str], ...] = ()
    sent_at: datetime | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Revenue:
    """What was really collected, or went out again. Signs: money in is positive."""

    id: str
    charge_id: str
    customer_id: str
    item_id: str
    kind: str
    gross_minor: int
    tax_minor: int
    fee_minor: int
    net_minor: int
    currency: str
    method: str
    gateway: str
    reference: str
    source: str
    booked_at: datetime
    recorded_at: datetime
    project_id: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One evidence event as stored: its parsed object and the exact bytes that were hashed."""

    stream: str
    seq: int
    kind: str
    at: str
    actor: Actor
    payload: dict[str, object]
    hash: str
    canonical: str


@dataclass(frozen=True, slots=True)
class Company:
    """The settings of the organisation (document 1, Settings), with their defaults."""

    name: str = ""
    operator_name: str = ""
    email: str = ""
    address: Address = field(default_factory=Address)
    tax_id: str = ""
    bank: tuple[tuple[str, str], ...] = ()
    statement_descriptor: str = ""
    refund_policy: str = ""
    terms_text: str = ""
    terms_days: int = 30
    invoice_prefix: str = "CS-"
    reporting_zone: str = "UTC"
    reporting_currency: str = "USD"
    cooldown_s: int = 60
    max_consecutive_failures: int = 3
    minimum_initial_minor: int = 1500
    default_cap_minor: int = 50000
    link_life_days: int = 30
    reminder_days: tuple[int, ...] = (3, 7, 14)
    code_above_major: int | None = 1000
