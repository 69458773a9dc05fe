"""Take a deliverable off its milestone. Invoices that name it keep it, and so do its bytes."""

from __future__ import annotations

from billing_core import clock
from billing_core.flows.add_deliverable import check_open
from billing_core.records import db, deliverables
from billing_core.records.patience import repeatably
from billing_core.rules.nouns import Actor


@repeatably
def drop_deliverable(deliverable_id: str, *, actor: Actor) -> None:
    """Refused while a charge of the milestone can no longer be revised; again is the same."""
    with db.begin() as connection:
        check_open(connection, deliverables.get(connection, deliverable_id).milestone_id)
        deliverables.drop(connection, deliverable_id, clock.now())
