"""SQL over the frames: what it answers, what it cannot reach, and where it ends."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd
import pytest

from billing_core.reports import shapes, sql
from billing_core.reports.sql import SqlRefused, ask

PAID = pd.DataFrame(
    {
        "customer": pd.Series(["Ada", "Ada", pd.NA], dtype="string"),
        "gross_minor": [450000, -50000, 9_007_199_254_740_993],
        "currency": pd.Series(["USD", "USD", "JPY"], dtype="string"),
        "booked_at": pd.to_datetime(
            ["2026-02-01T02:00:00Z", "2026-02-01T06:00:00Z", None], utc=True
        ).as_unit("us"),
    }
)
ASKED: list[str] = []


def read(name: str) -> pd.DataFrame:
    """The frames there are: revenue has rows, the others would be noticed."""
    ASKED.append(name)
    return PAID


def test_sums_are_whole_numbers_and_months_are_cut_in_the_zone() -> None:
    told = ask(
        "SELECT strftime(date_trunc('month', booked_at), '%Y-%m') AS month, currency,"
        " sum(gross_minor) AS gross_minor, count(*) AS rows FROM revenue GROUP BY ALL ORDER BY ALL",
        read,
        zone="America/New_York",
    ).frame
    assert told["month"].fillna("").tolist() == ["2026-01", "2026-02", ""]
    assert told["gross_minor"].tolist() == [450000, -50000, 9_007_199_254_740_993]
    assert [str(told[name].dtype) for name in ("gross_minor", "rows")] == ["int64", "int64"]
    moments = ask("SELECT booked_at FROM revenue", read, zone="Asia/Tokyo").frame["booked_at"]
    assert str(moments.dtype) == "datetime64[us, UTC]"
    pd.testing.assert_series_equal(moments, PAID["booked_at"])


def test_only_the_frames_it_names_are_read() -> None:
    ASKED.clear()
    ask("WITH paid AS (SELECT * FROM revenue) SELECT count(*) FROM paid", read)
    assert ASKED == ["revenue"]
    assert sql.named("select * from Charges join ledger using (charge_id)") == ["charges", "ledger"]


def test_two_columns_of_one_name_are_told_apart() -> None:
    told = ask("SELECT * FROM revenue a JOIN revenue b ON a.gross_minor = b.gross_minor", read)
    assert len(set(told.frame.columns)) == 2 * len(PAID.columns)
    assert len(told.frame) == 3
    assert list(ask("SELECT 1 AS x, 2 AS x", read).frame.iloc[0]) == [1, 2]


OUTSIDE = [
    "SELECT * FROM read_csv('{file}')",
    "SELECT * FROM read_text('{file}')",
    "SELECT * FROM '{file}'",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM sniff_csv('{file}')",
    "SELECT * FROM sqlite_scan('{file}', 'charges')",
    "SELECT * FROM query('SELECT * FROM read_text(''{file}'')')",
    "SELECT * FROM read_csv('https://127.0.0.1:1/x.csv')",
    "SELECT getenv('HOME')",
    "SELECT * FROM PAID",
    "SELECT * FROM duckdb_secrets()",
]
CHANGING = [
    "COPY (SELECT 1) TO '{folder}/made.csv'",
    "EXPORT DATABASE '{folder}/made'",
    "ATTACH '{folder}/made.db'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET memory_limit = '100GB'",
    "PRAGMA enable_external_access",
    "CREATE TABLE made AS SELECT 1",
    "DROP VIEW revenue",
    "DELETE FROM revenue",
    "CALL pragma_version()",
    "SELECT 1; SELECT 2",
    "SELECT 1; COPY (SELECT 1) TO '{folder}/made.csv'",
    "",
    "-- nothing",
]


@pytest.mark.parametrize("question", OUTSIDE + CHANGING)
def test_nothing_outside_is_reached_and_nothing_is_changed(question: str, tmp_path: Path) -> None:
    file = tmp_path / "secret.csv"
    file.write_text("secret\nsk_live_0000\n", encoding="utf-8")
    with pytest.raises(SqlRefused) as refused:
        ask(question.format(file=file, folder=tmp_path), read)
    assert "sk_live" not in refused.value.sentence
    assert len(refused.value.sentence) > 15
    assert [each.name for each in tmp_path.iterdir()] == ["secret.csv"]


def test_a_mistake_is_a_sentence() -> None:
    with pytest.raises(SqlRefused, match=r'syntax error at or near "selec"$'):
        ask("selec 1", read)
    with pytest.raises(SqlRefused, match="The tables are: revenue, charges"):
        ask("SELECT * FROM invoices", read)
    with pytest.raises(SqlRefused, match="one SELECT"):
        ask("DROP TABLE revenue", read)
    with pytest.raises(SqlRefused, match="longer than"):
        ask("SELECT 1" + " " * sql.MOST_CHARACTERS, read)
    assert list(shapes.SHAPES) == [
        "revenue", "charges", "receivables", "milestones", "approvals", "disputes", "ledger",
    ]  # fmt: skip


def test_time_memory_and_rows_have_an_end() -> None:
    begun = time.monotonic()
    with pytest.raises(SqlRefused, match=r"longer than 0\.3 seconds"):
        ask("SELECT count(*) FROM range(10000000000000)", read, most_s=0.3)
    with pytest.raises(SqlRefused, match="more memory"):
        ask("SELECT list(range) FROM range(400000000)", read)
    assert time.monotonic() - begun < 60
    many = ask("SELECT range FROM range(1000000000000)", read, most_rows=50)
    assert (len(many.frame), many.is_cut) == (50, True)
    assert not ask("SELECT range FROM range(50)", read, most_rows=50).is_cut
