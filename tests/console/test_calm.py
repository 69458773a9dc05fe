"""A failure on a screen is one calm sentence with a reference; the log has the rest."""

from __future__ import annotations

import logging

import pytest

from billing_core.errors import BooksBroken, Down, NotFound
from console import calm
from tests import books
from tests.console.screen import Screen
from tests.flows import watching


@pytest.mark.usefixtures("books")
def test_a_page_that_breaks_says_so_calmly_and_logs_the_rest(
    caplog: pytest.LogCaptureFixture,
) -> None:
    books.fire(books.seed())
    watching.write("UPDATE mails SET queued_at = 'a broken date'")
    with caplog.at_level(logging.ERROR, logger="countersign.console"):
        said = Screen("outbox").said()
    assert "Something went wrong on our side." in said
    assert "a broken date" not in said
    (record,) = [r for r in caplog.records if r.name == "countersign.console"]
    assert record.exc_info
    reference = record.getMessage().split()[0]
    assert reference in said


def test_a_refusal_has_no_reference_and_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="countersign.console"), calm.boundary():
        raise NotFound("There is no such charge.")
    assert not [r for r in caplog.records if r.name == "countersign.console"]


def test_a_gateway_that_is_down_keeps_its_own_sentence(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="countersign.console"):
        sentence = calm._sentence(Down("The payment gateway gives no answer."))
    assert sentence.startswith("The payment gateway gives no answer. (Reference ")
    assert caplog.records


def test_broken_books_are_never_caught() -> None:
    with pytest.raises(BooksBroken), calm.boundary():
        raise BooksBroken("The ledger does not sum to zero.")
