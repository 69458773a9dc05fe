"""Try work again that the workers gave up: once its cause is mended, a person says so."""

from __future__ import annotations

from billing_core.errors import NotAllowed
from billing_core.records import db, organisation, work
from billing_core.records.patience import repeatably
from billing_core.rules.nouns import Actor


@repeatably
def retry_job(job_id: str, *, actor: Actor) -> None:
    """Make a dead job due now, its tries counted anew; NotAllowed when it is dead no more."""
    with db.begin() as connection:
        if not work.revive(connection, job_id):
            raise NotAllowed("This is being tried again already, or is done.")
        organisation.note_act(connection, "job.retried", {"job": job_id}, actor)
