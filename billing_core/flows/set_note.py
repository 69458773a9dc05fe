"""The internal note of a charge: for the people who bill, never shown to the client."""

from __future__ import annotations

from billing_core.records import charges, db
from billing_core.rules import texts
from billing_core.rules.nouns import Actor


def set_note(charge_id: str, text: str, *, actor: Actor) -> None:
    """Store the note (5,000 characters at most)."""
    del actor
    note = texts.check_block(text, "The note", most=5000, required=False)
    with db.begin() as connection:
        charges.lock(connection, charge_id)
        charges.change(connection, charge_id, note=note)
