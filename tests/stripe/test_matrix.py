"""Every trouble, on every way to pay, on both databases: one capture or none, and equal books.

``make test`` runs each trouble once; ``MATRIX=full`` (``make nightly``) the whole matrix.
"""

from __future__ import annotations

import os
from itertools import cycle

import pytest

from billing_core.flows.reconcile import reconcile
from tests.flows import watching
from tests.stripe.till import Till
from tests.stripe.troubles import TROUBLES, WAYS, open_till

FULL = os.environ.get("MATRIX") == "full"
ALL = [(trouble, way) for trouble in TROUBLES for way in WAYS]
EACH_ONCE = list(zip(TROUBLES, cycle(("checkout", "saved", "off_session")), strict=False))


@pytest.mark.parametrize(("trouble", "way"), ALL if FULL else EACH_ONCE)
def test_one_capture_or_none_and_equal_books(till: Till, trouble: str, way: str) -> None:
    _run(till, trouble, way)


@pytest.mark.postgres
@pytest.mark.parametrize(("trouble", "way"), ALL if FULL else EACH_ONCE[6:10])
def test_the_same_on_postgresql(postgres_till: Till, trouble: str, way: str) -> None:
    _run(postgres_till, trouble, way)


def _run(till: Till, trouble: str, way: str) -> None:
    open_till(till, way)
    charge_id = TROUBLES[trouble](till, way)
    _heal(till)
    found = reconcile()
    assert found.is_clean, found
    till.check()
    if charge_id:
        captures = [r for r in watching.revenue(charge_id) if r.kind == "capture"]
        assert len(captures) <= 1
    open_refunds = {"pending", "processing", "unknown"}
    assert not open_refunds & {row["state"] for row in watching.rows("refunds")}
    assert {row["state"] for row in watching.rows("gateway_messages")} <= {"done", "ignored"}


def _heal(till: Till) -> None:
    """Faults are over: messages come again, time passes, the worker works."""
    till.fake.control("heal")
    till.hear()
    for hours in (0.1, 0.5, 21, 4):
        till.later(hours=hours)
    till.hear()
    till.later(hours=2)
