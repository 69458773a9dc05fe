"""Frames as files: exactly the rows given, nothing a spreadsheet would run, amounts exact."""

from __future__ import annotations

import csv
import io
import time
import zipfile
from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

import pandas as pd

from billing_core.reports import exports

LIVE = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1", "\u200d=1", "it's =1"]
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
FRAME = pd.DataFrame(
    {
        "customer": pd.Series([*LIVE, pd.NA], dtype="string"),
        "amount_minor": [-450000, *range(1, 10)],
        "maybe_minor": pd.Series([pd.NA, *range(9)], dtype="Int64"),
        "currency": ["USD"] * 9 + ["JPY"],
        "overdue": [True, False] * 5,
        "days": [1.5] * 9 + [float("nan")],
        "booked_at": pd.to_datetime([datetime(2026, 3, 16, 14, tzinfo=UTC)] * 9 + [None], utc=True),
        "due_on": pd.to_datetime(["2026-04-15"] * 10, utc=True),
    }
)


def test_csv_has_these_rows_and_no_live_cell() -> None:
    text = exports.csv(FRAME).decode("utf-8-sig")
    told = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(told) == len(FRAME)
    assert [row["customer"] for row in told] == [*(f"'{t}" for t in LIVE[:7]), *LIVE[7:], ""]
    assert (told[0]["amount"], told[0]["amount_minor"]) == ("-4500.00", "-450000")
    assert (told[0]["maybe"], told[0]["maybe_minor"]) == ("", "")
    assert told[9]["amount"] == "9"
    assert told[9]["booked_at"] == ""
    assert (told[0]["booked_at"], told[0]["due_on"]) == (
        "2026-03-16T14:00:00.000000Z",
        "2026-04-15",
    )


def test_headings_that_came_from_people_are_no_formula_either() -> None:
    """A pivot's columns are named by what stands in the rows: a customer may be called anything."""
    wide = pd.DataFrame({"month": ["2026-03"], "=HYPERLINK(1) · count": [2], "@SUM · count": [1]})
    heading = exports.csv(wide).decode("utf-8-sig").splitlines()[0]
    assert heading == "month,'=HYPERLINK(1) · count,'@SUM · count"
    with zipfile.ZipFile(io.BytesIO(exports.xlsx(wide))) as file:
        words = ET.fromstring(file.read("xl/sharedStrings.xml"))
    texts = {"".join(t.text or "" for t in each.iter(f"{SHEET}t")) for each in words}
    assert {"'=HYPERLINK(1) · count", "'@SUM · count"} <= texts


def test_what_has_no_currency_is_no_amount() -> None:
    """An answer to somebody's own question may hold minor units and no word of which."""
    told = exports.records(pd.DataFrame({"sum_minor": [450000], "on": [date(2026, 3, 16)]}))
    assert told == [{"sum_minor": 450000, "on": "2026-03-16"}]


def test_many_rows_are_written_in_one_go() -> None:
    """Row by row with a look at each cell it took a minute and a half for 100,000."""
    many = pd.concat([FRAME] * 2000, ignore_index=True)
    begun = time.process_time()
    lines = exports.csv(many).count(b"\r\n")
    assert lines >= len(many)
    assert time.process_time() - begun < 6


def test_parquet_brings_it_back() -> None:
    pd.testing.assert_frame_equal(pd.read_parquet(io.BytesIO(exports.parquet(FRAME))), FRAME)


def test_json_says_null_where_there_is_nothing() -> None:
    told = exports.records(FRAME)
    assert told[0]["customer"] == "=1+1"
    assert told[0]["maybe_minor"] is told[9]["booked_at"] is told[9]["days"] is None
    assert (told[0]["booked_at"], told[0]["due_on"]) == (
        "2026-03-16T14:00:00.000000Z",
        "2026-04-15",
    )


def test_xlsx_holds_text_numbers_and_dates_but_no_formula() -> None:
    with zipfile.ZipFile(io.BytesIO(exports.xlsx(FRAME))) as file:
        sheet = ET.fromstring(file.read("xl/worksheets/sheet1.xml"))
        words = ET.fromstring(file.read("xl/sharedStrings.xml"))
    texts = ["".join(t.text or "" for t in each.iter(f"{SHEET}t")) for each in words]
    rows = [list(row) for row in sheet.iter(f"{SHEET}row")]
    assert len(rows) == len(FRAME) + 1
    assert not list(sheet.iter(f"{SHEET}f")), "a formula"

    def cell(row: int, column: int) -> str:
        value = rows[row][column].find(f"{SHEET}v")
        assert value is not None
        text = value.text or ""
        # a carriage return is written by its number, as the format asks
        shared = rows[row][column].get("t") == "s"
        return texts[int(text)].replace("_x000D_", "\r") if shared else text

    assert [cell(0, n) for n in range(4)] == ["customer", "amount", "amount_minor", "maybe"]
    assert [cell(n, 0) for n in range(1, 10)] == [*(f"'{t}" for t in LIVE[:7]), *LIVE[7:]]
    assert (cell(1, 1), cell(1, 2)) == ("-4500", "-450000")


def test_a_table_reads_well() -> None:
    names, rows = exports.table(FRAME)
    assert names == [
        "customer",
        "amount",
        "maybe",
        "currency",
        "overdue",
        "days",
        "booked_at",
        "due_on",
    ]
    assert rows[0] == [
        "=1+1",
        "-4500.00",
        "",
        "USD",
        "True",
        "1.5",
        "2026-03-16 14:00Z",
        "2026-04-15",
    ]
