"""What may be charged to whom, and the plan of a contract."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


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
    """One customer in one item; ``status`` is active, paused or cancelled. ``paused_why`` is
    method where a dead card paused it together with all others, declines where it paused itself."""

    id: str
    customer_id: str
    item_id: str
    status: str
    created_at: datetime
    consecutive_failures: int = 0
    last_fired_at: datetime | None = None
    last_result: str = ""
    paused_why: str = ""


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
class Deliverable:
    """What a milestone delivered. ``kind`` is file or link; ``name`` never has a folder in it.

    A file's ``sha256`` is that of its bytes. A link cannot be kept, so what was noted about it
    (name, ``url``, what it held, the day) is kept as a text, and ``sha256`` is that text's.
    """

    id: str
    milestone_id: str
    kind: str
    name: str
    detail: str
    url: str
    sha256: str
    size_bytes: int
    actor_id: str
    added_at: datetime
