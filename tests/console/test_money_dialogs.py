"""The other money buttons on the screen, and what every dialog owes to the table of commands."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from billing_core.flows.mint_link import mint_link
from billing_core.flows.render_credit_note import render_credit_note
from billing_core.flows.save_company import save_company
from billing_core.flows.suspend_customer import suspend_customer
from billing_core.flows.void_charge import void_charge
from billing_core.reports import lists, outbox
from billing_core.reports.dossier import dossier
from billing_core.reports.money_back import money_back
from console import charge_parts, money_dialogs
from tests import books
from tests.console.screen import NOT_YET, Screen, typed
from tests.flows import watching
from tests.flows.pressing import failed_charge, paid_charge

pytestmark = pytest.mark.usefixtures("books")


@pytest.fixture
def waiting(books: str) -> str:
    """A charge that waits for the client."""
    return _waiting()


def _waiting() -> str:
    fired = books.fire(books.seed())
    assert fired.charge
    return fired.charge.id


def _questioned() -> str:
    fired = books.fire(books.seed())
    assert fired.charge
    books.ask_for_changes(books.token(fired), "The plan is missing.")
    return fired.charge.id


def _expired() -> str:
    charge_id = _waiting()
    watching.write("UPDATE charges SET state = 'expired' WHERE id = :id", id=charge_id)
    return charge_id


def opened(charge_id: str, verb: str) -> Screen:
    """The dialog of ``verb`` over the charge."""
    return Screen("charges", charge=charge_id).click(f"verb:{verb}")


def state(charge_id: str) -> str:
    """Where the charge stands in the books."""
    return books.charge(charge_id).state


def test_void(waiting: str) -> None:
    screen = typed(opened(waiting, "void"), reason="Sent by mistake, sorry.")
    assert screen.label() == "Void CS-2026-00001 for $4,500.00"
    screen.press()
    assert state(waiting) == "void"
    assert "Voided." in screen.said()


def test_record_a_payment(waiting: str) -> None:
    screen = opened(waiting, "record_payment")
    screen.choose(screen.field("method"), "bank_transfer")
    typed(screen, reference="TRF-20991")
    assert screen.label() == "Record $4,500.00 as paid"
    screen.press()
    assert state(waiting) == "captured"
    (revenue,) = dossier(waiting).revenue
    assert (revenue.source, revenue.reference) == ("manual", "TRF-20991")


def test_a_payment_without_a_method_is_refused_in_place(waiting: str) -> None:
    screen = typed(opened(waiting, "record_payment"), reference="TRF-20991").press()
    assert state(waiting) == "pending_client"
    assert screen.at.text_input(key=screen.field("reference")).value == "TRF-20991"
    assert "Choose how it was paid." in screen.said()


def test_answer_and_send_again() -> None:
    charge_id = _questioned()
    screen = Screen("charges", charge=charge_id)
    assert "The plan is missing." in screen.said()
    typed(screen.click("verb:answer"), answer="It is on page 3.").press()
    assert state(charge_id) == "pending_client"
    assert "answered" in {mail.kind for mail in outbox.mails(charge_id)}


def test_an_answer_without_words_is_refused_in_place() -> None:
    charge_id = _questioned()
    screen = opened(charge_id, "answer").press()
    assert state(charge_id) == "changes_requested"
    assert "missing" in screen.said()


def test_send_again_replaces_the_link(waiting: str) -> None:
    before = dossier(waiting).pay_url
    opened(waiting, "resend").press()
    assert dossier(waiting).pay_url != before
    assert len(outbox.mails(waiting)) == 2


def test_a_new_link_is_shown_and_nothing_is_mailed(waiting: str) -> None:
    mails = len(outbox.mails(waiting))
    screen = opened(waiting, "new_link").press()
    url = dossier(waiting).pay_url
    assert url
    assert [code.value for code in screen.at.code].count(url) >= 1
    assert len(outbox.mails(waiting)) == mails


def test_revise_replaces_the_charge_and_leads_to_the_new_one(waiting: str) -> None:
    screen = opened(waiting, "revise")
    assert screen.at.text_input(key=screen.field("amount")).value == "4500.00"
    typed(screen, amount="4400.00", answer="As agreed on the phone.")
    assert screen.label() == "Replace CS-2026-00001 and send $4,400.00"
    screen.press()
    assert state(waiting) == "void"
    new = lists.charges()[0].charge
    assert (new.total_minor, new.revises) == (440000, waiting)
    screen.click(f"open:{screen.cmd}")
    assert screen.address("charge") == new.id


def test_a_revision_above_the_cap_is_refused_in_place(waiting: str) -> None:
    screen = typed(opened(waiting, "revise"), amount="25000.01")
    assert "above this item's cap" in screen.said()
    assert screen.money_button().disabled


def test_an_expired_charge_is_sent_again() -> None:
    charge_id = _expired()
    opened(charge_id, "reissue").press()
    assert state(charge_id) == "pending_client"


def test_retry_charges_the_stored_card_and_says_what_came_of_it() -> None:
    charge_id = failed_charge()
    screen = opened(charge_id, "retry")
    assert screen.label() == "Charge Visa •••• 4242 $200.00"
    screen.press()
    assert state(charge_id) == "captured"
    assert "Paid. The client gets the receipt" in screen.said()


def test_refund_a_part_then_the_rest() -> None:
    charge_id = paid_charge()
    screen = opened(charge_id, "refund")
    assert screen.label() == "Refund $4,500.00 to Visa •••• 4242"
    typed(screen, amount="1500.00", note="Two pages less")
    assert screen.label() == "Refund $1,500.00 to Visa •••• 4242"
    assert "Refunded. The client gets the credit note" in screen.press().said()
    page = Screen("charges", charge=charge_id)
    assert "Partly refunded" in page.said()
    assert "$1,500.00 of $4,500.00 refunded" in page.said()
    (refund,) = money_back(charge_id).refunds
    assert (refund.amount_minor, refund.number) == (150_000, "CS-CN-2026-00001")
    assert render_credit_note(refund.id).startswith(b"%PDF")
    screen = typed(opened(charge_id, "refund"), amount="3000.01")
    assert "At most 3000.00 USD is left to refund." in screen.said()
    assert screen.money_button().disabled
    typed(screen, amount="").press()
    assert state(charge_id) == "refunded"


def test_a_refund_above_the_limit_asks_and_says_so() -> None:
    charge_id = paid_charge()
    save_company({"second_refund_above": "1000"}, actor=books.OPERATOR)
    screen = opened(charge_id, "refund")
    assert screen.label() == "Ask to refund $4,500.00 to Visa •••• 4242"
    assert "It waits for a second person." in screen.press().said()
    assert (state(charge_id), money_back(charge_id).refunds) == ("captured", ())
    assert "Second person" in Screen("charges", charge=charge_id).said()


def test_a_retry_that_cannot_be_says_why_and_what_to_do() -> None:
    charge_id = failed_charge()
    suspend_customer(books.charge(charge_id).customer_id, actor=books.OPERATOR)
    screen = opened(charge_id, "retry")
    assert "Harbor & Vine is suspended and cannot be charged." in screen.said()
    assert screen.money_button().disabled


@pytest.mark.parametrize("verb", money_dialogs.SCREENS)
def test_every_dialog_is_on_some_charge(verb: str) -> None:
    assert any(verb in verbs for verbs in charge_parts.NEXT.values())


MAKERS: dict[str, Callable[[], str]] = {
    "answer": _questioned,
    "reissue": _expired,
    "retry": failed_charge,
    "refund": paid_charge,
}
WORDS = {
    "void": {"reason": "By mistake."},
    "answer": {"answer": "Page 3."},
    "revise": {"amount": "4400.00"},
}
EFFECT = {"revise": 2}


@pytest.mark.parametrize("verb", money_dialogs.SCREENS)
def test_a_label_nobody_had_time_to_read_is_not_pressed(verb: str) -> None:
    charge_id = MAKERS.get(verb, _waiting)()
    before = watching.everything()
    screen = typed(opened(charge_id, verb), **WORDS.get(verb, {})).press(drawn_at=NOT_YET)
    assert set(watching.changed(before)) == {"commands"}
    assert "just as you pressed" in screen.said()


@pytest.mark.parametrize("verb", money_dialogs.SCREENS)
def test_two_tabs_with_one_command_act_once(verb: str) -> None:
    charge_id = MAKERS.get(verb, _waiting)()
    screen = typed(opened(charge_id, verb), **WORDS.get(verb, {}))
    if verb == "record_payment":
        screen.choose(screen.field("method"), "cash")
    other = Screen("charges", charge=charge_id, cmd=screen.cmd)
    screen.press()
    assert not screen.has(f"press:{screen.cmd}")
    done = watching.everything()
    assert not other.run().has(f"press:{screen.cmd}")
    assert "Close" in other.said()
    assert watching.changed(done) == {}
    assert len(lists.charges()) == EFFECT.get(verb, 1)


def test_a_charge_that_moved_on_meanwhile_is_said(waiting: str) -> None:
    screen = typed(opened(waiting, "void"), reason="By mistake.")
    void_charge(waiting, reason="Somebody was faster.", actor=books.OPERATOR)
    assert "cannot be done any more" in screen.run().said()
    assert screen.money_button().disabled


def test_another_persons_command_shows_that_and_nothing_else(waiting: str) -> None:
    screen = typed(opened(waiting, "void"), reason="My own words")
    watching.write("UPDATE commands SET actor_id = 'st_somebody' WHERE id = :id", id=screen.cmd)
    screen.run()
    assert "This address is another person's charge." in screen.said()
    assert not screen.has(f"press:{screen.cmd}")
    assert not [i for i in screen.at.text_input if screen.cmd in str(i.key)]


def test_a_running_command_shows_that_it_runs(waiting: str) -> None:
    screen = typed(opened(waiting, "void"), reason="By mistake.")
    _seal(screen.cmd, waiting, leased_until="2099-01-01 00:00:00.000000")
    assert "On its way. You can leave this page." in screen.run().said()
    assert not screen.has(f"finish:{screen.cmd}")


def test_an_interrupted_command_is_finished_with_its_sealed_values(waiting: str) -> None:
    screen = typed(opened(waiting, "void"), reason="What was typed later")
    _seal(screen.cmd, waiting, leased_until="2020-01-01 00:00:00.000000")
    assert "Interrupted. Finishing cannot act twice." in screen.run().said()
    screen.click(f"finish:{screen.cmd}")
    assert state(waiting) == "void"
    assert "Voided." in screen.said()


def test_an_old_link_says_so_after_a_new_one(waiting: str) -> None:
    old = dossier(waiting).pay_url
    mint_link(waiting, actor=books.OPERATOR)
    assert old not in Screen("charges", charge=waiting).said()


def _seal(cmd: str, charge_id: str, *, leased_until: str) -> None:
    """The row as a server leaves it that died after the press was stored."""
    watching.write(
        "UPDATE commands SET state = 'running', sealed = :sealed, shown = 'Void',"
        " leased_until = :until WHERE id = :id",
        sealed=f'{{"charge":"{charge_id}","reason":"What was sealed"}}',
        until=leased_until,
        id=cmd,
    )
