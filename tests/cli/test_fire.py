"""`countersign fire` and `link`: what they answer, what they refuse, and that nothing doubles."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from billing_core.errors import LinkExpired
from billing_core.flows.open_link import open_link
from billing_core.flows.save_company import save_company
from tests import books as made
from tests.books import OPERATOR, Seeded
from tests.cli.shell import Done, environment
from tests.conftest import Clock
from tests.flows.watching import changed, everything, rows
from tests.support.processes import COUNTERSIGN

KEYS = {
    "id", "state", "amount", "amount_minor", "net_minor", "tax_minor", "currency", "description",
    "capture_mode", "origin", "customer", "item", "enrollment", "milestone", "invoice",
    "invoice_url", "idempotent_replay", "created_at",
}  # fmt: skip
WORK = "Phase 2: Homepage designs"


@dataclass(frozen=True)
class Firing:
    """The recipe's books, and the command that fires in them."""

    seeded: Seeded
    countersign: Callable[..., Done]

    def words(self, amount: str | None = "4500.00", *more: str) -> list[str]:
        """The command's words; ``amount`` None leaves it to the item."""
        words = ["fire", "--customer", self.seeded.customer, "--item", self.seeded.item]
        return [*words, *(["--amount", amount] if amount is not None else []), *more]

    def __call__(self, amount: str | None = "4500.00", *more: str) -> Done:
        return self.countersign(*self.words(amount, *more))


@pytest.fixture
def fire(database: str, countersign: Callable[..., Done]) -> Firing:
    return Firing(made.seed(), countersign)


@pytest.fixture
def fire_here(books: str, countersign: Callable[..., Done]) -> Firing:
    """The same where the kind of database does not matter."""
    return Firing(made.seed(), countersign)


def test_a_fire_answers_in_the_shape_of_the_machine_api(fire: Firing) -> None:
    done = fire("4500.00", "--description", WORK, "--po-number", "PO-77", "--json")
    assert (done.code, done.err) == (0, "")
    told = done.json
    assert set(told) == KEYS
    assert (told["amount"], told["amount_minor"], told["currency"]) == ("4500.00", 450000, "USD")
    assert (told["net_minor"], told["tax_minor"]) == (450000, 0)
    assert (told["state"], told["origin"]) == ("pending_client", "manual_ui")
    assert (told["description"], told["milestone"]) == (WORK, None)
    assert told["idempotent_replay"] is False
    assert set(told["invoice"]) == {"id", "number", "document_sha256"}
    charge = made.charge(told["id"])
    assert (charge.actor.kind, charge.actor.id) == (OPERATOR.kind, OPERATOR.id)
    assert charge.po_number == "PO-77"
    assert open_link(told["invoice_url"].rpartition("/")[2]).charge.id == charge.id


def test_a_fire_says_what_was_sent_and_the_link(fire_here: Firing) -> None:
    done = fire_here("4500.00")
    first, url = done.out.splitlines()
    assert done.code == 0
    assert "invoice CS-" in first
    assert first.endswith("for 4500.00 USD, waiting.")
    assert url.startswith("http://127.0.0.1:8502/pay/")


def test_without_an_amount_the_item_says_it(fire_here: Firing) -> None:
    assert fire_here(None, "--json").json["amount"] == "5000.00"


def test_the_same_command_again_is_the_same_charge(fire: Firing, driven_clock: Clock) -> None:
    first = fire("4500.00", "--json").json
    driven_clock.advance(seconds=59)
    again = fire("4500.00", "--json").json
    assert again == first | {"idempotent_replay": True}
    assert "fired before: nothing new was charged" in fire("4500.0").out
    driven_clock.advance(seconds=2)
    assert fire("4500.00", "--json").json["id"] != first["id"]
    assert len(rows("charges")) == 2


def test_another_amount_or_description_is_another_charge_at_once(fire_here: Firing) -> None:
    said = [fire_here("1.00"), fire_here("2.00"), fire_here("1.00", "--description", WORK)]
    assert [done.code for done in said] == [0, 0, 0]
    assert len(rows("charges")) == 3


def test_a_key_of_ones_own_holds_for_a_week(fire: Firing, driven_clock: Clock) -> None:
    mine = ("--idempotency-key", "order 17", "--json")
    first = fire("4500.00", *mine).json
    driven_clock.advance(days=6)
    assert fire("4500.00", *mine).json == first | {"idempotent_replay": True}
    before = everything()
    fire("4500.01", *mine).says_only("This idempotency key was used for something else", code=1)
    assert not changed(before)


def test_a_milestone_is_billed_once(fire: Firing) -> None:
    (phase,) = made.plan(fire.seeded.customer, "4500.00").milestones
    told = fire("4500.00", "--milestone", phase, "--json").json
    assert told["milestone"] == phase
    before = everything()
    refused = fire("4400.00", "--milestone", phase)
    refused.says_only("“Phase 1” was billed already, with invoice CS-", code=1)
    assert not changed(before)


def test_a_condition_that_does_not_hold_charges_nothing(
    books: str, countersign: Callable[..., Done]
) -> None:
    metered = {"trigger_mode": "threshold", "condition": "gte", "threshold": "10"}
    fire = Firing(made.seed(item=metered | {"allow_override": False}), countersign)
    fire(None).says_only("This item needs a metric value.", code=1)
    before = everything()
    no = fire(None, "--metric-value", "9.5")
    assert (no.code, no.err) == (1, "")
    assert no.out.startswith("The item's condition does not hold")
    said = fire(None, "--metric-value", "9.5", "--json")
    assert (said.code, said.json) == (1, {"id": None, "condition_met": False})
    assert not changed(before)
    assert fire(None, "--metric-value", "10", "--json").code == 0


@pytest.mark.parametrize(
    ("method", "code", "state"),
    [("pm_card_visa", 0, "captured"), ("pm_card_chargeDeclined", 1, "failed")],
)
def test_a_stored_card_is_charged_at_once(
    books: str, countersign: Callable[..., Done], method: str, code: int, state: str
) -> None:
    seeded = made.seed(item={"capture_mode": "off_session"}, payment_method=method)
    done = Firing(seeded, countersign)("45.00", "--json")
    assert (done.code, done.json["state"]) == (code, state)
    assert done.err == ("The card was declined.\n" if code else "")


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("25000.01", "25000.01 USD is above this item's cap of 25000.00 USD."),
        ("0", "The amount must be more than zero."),
        ("0.00", "The amount must be more than zero."),
        ("-1", "The amount must be more than zero."),
        ("NaN", "This is not an amount."),
        ("Infinity", "This is not an amount."),
        ("1e3", "This is not an amount."),
        ("1e309", "This is not an amount."),
        ("0x10", "This is not an amount."),
        ("1_000", "This is not an amount."),
        ("١٢", "This is not an amount."),
        ("=1+1", "This is not an amount."),
        ("1,000", "Write the amount without thousands separators"),
        ("1,000.00", "Write the amount without thousands separators"),
        ("1.005", "USD has 2 decimals at most."),
        ("9" * 15, "This amount is larger than any we can handle."),
        ("9" * 4000, "This is not an amount."),
    ],
)
def test_a_hostile_amount_is_refused_and_changes_nothing(
    fire_here: Firing, amount: str, sentence: str
) -> None:
    before = everything()
    fire_here(amount).says_only(sentence, code=1)
    assert not changed(before)


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--description", "x" * 501, "The description is too long"),
        ("--description", "Phase\r\nBcc: x", "The description contains a character"),
        ("--description", "Phase \u202e2", "The description contains a character"),
        ("--description", "Phase\x1b[2J", "The description contains a character"),
        ("--description", "\u200b", "The description is missing"),
        ("--po-number", "x" * 61, "The PO number is too long"),
        ("--metric-value", "7", "An event item takes no metric value."),
        ("--milestone", "ms_nobody", "There is no such milestone"),
        ("--milestone", "x" * 9000, "There is no such milestone"),
        ("--milestone", "ms_äß", "There is no such milestone"),
        ("--idempotency-key", "k" * 256, "An idempotency key has up to 255 visible"),
        ("--idempotency-key", "k\nk", "An idempotency key has up to 255 visible"),
    ],
)
def test_hostile_text_is_refused_on_both_databases(
    fire: Firing, option: str, value: str, sentence: str
) -> None:
    before = everything()
    fire("45.00", option, value).says_only(sentence, code=1)
    assert not changed(before)


@pytest.mark.parametrize("text", ["=cmd()", "<b>bold</b>", "'; DROP TABLE charges; --", "工事 🏗️"])
def test_odd_but_honest_text_is_kept_as_it_is(fire: Firing, text: str) -> None:
    told = fire("45.00", "--description", text, "--json").json
    assert told["description"] == made.charge(told["id"]).description == text


@pytest.mark.parametrize("noun", ["customer", "item"])
@pytest.mark.parametrize("value", ["nobody", "bi_" + "x" * 37, "bc_ä", "%", "x" * 9000])
def test_an_unknown_id_is_one_sentence(fire: Firing, noun: str, value: str) -> None:
    ids = {"customer": fire.seeded.customer, "item": fire.seeded.item} | {noun: value}
    words = ("fire", "--customer", ids["customer"], "--item", ids["item"])
    fire.countersign(*words).says_only(f"There is no such {noun}.", code=1)


def test_one_command_in_four_processes_at_once_is_one_charge(fire: Firing, tmp_path: Path) -> None:
    save_company({"cooldown_s": "3600"}, actor=OPERATOR)
    words = [*COUNTERSIGN, *fire.words("4500.00", "--json")]
    running = [
        subprocess.Popen(words, env=environment(), cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [Done(process.wait(), process.communicate()[0], "") for process in running]
    assert [done.code for done in said] == [0, 0, 0, 0]
    assert len({done.json["id"] for done in said}) == len(rows("charges")) == 1
    assert sorted(done.json["idempotent_replay"] for done in said) == [False, True, True, True]


def test_a_fresh_link_opens_and_the_old_one_dies(fire: Firing) -> None:
    told = fire("4500.00", "--json").json
    done = fire.countersign("link", told["id"])
    assert (done.code, done.err) == (0, "")
    fresh, old = (url.strip().rpartition("/")[2] for url in (done.out, told["invoice_url"]))
    assert open_link(fresh).charge.id == told["id"]
    with pytest.raises(LinkExpired):
        open_link(old)


@pytest.mark.parametrize("charge", ["sc_nobody", "", "x" * 9000, "ä", "%"])
def test_a_link_to_nothing_is_one_sentence(fire: Firing, charge: str) -> None:
    fire.countersign("link", charge).says_only("There is no such charge.", code=1)


def test_a_charge_that_failed_has_nothing_to_open(
    books: str, countersign: Callable[..., Done]
) -> None:
    declined = "pm_card_chargeDeclined"
    seeded = made.seed(item={"capture_mode": "off_session"}, payment_method=declined)
    told = Firing(seeded, countersign)("45.00", "--json").json
    countersign("link", told["id"]).says_only("This charge is failed", code=1)
