"""Whether this installation can serve: database, a worker that lives, mail, gateway."""

from __future__ import annotations

from dataclasses import dataclass

from billing_core import clock, settings
from billing_core.errors import BillingError
from billing_core.gateway import mail
from billing_core.records import db, work

WORKER_SILENT_S = 60.0


@dataclass(frozen=True, slots=True)
class Health:
    """The answer to ``/readyz``; ``ready`` when clients can be served."""

    database: bool
    worker_age_s: float | None
    mail: str
    gateway: str
    ready: bool


def check_health() -> Health:
    """Look once; never raises for a part that is down."""
    database, age = True, None
    try:
        with db.read_only() as connection:
            beat = work.last_beat(connection)
        age = (clock.now() - beat).total_seconds() if beat else None
    except (BillingError, OSError, db.SQLAlchemyError):
        database = False
    alive = age is not None and age < WORKER_SILENT_S
    return Health(
        database=database,
        worker_age_s=age,
        mail="smtp" if mail.is_configured() else "outbox",
        gateway=settings.load().gateway,
        ready=database and alive,
    )
