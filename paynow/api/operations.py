"""All operations of /v1 in one table, and the paths they share."""

from __future__ import annotations

from paynow.api import (
    acts_catalogue,
    acts_charges,
    acts_house,
    acts_money,
    acts_requests,
    acts_work,
)
from paynow.api.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    *acts_charges.OPERATIONS,
    *acts_money.OPERATIONS,
    *acts_requests.OPERATIONS,
    *acts_catalogue.OPERATIONS,
    *acts_work.OPERATIONS,
    *acts_house.OPERATIONS,
)


def by_path() -> dict[str, tuple[Operation, ...]]:
    """Path → its operations, one per method."""
    found: dict[str, tuple[Operation, ...]] = {}
    for operation in OPERATIONS:
        found[operation.path] = (*found.get(operation.path, ()), operation)
    return found
