"""Ordinary forms on the screen: a sentence under each wrong field, nothing lost, saved once."""

from __future__ import annotations

import shlex

import pytest

from billing_core.reports import lists, operations
from billing_core.reports.company import company
from tests import books
from tests.api import machine as machines
from tests.books import Seeded
from tests.console.screen import Screen
from tests.flows import watching

pytestmark = pytest.mark.usefixtures("books")


def test_the_company_is_saved() -> None:
    screen = Screen("settings")
    screen.at.text_input(key="company/name").set_value("Northlight Studio")
    screen.at.text_input(key="company/city").set_value("Portland")
    screen.at.text_area(key="company/bank").set_value("IBAN: DE02 1203")
    screen.click("save")
    saved = company()
    assert (saved.name, saved.address.city) == ("Northlight Studio", "Portland")
    assert saved.bank == (("IBAN", "DE02 1203"),)
    assert Screen("settings").at.text_area(key="company/bank").value == "IBAN: DE02 1203"


def test_limits_are_saved_emptied_and_who_changed_them_is_said() -> None:
    screen = Screen("settings")
    screen.at.text_input(key="company/name").set_value("Northlight Studio")
    for field, typed in (("second_refund_above", "1000"), ("code_above", ""),
                         ("default_cap", "750.00"), ("max_consecutive_failures", "2")):  # fmt: skip
        screen.at.text_input(key=f"company/{field}").set_value(typed)
    said = screen.click("save").said()
    saved = company()
    assert (saved.second_refund_above_major, saved.code_above_major) == (1000, None)
    assert (saved.default_cap_minor, saved.max_consecutive_failures) == (75_000, 2)
    assert "Second person for refunds above\nnone → 1000\nNorthlight Studio" in said
    assert "Code by mail above\n1000 → none\nNorthlight Studio" in said
    assert "Default cap\n500.00 USD → 750.00 USD\nNorthlight Studio" in said
    assert len(operations.setting_changes()) == 5, "defaults that were saved are no changes"
    screen.at.text_input(key="company/second_refund_above").set_value("a lot")
    assert "a whole number from 0 to 999999999." in screen.click("save").said()


def test_every_wrong_setting_is_named_under_its_field_and_nothing_is_lost() -> None:
    screen = Screen("settings")
    screen.at.text_input(key="company/name").set_value("Northlight Studio")
    screen.at.text_input(key="company/terms_days").set_value("soon")
    screen.at.text_input(key="company/email").set_value("nobody")
    screen.click("save")
    said = screen.said()
    assert "Days to pay: a whole number from 1 to 365." in said
    assert "this is not an email address" in said
    assert screen.at.text_input(key="company/terms_days").value == "soon"
    assert company().name == ""


def test_a_customer_is_added_once_and_opened() -> None:
    screen = Screen("customers", customer="new")
    screen.at.text_input(key="customer:new/name").set_value("Dana Whitfield")
    screen.at.text_input(key="customer:new/company").set_value("Harbor & Vine")
    screen.at.text_input(key="customer:new/email").set_value("accounts@harborandvine.example")
    screen.at.selectbox(key="customer:new/payment_method").set_value("pm_card_visa")
    screen.click("save:new")
    (row,) = lists.customers()
    assert screen.address("customer") == row.customer.id
    assert row.customer.allow_trigger
    assert row.customer.payment_method is not None
    assert "Harbor & Vine" in screen.said()


def test_a_refused_customer_keeps_what_was_typed() -> None:
    screen = Screen("customers", customer="new")
    screen.at.text_input(key="customer:new/name").set_value("Dana Whitfield")
    screen.at.text_input(key="customer:new/email").set_value("accounts@harborandvine")
    screen.click("save:new")
    assert "The billing email: this is not an email address" in screen.said()
    assert screen.at.text_input(key="customer:new/name").value == "Dana Whitfield"
    assert lists.customers() == ()
    screen.at.text_input(key="customer:new/email").set_value("a@harborandvine.example")
    screen.click("save:new")
    assert len(lists.customers()) == 1


def test_a_customer_is_edited_and_keeps_the_stored_method() -> None:
    seeded = books.seed()
    screen = Screen("customers", customer=seeded.customer, edit="yes")
    field = f"customer:{seeded.customer}/company"
    assert screen.at.text_input(key=field).value == "Harbor & Vine"
    screen.at.text_input(key=field).set_value("Harbor & Vine Ltd")
    screen.click(f"save:{seeded.customer}")
    changed = lists.customer(seeded.customer)
    assert changed.billed_as() == "Harbor & Vine Ltd"
    assert changed.payment_method is not None


def test_a_new_item_starts_as_the_template_for_milestones() -> None:
    Screen("items", item="new").click("save")
    (item,) = lists.items()
    assert (item.name, item.unit_price_minor, item.max_capture_minor) == (
        "Project milestone",
        500000,
        2500000,
    )
    assert (item.trigger_mode, item.capture_mode) == ("event", "client_confirm")
    assert item.description == "Project milestone — client reviews and pays"
    assert item.allow_override


def test_the_item_form_explains_each_mode_as_it_is_chosen() -> None:
    screen = Screen("items", item="new")
    assert "any amount up to the cap" in screen.said()
    screen.choose("item:new/trigger_mode", "fixed")
    assert "always the item's price" in screen.said()
    assert not [t for t in screen.at.toggle if t.key == "item:new/allow_override"]
    screen.choose("item:new/trigger_mode", "threshold")
    assert screen.at.text_input(key="item:new/threshold").value == ""
    screen.choose("item:new/trigger_mode", "event")
    screen.choose("item:new/capture_mode", "off_session")
    assert "let the client confirm" in screen.said()


def test_a_fixed_item_is_saved_from_the_form() -> None:
    screen = Screen("items", item="new").choose("item:new/trigger_mode", "fixed")
    screen.fill("item:new/name", "Care retainer").fill("item:new/unit_price", "1450.00").click(
        "save"
    )
    (item,) = lists.items()
    assert (item.trigger_mode, item.allow_override) == ("fixed", False)


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("unit_price", "1,000", "without thousands separators"),
        ("unit_price", "0", "must be more than zero"),
        ("max_capture", "10.00", "The price is above the cap"),
        ("tax_rate", "800", "A tax rate is a percentage"),
        ("name", "", "The name is missing"),
    ],
)
def test_a_refused_item_says_why_and_keeps_what_was_typed(
    field: str, typed: str, sentence: str
) -> None:
    screen = Screen("items", item="new").fill(f"item:new/{field}", typed).click("save")
    assert sentence in screen.said()
    assert screen.at.text_input(key=f"item:new/{field}").value == typed
    assert lists.items() == ()


def test_an_item_above_its_cap_is_told_a_better_one() -> None:
    screen = Screen("items", item="new").fill("item:new/max_capture", "")
    assert "Five times the price is a good cap: $25,000.00." in screen.said()


# the profile -------------------------------------------------------------------------------------


def test_enrolling_pausing_and_cancelling() -> None:
    made, whom = books.add_item(), books.add_customer()
    screen = Screen("customers", customer=whom.id).click("enrol")
    ((row,)) = lists.enrolments(whom.id)
    assert (row.item.id, row.enrolment.status) == (made.id, "active")
    screen.click(f"pause:{row.enrolment.id}").click(f"resume:{row.enrolment.id}")
    assert lists.enrolments(whom.id)[0].enrolment.status == "active"
    screen.click(f"cancel:{row.enrolment.id}")
    assert lists.enrolments(whom.id)[0].enrolment.status == "cancelled"


def test_suspending_and_restoring() -> None:
    seeded = books.seed()
    screen = Screen("customers", customer=seeded.customer).click("suspend")
    assert lists.customer(seeded.customer).standing == "suspended"
    screen.click("restore")
    assert lists.customer(seeded.customer).standing == "active"


def test_a_project_with_a_milestone_is_added_and_delivered() -> None:
    seeded = books.seed()
    screen = Screen("customers", customer=seeded.customer).click("add:project")
    screen.at.text_input(key="add:project/name").set_value("Website relaunch")
    screen.at.text_input(key="add:project/contract_sum").set_value("22500.00")
    screen.click("save:project")
    (row,) = lists.projects(seeded.customer)
    assert row.project.contract_sum_minor == 2250000
    assert not screen.address("add")
    name = row.project.id
    screen.click(f"add:{name}")
    screen.at.text_input(key=f"add:{name}/title").set_value("Phase 2: Homepage designs")
    screen.at.text_input(key=f"add:{name}/planned_amount").set_value("4500.00")
    screen.click(f"save:{name}")
    milestone = lists.projects(seeded.customer)[0].milestones[0].milestone
    assert milestone.planned_minor == 450000
    screen.click(f"deliver:{milestone.id}")
    assert screen.has(f"fire:{milestone.id}")


def test_a_refused_milestone_keeps_what_was_typed() -> None:
    seeded: Seeded = books.seed()
    plan = books.plan(seeded.customer)
    screen = Screen("customers", customer=seeded.customer, add=plan.project)
    screen.at.text_input(key=f"add:{plan.project}/title").set_value("Phase 2")
    screen.at.text_input(key=f"add:{plan.project}/planned_amount").set_value("lots")
    before = watching.everything()
    screen.click(f"save:{plan.project}")
    assert "This is not an amount" in screen.said()
    assert screen.at.text_input(key=f"add:{plan.project}/title").value == "Phase 2"
    assert watching.changed(before) == {}


def test_a_refusal_of_a_button_is_one_sentence() -> None:
    seeded = books.seed()
    screen = Screen("customers", customer=seeded.customer)
    watching.write("UPDATE enrolments SET status = 'cancelled' WHERE id = :id", id=seeded.enrolment)
    screen.click(f"pause:{seeded.enrolment}")
    assert "Not done" in screen.said()


MODES: dict[str, dict[str, str | bool]] = {
    "event": {},
    "variable": {"trigger_mode": "variable", "condition": "gte", "threshold": "98.5"},
    "fixed": {"trigger_mode": "fixed", "allow_override": False},
    "threshold": {
        "trigger_mode": "threshold", "allow_override": False, "condition": "gte",
        "threshold": "98.5", "description": "It's above the plan",
    },
}  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
def test_the_ready_curl_of_an_item_fires_it(mode: str) -> None:
    seeded = books.seed(item=MODES[mode])
    (shown,) = [each.value for each in Screen("items", item=seeded.item).at.code]
    words = shlex.split(shown)
    told = words[words.index("-d") + 1].replace("bc_…", seeded.customer)
    with machines.machine() as machine:
        answer = machine.send("charges", told.encode())
    assert answer.status_code == 201, answer.text
    assert answer.json()["item"] == seeded.item
