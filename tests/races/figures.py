"""What the races measured, one line each, said at the end of the run with the load beside it."""

from __future__ import annotations

import os

FIGURES: list[str] = []


def tell(figure: str) -> None:
    """Keep one line for the end of the run."""
    FIGURES.append(f"{figure}; load {os.getloadavg()[0]:.1f}")
