"""Standings of customers, enrolments and milestones, and their moves (document 1, "States")."""

from __future__ import annotations

from billing_core.errors import IllegalMove

_CUSTOMER = {
    ("pending", "activate"): "active",
    ("active", "suspend"): "suspended",
    ("suspended", "restore"): "active",
}
_ENROLMENT = {
    ("active", "pause"): "paused",
    ("paused", "resume"): "active",
    ("active", "cancel"): "cancelled",
    ("paused", "cancel"): "cancelled",
}
_MILESTONE = {
    ("planned", "start"): "in_progress",
    ("planned", "deliver"): "delivered",
    ("in_progress", "deliver"): "delivered",
    ("planned", "drop"): "dropped",
    ("in_progress", "drop"): "dropped",
    ("delivered", "reopen"): "in_progress",
}
_SHOWN_WHEN_LIVE = {
    "captured": "paid",
    "disputed": "paid",
    "approved": "approved",
}


def move_customer(standing: str, verb: str) -> str:
    """A customer's standing after ``activate``, ``suspend`` or ``restore``."""
    return _moved(_CUSTOMER, standing, verb, "customer")


def move_enrolment(status: str, verb: str) -> str:
    """An enrolment's status after ``pause``, ``resume`` or ``cancel`` (cancelled is for good)."""
    return _moved(_ENROLMENT, status, verb, "enrolment")


def move_milestone(state: str, verb: str) -> str:
    """A milestone's stored state after ``start``, ``deliver``, ``drop`` or ``reopen``."""
    return _moved(_MILESTONE, state, verb, "milestone")


def shown_milestone(stored: str, live_charge_state: str | None) -> str:
    """What people see: billed, approved and paid are derived from the live charge."""
    if live_charge_state is None:
        return stored
    return _SHOWN_WHEN_LIVE.get(live_charge_state, "billed")


def _moved(table: dict[tuple[str, str], str], state: str, verb: str, what: str) -> str:
    try:
        return table[(state, verb)]
    except KeyError:
        raise IllegalMove(
            f"This {what} is {state.replace('_', ' ')}, so it is not possible to {verb} it.",
            state=state,
            move=verb,
        ) from None
