"""What runs behind the screens: work to do and given up, and what staff changed or took out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from billing_core.records import concerns, db, messages, organisation, work
from billing_core.records.concerns import Concern
from billing_core.records.messages import Message
from billing_core.records.work import DeadJob, Waiting
from billing_core.rules import money

__all__ = [
    "MOST",
    "Act",
    "Concern",
    "DeadJob",
    "Message",
    "Waiting",
    "Work",
    "jobs",
    "messages_in",
    "parked",
    "setting_changes",
    "staff_log",
]

MOST = 50


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the staff log. ``before`` and ``after`` are texts; ``before`` "" where nothing
    was there before."""

    name: str
    before: str
    after: str
    actor_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Work:
    """Jobs: those given up first, then those still to do, the next one first."""

    dead: tuple[DeadJob, ...]
    waiting: tuple[Waiting, ...]


def jobs() -> Work:
    """At most ``MOST`` of either."""
    with db.read_only() as connection:
        dead, waiting = work.dead(connection, MOST), work.upcoming(connection, MOST)
    return Work(tuple(dead), tuple(waiting))


def parked() -> tuple[Concern, ...]:
    """News of the gateway that our rules refuse, and that nobody has looked at: latest first."""
    with db.read_only() as connection:
        found = concerns.open_ones(connection, 10 * MOST)
    return tuple(each for each in found if each.kind == "message_parked")[:MOST]


def messages_in() -> tuple[Message, ...]:
    """What the gateway told last, newest first, without the bytes."""
    with db.read_only() as connection:
        return tuple(messages.recent(connection, MOST))


def staff_log(limit: int = MOST) -> tuple[Act, ...]:
    """Who changed a setting, exported evidence, made or ended a key: newest first."""
    with db.read_only() as connection:
        currency = organisation.get_company(connection).reporting_currency
        return tuple(
            Act(name, _words(name, before, currency), _words(name, after, currency), who, at)
            for name, before, after, who, at in organisation.changes(connection, limit)
        )


def setting_changes(limit: int = 20) -> tuple[Act, ...]:
    """Of the staff log, who changed which setting: newest first."""
    settings = [act for act in staff_log(10 * limit) if "." not in act.name]
    return tuple(settings[:limit])


def _words(name: str, stored: str | None, currency: str) -> str:
    """A stored JSON value as a person reads it; sums in the currency of the books."""
    value = json.loads(stored) if stored else ""
    if value is None:
        return "none"
    if name.endswith("_minor") and isinstance(value, int):
        return f"{money.to_text(value, currency)} {currency}"
    if isinstance(value, dict):
        parts = {name: part for name, part in value.items() if part not in ("", None)}
        return ", ".join(f"{name.replace('_', ' ')} {_said(part)}" for name, part in parts.items())
    if isinstance(value, list):
        return ", ".join(map(_said, value))
    return str(value)


def _said(part: object) -> str:
    """A part of a value: pairs such as bank details read as "label: value"."""
    if isinstance(part, list):
        return (": " if len(part) == 2 else ", ").join(map(str, part))
    return str(part)
