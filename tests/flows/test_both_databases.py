"""The thin path through every floor, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import pytest

from billing_core import jobs
from billing_core.errors import AlreadyDone, Duplicate, IllegalMove, KeyConflict, Refused
from billing_core.flows import commands
from billing_core.flows.answer_changes import answer_changes
from billing_core.flows.fire_charge import Fired
from billing_core.flows.record_payment import record_payment
from billing_core.flows.revise_charge import revise_charge
from billing_core.flows.suspend_customer import restore_customer, suspend_customer
from billing_core.flows.verify_evidence import verify_all
from billing_core.flows.void_charge import void_charge
from billing_core.records import db
from billing_core.reports.dossier import dossier
from billing_core.reports.trial_balance import trial_balance
from billing_core.rules.nouns import Charge
from tests import books as seeded_books
from tests.books import OPERATOR, PHASE_2
from tests.conftest import Clock
from tests.flows import watching
from tests.flows.pressing import label
from tests.flows.visiting import id_of, tab

pytestmark = pytest.mark.usefixtures("database", "driven_clock")


def test_the_schema_is_durable_and_empty_books_are_sound() -> None:
    db.check_durability()
    assert (verify_all().checked, verify_all().problems) == (0, ())
    assert trial_balance().balanced
    assert {table: rows for table, rows in watching.everything().items() if rows} == {}


def test_fire_approve_pay_and_everything_adds_up() -> None:
    seeded = seeded_books.seed(item={"tax_name": "VAT", "tax_rate": "8.25"})
    milestone = seeded_books.plan(seeded.customer, "4500.00", contract_sum="9000.00").milestones[0]
    fired = seeded_books.fire(seeded, milestone=milestone, key="k")
    again = seeded_books.fire(seeded, milestone=milestone, key="k")
    assert fired.charge == again.charge == seeded_books.charge(id_of(fired))
    with pytest.raises(KeyConflict):
        seeded_books.fire(seeded, "1.00", milestone=milestone, key="k")
    with pytest.raises(Duplicate):
        seeded_books.fire(seeded, milestone=milestone, key="other")
    with watching.watched() as wall:
        seeded_books.pay(tab(fired).approve())
        jobs.drain()
    stored = seeded_books.charge(id_of(fired))
    assert (stored.state, stored.total_minor) == ("captured", 487_125)
    assert wall.inner.balance() == watching.cash() == {"USD": 487_125}
    assert [row["state"] for row in watching.rows("mails")] == ["kept", "kept"]
    assert verify_all().problems == ()


def test_a_refusal_leaves_nothing() -> None:
    seeded = seeded_books.seed()
    before = watching.everything()
    for amount in ("99999.00", "\x00", "0"):
        with pytest.raises(Refused):
            seeded_books.fire(seeded, amount, key="k")
    with pytest.raises(Refused):
        seeded_books.fire(seeded, description="nul \x00")
    with pytest.raises(Refused):
        seeded_books.fire(seeded, milestone="\x00")
    with pytest.raises(Refused):
        seeded_books.fire(seeded, key="\x00")
    with pytest.raises(Refused):
        seeded_books.fire(seeded, key="k" * 256)
    assert watching.changed(before) == {}
    assert seeded_books.fire(seeded, key="k" * 255).charge


def test_sixteen_fires_of_one_key_and_sixteen_presses_of_one_form_act_once() -> None:
    seeded = seeded_books.seed()
    results = watching.at_once(16, lambda _: seeded_books.fire(seeded, key="k"))
    fired = [result for result in results if isinstance(result, Fired)]
    assert fired, results
    assert len({id_of(f) for f in fired}) == 1
    assert all(isinstance(r, Fired) or watching.refusal(r) for r in results)
    open_tab = tab(fired[0])
    with watching.watched() as wall:
        presses = watching.at_once(16, lambda _: open_tab.approve())
        steps = [r for r in presses if not watching.refusal(r, AlreadyDone)]
        assert len(steps) == 1, presses
        assert [verb for verb, _ in wall.asked] == ["open_checkout"]
    assert watching.kinds(id_of(fired[0])).count("charge.approved") == 1
    assert verify_all().problems == ()


def test_one_milestone_and_gapless_numbers_under_many_hands() -> None:
    seeded = seeded_books.seed()
    plan = seeded_books.plan(seeded.customer, "1.00", "1.00")

    def fire(number: int) -> Fired:
        milestone = plan.milestones[number % 2]
        return seeded_books.fire(seeded, f"{number + 1}.00", milestone=milestone, key=f"{number}")

    results = watching.at_once(12, fire)
    assert sum(isinstance(result, Fired) for result in results) == 2, results
    assert sum(watching.refusal(result, Duplicate) for result in results) == 10
    numbers = sorted(row["invoice_number"] for row in watching.rows("charges"))
    assert numbers == ["CS-2026-00001", "CS-2026-00002"]


def test_the_same_content_from_many_hands_is_one_charge() -> None:
    seeded = seeded_books.seed()
    results = watching.at_once(8, lambda n: seeded_books.fire(seeded, key=f"k{n}"))
    assert all(isinstance(result, Fired) for result in results), results
    assert len(watching.rows("charges")) == 1


def test_void_and_pay_at_once_end_in_one_of_them() -> None:
    fired = seeded_books.fire(seeded_books.seed())
    step = tab(fired).approve()

    def act(number: int) -> Charge:
        if number % 2:
            return void_charge(id_of(fired), reason="", actor=OPERATOR)
        seeded_books.pay(step)
        return seeded_books.settle(id_of(fired))

    for result in watching.at_once(6, act):
        watching.refusal(result)
    money = [r.gross_minor for r in watching.revenue(id_of(fired))]
    assert (seeded_books.charge(id_of(fired)).state, money) in (
        ("void", []), ("captured", [450_000]),
    )  # fmt: skip
    with watching.watched() as wall:
        assert wall.inner.balance() == watching.cash()
    assert verify_all().problems == ()


def test_a_payment_by_hand_is_booked_once_by_many_hands() -> None:
    fired = seeded_books.fire(seeded_books.seed())

    def record(_: int) -> Charge:
        return record_payment(
            id_of(fired), method="cash", paid_on="2026-03-16", reference="", actor=OPERATOR
        )

    results = watching.at_once(8, record)
    assert sum(isinstance(result, Charge) for result in results) == 1, results
    assert sum(watching.refusal(result, IllegalMove) for result in results) == 7
    assert watching.account("cash:bank") == {"USD": 450_000}
    assert trial_balance().balanced


def test_the_whole_way_round(driven_clock: Clock) -> None:
    """Changes, an answer, a revision, a code, a saved method, a suspension, reminders, a sweep."""
    seeded = seeded_books.seed()
    fired = seeded_books.fire(seeded)
    tab(fired).ask(message="Too much. 🙁 太贵")
    answer_changes(id_of(fired), answer="We look into it.", actor=OPERATOR, key="a")
    new = revise_charge(
        id_of(fired), amount="4200.00", description=PHASE_2, answer="Less.", actor=OPERATOR, key="r"
    )
    driven_clock.advance(days=3)
    jobs.drain()
    assert [mail.kind for mail in watching.mails_of(new.id)] == ["invoice", "reminder"]
    suspend_customer(seeded.customer, actor=OPERATOR)
    restore_customer(seeded.customer, actor=OPERATOR)
    token = (dossier(new.id).pay_url or "").rpartition("/")[2]
    code = seeded_books.mailed_code(token, tab(token).page.nonce)
    assert not tab(token).approve(method="saved", code=code).to_gateway
    jobs.drain()
    assert seeded_books.charge(new.id).state == "captured"
    assert watching.cash() == {"USD": 420_000}
    assert watching.rows("jobs", "dead_at IS NOT NULL") == []
    assert verify_all().problems == ()


def test_one_press_of_a_money_button_is_one_effect() -> None:
    seeded = seeded_books.seed()
    values = {
        "customer": seeded.customer, "item": seeded.item, "amount": "4,500.00",
        "description": PHASE_2,
    }  # fmt: skip
    shown = label("fire", values)
    watching.at_once(8, lambda _: commands.press("cmd_1", OPERATOR, "fire", values, shown=shown))
    assert commands.find_command("cmd_1", OPERATOR).state == "done"
    assert len(watching.rows("charges")) == 1


def test_two_workers_at_once_do_each_job_once() -> None:
    seeded = seeded_books.seed()
    charges = [seeded_books.fire(seeded, description=f"Phase {n}") for n in range(4)]
    results = watching.at_once(4, lambda _: jobs.drain())
    assert all(isinstance(result, int) for result in results), results
    done = watching.rows("jobs", "kind = 'send_mail'")
    assert [(job["attempts"], job["done_at"] is not None) for job in done] == [(1, True)] * 4
    for charge in charges:
        assert watching.kinds(id_of(charge)).count("invoice.rendered") == 1


def test_the_database_itself_refuses_what_must_never_be() -> None:
    """I2, I6 and I17 as constraints: past every flow, straight at the tables."""
    seeded = seeded_books.seed()
    milestone = seeded_books.plan(seeded.customer, "1.00").milestones[0]
    seeded_books.paid(seeded)
    other = seeded_books.fire(seeded, "1.00", "Other", milestone=milestone)
    tab(other).approve()
    moved = f"UPDATE attempts SET charge_id = '{id_of(other)}', number = number + 7"
    two_alive = f"{moved}, outcome = 'requires_action'"
    for statement in (
        "UPDATE charges SET total_minor = 0, net_minor = 0, tax_minor = 0",
        "UPDATE charges SET line_minor = -1",
        "UPDATE charges SET net_minor = net_minor + 1",
        f"UPDATE charges SET milestone_id = '{milestone}'",
        "UPDATE charges SET invoice_number = 'CS-2026-00001'",
        "UPDATE revenue SET net_minor = net_minor + 1",
        "UPDATE revenue SET charge_id = 'sc_nobody'",
        "UPDATE attempts SET amount_minor = 0",
        two_alive,
        "UPDATE attempts SET idempotency_key = 'one'",
        "UPDATE postings SET amount_minor = 0",
        "UPDATE customers SET standing = 'friendly'",
    ):
        with pytest.raises(db.SQLAlchemyError):
            watching.write(statement)
