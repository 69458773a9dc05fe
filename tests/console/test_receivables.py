"""Receivables: its numbers are the frame's, its files are its rows, what-if moves dates only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from billing_core import clock, reports
from billing_core.documents import wording as spoken
from billing_core.flows import save_project
from billing_core.reports import exports, metrics
from console import owed_parts
from tests import books
from tests.conftest import Clock
from tests.console import files
from tests.console.screen import Screen

pytestmark = pytest.mark.usefixtures("books")


@pytest.fixture
def firm(driven_clock: Clock) -> Clock:
    """A late invoice, one that is not due, one that is paid, and a planned milestone."""
    now = datetime.now(UTC)
    driven_clock.set(now - timedelta(days=70))
    seeded = _seed()
    books.fire(seeded, "1000.00", "Late")
    driven_clock.set(now - timedelta(days=1))
    books.fire(seeded, "2000.50", "Fresh")
    driven_clock.set(now)
    return driven_clock


def _seed() -> books.Seeded:
    seeded = books.seed()
    books.paid(seeded, "4500.00", "Phase 1")
    fields = {"customer_id": seeded.customer, "name": "New website", "contract_sum": ""}
    project = save_project.save_project(None, fields, actor=books.OPERATOR)
    due = clock.now().date() + timedelta(days=200)
    for title, on in (("Launch", due.isoformat()), ("Some day", "")):
        values = {"project_id": project.id, "title": title, "planned_amount": "300.00"}
        save_project.save_milestone(None, values | {"due_on": on}, actor=books.OPERATOR)
    return seeded


def test_cards_ageing_and_rows_are_the_frames_and_the_files_are_the_rows(firm: Clock) -> None:
    with files.offered() as offered:
        screen = Screen("receivables")
        frame = reports.receivables()
        assert offered["csv"]() == exports.csv(
            frame.sort_values("days_overdue", ascending=False, kind="stable")
        )
        said = screen.said()
        shown = {m.label: m.value.replace("\\", "") for m in screen.at.metric}
        assert shown["Owed, USD"] == "$3,000.50"
        assert shown["Late, USD"] == "$1,000.00"
        bucket = metrics.ageing(frame).set_index("bucket")
        assert (bucket["invoices"] > 0).sum() == 2
        assert "$1,000.00 is late, none of it by more than 90 days" in said
        assert "1 planned milestone has no due date and is left out." in said
        late = Screen("receivables", bucket="31–60").said()
        assert "Only 31–60 days" in late
        assert "$2,000.50" not in late.splitlines()
        assert offered["csv"]() == exports.csv(frame[frame["days_overdue"] > 30])


def test_a_row_leads_to_its_charge(firm: Clock) -> None:
    first = reports.receivables().iloc[0]
    screen = Screen("receivables").click(f"open:{first['charge_id']}")
    assert screen.address("charge") == first["charge_id"]


def test_an_address_of_no_bucket_is_calm(firm: Clock) -> None:
    said = Screen("receivables", bucket="<b>", delay="-7", currency="XXX").said()
    assert "No invoice here." in said
    assert "Not done" not in said


@pytest.mark.parametrize("days", [5, 30, 90])
def test_the_what_if_moves_every_date_and_no_amount(firm: Clock, days: int) -> None:
    owed, milestones = reports.receivables(), reports.milestones()
    today = clock.today("UTC")
    moved = [owed_parts._later(frame, today, days) for frame in (owed, milestones)]
    before = metrics.cash_expected(owed, milestones, today)
    after = metrics.cash_expected(moved[0], moved[1], today)
    sums = [told.groupby("certainty")["amount_minor"].sum() for told in (before, after)]
    pd.testing.assert_series_equal(*sums)
    floor = datetime.combine(today, datetime.min.time(), tzinfo=UTC)
    expected = [max(due, floor) + timedelta(days=days) for due in owed["due_on"]]
    assert list(moved[0]["due_on"]) == expected
    assert moved[1]["due_on"].isna().sum() == milestones["due_on"].isna().sum() == 1


def test_the_what_if_says_what_it_is(firm: Clock) -> None:
    said = Screen("receivables", delay="30").said()
    assert "Paid 30 days late, $0.00 of $3,300.50 comes in" in said
    assert "A what-if from due dates, not a forecast" in said
    whole = spoken.money(330050, "USD")
    assert f"{whole} is expected" in Screen("receivables").said()
