"""Invoice numbers: gapless, and per year of the reporting zone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from billing_core.errors import Refused
from billing_core.flows.fire_charge import Fired
from billing_core.flows.save_company import save_company
from billing_core.rules.nouns import Actor
from tests import books as seeded_books
from tests.books import OPERATOR
from tests.conftest import Clock
from tests.flows import watching

pytestmark = pytest.mark.usefixtures("books", "driven_clock")
API = Actor("key", "key_1", "Deploy bot")


# --- the numbers


def test_numbers_are_gapless_whatever_is_refused_between() -> None:
    seeded = seeded_books.seed()
    for number in range(1, 6):
        seeded_books.fire(seeded, description=f"Phase {number}")
        with pytest.raises(Refused):
            seeded_books.fire(seeded, "99999.00", f"Too much {number}")
    numbers = sorted(row["invoice_number"] for row in watching.rows("charges"))
    assert numbers == [f"CS-2026-0000{n}" for n in range(1, 6)]


def test_numbers_are_gapless_under_many_hands() -> None:
    seeded = seeded_books.seed()

    def fire(n: int) -> Fired:
        return seeded_books.fire(seeded, "99999.00" if n % 3 == 0 else "1.00", f"Phase {n}")

    results = watching.at_once(12, fire)
    many = sum(isinstance(result, Fired) for result in results)
    assert many == 8, results
    numbers = sorted(row["invoice_number"] for row in watching.rows("charges"))
    assert numbers == [f"CS-2026-{n:05d}" for n in range(1, many + 1)]


def test_the_year_of_a_number_is_the_reporting_zones(driven_clock: Clock) -> None:
    seeded = seeded_books.seed(time_zone="America/New_York")
    save_company({"reporting_zone": "Pacific/Auckland", "invoice_prefix": "NL/"}, actor=OPERATOR)
    driven_clock.set(datetime(2026, 12, 31, 10, 59, 59, tzinfo=UTC))
    old = seeded_books.fire(seeded, description="still 2026 in Auckland").charge
    driven_clock.set(datetime(2026, 12, 31, 11, 0, tzinfo=UTC))
    new = seeded_books.fire(seeded, description="already 2027 in Auckland").charge
    assert old
    assert new
    assert (old.invoice_number, old.issued_on.isoformat()) == ("NL/2026-00001", "2026-12-31")
    assert (new.invoice_number, new.issued_on.isoformat()) == ("NL/2027-00001", "2027-01-01")
    assert new.due_on.isoformat() == "2027-01-30", "30 days from the customer's own 31 December"
