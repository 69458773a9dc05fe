"""SQL over the public frames: DuckDB in memory, read-only and bounded. No file, no network.

A question sees the frames it names, each as a table of that name, and nothing else: neither the
database, nor a file, nor what Python holds. One SELECT at a time, in so much memory, time and
rows; its answer is a frame like any other.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from billing_core.errors import Refused
from billing_core.reports.shapes import SHAPES

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

#: Rows of an answer, seconds for it, characters of a question.
MOST_ROWS, MOST_S, MOST_CHARACTERS = 100_000, 10.0, 20_000
_CLOSED = {
    "enable_external_access": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "memory_limit": "512MB",
    "max_temp_directory_size": "0KB",
    "threads": "2",
}
_WORD = re.compile(r"[a-z_]+")
_LARGEST = 2**63 - 1


class SqlRefused(Refused):
    """The question cannot be answered; the sentence says why, where it can in DuckDB's words."""

    code = "SQL_REFUSED"


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a question; ``is_cut`` when there were more than ``MOST_ROWS``."""

    frame: pd.DataFrame
    is_cut: bool


def ask(
    question: str,
    read: Callable[[str], pd.DataFrame],
    *,
    zone: str = "UTC",
    most_s: float = MOST_S,
    most_rows: int = MOST_ROWS,
) -> Answer:
    """Answer one SELECT over the frames; ``read`` gives a frame by its name.

    Days and months are cut on the clocks of ``zone``. Whole numbers come back as int64, moments in
    UTC, decimals as floats. SqlRefused for anything else than one SELECT, for a mistake in it, and
    when it takes more than ``most_s`` seconds or the memory there is.
    """
    if len(question) > MOST_CHARACTERS:
        raise SqlRefused(f"The question is longer than {MOST_CHARACTERS:,} characters.")
    with _closed(zone) as connection:
        _check_one_select(connection, question)
        for name in named(question):
            connection.register(name, read(name))
        connection.execute("SET lock_configuration = true")
        table = _answered(connection, question, most_s, most_rows + 1)
    frame = _plain(table.to_pandas())
    return Answer(frame.head(most_rows), len(frame) > most_rows)


def named(question: str) -> list[str]:
    """The frames whose names stand in a question."""
    words = set(_WORD.findall(question.lower()))
    return [name for name in SHAPES if name in words]


@contextmanager
def _closed(zone: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database of its own in memory that reaches nothing outside."""
    import duckdb

    connection = duckdb.connect(":memory:", config=dict(_CLOSED))
    try:
        connection.execute("SET TimeZone = ?", [zone])
        yield connection
    except duckdb.Error as error:
        raise SqlRefused(_said(error)) from None
    finally:
        connection.close()


def _check_one_select(connection: duckdb.DuckDBPyConnection, question: str) -> None:
    kinds = [statement.type.name for statement in connection.extract_statements(question)]
    if kinds != ["SELECT"]:
        raise SqlRefused("Write one SELECT: the books are only read here, one question at a time.")


def _answered(
    connection: duckdb.DuckDBPyConnection, question: str, most_s: float, rows: int
) -> Any:
    import duckdb

    watch = threading.Timer(most_s, connection.interrupt)
    watch.start()
    try:
        return connection.sql(question).limit(rows).to_arrow_table()
    except duckdb.InterruptException:
        raise SqlRefused(
            f"This took longer than {most_s:g} seconds and was stopped. Ask for less."
        ) from None
    except duckdb.OutOfMemoryException:
        raise SqlRefused("This needs more memory than a question may take. Ask for less.") from None
    finally:
        watch.cancel()


def _said(error: Exception) -> str:
    """DuckDB's message as one sentence; its drawing of the place is left out."""
    message = str(error).split("\n\n")[0].split("\nLINE ")[0]
    if "does not exist" in message and "Table" in message:
        message = message.split("!")[0] + f". The tables are: {', '.join(SHAPES)}."
    return " ".join(message.split())


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns as the public frames have them: int64, float64, string, moments in UTC."""
    import pandas as pd

    return pd.DataFrame({name: _column(frame[name]) for name in frame.columns}, index=frame.index)


def _column(column: Any) -> Any:
    import pandas as pd

    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return column.dt.tz_convert("UTC")
    if column.dtype.kind == "M":
        return column.dt.tz_localize("UTC")
    if column.dtype != object:
        return column
    known = column.dropna()
    if len(known) and all(isinstance(value, Decimal) for value in known):
        return _numbers(column, known)
    return column.map(str, na_action="ignore").astype("string")


def _numbers(column: pd.Series[Any], known: pd.Series[Any]) -> pd.Series[Any]:
    """Sums of whole numbers are whole numbers again; other decimals are floats."""
    import pandas as pd

    whole = all(value == int(value) and abs(value) <= _LARGEST for value in known)
    if not whole:
        return pd.to_numeric(column.astype("float64"))
    exact = column.map(int, na_action="ignore")
    return exact.astype("int64" if len(known) == len(column) else "Int64")
