"""People and organisations: who acts, who is billed, who bills."""

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
    default_capture_mode: str = "off_session"
    link_life_days: int = 30
    reminder_days: tuple[int, ...] = (3, 7, 14)
    code_above_major: int | None = 1000
    second_refund_above_major: int | None = None
    second_charge_above_major: int | None = None
