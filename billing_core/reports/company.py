"""The organisation's settings, and who changed what."""

from __future__ import annotations

from billing_core.records import db, organisation
from billing_core.rules.nouns import Company


def company() -> Company:
    """The settings as they are now."""
    with db.read_only() as connection:
        return organisation.get_company(connection)
