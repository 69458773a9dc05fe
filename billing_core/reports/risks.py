"""Why a project needs a look: facts of its plan and its charges, each as one plain sentence.

Pure: rows in, sentences out. Nothing is stored, so a risk is gone the moment its cause is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from billing_core.rules import charge_states, money
from billing_core.rules.nouns import Charge, Milestone, Project

#: Days a delivered milestone may wait for its invoice.
UNBILLED_DAYS = 7
#: States in which a client still owes something.
OWED = frozenset({"pending_client", "changes_requested", "approved"})


@dataclass(frozen=True, slots=True)
class Risk:
    """One reason. ``kind`` is over_contract, payment_failed, late_payment, unanswered,
    late_delivery or unbilled; ``days`` since when, 0 where time plays no part."""

    kind: str
    sentence: str
    days: int = 0
    milestone_id: str | None = None
    charge_id: str | None = None


def risks_of(
    project: Project, plan: Sequence[Milestone], charges: Iterable[Charge], today: date
) -> tuple[Risk, ...]:
    """Everything that puts ``project`` at risk on ``today``, the gravest first."""
    live = [charge for charge in charges if charge_states.is_live(charge.state)]
    billed = {charge.milestone_id for charge in live}
    found = [
        *_over_contract(project, plan),
        *(risk for charge in live for risk in _of_charge(charge, today)),
        *(risk for phase in plan if phase.id not in billed for risk in _of_phase(phase, today)),
    ]
    return tuple(sorted(found, key=lambda risk: (_ORDER.index(risk.kind), -risk.days)))


_ORDER = (
    "over_contract",
    "payment_failed",
    "late_payment",
    "unanswered",
    "late_delivery",
    "unbilled",
)


def _over_contract(project: Project, plan: Sequence[Milestone]) -> list[Risk]:
    contract = project.contract_sum_minor
    planned = sum(phase.planned_minor for phase in plan if phase.state != "dropped")
    if contract is None or planned <= contract:
        return []
    over = f"{money.to_text(planned - contract, project.currency)} {project.currency}"
    return [Risk("over_contract", f"The plan is {over} above the contract sum.")]


def _of_charge(charge: Charge, today: date) -> list[Risk]:
    number, said = charge.invoice_number, []
    late = (today - charge.due_on).days
    if charge.state == "failed":
        said.append(("payment_failed", f"The payment of {number} failed.", 0))
    if charge.state in OWED and late > 0:
        said.append(("late_payment", f"{number} is {days_words(late)} overdue.", late))
    if charge.state == "changes_requested":
        said.append(("unanswered", f"The client's change request on {number} waits for you.", 0))
    return [Risk(kind, text, days, charge.milestone_id, charge.id) for kind, text, days in said]


def _of_phase(phase: Milestone, today: date) -> list[Risk]:
    """An unbilled phase: late to be delivered, or delivered and forgotten."""
    if phase.state in ("planned", "in_progress") and phase.due_on and phase.due_on < today:
        late = (today - phase.due_on).days
        sentence = f"{phase.title} was due {days_words(late)} ago and is not delivered."
        return [Risk("late_delivery", sentence, late, phase.id)]
    if phase.state == "delivered" and phase.delivered_on:
        waits = (today - phase.delivered_on).days
        if waits >= UNBILLED_DAYS:
            sentence = f"{phase.title} was delivered {days_words(waits)} ago and is not billed."
            return [Risk("unbilled", sentence, waits, phase.id)]
    return []


def days_words(count: int) -> str:
    """``1 day``, ``13 days``."""
    return "1 day" if count == 1 else f"{count} days"
