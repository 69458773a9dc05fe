"""Files of 100,000 rows against what the libraries under them take for bare cells: pandas' own CSV
without amounts in words or a look at formulas, and xlsxwriter writing as many plain texts.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import xlsxwriter

from billing_core.reports import exports, shapes
from tests.benchmarks.measuring import Measure, in_turn

ROWS, PART = 100_000, 10_000
ROUNDS = 3
#: Seconds that somebody waits for a download: beyond them they press again.
MOST_S = {"CSV": 3, "XLSX": 20}


def measures() -> Iterator[Measure]:
    """One line a kind of file."""
    whole = _frame()
    part = whole.head(PART)
    pairs = {
        "CSV": (lambda: exports.csv(whole), lambda: whole.to_csv(index=False).encode(), ROWS),
        "XLSX": (lambda: exports.xlsx(part), lambda: _bare(part), PART),
    }
    for kind, (ours, floor, rows) in pairs.items():
        mine, bare = in_turn(_timed(ours), _timed(floor), rounds=ROUNDS)
        most_s = MOST_S[kind] * rows / ROWS
        note = f"{rows:,} rows, {len(whole.columns)} columns, CPU seconds; goal: {most_s:g} s"
        yield Measure(f"{kind} of revenue", mine, bare, 2.0, "s", ROUNDS, at_least=False, note=note)


def _frame() -> pd.DataFrame:
    """A revenue frame whose texts and sums all differ somewhat."""
    columns: dict[str, object] = {}
    for name, kind in shapes.REVENUE.items():
        if kind == "text":
            texts = ["USD", "JPY"] if name == "currency" else [f"{name} {n}" for n in range(5000)]
            columns[name] = pd.Series(np.resize(texts, ROWS), dtype="string")
        elif kind == "time":
            moments = pd.date_range("2024-01-01", periods=ROWS, freq="7min", tz="UTC")
            columns[name] = moments.as_unit("us")
        else:
            columns[name] = np.arange(ROWS) * 7
    return pd.DataFrame(columns)


def _bare(frame: pd.DataFrame) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for column, name in enumerate(frame.columns):
            for row, cell in enumerate(frame[name].astype(str)):
                sheet.write_string(row, column, cell)
    return file.getvalue()


def _timed(work: Callable[[], bytes]) -> Callable[[], float]:
    def run() -> float:
        began = time.process_time()
        assert len(work()) > PART
        return time.process_time() - began

    return run
