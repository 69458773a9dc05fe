"""Everything that reads the books for people. Nothing here writes; pandas is loaded lazily.

``from billing_core import reports`` gives the public frames, each a function that takes ``since``,
``until``, ``customer`` and ``currency``: ``reports.charges()``, ``reports.revenue()``,
``reports.receivables()``, ``reports.milestones()``, ``reports.approvals()``,
``reports.disputes()``, ``reports.ledger()``; and ``reports.metrics``, which makes tables of them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from billing_core.reports.frames import (
        approvals,
        charges,
        disputes,
        ledger,
        milestones,
        receivables,
        revenue,
    )

__all__ = [
    "approvals",
    "charges",
    "disputes",
    "ledger",
    "milestones",
    "receivables",
    "revenue",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(importlib.import_module("billing_core.reports.frames"), name)
    if name == "metrics":
        return importlib.import_module("billing_core.reports.metrics")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
