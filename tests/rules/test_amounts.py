"""Who sets the amount, which cap holds, what a metric decides, and the tax on it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from billing_core.errors import AmountRefused, FieldsRefused, Refused
from billing_core.rules import amounts, money
from tests.rules import samples

CAP = 1_000_000
CONDITION = {"condition": "gte", "threshold": "98.5"}
quick = settings(max_examples=300, deadline=None)

# document 1: where the caller sets the amount, and where a metric value may, must or must not come
OPEN = {"fixed": False, "variable": True, "event": True, "threshold": False}
METRIC = {"fixed": "may", "variable": "may", "event": "never", "threshold": "must"}


def test_the_modes_are_document_1s() -> None:
    assert set(amounts.TRIGGER_MODES) == set(OPEN) == set(METRIC)
    assert set(amounts.CAPTURE_MODES) == {"off_session", "client_confirm"}


@pytest.mark.parametrize("mode", OPEN)
def test_without_an_override_the_item_sets_the_amount(mode: str) -> None:
    item = samples.item(trigger_mode=mode)
    assert amounts.decide_line(item, None, CAP) == item.unit_price_minor


@pytest.mark.parametrize(("mode", "allowed"), [*product(OPEN, [True, False])])
def test_an_override_only_in_open_modes_that_allow_it(mode: str, allowed: bool) -> None:
    item = samples.item(trigger_mode=mode, allow_override=allowed)
    assert amounts.may_override(item) is (OPEN[mode] and allowed)
    if OPEN[mode] and allowed:
        assert amounts.decide_line(item, 450_000, CAP) == 450_000
        return
    for sent in (450_000, item.unit_price_minor, 0):
        with pytest.raises(Refused) as refused:
            amounts.decide_line(item, sent, CAP)
        assert refused.value.code == "OVERRIDE_NOT_ALLOWED"


@pytest.mark.parametrize("mode", OPEN)
@pytest.mark.parametrize("off", [-1, 0, 1])
def test_the_cap_refuses_and_never_clamps(mode: str, off: int) -> None:
    price, override = (CAP + off, None) if not OPEN[mode] else (1, CAP + off)
    item = samples.item(trigger_mode=mode, unit_price_minor=price)
    if off <= 0:
        assert amounts.decide_line(item, override, CAP) == CAP + off
        return
    with pytest.raises(AmountRefused) as refused:
        amounts.decide_line(item, override, CAP)
    assert refused.value.code == "AMOUNT_EXCEEDS_CAP"
    assert "10000.01 USD is above" in refused.value.sentence
    assert "cap of 10000.00 USD" in refused.value.sentence


@pytest.mark.parametrize("sent", [0, -450_000, True, 1.5, money.LARGEST_MINOR + 1])
def test_an_override_is_an_amount(sent: int) -> None:
    with pytest.raises(AmountRefused) as refused:
        amounts.decide_line(samples.item(), sent, 10**15)
    assert refused.value.code == "AMOUNT_INVALID"


def test_no_cap_on_the_item_means_the_default_and_zero_means_zero() -> None:
    company = samples.company(default_cap_minor=77)
    assert amounts.effective_cap(samples.item(max_capture_minor=None), company) == 77
    assert amounts.effective_cap(samples.item(max_capture_minor=5), company) == 5
    assert amounts.effective_cap(samples.item(max_capture_minor=0), company) == 0


@pytest.mark.parametrize("mode", METRIC)
def test_a_metric_comes_where_it_may(mode: str) -> None:
    item = samples.item(trigger_mode=mode, **({} if mode == "event" else CONDITION))
    if METRIC[mode] == "never":
        with pytest.raises(Refused) as refused:
            amounts.decide_metric(item, "99")
        assert refused.value.code == "METRIC_NOT_ALLOWED"
    else:
        assert amounts.decide_metric(item, "99") == amounts.Metric("99", True)
        assert amounts.decide_metric(item, "98.4") == amounts.Metric("98.4", False)
    for nothing in (None, ""):
        if METRIC[mode] == "must":
            with pytest.raises(Refused) as refused:
                amounts.decide_metric(item, nothing)
            assert refused.value.code == "METRIC_REQUIRED"
        else:
            assert amounts.decide_metric(item, nothing) == amounts.Metric(None, True)


def test_a_metric_without_a_condition_is_only_recorded() -> None:
    item = samples.item(trigger_mode="variable")
    assert amounts.decide_metric(item, "-3.25") == amounts.Metric("-3.25", True)


@quick
@given(st.decimals("-1000", "1000", places=2), st.decimals("-1000", "1000", places=2))
@example(Decimal("98.50"), Decimal("98.5"))
def test_conditions_compare_numbers_not_texts(value: Decimal, bound: Decimal) -> None:
    held = {"lte": value <= bound, "gte": value >= bound, "eq": value == bound}
    for condition, expected in held.items():
        item = samples.item(trigger_mode="threshold", condition=condition, threshold=f"{bound:f}")
        assert amounts.decide_metric(item, f"{value:f}").met is expected


@pytest.mark.parametrize(
    "sent",
    ["NaN", "sNaN", "Infinity", "-inf", "1e309", "1e3", "1_000", "1,000", "٤", "５", "0x1", "5\n5",
     "five", "--5", ".", "-", "9" * 41, True, False, "=1", "5\u200b"],
)  # fmt: skip
def test_a_metric_is_a_plain_number(sent: object) -> None:
    item = samples.item(trigger_mode="threshold", **CONDITION)
    with pytest.raises(Refused) as refused:
        amounts.decide_metric(item, sent)
    assert refused.value.code == "METRIC_INVALID"
    with pytest.raises(FieldsRefused):
        amounts.check_item(
            samples.item(trigger_mode="threshold", condition="gte", threshold=sent),
            samples.company(),
        )


@quick
@given(st.integers(1, money.LARGEST_MINOR), st.integers(0, amounts.PPM), st.booleans())
@example(50, 10_000, False)  # half a cent
@example(150, 10_000, False)  # one and a half: even rounding would give two as well
@example(250, 10_000, False)  # two and a half: even rounding would give two
@example(5, amounts.PPM, True)  # two and a half, inside
@example(1, amounts.PPM, True)
@example(1, 1, False)
def test_tax_is_exact_and_half_goes_away_from_zero(line: int, rate: int, included: bool) -> None:
    sums = amounts.add_tax(line, rate, included=included)
    with localcontext(prec=60):
        base = amounts.PPM + rate if included else amounts.PPM
        exact = Decimal(line) * rate / base
        tax = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    assert sums.tax_minor == tax
    assert sums.line_minor == line
    assert sums.total_minor == sums.net_minor + sums.tax_minor
    assert sums.total_minor == (line if included else line + tax)
    assert sums.net_minor >= 0


@pytest.mark.parametrize(
    ("line", "rate", "included", "expected"),
    [
        (450_000, 0, False, (450_000, 0, 450_000)),
        (450_000, 190_000, False, (450_000, 85_500, 535_500)),
        (535_500, 190_000, True, (450_000, 85_500, 535_500)),
        (1_005, 82_500, False, (1_005, 83, 1_088)),  # 82.9125
        (1_000, 82_500, True, (924, 76, 1_000)),  # 76.21…
    ],
)
def test_tax_by_example(line: int, rate: int, included: bool, expected: tuple[int, ...]) -> None:
    sums = amounts.add_tax(line, rate, included=included)
    assert (sums.net_minor, sums.tax_minor, sums.total_minor) == expected


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("trigger_mode", {"trigger_mode": "weekly"}),
        ("capture_mode", {"capture_mode": ""}),
        ("allow_override", {"allow_override": False}),
        ("allow_override", {"trigger_mode": "variable", "allow_override": False}),
        ("max_capture", {"max_capture_minor": 499_999}),
        ("max_capture", {"max_capture_minor": None}),  # the default cap is 500.00
        ("tax_rate", {"tax_rate_ppm": -1}),
        ("tax_rate", {"tax_rate_ppm": 1_000_001}),
        ("condition", CONDITION),  # an event item has none
        ("condition", {"floor": "5"}),
        ("threshold", {"trigger_mode": "threshold"}),
        ("threshold", {"trigger_mode": "fixed", "condition": "gte"}),
        ("threshold", {"trigger_mode": "fixed", "threshold": "5"}),
        ("condition", {"trigger_mode": "fixed", "condition": "neq", "threshold": "5"}),
        ("floor", {"trigger_mode": "threshold", **CONDITION, "floor": "98.51"}),
        ("floor", {"trigger_mode": "threshold", **CONDITION, "floor": "much"}),
    ],
)
def test_an_item_that_could_not_fire_is_refused(field: str, changes: dict[str, object]) -> None:
    amounts.check_item(samples.item(), samples.company())
    with pytest.raises(FieldsRefused) as refused:
        amounts.check_item(samples.item(**changes), samples.company())
    assert set(refused.value.problems) == {field}
    assert refused.value.problems[field].endswith(".")


def test_every_problem_of_an_item_is_named_at_once() -> None:
    item = samples.item(allow_override=False, capture_mode="later", tax_rate_ppm=-5, **CONDITION)
    with pytest.raises(FieldsRefused) as refused:
        amounts.check_item(item, samples.company())
    named = {"allow_override", "capture_mode", "tax_rate", "condition"}
    assert set(refused.value.problems) == named


@pytest.mark.parametrize("mode", OPEN)
@pytest.mark.parametrize("capture", amounts.CAPTURE_MODES)
def test_advice_not_a_block(mode: str, capture: str) -> None:
    item = samples.item(
        trigger_mode=mode,
        capture_mode=capture,
        **({} if mode == "event" else CONDITION | {"floor": "98.5"}),
    )
    amounts.check_item(item, samples.company())
    assert bool(amounts.advice(item)) is (OPEN[mode] and capture == "off_session")
