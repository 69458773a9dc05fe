"""Revenue: its numbers are the ledger's, its files are its rows, its address holds every choice."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pandas as pd
import pytest

from billing_core import reports
from billing_core.documents import wording as spoken
from billing_core.flows.save_company import save_company
from billing_core.reports import exports, metrics
from console import charts, downloads, periods
from tests import books
from tests.books import Seeded
from tests.conftest import Clock
from tests.console import files
from tests.console.screen import Screen

pytestmark = pytest.mark.usefixtures("books")

ZONE = "Pacific/Auckland"
# each moment is in the month after its own in UTC
JANUARY = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
FEBRUARY = datetime(2026, 2, 28, 11, 30, tzinfo=UTC)


@pytest.fixture
def firm(driven_clock: Clock) -> Seeded:
    """Two months in Auckland, two items, a client named like a formula, and some euros."""
    driven_clock.set(JANUARY)
    seeded = _seed()
    books.paid(seeded, "3000.00", "Phase 1")
    driven_clock.set(FEBRUARY)
    books.paid(seeded, "4500.00", "Phase 2")
    return seeded


def _seed() -> Seeded:
    seeded = books.seed(company="=HYPERLINK(1)")
    save_company(books.COMPANY | {"reporting_zone": ZONE}, actor=books.OPERATOR)
    euros = books.seed(item={"name": "Etappe", "currency": "EUR"}, name="Ines", currency="EUR")
    books.paid(euros, "700.00", "Etappe 1")
    return seeded


@pytest.fixture
def offered() -> Iterator[files.Files]:
    """The files of the latest drawing."""
    with files.offered() as found:
        yield found


def test_the_cards_are_the_ledger_to_the_cent(firm: Seeded) -> None:
    told = metrics.against_ledger(reports.revenue(), reports.ledger())
    assert not told["difference_minor"].any()
    sums = told.set_index(["currency", "measure"])["ledger_minor"]
    for currency in ("USD", "EUR"):
        at = Screen("revenue", period="All time", currency=currency).at
        shown = {metric.label: metric.value.replace("\\", "") for metric in at.metric}
        for label, measure in (("Gross", "gross"), ("Net", "net"), ("Tax in it", "tax")):
            minor = int(sums[currency, measure])
            assert shown[f"{label}, {currency}"] == spoken.money(minor, currency)


def test_months_are_cut_in_the_reporting_zone_and_the_files_are_the_rows(
    firm: Seeded, offered: files.Files
) -> None:
    screen = Screen("revenue", period="All time", month="2026-03", of=firm.item)
    assert "Only March 2026, Project milestone" in screen.said()
    shown = screen.at.dataframe[0].value
    assert list(shown["Gross"]) == ["$4,500.00"]
    _are_rows(offered, reports.revenue(currency="USD").iloc[[1]])
    screen.click("filter-off")
    assert (screen.address("month"), screen.address("of")) == ("", "")
    assert list(screen.at.dataframe[0].value["Gross"]) == ["$4,500.00", "$3,000.00"]
    _are_rows(offered, reports.revenue(currency="USD").iloc[::-1])


def _are_rows(offered: files.Files, frame: pd.DataFrame) -> None:
    made = {kind: make() for kind, make in offered.items()}
    assert made["csv"] == exports.csv(frame)
    assert b"'=HYPERLINK(1)" in made["csv"]
    parquet = pd.read_parquet(io.BytesIO(made["parquet"]))
    pd.testing.assert_frame_equal(parquet, frame.reset_index(drop=True), check_dtype=False)
    assert made["xlsx"][:2] == b"PK"


def test_the_charts_say_what_they_found(firm: Seeded) -> None:
    said = Screen("revenue", period="All time", by="Customer").said()
    assert "March 2026" not in said
    assert "=HYPERLINK(1)" in said
    assert "All of it is =HYPERLINK(1)" in said
    assert "All of $7,500.00 stays" in said
    assert "Gross revenue by month and customer, USD, cash basis" in said


@pytest.mark.parametrize(
    "query",
    [
        {"period": "banana", "currency": "XXX", "by": "<b>", "month": "2026-99", "of": "bi_x"},
        {"period": "Custom", "from": "no day", "to": "\x00"},
        {"period": "Custom", "from": "2026-12-31", "to": "2026-01-01"},
        {"period": "Custom", "from": "0001-01-01", "to": "9999-12-31"},
        {"period": "All time", "month": "0000-00", "of": "x" * 3000},
    ],
)
def test_no_address_breaks_the_page(firm: Seeded, query: dict[str, str]) -> None:
    said = Screen("revenue", **query).said()
    assert "Not done" not in said
    assert "Revenue" in said


def test_the_first_day_after_the_last_is_said(firm: Seeded) -> None:
    screen = Screen("revenue", period="Custom", **{"from": "2026-03-02", "to": "2026-03-01"})
    assert "The first day lies after the last one." in screen.said()
    fine = Screen("revenue", period="Custom", **{"from": "2026-03-01", "to": "2026-03-01"})
    assert list(fine.at.dataframe[0].value["Gross"]) == ["$4,500.00"]


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("This month", date(2026, 2, 1), date(2026, 2, 15)),
        ("Last month", date(2026, 1, 1), date(2026, 1, 31)),
        ("This quarter", date(2026, 1, 1), date(2026, 2, 15)),
        ("This year", date(2026, 1, 1), date(2026, 2, 15)),
        ("Last 12 months", date(2025, 3, 1), date(2026, 2, 15)),
        ("All time", None, None),
    ],
)
def test_presets_end_today(name: str, first: date | None, last: date | None) -> None:
    assert periods.preset(name, date(2026, 2, 15)) == (first, last)


def test_a_day_is_the_whole_day_of_the_zone_also_when_clocks_change() -> None:
    day = date(2026, 3, 8)
    period = periods.Period(day, day, "America/New_York")
    assert period.since == datetime(2026, 3, 8, 5, 0, tzinfo=UTC)
    assert period.until == datetime(2026, 3, 9, 4, 0, tzinfo=UTC)


def test_a_click_tells_which_mark_it_was() -> None:
    state = {"selection": {"points": [{"customdata": "2026-03|bi_1"}]}}
    assert charts.chosen_points(state) == ["2026-03|bi_1"]
    assert charts.chosen_points(None) == []


def test_a_long_table_tells_how_much_it_leaves_out() -> None:
    words = downloads.counted(123_456, downloads.SHOWN, "newest")
    assert words == "The newest 500 of 123,456 rows. The files have them all."
    assert downloads.counted(1, downloads.SHOWN, "newest") == "1 row"
