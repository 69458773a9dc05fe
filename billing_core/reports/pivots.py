"""A frame searched and pivoted, and the pandas code that does the same. Nothing is read here.

Frame in, frame out, as in ``metrics``. Sums of money are per currency, always: where the measure
is an amount, ``currency`` stands among the rows of the answer whether it was asked for or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

COUNT = "count"
_MINOR, MONTH = "_minor", " month"
#: What stands where a row has no value of a dimension: left out, it would be lost from the sums.
NONE = "(none)"
#: Columns nobody wants to see summed up by: each row has its own, or a sentence.
_NO_DIMENSION = ("reference", "description", "po_number", "invoice_number", "title")


@dataclass(frozen=True, slots=True)
class Pivot:
    """Rows × columns × measure. ``columns`` may be empty; ``measure`` is COUNT or an amount.

    Amounts are never put side by side by currency: it stays among the rows.

    A dimension is a text column, or ``booked_at month``: a moment's month in ``zone`` (a day's own
    month, whatever the zone).
    """

    rows: tuple[str, ...]
    columns: str = ""
    measure: str = COUNT
    zone: str = "UTC"


def dimensions(frame: pd.DataFrame) -> list[str]:
    """What a frame can be pivoted by: its names and kinds, then the months of its moments."""
    texts = [n for n in _texts(frame) if not n.endswith("_id") and n not in _NO_DIMENSION]
    return texts + [f"{name}{MONTH}" for name in frame.columns if name.endswith(("_at", "_on"))]


def measures(frame: pd.DataFrame) -> list[str]:
    """What a pivot can tell: how many rows, and each amount of the frame."""
    return [COUNT, *(str(name) for name in frame.columns if str(name).endswith(_MINOR))]


def search(frame: pd.DataFrame, text: str) -> pd.DataFrame:
    """The rows of which some text holds ``text``, capitals or not; an empty ``text`` keeps all."""
    if not text:
        return frame
    texts = frame[_texts(frame)]
    hits = texts.apply(lambda column: column.str.contains(text, case=False, regex=False, na=False))
    kept: pd.DataFrame = frame[hits.any(axis=1).astype(bool)]
    return kept


def pivot(frame: pd.DataFrame, wanted: Pivot) -> pd.DataFrame:
    """One row per combination that occurs; without ``columns`` one column with the measure.

    Columns: those of ``wanted.rows`` (with ``currency`` for amounts), then the measure under its
    own name, or one ``value · measure`` for each value of ``wanted.columns``, 0 where there is
    none.
    """
    keys, across = keys_of(wanted), across_of(wanted)
    named = [*keys, across] if across else keys
    put = frame.assign(**{name: _dimension(frame, name, wanted.zone) for name in named})
    grouped = put.groupby(named, observed=True)
    told = grouped.size() if wanted.measure == COUNT else grouped[wanted.measure].sum()
    if not across:
        return told.rename(wanted.measure).reset_index()
    wide = told.unstack(across, fill_value=0).add_suffix(f" · {wanted.measure}")
    return wide.rename_axis(columns=None).reset_index()


def pandas_code(
    name: str, cut: dict[str, str], *, text: str = "", wanted: Pivot | None = None
) -> str:
    """Python that makes the same frame: ``reports.name(**cut)``, searched, then pivoted."""
    given = ", ".join(f"{key}={value!r}" for key, value in cut.items() if value)
    lines = ["from billing_core import reports", "", f"frame = reports.{name}({given})"]
    if text:
        lines += [
            'texts = frame.select_dtypes("string")',
            f"text = {text!r}",
            "hits = texts.apply(",
            "    lambda column: column.str.contains(text, case=False, regex=False, na=False)",
            ")",
            "frame = frame[hits.any(axis=1).astype(bool)]",
        ]
    return "\n".join(lines + (_pivot_code(wanted) if wanted else [])) + "\n"


def _pivot_code(wanted: Pivot) -> list[str]:
    keys, across = keys_of(wanted), across_of(wanted)
    named = [*keys, across] if across else keys
    lines = ["put = frame.assign(**{"]
    lines += [f"    {name!r}: {_dimension_code(name, wanted.zone)}," for name in named]
    lines += ["})", f"grouped = put.groupby({named!r}, observed=True)"]
    measure = wanted.measure
    lines.append(f"told = grouped{'.size()' if measure == COUNT else f'[{measure!r}].sum()'}")
    if not across:
        return [*lines, f"frame = told.rename({measure!r}).reset_index()"]
    suffix = f" · {measure}"
    return [
        *lines,
        f"wide = told.unstack({across!r}, fill_value=0).add_suffix({suffix!r})",
        "frame = wide.rename_axis(columns=None).reset_index()",
    ]


def keys_of(wanted: Pivot) -> list[str]:
    """What the rows of a pivot are told apart by; amounts always by their currency too."""
    rows = list(wanted.rows)
    needs = wanted.measure != COUNT or not rows
    return [*rows, "currency"] if needs and "currency" not in rows else rows


def across_of(wanted: Pivot) -> str:
    """What its columns are, "" for none."""
    # a currency stays among the rows: across, one row would hold amounts of several
    return "" if wanted.columns in keys_of(wanted) else wanted.columns


def _texts(frame: pd.DataFrame) -> list[str]:
    import pandas as pd

    return [str(n) for n, dtype in frame.dtypes.items() if isinstance(dtype, pd.StringDtype)]


def across_values(frame: pd.DataFrame, wanted: Pivot) -> list[str]:
    """What stands beside each other in a pivot, from left to right."""
    across = across_of(wanted)
    return sorted(_dimension(frame, across, wanted.zone).unique()) if across else []


def _dimension(frame: pd.DataFrame, name: str, zone: str) -> pd.Series[str]:
    if not name.endswith(MONTH):
        return frame[name].fillna(NONE)
    source = name.removesuffix(MONTH)
    moments = frame[source] if source.endswith("_on") else frame[source].dt.tz_convert(zone)
    months: pd.Series[str] = moments.dt.strftime("%Y-%m").astype("string").fillna(NONE)
    return months


def _dimension_code(name: str, zone: str) -> str:
    if not name.endswith(MONTH):
        return f"frame[{name!r}].fillna({NONE!r})"
    source = name.removesuffix(MONTH)
    cut = "" if source.endswith("_on") else f".dt.tz_convert({zone!r})"
    return f'frame[{source!r}]{cut}.dt.strftime("%Y-%m").astype("string").fillna({NONE!r})'
