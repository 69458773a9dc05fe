"""Telling a caller what a flow found on its way: a replayed answer, a thing that existed already.

Flows return nouns; only machines must be told whether a noun is new. They call inside ``noticing``.
"""

from __future__ import annotations

from billing_core.records.keys import Noticed, noticing

__all__ = ["Noticed", "noticing"]
