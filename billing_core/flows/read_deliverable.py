"""The bytes of one deliverable, for the client behind a link. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from billing_core.errors import NotFound
from billing_core.records import blobs, charges, db, rows

_WITHDRAWN = "void"


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was uploaded; ``name`` is the uploader's and may hold anything but folders."""

    name: str
    data: bytes


def find_deliverable(document: dict[str, Any], number: str) -> dict[str, Any]:
    """The entry of the frozen invoice (counted from 1), if it is a file; NotFound otherwise."""
    entries = (document["milestone"] or {}).get("deliverables", [])
    place = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
    if not 1 <= place <= len(entries) or entries[place - 1]["kind"] != "file":
        raise NotFound("There is no such file in this invoice.")
    return dict(entries[place - 1])


def read_deliverable(charge_id: str, number: str) -> File:
    """The file that the charge's frozen invoice names; NotFound for any other, or when withdrawn.

    Only what is frozen counts: a file added later, or to another milestone, is never given out.
    """
    with db.read_only() as connection:
        charge = charges.get(connection, charge_id)
        document = rows.load(charges.get_canonical(connection, charge_id))
        entry = find_deliverable(document, number)
        data = blobs.find(connection, entry["sha256"])
    if charge.state == _WITHDRAWN or data is None:
        raise NotFound("There is no such file in this invoice.")
    return File(str(entry["name"]), data)
