"""What is charged: modes, tax, currencies without cents, and what people paste into the fields."""

from __future__ import annotations

from typing import Any

import pytest

from billing_core import jobs
from billing_core.errors import AmountRefused, Refused, TextRefused
from billing_core.flows.check_fire import FireCommand
from billing_core.flows.fire_charge import Fired, fire_charge
from billing_core.records import charges, db, rows
from billing_core.rules.nouns import Charge
from tests import books as seeded_books
from tests.books import OPERATOR, Seeded
from tests.flows import watching

pytestmark = pytest.mark.usefixtures("books", "driven_clock")


def _fire(seeded: Seeded, **fields: Any) -> Fired:
    return fire_charge(FireCommand(seeded.customer, seeded.item, **fields), actor=OPERATOR)


def _charge(seeded: Seeded, **fields: Any) -> Charge:
    charge = _fire(seeded, **fields).charge
    assert charge is not None
    return charge


def _document(charge: Charge) -> dict[str, Any]:
    with db.read_only() as connection:
        return dict(rows.load(charges.get_canonical(connection, charge.id)))


def test_an_event_item_takes_the_amount_and_description_of_the_caller() -> None:
    charge = _charge(seeded_books.seed(), amount="4500.00", description=seeded_books.PHASE_2)
    assert (charge.total_minor, charge.description) == (450_000, seeded_books.PHASE_2)
    assert charge == seeded_books.charge(charge.id), "what is returned is what is stored"


def test_an_event_item_charges_its_price_and_description_when_nothing_is_said() -> None:
    charge = _charge(seeded_books.seed())
    assert charge.total_minor == 500_000
    assert charge.description == "Project milestone — client reviews and pays"


def test_a_fixed_item_locks_the_amount_and_frees_the_description() -> None:
    seeded = seeded_books.seed(item={"trigger_mode": "fixed", "allow_override": False})
    charge = _charge(seeded, description="Phase 3: Templates")
    assert (charge.total_minor, charge.description) == (500_000, "Phase 3: Templates")
    assert _charge(seeded, description="Phase 4: Launch").total_minor == 500_000
    with pytest.raises(Refused) as refused:
        _fire(seeded, amount="5000.00", description="Phase 5")
    assert refused.value.code == "OVERRIDE_NOT_ALLOWED", "not even its own price is sent along"


def test_the_cap_itself_may_be_charged_and_one_cent_more_is_refused_not_clamped() -> None:
    seeded = seeded_books.seed()
    assert _charge(seeded, amount="25000.00").total_minor == 2_500_000
    with pytest.raises(AmountRefused) as refused:
        _fire(seeded, amount="25000.01")
    assert refused.value.code == "AMOUNT_EXCEEDS_CAP"
    assert "25000.00 USD" in refused.value.sentence


def test_an_item_without_a_cap_has_the_default_one() -> None:
    seeded = seeded_books.seed(item={"max_capture": "", "unit_price": "500.00"})
    assert _charge(seeded, amount="500.00").total_minor == 50_000
    with pytest.raises(AmountRefused):
        _fire(seeded, amount="500.01")


@pytest.mark.parametrize(
    ("rate", "included", "amount", "net", "tax", "total"),
    [
        ("8.25", False, "4500.00", 450_000, 37_125, 487_125),
        ("19", True, "4500.00", 378_151, 71_849, 450_000),
        ("7.5", False, "0.20", 20, 2, 22),
        ("0", False, "4500.00", 450_000, 0, 450_000),
        ("100", True, "0.01", 0, 1, 1),
    ],
)
def test_tax_on_top_and_tax_inside(
    rate: str, included: bool, amount: str, net: int, tax: int, total: int
) -> None:
    """Half away from zero: 7.5 % on 0.20 is 1.5 cents, so 2; 100 % inside 0.01 is 0.5, so 1."""
    item: dict[str, str | bool] = {"tax_name": "VAT", "tax_rate": rate, "tax_included": included}
    charge = _charge(seeded_books.seed(item=item), amount=amount)
    assert (charge.net_minor, charge.tax_minor, charge.total_minor) == (net, tax, total)
    document = _document(charge)
    assert (document["net_minor"], document["tax_minor"], document["total_minor"]) == (
        net, tax, total,
    )  # fmt: skip


def test_the_cap_is_of_the_line_and_the_gateway_is_asked_for_the_total() -> None:
    item: dict[str, str | bool] = {"tax_name": "VAT", "tax_rate": "20", "max_capture": "5000.00"}
    seeded = seeded_books.seed(item=item)
    fired = _fire(seeded, amount="5000.00")
    with watching.watched() as wall:
        seeded_books.pay(seeded_books.approve(seeded_books.token(fired)))
        assert fired.charge
        assert seeded_books.settle(fired.charge.id).state == "captured"
        assert wall.inner.balance() == {"USD": 600_000}
    assert watching.account("tax") == {"USD": -100_000}
    assert watching.account("sales") == {"USD": -500_000}


@pytest.mark.parametrize(
    ("currency", "amount", "minor", "too_fine"),
    [("JPY", "450000", 450_000, "4500.5"), ("KWD", "4500.125", 4_500_125, "4500.1255")],
)
def test_currencies_with_other_decimals(
    currency: str, amount: str, minor: int, too_fine: str
) -> None:
    item: dict[str, str | bool] = {
        "currency": currency, "unit_price": "1000", "max_capture": "900000", "tax_rate": "10",
        "tax_name": "Tax", "tax_included": True,
    }  # fmt: skip
    seeded = seeded_books.seed(item=item, currency=currency)
    fired = _fire(seeded, amount=amount)
    seeded_books.pay(seeded_books.approve(seeded_books.token(fired)))
    assert fired.charge
    charge = seeded_books.settle(fired.charge.id)
    assert (charge.state, charge.total_minor, charge.currency) == ("captured", minor, currency)
    assert charge.net_minor + charge.tax_minor == minor
    assert watching.cash() == {currency: minor}
    with pytest.raises(AmountRefused) as refused:
        _fire(seeded, amount=too_fine)
    assert refused.value.code == "AMOUNT_INVALID"


HOSTILE_AMOUNTS = [
    "-4500.00", "0", "0.00", "-0", "NaN", "Infinity", "-inf", "1e309", "1e3", "4,500", "4.500,00",
    "1,000", "4500.001", "0x10", "４５００", "٤٥٠٠", "4 500", "$4500", "4500 USD", "True", "None",
    "''", "4500\x00", "4500;DROP TABLE charges", "9" * 400, "1_000", "+5", ".5", "5.", " ",
    "\ud800",
]  # fmt: skip


def _not_refused(
    seeded: Seeded, wanted: type[Refused], cases: list[dict[str, Any]]
) -> list[tuple[dict[str, Any], object]]:
    """The cases that were fired, or answered with anything but ``wanted``."""
    wrong: list[tuple[dict[str, Any], object]] = []
    for case in cases:
        try:
            wrong.append((case, _fire(seeded, **case)))
        except Exception as problem:
            if not isinstance(problem, wanted):
                wrong.append((case, problem))
    return wrong


@pytest.mark.parametrize("grouped", [False, True])
def test_what_is_no_amount_is_refused(grouped: bool) -> None:
    seeded = seeded_books.seed()
    before = watching.everything()
    cases = [{"amount": amount, "grouped": grouped} for amount in HOSTILE_AMOUNTS]
    assert _not_refused(seeded, AmountRefused, cases) == []
    assert watching.changed(before) == {}


def test_minor_units_are_whole_positive_and_bounded() -> None:
    seeded = seeded_books.seed()
    before = watching.everything()
    hostile: list[Any] = [0, -1, True, False, 10**14 + 1, 10**400, 4500.0, "4500"]
    cases = [{"amount_minor": minor} for minor in hostile]
    assert _not_refused(seeded, AmountRefused, cases) == []
    assert watching.changed(before) == {}


def test_only_people_may_group_digits() -> None:
    seeded = seeded_books.seed()
    assert _charge(seeded, amount="4,500.00", grouped=True).total_minor == 450_000
    with pytest.raises(AmountRefused):
        _fire(seeded, amount="4,500.00", description="by a machine")


HOSTILE_LINES = [
    "A" * 501, "two\nlines", "To: a\r\nBcc: b@example.com", "nul\x00byte", "bell\x07",
    "right\u202eto left", "isolate\u2066d", "half \ud800 pair", "line\u2028separator",
]  # fmt: skip


@pytest.mark.parametrize("name", ["description", "po_number"])
def test_text_that_could_mislead_is_refused(name: str) -> None:
    seeded = seeded_books.seed()
    before = watching.everything()
    assert _not_refused(seeded, TextRefused, [{name: text} for text in HOSTILE_LINES]) == []
    assert watching.changed(before) == {}


PLAIN_TEXTS = [
    "<script>alert(1)</script>", '=cmd|" /C calc"!A0', "{{7*7}} ${x} {{PAY_URL}} {{CODE}}",
    "第二阶段：主页设计", "المرحلة الثانية", "🚀 launch 👩‍👩‍👧", "O'Brien; DROP TABLE charges;--",
    "𝕸𝖆𝖙𝖍", "e\u0301 combining", "$4,500 **bold** [link](http://x) `code`", "%s %(x)s \\n {0}",
]  # fmt: skip


def test_text_of_any_kind_goes_through_as_text() -> None:
    """Fired, rendered, approved, paid, mailed: no text stops a charge, and none is changed."""
    seeded = seeded_books.seed()
    for text in PLAIN_TEXTS:
        fired = _fire(seeded, amount="4500.00", description=text)
        assert fired.charge
        assert _document(fired.charge)["title"] == text
        seeded_books.pay(seeded_books.approve(seeded_books.token(fired), name=text + " Ann"))
        assert seeded_books.settle(fired.charge.id).state == "captured"
    jobs.drain()
    assert watching.rows("jobs", "dead_at IS NOT NULL OR error NOT IN ('', 'cancelled')") == []
    assert {row["state"] for row in watching.rows("mails")} == {"kept"}


def test_ids_that_are_none_are_refused() -> None:
    seeded = seeded_books.seed()
    odd = ["sc_not_of_this_kind", "'; --", "x" * 5000, "\x00", "\ud800", "🚀", "%", "bc_%"]
    before = watching.everything()
    for name in ("customer", "item", "milestone"):
        for text in odd:
            fields = {"customer": seeded.customer, "item": seeded.item} | {name: text}
            with pytest.raises(Refused):
                fire_charge(FireCommand(**fields), actor=OPERATOR, key="k")
    assert watching.changed(before) == {}


def test_a_key_that_cannot_be_kept_is_refused() -> None:
    seeded = seeded_books.seed()
    before = watching.everything()
    for key in ("k" * 256, "\x00", "\ud800"):
        with pytest.raises(Refused):
            seeded_books.fire(seeded, key=key)
    assert watching.changed(before) == {}
    assert seeded_books.fire(seeded, key="k" * 255).charge
