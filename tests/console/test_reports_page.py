"""Reports: pivots per currency, files of exactly the rows, code that gives the same frame."""

from __future__ import annotations

import io
from itertools import product
from typing import Any

import pandas as pd
import pytest

from billing_core import reports
from billing_core.reports import exports, pivots, sql
from billing_core.reports.company import company
from billing_core.reports.pivots import COUNT, Pivot
from tests import books
from tests.books import Seeded
from tests.console import files
from tests.console.screen import Screen

pytestmark = pytest.mark.usefixtures("books")

#: Names that a spreadsheet, pandas or a picture might take for something else.
HOSTILE = "currency"


@pytest.fixture
def firm() -> Seeded:
    """Dollars and euros, paid and open, with an item named like a column."""
    seeded = _seed()
    books.fire(seeded, "120.00", "Open")
    return seeded


def _seed() -> Seeded:
    seeded = books.seed(item={"name": HOSTILE}, company='it\'s "50%" <b>')
    books.paid(seeded, "4500.00", "Phase 1")
    books.paid(seeded, "700.05", "Phase 2")
    euros = books.seed(item={"name": "Etappe", "currency": "EUR"}, name="Ines", currency="EUR")
    books.paid(euros, "900.00", "Etappe 1")
    return seeded


def test_every_pivot_keeps_every_row_and_every_cent_of_each_currency(firm: Seeded) -> None:
    for name in ("revenue", "ledger"):
        frame = getattr(reports, name)()
        dimensions = pivots.dimensions(frame)
        for row, column in product(dimensions, ["", *dimensions]):
            counted = pivots.pivot(frame, Pivot((row,), column))
            numbers = counted.select_dtypes("int64")
            assert int(numbers.to_numpy().sum()) == len(frame), (name, row, column)
        for row, column, measure in product(dimensions, ["", "item"], pivots.measures(frame)[1:]):
            if column and column not in frame:
                continue
            wide = pivots.pivot(frame, Pivot((row,), column, measure)).set_index("currency")
            sums = wide.select_dtypes("int64").T.sum().groupby(level=0).sum()
            whole = frame.groupby("currency")[measure].sum()
            assert dict(sums) == dict(whole), (name, row, column, measure)


def test_the_page_draws_the_pivot_and_its_files_are_its_rows(firm: Seeded) -> None:
    wanted = Pivot(("customer",), "item", "gross_minor", "UTC")
    with files.offered() as offered:
        screen = Screen(
            "reports", frame="revenue", rows="customer", columns="item", measure="gross_minor"
        )
        frame = pivots.pivot(reports.revenue(), wanted)
        made = {kind: make() for kind, make in offered.items()}
    assert made["csv"] == exports.csv(frame)
    read = pd.read_parquet(io.BytesIO(made["parquet"]))
    pd.testing.assert_frame_equal(read, frame, check_dtype=False, check_column_type=False)
    assert made["xlsx"][:2] == b"PK"
    shown = screen.at.dataframe[0].value
    assert list(shown[f"{HOSTILE} · gross"]) == ["0.00", "5200.05"]
    assert "has the most: $5,200.05" in screen.said()


#: Addresses, and the frame that the page must show for them.
CASES: list[dict[str, str]] = [
    {"frame": "revenue"},
    {"frame": "charges", "currency": "USD", "text": "IT'S"},
    {"frame": "revenue", "rows": "booked_at month", "columns": "source", "measure": "net_minor"},
    {"frame": "charges", "rows": "state", "measure": COUNT, "text": "phase"},
    {"frame": "receivables", "rows": "due_on month", "measure": "total_minor"},
    {"frame": "ledger", "rows": "account", "columns": "event", "measure": "amount_minor"},
    {"frame": "approvals", "period": "This year"},
]


@pytest.mark.parametrize("query", CASES, ids=lambda query: "-".join(query.values())[:40])
def test_copied_as_pandas_or_sql_it_gives_the_frame_of_the_page(
    firm: Seeded, query: dict[str, str]
) -> None:
    with files.offered() as offered:
        screen = Screen("reports", **query)
        shown = offered["csv"]()
    names: dict[str, Any] = {}
    exec(screen.at.code[0].value, names)
    assert len(names["frame"])
    assert exports.csv(names["frame"]) == shown
    question = screen.at.code[1].value
    asked = Screen("reports", ask="SQL", sql=question)
    assert "The rows" in asked.said()
    zone = company().reporting_zone
    told = sql.ask(question, lambda name: getattr(reports, name)(), zone=zone).frame
    assert exports.csv(told) == shown


def test_a_question_in_sql_is_answered_in_place_or_refused_in_a_sentence(firm: Seeded) -> None:
    question = "SELECT item, currency, sum(gross_minor) AS gross_minor FROM revenue GROUP BY ALL"
    with files.offered() as offered:
        screen = Screen("reports", ask="SQL", sql=question)
        told = offered["csv"]().decode("utf-8-sig")
    assert "5200.05,520005" in told
    names: dict[str, Any] = {}
    exec(screen.at.code[0].value, names)
    assert len(names["frame"]) == 2
    assert "read_csv" not in Screen("reports", ask="SQL").said()
    for wrong in ("DROP TABLE revenue", "SELECT * FROM 'sandbox.db'", "SELEC"):
        screen = Screen("reports", ask="SQL", sql=wrong)
        assert not screen.at.dataframe, wrong
        assert not screen.at.exception, wrong


def test_a_customer_is_chosen_by_id_and_the_choice_stands_in_the_address(firm: Seeded) -> None:
    screen = Screen("reports", frame="charges", customer=firm.customer)
    assert f"customer='{firm.customer}'" in screen.at.code[0].value
    screen.choose("pick-rows", "state")
    assert screen.address("rows") == "state"
    assert "Number of rows by state" in screen.said()


def test_no_address_breaks_the_page(firm: Seeded) -> None:
    for query in (
        {"frame": "<b>", "rows": "x", "columns": "y", "measure": "z", "customer": "bc_x"},
        {"frame": "disputes", "rows": "state"},
        {"frame": "charges", "text": "((", "rows": "captured_at month"},
        {"frame": "milestones", "rows": "due_on month", "columns": "due_on month"},
    ):
        assert "Not done" not in Screen("reports", **query).said(), query
