"""The life of a dispute: a question or money at once, then the bank's decision."""

from __future__ import annotations

_STEPS = {"open": 0, "under_review": 1, "closed": 2, "won": 2, "lost": 2}
DECIDED = frozenset({"won", "lost", "closed"})


def status_after(old: str, new: str) -> str:
    """The status after hearing ``new``: older news never move it back (I8)."""
    return new if _STEPS[new] > _STEPS[old] else old


def kind_after(old: str, new: str) -> str:
    """An inquiry may become a chargeback; never the other way."""
    return "chargeback" if "chargeback" in (old, new) else "inquiry"


def charge_move(*, kind: str, status: str, state: str, is_refunded: bool) -> str:
    """The move of the charge's state table that follows, "" for none. An inquiry moves nothing."""
    if kind == "inquiry":
        return ""
    if state == "disputed" and status == "won":
        return "win_refunded" if is_refunded else "win"
    if state == "disputed" and status == "lost":
        return "lose"
    return "dispute" if status not in DECIDED and state in ("captured", "refunded") else ""
