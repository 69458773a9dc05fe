"""When the gateway's books were last gone through, and what came of it: reads and writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from billing_core import clock, ids
from billing_core.records import rows, tables

_T = tables.reconciliations
_P = tables.postings
_A = tables.attempts
_L = tables.lines
LONGEST = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One round. ``problem`` says why it could not be finished; ``result`` as the flow made it."""

    id: str
    started_at: datetime
    finished_at: datetime | None
    problem: str
    result: dict[str, Any] | None


def begin(connection: Connection) -> str:
    """A round begins; its id."""
    round_id = ids.new_id("rc")
    rows.add(connection, _T, {"id": round_id, "started_at": clock.now(), "problem": ""})
    return round_id


def tell(connection: Connection, round_id: str, step: str) -> None:
    """What the round does now, for whoever watches."""
    rows.change(connection, _T, round_id, {"result": rows.dump({"step": step})})


def is_under_way(found: Reconciliation, now: datetime) -> bool:
    """True while a round runs; one that took this long has died with its worker."""
    return found.finished_at is None and now - found.started_at < LONGEST


def finish(connection: Connection, round_id: str, result: dict[str, Any], problem: str) -> None:
    """A round is over."""
    values = {"finished_at": clock.now(), "result": rows.dump(result), "problem": problem}
    connection.execute(update(_T).where(_T.c.id == round_id).values(values))


def latest(connection: Connection) -> Reconciliation | None:
    """The round that was begun last."""
    row = connection.execute(select(_T).order_by(_T.c.started_at.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    known = dict(row._mapping)
    return Reconciliation(**known | {"result": rows.load(known["result"])})


def forget(connection: Connection, before: datetime) -> None:
    """Drop old rounds."""
    connection.execute(delete(_T).where(_T.c.started_at < before))


def cash(connection: Connection, gateway: str) -> dict[str, int]:
    """The ledger's cash at a gateway per currency, in minor units."""
    total = func.sum(_P.c.amount_minor)
    found = connection.execute(
        select(_P.c.currency, total)
        .where(_P.c.account == f"cash:{gateway}")
        .group_by(_P.c.currency)
    )
    return {currency: int(minor) for currency, minor in found}


def without_line(connection: Connection, gateway: str) -> dict[str, int]:
    """Per currency what was captured, yet has no line in the gateway's own books so far."""
    known = select(_L.c.payment_reference).where(_L.c.kind == "payment")
    found = connection.execute(
        select(_A.c.currency, func.sum(_A.c.amount_minor))
        .where(_A.c.gateway == gateway, _A.c.outcome == "succeeded")
        .where(_A.c.payment_reference.not_in(known))
        .group_by(_A.c.currency)
    )
    return {currency: int(minor) for currency, minor in found}
