"""Charge Now on the screen: the recipe, every refusal's sentence in place, nothing typed lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from billing_core.flows.enroll_customer import change_enrolment, enroll_customer
from billing_core.flows.save_customer import save_customer
from billing_core.flows.save_item import save_item
from billing_core.flows.save_project import change_milestone
from billing_core.flows.suspend_customer import suspend_customer
from billing_core.reports import lists, outbox
from tests import books
from tests.books import OPERATOR, Seeded
from tests.console.screen import NOT_YET, Screen

pytestmark = pytest.mark.usefixtures("books")


def opened(seeded: Seeded) -> Screen:
    """The dialog over the customer's profile."""
    return Screen("customers", customer=seeded.customer).click("charge-now")


def fired() -> list[tuple[int, str]]:
    """What the books hold: total and description of every charge."""
    return [(row.charge.total_minor, row.charge.description) for row in lists.charges()]


def typed(screen: Screen, **values: str) -> Screen:
    """Type into the dialog's text fields."""
    for name, value in values.items():
        screen.fill(screen.field(name), value)
    return screen


def test_the_recipe_goes_out_once_and_shows_what_was_sent() -> None:
    seeded = books.seed()
    screen = typed(opened(seeded), amount="4,500.00", description=books.PHASE_2)
    assert screen.label() == "Send invoice for $4,500.00"
    said = screen.said()
    assert "Northlight Studio: $4,500.00 for Phase 2: Homepage designs" in said
    assert "Net $4,500.00 + tax $0.00" in said
    screen.press()
    assert fired() == [(450000, books.PHASE_2)]
    said = screen.said()
    assert "Sent to dana@harborvine.example." in said
    assert "/pay/" in said
    screen.run()
    assert len(fired()) == 1


def test_phase_three_follows_on_the_same_enrolment_within_the_same_minute() -> None:
    seeded = books.seed()
    screen = typed(opened(seeded), amount="4500.00", description=books.PHASE_2).press()
    first = screen.cmd
    screen.click(f"again:{first}")
    assert screen.cmd
    assert screen.cmd != first
    typed(screen, amount="6000.00", description="Phase 3: Inner pages").press()
    assert fired() == [(600000, "Phase 3: Inner pages"), (450000, books.PHASE_2)]


def test_a_fixed_item_locks_the_amount_and_frees_the_description() -> None:
    fixed = {"trigger_mode": "fixed", "allow_override": False, "unit_price": "1450.00"}
    seeded = books.seed(item=fixed)
    screen = opened(seeded)
    assert not [i for i in screen.at.text_input if str(i.key).startswith("amount:")]
    locked = screen.at.text_input(key=f"locked:{screen.cmd}")
    assert (locked.value, locked.disabled) == ("1450.00", True)
    typed(screen, description="Retainer for March").press()
    assert fired() == [(145000, "Retainer for March")]


def test_the_stored_method_is_named_where_it_is_charged_at_once() -> None:
    seeded = books.seed(item={"capture_mode": "off_session"})
    screen = typed(opened(seeded), amount="200.00", description="Extra hours")
    assert screen.label() == "Charge Visa •••• 4242 $200.00"
    screen.press()
    assert "$200.00 was charged." in screen.said()


def test_a_milestone_brings_its_sum_words_and_project() -> None:
    seeded = books.seed()
    plan = books.plan(seeded.customer, "4500.00", "6000.00")
    screen = Screen("customers", customer=seeded.customer).click(f"fire:{plan.milestones[1]}")
    assert screen.at.selectbox(key=screen.field("milestone")).value == plan.milestones[1]
    assert screen.at.text_input(key=screen.field("amount")).value == "6000.00"
    assert screen.label() == "Send invoice for $6,000.00"
    screen.press()
    (row,) = lists.charges()
    assert row.charge.milestone_id == plan.milestones[1]
    assert row.charge.description.startswith("Phase 2 — delivered ")


def test_a_chosen_milestone_fills_in_the_fields() -> None:
    seeded = books.seed()
    plan = books.plan(seeded.customer, "4500.00", "6000.00")
    screen = typed(opened(seeded), amount="1.00")
    screen.choose(screen.field("milestone"), plan.milestones[0])
    assert screen.at.text_input(key=screen.field("amount")).value == "4500.00"


def test_only_enrolled_items_are_offered() -> None:
    seeded = books.seed()
    books.add_item(name="Not for this customer")
    screen = opened(seeded)
    options = screen.at.selectbox(key=screen.field("item")).options
    assert options == ["Project milestone · client confirms"]


def test_another_customer_brings_other_items_and_keeps_the_words() -> None:
    seeded = books.seed()
    other = books.add_customer(name="Ines Larch", company="Larch & Sons")
    item = books.add_item(name="Floor plans", unit_price="700.00")
    enroll_customer(other.id, item.id, actor=OPERATOR)
    screen = typed(opened(seeded), description="Phase 1: Floor plans")
    screen.choose(screen.field("customer"), other.id)
    assert screen.at.selectbox(key=screen.field("item")).value == item.id
    assert screen.at.text_input(key=screen.field("description")).value == "Phase 1: Floor plans"
    screen.press()
    assert fired() == [(70000, "Phase 1: Floor plans")]


# what stops a press ------------------------------------------------------------------------------


def test_a_label_nobody_had_time_to_read_is_not_pressed() -> None:
    screen = typed(opened(books.seed()), amount="4500.00", description="Phase 2")
    screen.press(drawn_at=NOT_YET)
    assert fired() == []
    assert "just as you pressed. Nothing was sent" in screen.said()
    assert screen.at.text_input(key=screen.field("amount")).value == "4500.00"
    screen.press()
    assert fired() == [(450000, "Phase 2")]


def test_the_refusal_goes_when_what_was_pressed_is_gone() -> None:
    screen = typed(opened(books.seed()), amount="4500.00", description="Phase 2")
    screen.press(drawn_at=NOT_YET)
    assert "Nothing was sent" not in typed(screen, description="Phase 3").said()


def test_the_price_changing_under_the_open_dialog_stops_the_press() -> None:
    fixed = {"trigger_mode": "fixed", "allow_override": False, "unit_price": "1450.00"}
    seeded = books.seed(item=fixed)
    screen = typed(opened(seeded), description="Retainer")
    slot = f"drawn:{screen.cmd}"
    screen.at.session_state[slot] = (screen.at.session_state[slot][0], 0.0)
    screen.run()
    values = books.ITEM | fixed | {"unit_price": "1600.00"}
    save_item(seeded.item, values, actor=OPERATOR)
    screen.click(f"press:{screen.cmd}")
    assert fired() == []
    assert "The amount changed to $1,600.00" in screen.said()


def test_the_same_again_asks_first_and_then_goes_out() -> None:
    seeded = books.seed()
    typed(opened(seeded), amount="4500.00", description=books.PHASE_2).press()
    screen = typed(opened(seeded), amount="4500.00", description=books.PHASE_2)
    assert "Exactly this went out less than 60 seconds ago" in screen.said()
    assert screen.money_button().disabled
    assert screen.has(f"other:{screen.cmd}")
    screen.at.toggle(key=screen.field("again")).set_value(True)
    screen.run().press()
    assert len(fired()) == 2


def test_the_same_amount_lately_is_only_asked_about() -> None:
    seeded = books.seed()
    books.paid(seeded, "4500.00", "Phase 1")
    screen = typed(opened(seeded), amount="4500.00", description="Phase 2")
    assert "The same amount went to this customer" in screen.said()
    screen.click(f"other:{screen.cmd}")
    assert screen.address("charge") == lists.charges()[0].charge.id


# every refusal of the gate, through the screen ---------------------------------------------------


@dataclass(frozen=True)
class Refusal:
    """What spoils a good charge, and the sentence that says so."""

    sentence: str
    spoil: Callable[[Seeded], object] = lambda seeded: None
    values: dict[str, str] = field(default_factory=dict)


def _edit_customer(**fields: str | bool) -> Callable[[Seeded], object]:
    values = books.CUSTOMER | fields
    return lambda s: save_customer(s.customer, values, actor=OPERATOR)


def _edit_item(**fields: str | bool) -> Callable[[Seeded], object]:
    values = books.ITEM | fields
    return lambda s: save_item(s.item, values, actor=OPERATOR)


def _move(verb: str) -> Callable[[Seeded], object]:
    return lambda s: change_enrolment(s.enrolment, verb, actor=OPERATOR)


REFUSALS = {
    "item inactive": Refusal("“Project milestone” is not active.", _edit_item(active=False)),
    "customer suspended": Refusal(
        "Harbor & Vine is suspended and cannot be charged.",
        lambda s: suspend_customer(s.customer, actor=OPERATOR),
    ),
    "may not be charged": Refusal(
        "has not allowed trigger charges", _edit_customer(allow_trigger=False)
    ),
    "paused": Refusal("is paused. Resume it first.", _move("pause")),
    "cancelled": Refusal("Enrol again", _move("cancel")),
    "another currency": Refusal(
        "the customer in EUR. They must be the same.", _edit_customer(currency="EUR")
    ),
    "above the cap": Refusal("is above this item's cap", values={"amount": "25000.01"}),
    "metric missing": Refusal(
        "This item needs a metric value.",
        _edit_item(trigger_mode="threshold", allow_override=False, condition="gte", threshold="90"),
    ),
    "no method": Refusal(
        "has no stored payment method",
        lambda s: save_item(s.item, books.ITEM | {"capture_mode": "off_session"}, actor=OPERATOR),
    ),
    "words too long": Refusal("The description is too long", values={"description": "x" * 5000}),
    "control character": Refusal("cannot be seen", values={"description": "Phase\x07 2"}),
    "turned around": Refusal("cannot be seen", values={"description": "Phase \u202e2"}),
    "odd PO number": Refusal("cannot be seen", values={"po_number": "PO\x00"}),
    **{
        f"amount {text!r}": Refusal(says, values={"amount": text})
        for text, says in {
            "0": "must be more than zero",
            "-5": "must be more than zero",
            "NaN": "This is not an amount",
            "Infinity": "This is not an amount",
            "1e309": "This is not an amount",
            "1,000": "without thousands separators",
            "4500.001": "USD has 2 decimals at most",
            "True": "This is not an amount",
            "=1+1": "This is not an amount",
            "٤٥٠٠": "This is not an amount",
            "9" * 400: "This is not an amount",
        }.items()
    },
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_stands_in_place_and_loses_nothing(name: str) -> None:
    refusal = REFUSALS[name]
    method = {"payment_method": ""} if name == "no method" else {}
    seeded = books.seed(**method)
    screen = typed(opened(seeded), amount="4500.00", description="Phase 2")
    refusal.spoil(seeded)
    screen.run()
    typed(screen, **refusal.values)
    assert refusal.sentence in screen.said()
    assert screen.money_button().disabled
    assert fired() == []
    for key, value in refusal.values.items():
        assert screen.at.text_input(key=screen.field(key)).value == value


def test_a_contract_that_is_used_up_is_said() -> None:
    seeded = books.seed()
    plan = books.plan(seeded.customer, "4500.00", contract_sum="4500.00")
    screen = Screen("customers", customer=seeded.customer).click(f"fire:{plan.milestones[0]}")
    typed(screen, amount="4500.01")
    assert "has 4500.00 USD left to bill" in screen.said()
    assert screen.money_button().disabled


def test_a_milestone_reopened_meanwhile_is_said() -> None:
    seeded = books.seed()
    plan = books.plan(seeded.customer, "4500.00")
    screen = Screen("customers", customer=seeded.customer).click(f"fire:{plan.milestones[0]}")
    change_milestone(plan.milestones[0], "reopen", actor=OPERATOR)
    assert "is not delivered yet" in screen.run().said()


def test_a_milestone_billed_meanwhile_leads_to_its_charge() -> None:
    seeded = books.seed()
    plan = books.plan(seeded.customer, "4500.00")
    screen = Screen("customers", customer=seeded.customer).click(f"fire:{plan.milestones[0]}")
    other = books.fire(seeded, milestone=plan.milestones[0])
    assert other.charge
    assert "was billed already" in screen.run().said()
    screen.click(f"other:{screen.cmd}")
    assert screen.address("charge") == other.charge.id


# the draft ---------------------------------------------------------------------------------------


def test_closing_keeps_the_draft_and_the_next_press_brings_it_back() -> None:
    screen = typed(opened(books.seed()), amount="123.45", description="Half written")
    cmd = screen.cmd
    screen.click(f"close:{cmd}")
    assert not screen.cmd
    screen.click("charge-now")
    assert screen.cmd == cmd
    assert screen.at.text_input(key=screen.field("description")).value == "Half written"


def test_a_new_tab_with_the_address_shows_what_was_typed() -> None:
    seeded = books.seed()
    screen = typed(opened(seeded), amount="123.45", description="Half written")
    other = Screen("customers", customer=seeded.customer, cmd=screen.cmd)
    assert other.at.text_input(key=other.field("amount")).value == "123.45"
    assert other.label() == "Send invoice for $123.45"


def test_a_new_tab_with_the_address_of_a_done_press_shows_the_receipt() -> None:
    seeded = books.seed()
    screen = typed(opened(seeded), description="Phase 2").press()
    other = Screen("charges", cmd=screen.cmd)
    assert "Sent to dana@harborvine.example." in other.said()
    assert len(fired()) == 1


def test_an_address_nobody_used_shows_nothing_that_acts() -> None:
    screen = Screen("charges", cmd="cmd_nobody")
    assert "There is nothing under this address." in screen.said()
    assert not screen.has("press:cmd_nobody")


def test_a_preview_goes_to_the_operator_once() -> None:
    screen = typed(opened(books.seed()), amount="4500.00", description="Phase 2")
    screen.click(f"preview:{screen.cmd}").click(f"preview:{screen.cmd}")
    assert "A preview went to billing@northlight.example." in screen.said()
    assert [mail.to for mail in outbox.mails()] == [("billing@northlight.example",)]
    assert fired() == []
