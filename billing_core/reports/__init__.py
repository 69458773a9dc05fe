"""Everything that reads the books for people. Nothing here writes; pandas is loaded lazily.

``from billing_core import reports`` gives the public frames: ``reports.revenue()``,
``reports.charges()``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from billing_core.reports.frames import charges, revenue

__all__ = ["charges", "revenue"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from billing_core.reports import frames

        return getattr(frames, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
