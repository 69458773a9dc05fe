"""Evidence, Operations, Team & keys: what they show, and what their buttons really do."""

from __future__ import annotations

import pytest

from billing_core import jobs
from billing_core.flows.create_key import admit, list_keys
from billing_core.reports import operations
from tests import books
from tests.console.screen import Screen
from tests.flows import watching

pytestmark = pytest.mark.usefixtures("books")


def test_all_evidence_is_checked_and_what_was_changed_is_named() -> None:
    charge = books.paid(books.seed())
    assert "chains, all hold" in _badges(Screen("evidence").click("verify-all"))
    watching.write("UPDATE evidence_events SET canonical = replace(canonical, '450000', '45')")
    screen = Screen("evidence").click("verify-all")
    assert "1 do not hold" in _badges(screen)
    assert f"{charge.id}: event 1: its bytes do not match its hash" in screen.said()


def test_one_charge_is_checked_in_its_row() -> None:
    charge = books.paid(books.seed())
    screen = Screen("evidence").click(f"verify:{charge.id}")
    assert "its chain, openings, invoice and PDF hold" in screen.said()


def test_without_charges_it_says_what_begins_a_chain() -> None:
    assert "No charge yet. The first one begins its chain." in Screen("evidence").said()


def test_what_was_given_up_is_tried_again_on_a_press() -> None:
    books.paid(books.seed())
    watching.write("UPDATE jobs SET dead_at = due_at, error = 'the disk was full', done_at = NULL"
                   " WHERE kind = 'send_mail'")  # fmt: skip
    (first, *rest) = operations.jobs().dead
    screen = Screen("operations")
    assert "the disk was full" in screen.said()
    screen.click(f"retry:{first.id}")
    assert [job.id for job in operations.jobs().dead] == [job.id for job in rest]
    assert operations.staff_log()[0].name == "job.retried"


def test_operations_says_what_is_wrong_first_and_how_to_mend_it() -> None:
    books.seed()
    said = Screen("operations").said()
    assert "worker" in said
    jobs.drain()
    assert "Nothing was given up." in Screen("operations").said()


def test_a_test_mail_without_a_server_says_why_not() -> None:
    screen = Screen("operations").fill("test-mail-to", "me@company.example").click("test-mail")
    assert "No mail server is set: mail stays in the outbox." in screen.said()
    screen = Screen("operations").fill("test-mail-to", "nobody").click("test-mail")
    assert "address" in screen.said()


def test_a_key_is_made_shown_once_used_and_ended() -> None:
    screen = Screen("team")
    screen.at.text_input(key="key-name").set_value("Project tool")
    screen.click("make-key")
    (secret,) = [each.value for each in screen.at.code]
    assert secret.startswith("csk_")
    caller = admit(secret, "read")
    assert secret not in screen.run().said()
    screen.click(f"ask-revoke:{caller.actor.id}").click(f"revoke:{caller.actor.id}")
    assert [key.revoked_at is not None for key in list_keys()] == [True]
    assert "API key revoked" in screen.run().said()
    assert [act.name for act in operations.staff_log()] == ["key.revoked", "key.created"]


def test_a_key_without_a_name_is_refused_in_place() -> None:
    screen = Screen("team").click("make-key")
    assert list_keys() == ()
    assert "The name" in screen.said()


def test_a_changed_setting_stands_in_the_log() -> None:
    screen = Screen("settings")
    screen.at.text_input(key="company/name").set_value("Northlight")
    screen.click("save")
    said = Screen("team").said()
    assert "Name" in said
    assert "Northlight" in said


def _badges(screen: Screen) -> str:
    return "\n".join(str(each.value) for each in screen.at.markdown)
