"""`countersign report`: every public frame, in every form, cut by the reporting zone's days."""

from __future__ import annotations

import csv
import io
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from billing_core import reports
from billing_core.flows.save_company import save_company
from tests import books as made
from tests.books import OPERATOR
from tests.cli.shell import Done, environment
from tests.conftest import Clock
from tests.support.processes import COUNTERSIGN

Countersign = Callable[..., Done]
HOSTILE = ["=cmd()", "+1+1", "-2+3", "@SUM(A1)", "＝1+1", "x\u200d=", '"quoted", and;']


def spreadsheet(done: Done) -> list[dict[str, str]]:
    """The rows as a spreadsheet would read them."""
    assert (done.code, done.err) == (0, "")
    return list(csv.DictReader(io.StringIO(done.out, newline="")))


@pytest.fixture
def one_paid(database: str) -> str:
    """Books with one paid charge of 4500.00 USD; its id."""
    return made.paid(made.seed()).id


@pytest.mark.parametrize("name", sorted({*reports.__all__} - {"disputes"}))
def test_every_frame_comes_out_in_every_form(
    books: str, countersign: Countersign, name: str
) -> None:
    seeded = made.seed()
    assert made.paid(seeded)
    made.fire(
        seeded, "90.00", "Support", milestone=made.plan(seeded.customer, "90.00").milestones[0]
    )
    frame = getattr(reports, name)()
    assert len(frame), "an empty frame proves nothing"
    cells = spreadsheet(countersign("report", name, "--format", "csv"))
    told = countersign("report", name, "--format", "json").json
    table = countersign("report", name).out.splitlines()
    assert len(cells) == len(told) == len(table) - 1 == len(frame)
    assert list(cells[0]) == list(told[0])
    assert set(frame.columns) <= set(told[0])
    for column in frame.columns:
        if str(column).endswith("_minor"):
            plain = str(column).removesuffix("_minor")
            assert told[0][column] == int(cells[0][column]) == frame[column][0]
            assert told[0][plain] == cells[0][plain] == f"{frame[column][0] / 100:.2f}"
            assert plain in table[0].split()


def test_parquet_brings_the_frame_back_types_and_all(one_paid: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [*COUNTERSIGN, "report", "charges", "--format", "parquet"], env=environment(),
        cwd=tmp_path, capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    back, frame = pd.read_parquet(io.BytesIO(done.stdout)), reports.charges()
    pd.testing.assert_frame_equal(back, frame)
    assert back["charge_id"].tolist() == [one_paid]


def test_a_table_is_for_people(one_paid: str, countersign: Countersign) -> None:
    head, row = countersign("report", "revenue").out.splitlines()
    assert head.split()[0] == "revenue_id"
    assert "customer_id" not in head
    assert "4500.00" in row
    assert "450000" not in row
    right = head.index("gross") + len("gross")
    assert row[:right].endswith("4500.00"), "amounts stand right-aligned under their heading"


@pytest.mark.parametrize("form", ["table", "csv", "json", "parquet"])
@pytest.mark.parametrize("name", ["revenue", "disputes"])
def test_nothing_is_no_error(
    books: str, tmp_path: Path, countersign: Countersign, name: str, form: str
) -> None:
    if form == "parquet":
        words = [*COUNTERSIGN, "report", name, "--format", form]
        done = subprocess.run(words, env=environment(), capture_output=True, check=True)
        assert pd.read_parquet(io.BytesIO(done.stdout)).empty
        return
    done = countersign("report", name, "--format", form)
    assert (done.code, done.err) == (0, "")
    assert {"table": done.out == "Nothing in these days.\n", "json": done.out == "[]\n",
            "csv": done.out.count("\r\n") == 1}[form]  # fmt: skip


def test_no_cell_is_a_live_formula(books: str, countersign: Countersign) -> None:
    seeded = made.seed(company="=HYPERLINK(1)")
    for text in HOSTILE:
        assert made.fire(seeded, "1.00", text).charge
    cells = spreadsheet(countersign("report", "charges", "--format", "csv"))
    assert {row["customer"] for row in cells} == {"'=HYPERLINK(1)"}
    assert [row["description"].removeprefix("'") for row in cells] == HOSTILE
    for row in cells:
        assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@", "＝"))]
    told = countersign("report", "charges", "--format", "json").json
    assert [row["description"] for row in told] == HOSTILE, "JSON is no spreadsheet"


@pytest.mark.parametrize(
    ("currency", "typed", "minor"), [("JPY", "4500", 4500), ("KWD", "4500.125", 4500125)]
)
def test_amounts_have_their_currencys_decimals(
    books: str, countersign: Countersign, currency: str, typed: str, minor: int
) -> None:
    item = {"currency": currency, "unit_price": "5000", "max_capture": "9000"}
    assert made.fire(made.seed(item=item, currency=currency), typed).charge
    (row,) = spreadsheet(countersign("report", "charges", "--format", "csv"))
    assert (row["total"], row["total_minor"]) == (typed, str(minor))
    (told,) = countersign("report", "charges", "--format", "json").json
    assert (told["total"], told["total_minor"]) == (typed, minor)


def test_days_are_those_of_the_reporting_zone_both_included(
    database: str, countersign: Countersign, driven_clock: Clock
) -> None:
    seeded = made.seed()
    save_company({"reporting_zone": "America/New_York"}, actor=OPERATOR)
    # 15 March there begins at 04:00 UTC and ends at 04:00 UTC on the 16th
    for number, at in enumerate(["15T03:59:59", "15T04:00:00", "16T03:59:59", "16T04:00:00"]):
        driven_clock.set(datetime.fromisoformat(f"2026-03-{at}").replace(tzinfo=UTC))
        assert made.fire(seeded, f"{number + 1}.00").charge

    def amounts(*words: str) -> list[str]:
        told = countersign("report", "charges", "--format", "json", *words).json
        return [row["total"] for row in told]

    day = "2026-03-15"
    assert amounts("--from", day, "--to", day) == ["2.00", "3.00"]
    assert amounts("--from", day) == ["2.00", "3.00", "4.00"]
    assert amounts("--to", day) == ["1.00", "2.00", "3.00"]
    assert amounts("--to", "2026-03-14") == ["1.00"]
    assert amounts("--from", "1000-01-01", "--to", "2999-12-31") == amounts()


def test_a_time_is_told_in_utc_and_a_day_as_a_day(
    books: str, countersign: Countersign, driven_clock: Clock
) -> None:
    assert made.fire(made.seed(), "1.00").charge
    (told,) = countersign("report", "charges", "--format", "json").json
    assert told["fired_at"] == "2026-03-16T14:00:00.000000Z"
    assert told["issued_on"] == "2026-03-16"
    assert told["captured_at"] is told["project"] is None
    row = countersign("report", "charges").out.splitlines()[1]
    assert "2026-03-16 14:00Z" in row
