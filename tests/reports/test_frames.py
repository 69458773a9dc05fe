"""The public frames: what the docstring promises is what comes, also from empty books."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from datetime import UTC, date, datetime

import pandas as pd
import pytest

from billing_core import reports
from billing_core.flows.answer_changes import answer_changes
from billing_core.flows.record_payment import record_payment
from billing_core.flows.record_views import Sighting, record_views
from billing_core.flows.save_company import save_company
from billing_core.flows.void_charge import void_charge
from billing_core.reports.dossier import dossier
from tests import books as made
from tests.books import OPERATOR
from tests.conftest import Clock

CONTRACT = ("charges", "revenue", "receivables", "milestones", "approvals", "disputes", "ledger")
_LINE = re.compile(
    r"^    ([a-z_, ]+) \((string|int64|float64|bool|datetime64\[us, UTC\])\): .", re.MULTILINE
)


def promised(name: str) -> dict[str, str]:
    """Column → dtype, as the docstring of a frame says."""
    text = inspect.getdoc(getattr(reports, name)) or ""
    indented = "\n".join(f"    {line}" for line in text.splitlines())
    return {
        column: dtype for names, dtype in _LINE.findall(indented) for column in names.split(", ")
    }


def found(frame: pd.DataFrame) -> dict[str, str]:
    return {str(name): str(dtype) for name, dtype in frame.dtypes.items()}


def test_the_contract_names_them_all() -> None:
    assert sorted(CONTRACT) == sorted(reports.__all__)


@pytest.mark.parametrize("name", CONTRACT)
def test_empty_books_give_the_documented_columns_and_types(books: str, name: str) -> None:
    frame = getattr(reports, name)()
    assert frame.empty
    assert found(frame) == promised(name)


def test_full_books_give_the_same(database: str) -> None:
    seeded = made.seed()
    made.paid(seeded)
    plan = made.plan(seeded.customer, "90.00")
    made.fire(seeded, "90.00", "Support", milestone=plan.milestones[0])
    for name in set(CONTRACT) - {"disputes"}:
        frame = getattr(reports, name)()
        assert len(frame) > 0, name
        assert found(frame) == promised(name)


def test_each_takes_the_four_cuts(books: str, driven_clock: Clock) -> None:
    seeded = made.seed()
    made.paid(seeded)
    plan = made.plan(seeded.customer, "90.00")
    made.fire(seeded, "90.00", "Support", milestone=plan.milestones[0])
    for name in sorted(set(CONTRACT) - {"disputes", "milestones"}):
        frame = getattr(reports, name)
        count = len(frame())
        assert len(frame(customer=seeded.customer)) == len(frame(currency="USD")) == count, name
        assert frame(customer="bc_nobody").empty, name
        assert frame(currency="EUR").empty, name
        assert len(frame(since="2026-03-01", until=date(2026, 5, 1))) == count, name
        assert frame(since=datetime(2027, 1, 1, tzinfo=UTC)).empty, name
        assert frame(until="2026-03-01").empty, name


def test_receivables_are_what_is_owed_by_due_day_in_the_reporting_zone(
    books: str, driven_clock: Clock
) -> None:
    seeded = made.seed()
    save_company({"reporting_zone": "America/New_York"}, actor=OPERATOR)
    late, paid, withdrawn = (made.fire(seeded, f"{n}.00", f"Phase {n}").charge for n in (1, 2, 3))
    assert late
    assert paid
    assert withdrawn
    words = {"method": "cheque", "paid_on": "2026-03-16", "reference": "7"}
    record_payment(paid.id, **words, actor=OPERATOR)
    void_charge(withdrawn.id, reason="", actor=OPERATOR)
    driven_clock.set(datetime(2026, 4, 16, 3, 59, tzinfo=UTC))
    (row,) = reports.receivables().to_dict("records")
    assert (row["charge_id"], row["total_minor"], row["days_overdue"]) == (late.id, 100, 0)
    assert not row["overdue"]
    driven_clock.advance(minutes=2)
    (row,) = reports.receivables().to_dict("records")
    assert (row["days_overdue"], row["overdue"]) == (1, True)
    assert len(reports.receivables(since="2026-04-15", until="2026-04-16")) == 1
    assert reports.receivables(since="2026-04-16").empty
    assert reports.receivables(until="2026-04-15").empty


def test_approvals_tell_what_happened_to_each_invoice(database: str, driven_clock: Clock) -> None:
    seeded = made.seed()
    fired = made.fire(seeded)
    assert fired.charge
    link = dossier(fired.charge.id).links[0]
    driven_clock.advance(hours=6)
    for grade in ("automated", "person"):
        driven_clock.advance(hours=6)
        record_views([Sighting(link.id, grade, made.VISIT, driven_clock.now)])
    made.ask_for_changes(made.token(fired), 'He wrote "grade":"automated" into the text')
    answer_changes(fired.charge.id, answer="Done.", actor=OPERATOR)
    driven_clock.advance(hours=24)
    step = made.approve(made.token(fired))
    driven_clock.advance(hours=12)
    made.pay(step)
    made.settle(fired.charge.id)
    (row,) = reports.approvals().to_dict("records")
    assert row["seen_at"] - row["sent_at"] == pd.Timedelta(hours=18)
    assert (row["days_to_approve"], row["days_to_pay"]) == (1.75, 2.25)
    assert (row["change_requests"], row["reminders"], row["source"]) == (1, 0, "gateway")


def test_one_import_loads_pandas_only_when_a_frame_is_asked_for() -> None:
    program = "import sys; from billing_core import reports; assert 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
