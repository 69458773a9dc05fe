"""Charge Now on the screen: the recipe, what stops a press, and the draft that is never lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from billing_core.flows.enroll_customer import enroll_customer
from billing_core.flows.save_item import save_item
from billing_core.reports import lists, outbox
from tests import books
from tests.books import OPERATOR
from tests.console.screen import NOT_YET, Screen, fired, opened, typed

pytestmark = pytest.mark.usefixtures("books")


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


def test_among_several_items_a_milestone_takes_the_one_that_billed_its_project() -> None:
    seeded = books.seed()
    for name in ("Print production", "Photography"):
        other = books.add_item(name=name)
        enroll_customer(seeded.customer, other.id, actor=OPERATOR)
    plan = books.plan(seeded.customer, "4500.00", "6000.00")

    def item() -> object:
        screen = Screen("customers", customer=seeded.customer).click(f"fire:{plan.milestones[1]}")
        return screen.at.selectbox(key=screen.field("item")).value

    assert item() is None, "nothing says which of three it is"
    books.fire(replace(seeded, item=other.id), milestone=plan.milestones[0])
    assert item() == other.id


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
