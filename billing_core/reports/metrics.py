"""From a revenue frame to what a chart draws: frame in, frame out, nothing read from the books.

Every answer has a ``currency`` column and never adds two currencies. Amounts are minor units.
Months and days are cut in ``zone``, the reporting zone. What is owed is in ``metrics_owed``, whose
functions stand here as well.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from billing_core.reports import shapes
from billing_core.reports.metrics_owed import ageing, cash_expected, days, funnel

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "against_ledger",
    "ageing",
    "by_customer",
    "by_item",
    "by_month",
    "by_project",
    "by_source",
    "cash_expected",
    "cumulative",
    "days",
    "funnel",
    "sparkline",
    "totals",
    "waterfall",
]
_SUMS = ["gross_minor", "tax_minor", "fee_minor", "net_minor"]
_BY = {
    "item": ["item_id", "item"],
    "customer": ["customer_id", "customer"],
    "project": ["project_id", "project"],
    "source": ["source"],
    "": [],
}
#: The accounts that say what was earned, and what that cost; all others hold money.
_SOLD, _FEES = ("sales", "tax", "refunds", "dispute_losses"), ("fees", "dispute_fees")
#: Days of one step of a sparkline.
_STEPS = {"day": 1, "week": 7}
_FEBRUARY_29 = (2, 29)


def totals(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per currency: currency, gross, tax, fee and net ``_minor``, bookings (a count)."""
    grouped = frame.groupby("currency", observed=True)
    return grouped[_SUMS].sum().assign(bookings=grouped.size()).reset_index()


def by_month(frame: pd.DataFrame, zone: str, by: str = "item") -> pd.DataFrame:
    """One row per month (``2026-03``, cut in ``zone``), currency and what ``by`` names.

    ``by`` is item, customer, project, source or "" (the month alone). Columns: month, those of
    ``by`` (item_id and item, …), currency, the four sums. Without a project: ``project`` is NA.
    """
    months = frame["booked_at"].dt.tz_convert(zone).dt.strftime("%Y-%m").astype("string")
    return _by(frame.assign(month=months), ["month", *_BY[by], "currency"])


def by_item(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per item and currency, largest first."""
    return _by(frame, [*_BY["item"], "currency"], largest_first=True)


def by_customer(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per customer and currency, largest first."""
    return _by(frame, [*_BY["customer"], "currency"], largest_first=True)


def by_project(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per project and currency, largest first; NA gathers what belongs to none."""
    return _by(frame, [*_BY["project"], "currency"], largest_first=True)


def by_source(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per source (gateway, manual) and currency, largest first."""
    return _by(frame, [*_BY["source"], "currency"], largest_first=True)


def cumulative(frame: pd.DataFrame, zone: str, today: date) -> pd.DataFrame:
    """Gross from 1 January on, this year beside the last: one row per currency and day.

    Columns: currency, on (a date of this year, to 31 December), this_minor (Int64, NA after
    ``today``) and last_minor (Int64) up to the same day of last year; its 29 February falls on
    1 March. ``frame`` must hold both years.
    """
    first, end = date(today.year, 1, 1), date(today.year, 12, 31)
    days = [first + timedelta(days=n) for n in range((end - first).days + 1)]
    local = frame["booked_at"].dt.tz_convert(zone)
    rows: list[tuple[Any, ...]] = []
    for currency in sorted(frame["currency"].unique()):
        mine = frame["currency"] == currency
        this, last = (
            _on_days(frame[mine & (local.dt.year == year)], local, days)
            for year in (today.year, today.year - 1)
        )
        for on, now, then in zip(days, this, last, strict=True):
            rows.append((currency, on, now if on <= today else None, then))
    kinds = {"currency": "text", "on": "date", "this_minor": "maybe", "last_minor": "maybe"}
    return shapes.tabled(rows, kinds)


def waterfall(frame: pd.DataFrame) -> pd.DataFrame:
    """From what was collected to what stays: six rows per currency, in order.

    Columns: currency, step (gross, refunds, disputes, tax, fees, net), amount_minor: gross and net
    stand for themselves, the steps between are what they add (negative: they take away), so that
    the first five add up to the sixth. Disputes are those lost; what one costs is a fee. This net
    is **after tax**; ``net_minor`` elsewhere is gross − fee.
    """
    rows = []
    for currency in sorted(frame["currency"].unique()):
        mine = frame[frame["currency"] == currency]
        back, lost = mine["kind"] == "refund", mine["kind"] == "dispute"
        steps = {
            "gross": int(mine.loc[~(back | lost), "gross_minor"].sum()),
            "refunds": int(mine.loc[back, "gross_minor"].sum()),
            "disputes": int(mine.loc[lost, "gross_minor"].sum()),
            "tax": -int(mine["tax_minor"].sum()),
            "fees": -int(mine["fee_minor"].sum()),
        }
        steps["net"] = sum(steps.values())
        rows += [(currency, step, minor) for step, minor in steps.items()]
    return shapes.tabled(rows, {"currency": "text", "step": "text", "amount_minor": "minor"})


def sparkline(
    frame: pd.DataFrame, zone: str, today: date, *, step: str = "week", steps: int = 12
) -> pd.DataFrame:
    """Gross of the last ``steps`` weeks or days, the last one ending with ``today``.

    One row per currency and step, zero where nothing came: currency, starts_on (a date),
    gross_minor (int64). ``step`` is day or week.
    """
    import pandas as pd

    width = _STEPS[step]
    starts = [today + timedelta(days=1 - width * n) for n in range(steps, 0, -1)]
    on = frame["booked_at"].dt.tz_convert(zone).dt.date
    place = [(day - starts[0]).days // width for day in on]
    counted = frame.assign(place=pd.Series(place, index=frame.index, dtype="int64"))
    counted = counted[counted["place"].between(0, steps - 1)]
    sums = counted.groupby(["currency", "place"], observed=True)["gross_minor"].sum()
    rows = [
        (currency, start, int(sums.get((currency, n), 0)))
        for currency in sorted(frame["currency"].unique())
        for n, start in enumerate(starts)
    ]
    return shapes.tabled(rows, {"currency": "text", "starts_on": "date", "gross_minor": "minor"})


def against_ledger(revenue: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """Revenue beside the ledger of the same time: one row per currency and measure.

    Columns: currency, measure (gross, tax, fees, net), revenue_minor, ledger_minor,
    difference_minor: zero, to the last minor unit, or something is wrong. Net is everything that
    is no sale, tax, refund, fee or loss: cash, and what a bank holds or is on its way. Money that
    came a second time stands in ``suspense`` and is no revenue.
    """
    rows = []
    for currency in sorted({*revenue["currency"].unique(), *ledger["currency"].unique()}):
        mine = revenue[revenue["currency"] == currency]
        book = ledger[ledger["currency"] == currency]
        kept = book.groupby("account", observed=True)["amount_minor"].sum()
        money = sum(int(kept[name]) for name in kept.index if name not in (*_SOLD, *_FEES))
        sold = -sum(int(kept.get(name, 0)) for name in _SOLD)
        told = {
            "gross": (mine["gross_minor"], sold),
            "tax": (mine["tax_minor"], -int(kept.get("tax", 0))),
            "fees": (mine["fee_minor"], sum(int(kept.get(name, 0)) for name in _FEES)),
            "net": (mine["net_minor"], money),
        }
        for measure, (column, booked) in told.items():
            rows.append((currency, measure, int(column.sum()), booked, int(column.sum()) - booked))
    amounts = ("revenue_minor", "ledger_minor", "difference_minor")
    kinds = {"currency": "text", "measure": "text"} | dict.fromkeys(amounts, "minor")
    return shapes.tabled(rows, kinds)


def _by(frame: pd.DataFrame, names: list[str], *, largest_first: bool = False) -> pd.DataFrame:
    # without dropna=False everything that belongs to no project would be lost from the sum
    grouped = frame.groupby(names, observed=True, dropna=False)
    summed = grouped[_SUMS].sum().reset_index()
    if largest_first:
        return summed.sort_values(["currency", "gross_minor"], ascending=[True, False])
    return summed.sort_values(names)


def _on_days(frame: pd.DataFrame, local: pd.Series[Any], days: list[date]) -> list[int]:
    """The gross of ``frame`` summed up to the end of each of ``days``, by month and day."""
    sums: dict[tuple[int, int], int] = {}
    moments = local.loc[frame.index]
    for moment, minor in zip(moments, frame["gross_minor"], strict=True):
        place = (moment.month, moment.day)
        sums[place] = sums.get(place, 0) + int(minor)
    sums[(3, 1)] = sums.get((3, 1), 0) + _stray(sums, days)
    total, points = 0, []
    for on in days:
        total += sums.get((on.month, on.day), 0)
        points.append(total)
    return points


def _stray(sums: dict[tuple[int, int], int], days: list[date]) -> int:
    """What was booked on a 29 February that this year does not have."""
    has = any((on.month, on.day) == _FEBRUARY_29 for on in days)
    return 0 if has else sums.get(_FEBRUARY_29, 0)
