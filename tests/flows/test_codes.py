"""A code by mail before a saved method is charged above the limit."""

from __future__ import annotations

from typing import Any

import pytest

from billing_core.errors import AlreadyDone, FieldsRefused, TooMany
from billing_core.flows import send_code
from billing_core.flows.open_link import open_link
from billing_core.flows.verify_evidence import verify_all
from tests import books as seeded_books
from tests.books import VISIT
from tests.conftest import Clock
from tests.flows import watching
from tests.flows.visiting import Tab, fired, id_of, tab

pytestmark = pytest.mark.usefixtures("books", "driven_clock")


def _outcomes(charge_id: str) -> list[str]:
    return [attempt.outcome for attempt in seeded_books.attempts_of(charge_id)]


def _paid_once(charge_id: str, wall: watching.Watched, minor: int = 450_000) -> None:
    """One approval, one capture, one revenue row; our cash is the company's own balance."""
    assert seeded_books.charge(charge_id).state == "captured"
    told = watching.kinds(charge_id)
    assert (told.count("charge.approved"), told.count("charge.captured")) == (1, 1)
    assert [r.gross_minor for r in watching.revenue(charge_id)] == [minor]
    assert wall.inner.balance() == watching.cash() == {"USD": minor}
    assert len(watching.mails_of(charge_id, "receipt")) == 1
    assert verify_all().problems == ()


# --- the code by mail


def _code(open_tab: Tab) -> str:
    return seeded_books.mailed_code(open_tab.token, open_tab.page.nonce)


def _wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def _problems(open_tab: Tab, **fields: Any) -> dict[str, str]:
    with pytest.raises(FieldsRefused) as refused:
        open_tab.approve(method="saved", **fields)
    return refused.value.problems


@pytest.mark.parametrize(("amount", "needed"), [("1000.00", False), ("1000.01", True)])
def test_a_code_is_needed_above_a_thousand_with_a_saved_method(amount: str, needed: bool) -> None:
    charge = fired(amount)
    open_tab = tab(charge)
    assert open_tab.page.needs_code is needed
    if needed:
        assert set(_problems(open_tab)) == {"code"}
        assert open_tab.approve(method="new").to_gateway, "another card needs none"
    else:
        assert not open_tab.approve(method="saved").to_gateway


def test_the_limit_is_on_the_total_in_major_units() -> None:
    item: dict[str, str | bool] = {"tax_name": "VAT", "tax_rate": "20"}
    charge = seeded_books.fire(seeded_books.seed(item=item), "900.00")
    assert tab(charge).page.needs_code
    yen: dict[str, str | bool] = {"currency": "JPY", "unit_price": "500", "max_capture": "5000"}
    seeded = seeded_books.seed(item=yen, currency="JPY", email="yen@example.com")
    assert not tab(seeded_books.fire(seeded, "1000")).page.needs_code
    assert tab(seeded_books.fire(seeded, "1001")).page.needs_code


def test_the_right_code_is_written_into_the_approval() -> None:
    charge = fired()
    open_tab = tab(charge)
    code = _code(open_tab)
    with watching.watched() as wall:
        step = open_tab.approve(method="saved", code=f" {code[:3]} {code[3:]} ")
    assert not step.to_gateway
    told = watching.kinds(id_of(charge))
    assert (told.count("code.sent"), told.count("code.verified")) == (1, 1)
    approvals = watching.rows("evidence_events", "kind = 'charge.approved'")
    assert '"identity":"link+code"' in approvals[0]["canonical"]
    _paid_once(id_of(charge), wall)


def test_a_wrong_code_is_counted_and_five_end_it(driven_clock: Clock) -> None:
    charge = fired()
    open_tab = tab(charge)
    code = _code(open_tab)
    for left in ("4 tries are left", "3 tries are left", "2 tries", "One try is", "0 tries"):
        assert left in _problems(open_tab, code=_wrong(code))["code"]
    assert "too often" in _problems(open_tab, code=code)["code"], "even the right one, by then"
    assert watching.kinds(id_of(charge)).count("code.failed") == 5
    assert watching.rows("codes")[0]["tries"] == 5
    driven_clock.advance(seconds=1)
    assert open_tab.approve(method="saved", code=_code(open_tab)), "a new one may be mailed"


def test_wrong_codes_are_counted_from_many_tabs_at_once() -> None:
    charge = fired()
    open_tab = tab(charge)
    code = _code(open_tab)
    results = watching.at_once(
        16, lambda n: open_tab.approve(method="saved", code=f"{(int(code) + n + 1) % 10**6:06d}")
    )
    assert all(watching.refusal(result, FieldsRefused) for result in results)
    assert watching.rows("codes")[0]["tries"] == 5


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "١٢٣٤٥٦", "0" * 5000, "\x00", "\ud800"])
def test_what_is_no_code_is_a_wrong_one(code: str) -> None:
    open_tab = tab(fired())
    _code(open_tab)
    assert set(_problems(open_tab, code=code)) == {"code"}


def test_a_code_lives_for_ten_minutes(driven_clock: Clock) -> None:
    open_tab = tab(fired())
    code = _code(open_tab)
    driven_clock.advance(minutes=10)
    assert "Mail me the code" in _problems(open_tab, code=code)["code"]
    code = _code(open_tab)
    driven_clock.advance(minutes=9, seconds=59)
    assert not open_tab.approve(method="saved", code=code).to_gateway


def test_only_the_latest_code_counts(driven_clock: Clock) -> None:
    open_tab = tab(fired())
    old = _code(open_tab)
    driven_clock.advance(seconds=30)
    new = _code(open_tab)
    assert set(_problems(open_tab, code=old)) == {"code"}
    assert not open_tab.approve(method="saved", code=new).to_gateway


def test_a_code_is_used_once(driven_clock: Clock) -> None:
    charge = fired(payment_method="pm_card_chargeDeclined")
    open_tab = tab(charge)
    code = _code(open_tab)
    open_tab.approve(method="saved", code=code)
    assert tab(charge).page.can == {"pay"}
    with pytest.raises(FieldsRefused) as refused:
        tab(charge).pay(method="saved", code=code)
    assert set(refused.value.problems) == {"code"}
    driven_clock.advance(seconds=1)
    again = tab(charge)
    again.pay(method="saved", code=_code(again))
    assert _outcomes(id_of(charge)) == ["declined", "declined"]


def test_a_right_code_beside_a_wrong_field_is_not_used_up() -> None:
    open_tab = tab(fired())
    code = _code(open_tab)
    assert set(_problems(open_tab, code=code, name="")) == {"name"}
    assert not open_tab.approve(method="saved", code=code).to_gateway


def test_a_code_of_another_charge_does_not_fit() -> None:
    seeded = seeded_books.seed()
    one = tab(seeded_books.fire(seeded))
    other = tab(seeded_books.fire(seeded, description="Other"))
    _code(other)
    assert set(_problems(other, code=_code(one))) == {"code"}


def test_five_codes_an_hour(driven_clock: Clock) -> None:
    charge = fired()
    open_tab = tab(charge)
    for _ in range(5):
        _code(open_tab)
        driven_clock.advance(minutes=1)
    before = watching.everything()
    with pytest.raises(TooMany):
        send_code.send_code(open_tab.token, nonce=open_tab.page.nonce, visit=VISIT)
    assert watching.changed(before) == {}
    driven_clock.advance(minutes=55, seconds=1)
    _code(open_tab)
    assert len(watching.mails_of(id_of(charge), "code")) == 6


def test_no_code_for_what_has_moved_on() -> None:
    charge = fired("900.00")
    open_tab = tab(charge)
    open_tab.approve(method="saved")
    with pytest.raises(AlreadyDone):
        send_code.send_code(open_tab.token, nonce="", visit=VISIT)
    assert open_link(open_tab.token).charge.state == "captured"
