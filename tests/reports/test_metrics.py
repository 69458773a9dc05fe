"""From frames to what charts draw: each sum is worked out a second time here, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

from billing_core.reports import metrics, shapes
from billing_core.reports.metrics_owed import BUCKETS, bucket_of

TODAY = date(2026, 3, 20)
KINDS = {"text": "", "minor": 0, "count": 0, "days": 1.0, "flag": False, "time": None, "day": None}


def frame(shape: dict[str, str], rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Rows of a public frame; what is not given is empty."""
    blank = {name: KINDS[kind] for name, kind in shape.items()}
    full = [tuple((blank | row).values()) for row in rows]
    return shapes.in_order(shapes.shaped(full, list(blank), shape), shape)


def booked(at: str, gross: int, **more: Any) -> dict[str, Any]:
    """One revenue booking; tax a fifth, fee a tenth."""
    fields = {"gross_minor": gross, "tax_minor": gross // 5, "fee_minor": gross // 10}
    fields |= {"net_minor": gross - gross // 10, "currency": "USD", "item": "A", "item_id": "a"}
    return fields | {"booked_at": datetime.fromisoformat(at).replace(tzinfo=UTC)} | more


REVENUE = frame(
    shapes.REVENUE,
    [
        booked("2025-02-28T12:00", 1000),
        booked("2026-03-01T03:00", 2000, project="P", project_id="p"),
        booked("2026-03-18T12:00", 4000, source="manual"),
        booked("2026-03-19T12:00", 500, currency="JPY"),
    ],
)


def rows(table: pd.DataFrame, *names: str) -> list[tuple[Any, ...]]:
    return list(table[list(names)].itertuples(index=False, name=None))


def test_months_are_cut_in_the_zone_and_currencies_stay_apart() -> None:
    shown = ("month", "currency", "gross_minor")
    assert rows(metrics.by_month(REVENUE, "UTC", by=""), *shown) == [
        ("2025-02", "USD", 1000), ("2026-03", "JPY", 500), ("2026-03", "USD", 6000),
    ]  # fmt: skip
    assert rows(metrics.by_month(REVENUE, "America/New_York", by=""), *shown) == [
        ("2025-02", "USD", 1000), ("2026-02", "USD", 2000),
        ("2026-03", "JPY", 500), ("2026-03", "USD", 4000),
    ]  # fmt: skip


@pytest.mark.parametrize("by", ["item", "customer", "project", "source", ""])
def test_whatever_it_is_told_by_nothing_is_lost(by: str) -> None:
    given = REVENUE.assign(project=pd.Series(["P", None, "", None], dtype="string"))
    told = metrics.by_month(given, "UTC", by=by).groupby("currency")["gross_minor"].sum()
    assert told.to_dict() == {"JPY": 500, "USD": 7000}


def test_this_year_beside_the_last() -> None:
    table = metrics.cumulative(REVENUE, "UTC", TODAY)
    usd = table[table["currency"] == "USD"].set_index("on")
    assert len(usd) == 365
    assert usd.loc[date(2026, 2, 27), "last_minor"] == 0
    three = usd.loc[[date(2026, 2, 28), date(2026, 3, 1), TODAY]]
    assert rows(three, "this_minor", "last_minor") == [
        (0, 1000), (2000, 1000), (6000, 1000),
    ]  # fmt: skip
    assert usd.loc[date(2026, 3, 21), "this_minor"] is pd.NA


def test_a_leap_day_of_last_year_is_not_lost() -> None:
    given = frame(shapes.REVENUE, [booked("2024-02-29T12:00", 700), booked("2025-01-05T12:00", 1)])
    table = metrics.cumulative(given, "UTC", date(2025, 12, 31)).set_index("on")
    assert table.loc[date(2025, 2, 28), "last_minor"] == 0
    assert table.loc[date(2025, 3, 1), "last_minor"] == 700


def test_the_waterfall_adds_up() -> None:
    refund = booked("2026-03-19T13:00", -1000, kind="refund", fee_minor=0, net_minor=-1000)
    lost = booked("2026-03-19T13:00", -200, kind="dispute", fee_minor=0, net_minor=-200)
    cost = booked("2026-03-19T13:00", 0, kind="dispute_fee", fee_minor=15, net_minor=-15)
    undone = booked("2026-03-20T13:00", 400, kind="refund", fee_minor=0, net_minor=400)
    given = pd.concat([REVENUE, frame(shapes.REVENUE, [refund, lost, cost, undone])])
    table = metrics.waterfall(given)
    steps = dict(rows(table[table["currency"] == "USD"], "step", "amount_minor"))
    assert steps == {
        "gross": 7000, "refunds": -600, "disputes": -200, "tax": -1240, "fees": -715, "net": 4245,
    }  # fmt: skip
    assert list(steps) == ["gross", "refunds", "disputes", "tax", "fees", "net"]


def test_sparklines_have_their_zeros() -> None:
    table = metrics.sparkline(REVENUE, "UTC", TODAY, step="week", steps=3)
    usd = table[table["currency"] == "USD"]
    assert rows(usd, "starts_on", "gross_minor") == [
        (date(2026, 2, 28), 2000), (date(2026, 3, 7), 0), (date(2026, 3, 14), 4000),
    ]  # fmt: skip
    days = metrics.sparkline(REVENUE, "UTC", TODAY, step="day", steps=2)
    assert days[days["currency"] == "JPY"]["gross_minor"].tolist() == [500, 0]


@pytest.mark.parametrize(
    ("late", "bucket"),
    [(-9, "not due"), (0, "not due"), (1, "1–30"), (30, "1–30"), (31, "31–60"), (60, "31–60"),
     (61, "61–90"), (90, "61–90"), (91, "90+"), (4000, "90+")],
)  # fmt: skip
def test_buckets_have_no_gap(late: int, bucket: str) -> None:
    assert bucket_of(late) == bucket


def test_ageing_names_every_bucket() -> None:
    given = [
        {"currency": "EUR", "days_overdue": late, "total_minor": 100}
        for late in (-3, 0, 1, 95, 400)
    ]
    table = metrics.ageing(frame(shapes.RECEIVABLES, given))
    assert rows(table, "bucket", "invoices", "amount_minor") == [
        ("not due", 2, 200), ("1–30", 1, 100), ("31–60", 0, 0), ("61–90", 0, 0), ("90+", 2, 200),
    ]  # fmt: skip
    assert [name for name, _ in BUCKETS] == table["bucket"].tolist()


def approval(customer: str, approved: float | None, paid: float | None) -> dict[str, Any]:
    sent = datetime(2026, 3, 1, tzinfo=UTC)
    reached = {
        "approved_at": sent if approved is not None else None,
        "paid_at": sent if paid is not None else None,
        "days_to_approve": approved,
        "days_to_pay": paid,
    }
    who = {"customer": customer, "customer_id": customer, "currency": "USD", "total_minor": 100}
    return {**who, **reached, "sent_at": sent}


ASKED = frame(
    shapes.APPROVALS,
    [
        approval("A", 1.0, 2.0),
        approval("A", 3.0, None),
        approval("B", None, 20.0),
        approval("B", None, None),
        {**approval("B", None, None), "seen_at": datetime(2026, 3, 2, tzinfo=UTC)},
    ],
)


def test_how_long_clients_take() -> None:
    table = metrics.days(ASKED)
    assert rows(table, "measure", "charges", "median_days") == [
        ("approve", 2, 2.0),
        ("pay", 2, 11.0),
    ]
    assert table["p90_days"].tolist() == pytest.approx([2.8, 18.2])
    mine = metrics.days(ASKED, "customer")
    assert rows(mine, "customer", "measure", "charges", "median_days") == [
        ("A", "approve", 2, 2.0), ("A", "pay", 1, 2.0), ("B", "pay", 1, 20.0),
    ]  # fmt: skip


def test_the_funnel_only_narrows() -> None:
    table = metrics.funnel(ASKED)
    assert rows(table, "step", "charges", "amount_minor", "share") == [
        ("sent", 5, 500, 1.0), ("seen", 4, 400, 0.8),
        ("approved", 3, 300, 0.6), ("paid", 2, 200, 0.4),
    ]  # fmt: skip


def test_what_should_come_in() -> None:
    def day(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    owed = [
        {"currency": "USD", "due_on": day("2026-01-05"), "overdue": True, "total_minor": 100},
        {"currency": "USD", "due_on": day("2026-04-05"), "total_minor": 30},
    ]
    plan = [
        {"state": "planned", "due_on": day("2026-04-20"), "planned_minor": 5, "charge_id": None},
        {"state": "planned", "due_on": day("2026-02-20"), "planned_minor": 7, "charge_id": None},
        {"state": "dropped", "due_on": day("2026-04-20"), "planned_minor": 9, "charge_id": None},
        {
            "state": "delivered",
            "due_on": day("2026-04-20"),
            "planned_minor": 9,
            "charge_id": "sc_1",
        },
        {"state": "planned", "due_on": None, "planned_minor": 9, "charge_id": None},
    ]
    plans = frame(shapes.MILESTONES, [{"currency": "USD", **row} for row in plan])
    table = metrics.cash_expected(frame(shapes.RECEIVABLES, owed), plans, TODAY)
    assert rows(table, "month", "certainty", "charges", "amount_minor") == [
        ("2026-03", "overdue", 1, 100), ("2026-03", "planned", 1, 7),
        ("2026-04", "invoiced", 1, 30), ("2026-04", "planned", 1, 5),
    ]  # fmt: skip


def test_nothing_gives_empty_tables_not_errors() -> None:
    revenue, owed = REVENUE.iloc[:0], frame(shapes.RECEIVABLES, [])
    asked, plans = ASKED.iloc[:0], frame(shapes.MILESTONES, [])
    tables = [
        metrics.totals(revenue), metrics.by_month(revenue, "UTC"), metrics.by_project(revenue),
        metrics.cumulative(revenue, "UTC", TODAY), metrics.waterfall(revenue),
        metrics.sparkline(revenue, "UTC", TODAY), metrics.ageing(owed), metrics.days(asked),
        metrics.days(asked, "customer"), metrics.funnel(asked),
        metrics.cash_expected(owed, plans, TODAY),
        metrics.against_ledger(revenue, frame(shapes.LEDGER, [])),
    ]  # fmt: skip
    assert not [table for table in tables if len(table)]
    for table in tables:
        for name in table.columns:
            assert not str(name).endswith("_minor") or str(table[name].dtype).lower() == "int64"
