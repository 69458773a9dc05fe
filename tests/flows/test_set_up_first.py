"""A newcomer's one press: everything for a first charge, once, or nothing at all."""

from __future__ import annotations

import pytest

from billing_core.errors import FieldsRefused
from billing_core.flows.set_up_first import set_up_first
from billing_core.reports import company, lists
from tests import books
from tests.books import ITEM, OPERATOR

pytestmark = pytest.mark.usefixtures("books")

TYPED: dict[str, str | bool] = {
    "company": "Northlight Studio",
    "currency": "EUR",
    "name": "Harbor & Vine",
    "email": "dana@harborvine.example",
}


def test_one_press_makes_all_a_charge_needs_and_a_second_one_nothing_more() -> None:
    customer = set_up_first(TYPED, item=ITEM, actor=OPERATOR, key="press 1")
    assert set_up_first(TYPED, item=ITEM, actor=OPERATOR, key="press 2") == customer
    assert [row.customer for row in lists.customers()] == [customer]
    (item,) = lists.items()
    (row,) = lists.enrolments(customer.id)
    assert (row.item.id, row.enrolment.status, item.currency) == (item.id, "active", "EUR")
    told = company.company()
    assert (told.name, told.reporting_currency) == ("Northlight Studio", "EUR")
    assert books.fire(books.Seeded(customer.id, item.id, row.enrolment.id)).charge


def test_a_wrong_field_stores_nothing_and_is_named_with_the_others() -> None:
    with pytest.raises(FieldsRefused) as refused:
        set_up_first({**TYPED, "company": " ", "email": "dana"}, item=ITEM, actor=OPERATOR, key="k")
    assert set(refused.value.problems) == {"company", "email"}
    assert lists.customers() == ()
    assert lists.items() == ()
    assert company.company().name == ""


def test_books_that_have_a_name_keep_it() -> None:
    books.seed()
    set_up_first({**TYPED, "company": "Another"}, item=ITEM, actor=OPERATOR, key="k")
    assert company.company().name == "Northlight Studio"
