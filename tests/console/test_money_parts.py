"""The money screens' words and pictures: true findings, currencies apart, names as text."""

from __future__ import annotations

from datetime import date

import pytest

from billing_core.documents import wording as spoken
from billing_core.reports import exports, frames
from console import charts, money_charts, money_parts
from console.money_charts import Bar, Series
from tests import books
from tests.console.screen import Screen

MONTHS = ["2026-09", "2026-10", "2026-11"]


@pytest.mark.parametrize(
    ("totals", "finding"),
    [
        ([0, 0, 450000], "$4,500.00 came in so far"),
        ([100000, 200000, 450000], "November is the best month so far: $4,500.00"),
        ([450000, 440000, 445000], "No month differs much"),
        ([900000, 100000, 450000], "September brought the most: $9,000.00"),
    ],
)
def test_the_title_says_what_was_found(totals: list[int], finding: str) -> None:
    assert money_parts.month_finding(MONTHS, totals, "USD") == finding


def test_the_last_months_cross_the_year() -> None:
    assert money_parts.last_months(date(2026, 1, 31), 3) == ["2025-11", "2025-12", "2026-01"]


def test_names_in_charts_are_text() -> None:
    figure = money_charts.by_name([Bar("bc_1", "<b>Vine</b> & $x$", "#000", 450000)], "USD")
    assert figure.layout.yaxis.ticktext == ("&lt;b&gt;Vine&lt;/b&gt; &amp; &#36;x&#36;",)
    assert figure.data[0].hovertext[0].startswith("&lt;b&gt;Vine&lt;/b&gt; &amp; &#36;x&#36;")


def test_a_bar_says_the_sum_to_the_cent() -> None:
    series = [Series("bi_1", "Milestone", "#000", [450050])]
    figure = money_charts.by_month(["2026-11"], series, [450050], "USD")
    assert list(figure.data[0].y) == [4500.50]
    assert figure.data[0].hovertext[0] == "Milestone<br>November 2026: &#36;4,500.50"


def test_yen_have_no_cents_in_a_chart() -> None:
    figure = money_charts.by_name([Bar("bi_1", "Milestone", "#000", 4500)], "JPY")
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
    assert "€700.00" in Screen("revenue").said().splitlines()
    assert "5,200.00" not in Screen("revenue").said()
    euros_only = {m.label: m.value for m in Screen("revenue", currency="EUR").at.metric}
    assert euros_only["Gross, EUR"] == "€700.00"


@pytest.mark.usefixtures("books")
def test_the_download_has_the_rows_of_the_table_and_no_live_formula() -> None:
    seeded = books.seed(name="=cmd()", company="=HYPERLINK(1)")
    books.paid(seeded, "4500.00", "Phase 1")
    screen = Screen("revenue")
    text = exports.csv(frames.revenue()).decode("utf-8-sig")
    assert len(text.strip().splitlines()) == 1 + len(screen.at.dataframe[0].value)
    assert "'=HYPERLINK(1)" in text
    assert "4500.00,450000" in text
