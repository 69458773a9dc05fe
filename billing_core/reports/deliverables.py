"""What a project's milestones delivered, and the bytes of one for the operator. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from billing_core.errors import NotFound
from billing_core.records import blobs, db
from billing_core.records import deliverables as rows
from billing_core.rules.nouns.catalogue import Deliverable


def of_milestones(milestone_ids: Sequence[str]) -> Mapping[str, Sequence[Deliverable]]:
    """Milestone id → what it delivered, in the order added; milestones without any are absent."""
    with db.read_only() as connection:
        return rows.of_milestones(connection, milestone_ids)


def read(sha256: str) -> bytes:
    """The bytes kept under a digest (of a link: what was noted about it), or NotFound."""
    with db.read_only() as connection:
        data = blobs.find(connection, sha256)
    if data is None:
        raise NotFound("This file is not kept here.")
    return data
