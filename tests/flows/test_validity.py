"""Until when an invoice is good: set by the operator, kept by the worker, told in the chain."""

from __future__ import annotations

from datetime import date

import pytest

from billing_core.errors import FieldsRefused, IllegalMove
from billing_core.flows.expire_charges import expire_charges
from billing_core.flows.set_validity import set_validity
from billing_core.flows.verify_evidence import verify_all
from billing_core.flows.void_charge import void_charge
from billing_core.reports.dossier import dossier
from tests import books as made
from tests.books import OPERATOR
from tests.conftest import Clock


def test_it_expires_when_the_customers_day_is_over(database: str, driven_clock: Clock) -> None:
    charge = made.fire(made.seed()).charge
    assert charge
    assert set_validity(charge.id, "2026-03-17", actor=OPERATOR).valid_until == date(2026, 3, 17)
    # the day ends in New York at 04:00 UTC
    driven_clock.advance(hours=37, minutes=59)
    assert expire_charges() == 0
    driven_clock.advance(minutes=2)
    assert expire_charges() == 1
    assert made.charge(charge.id).state == "expired"
    kinds = [row.event.kind for row in dossier(charge.id).events]
    assert kinds.index("charge.validity_set") < kinds.index("charge.expired")
    assert verify_all().problems == ()


def test_it_can_be_taken_away_again(books: str, driven_clock: Clock) -> None:
    charge = made.fire(made.seed()).charge
    assert charge
    set_validity(charge.id, "2026-03-17", actor=OPERATOR)
    assert set_validity(charge.id, "", actor=OPERATOR).valid_until is None
    driven_clock.advance(days=30)
    assert expire_charges() == 0


@pytest.mark.parametrize("day", ["2026-03-15", "tomorrow", "2026-3-17"])
def test_a_day_that_is_past_or_none_is_refused(books: str, driven_clock: Clock, day: str) -> None:
    charge = made.fire(made.seed()).charge
    assert charge
    with pytest.raises(FieldsRefused):
        set_validity(charge.id, day, actor=OPERATOR)
    assert made.charge(charge.id).valid_until is None


def test_what_has_moved_on_cannot_expire(books: str) -> None:
    charge = made.fire(made.seed()).charge
    assert charge
    void_charge(charge.id, reason="", actor=OPERATOR)
    with pytest.raises(IllegalMove, match="void"):
        set_validity(charge.id, "2999-01-01", actor=OPERATOR)
