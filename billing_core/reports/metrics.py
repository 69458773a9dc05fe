"""From a frame to what a chart draws: frame in, frame out. Never mixes currencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_SUMS = ["gross_minor", "tax_minor", "fee_minor", "net_minor"]


def totals(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per currency: gross, tax, fee and net in minor units, and the number of bookings."""
    grouped = frame.groupby("currency", observed=True)
    return grouped[_SUMS].sum().assign(bookings=grouped.size()).reset_index()


def by_month(frame: pd.DataFrame, zone: str) -> pd.DataFrame:
    """One row per month (``2026-03``, cut in ``zone``), item and currency."""
    months = frame["booked_at"].dt.tz_convert(zone).dt.strftime("%Y-%m")
    return _by(frame.assign(month=months), ["month", "item_id", "item", "currency"])


def by_item(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per item and currency, largest first."""
    return _by(frame, ["item_id", "item", "currency"], largest_first=True)


def by_customer(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per customer and currency, largest first."""
    return _by(frame, ["customer_id", "customer", "currency"], largest_first=True)


def _by(frame: pd.DataFrame, names: list[str], *, largest_first: bool = False) -> pd.DataFrame:
    summed = frame.groupby(names, observed=True)[_SUMS].sum().reset_index()
    if largest_first:
        return summed.sort_values(["currency", "gross_minor"], ascending=[True, False])
    return summed.sort_values(names)
