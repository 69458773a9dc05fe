"""The money screens' words and pictures: true findings, currencies apart, names as text."""

from __future__ import annotations

from datetime import date

import pytest

from billing_core.documents import wording as spoken
from billing_core.reports import exports, frames
from console import charts, money_parts
from tests import books
from tests.console.screen import Screen

MONTHS = ["2026-09", "2026-10", "2026-11"]


@pytest.mark.parametrize(
    ("totals", "finding"),
    [
        ([0, 0, 450000], "$4,500.00 came in so far"),
        ([100000, 200000, 450000], "November is the best month so far"),
        ([450000, 440000, 445000], "No month differs much"),
        ([900000, 100000, 450000], "September was the best month, with $9,000.00"),
    ],
)
def test_the_title_says_what_was_found(totals: list[int], finding: str) -> None:
    assert money_parts._month_finding(MONTHS, totals, "USD") == finding


def test_the_last_months_cross_the_year() -> None:
    assert money_parts._last_months(date(2026, 1, 31), 3) == ["2025-11", "2025-12", "2026-01"]


def test_names_in_charts_are_text() -> None:
    figure = charts.by_name([("#000", "<b>Vine</b> & Sons", 450000)], "USD")
    assert figure.data[0].y == ("&lt;b&gt;Vine&lt;/b&gt; &amp; Sons",)


def test_a_bar_says_the_sum_to_the_cent() -> None:
    figure = charts.by_month(["Nov"], [("#000", "Milestone", [450050])], "USD")
    assert list(figure.data[0].y) == [4500.50]
    assert "4,500.50" in figure.data[0].customdata[0]


def test_yen_have_no_cents_in_a_chart() -> None:
    figure = charts.by_name([("#000", "Milestone", 4500)], "JPY")
    assert figure.data[0].x == (4500.0,)
    assert spoken.money(4500, "JPY") in figure.data[0].text[0]


def test_a_colour_stays_with_its_item_and_the_seventh_is_other() -> None:
    assert charts.colour_of(0) == "#0072B2"
    assert charts.colour_of(6) not in charts.OKABE_ITO


def test_light_and_dark_have_the_same_tokens() -> None:
    assert charts.LIGHT.keys() == charts.DARK.keys()


@pytest.mark.usefixtures("books")
def test_two_currencies_are_never_added() -> None:
    books.paid(books.seed(), "4500.00", "Phase 1")
    euros = books.seed(item={"name": "Etappe", "currency": "EUR"}, name="Ines", currency="EUR")
    books.paid(euros, "700.00", "Etappe 1")
    shown = {m.label: m.value.replace("\\", "") for m in Screen("revenue").at.metric}
    assert shown["Gross, USD"] == "$4,500.00"
    assert shown["Gross, EUR"] == "€700.00"
    assert "$5,200.00" not in shown.values()


@pytest.mark.usefixtures("books")
def test_the_download_has_the_rows_of_the_table_and_no_live_formula() -> None:
    seeded = books.seed(name="=cmd()", company="=HYPERLINK(1)")
    books.paid(seeded, "4500.00", "Phase 1")
    screen = Screen("revenue")
    text = exports.csv(frames.revenue()).decode("utf-8-sig")
    assert len(text.strip().splitlines()) == 1 + len(screen.at.dataframe[0].value)
    assert "'=HYPERLINK(1)" in text
    assert "4500.00,450000" in text
