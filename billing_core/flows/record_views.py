"""Write down that a page was opened or a paper fetched. Graded, counted, never consent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from billing_core import clock
from billing_core.records import charges, db, evidence, links
from billing_core.records.evidence import Fact
from billing_core.rules.nouns import Actor, Visit

GRADES = ("automated", "likely_person", "person")
KINDS = ("invoice.viewed", "invoice.downloaded")


@dataclass(frozen=True, slots=True)
class Sighting:
    """``count`` requests of one grade to one link within an hour, the first at ``at``."""

    link_id: str
    grade: str
    visit: Visit
    at: datetime
    count: int = 1
    kind: str = "invoice.viewed"


def record_views(sightings: Sequence[Sighting]) -> None:
    """One transaction per sighting, so that one bad one loses no other."""
    for sighting in sightings:
        with db.begin() as connection:
            link = links.get(connection, sighting.link_id)
            charges.lock(connection, link.charge_id)
            payload = {
                "link": link.id,
                "grade": sighting.grade,
                "count": sighting.count,
                "first_at": clock.stamp(sighting.at),
                "address_rule": sighting.visit.rule,
            }
            personal = {
                "address": sighting.visit.address,
                "user_agent": sighting.visit.user_agent,
            }
            actor = Actor("client", link.id)
            fact = Fact(sighting.kind, actor, payload, personal)
            evidence.append(connection, link.charge_id, fact)
