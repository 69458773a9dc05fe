"""The stand-in keeps Stripe's promises: asked by Stripe's own library, nothing of ours between."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import stripe

from tests.conftest import Clock
from tests.stripe_fake.running import ASKS, KEY, PAYS, Fake

CARD = {"confirm": True, "payment_method": "pm_card_visa", "return_url": "https://pay.example/x"}
PAID = {"amount": 900, "currency": "usd"} | CARD


@pytest.fixture
def api(fake: Fake) -> Iterator[Any]:
    """Stripe's library in front of the stand-in; it repeats nothing by itself."""
    elsewhere: Any = {"api": fake.address, "files": fake.address}
    session = stripe.RequestsClient().requests.Session()
    http = stripe.RequestsClient(session=session)
    with session:
        yield stripe.StripeClient(
            KEY, base_addresses=elsewhere, max_network_retries=0, http_client=http
        ).v1


def later(fake: Fake, clock: Clock, **by: float) -> None:
    """Time passes at the stand-in."""
    fake.control("clock", at=int(clock.advance(**by).timestamp()))


def test_a_key_is_kept_for_a_day_and_replayed_even_a_500(
    fake: Fake, api: Any, driven_clock: Clock
) -> None:
    def pay(key: str, **more: Any) -> str:
        return str(api.payment_intents.create(PAID | more, {"idempotency_key": key}).id)

    fake.control("fault", kind="error", path="/v1/payment_intents")
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            pay("k1")
    first = pay("k2")
    later(fake, driven_clock, hours=23, minutes=59)
    assert pay("k2") == first
    with pytest.raises(stripe.IdempotencyError):
        pay("k2", amount=901)
    with pytest.raises(stripe.APIError):
        pay("k1")
    later(fake, driven_clock, minutes=2)
    assert pay("k2") != first
    assert pay("k1")
    assert len(fake.objects("payment_intent")) == 3


@pytest.mark.parametrize(
    ("number", "code", "decline"),
    [
        ("4000000000000002", "card_declined", "generic_decline"),
        ("4000000000009995", "card_declined", "insufficient_funds"),
        ("4000000000009987", "card_declined", "lost_card"),
        ("4000000000000069", "expired_card", "expired_card"),
    ],
)
def test_a_card_is_declined_with_its_code(api: Any, number: str, code: str, decline: str) -> None:
    card = {"number": number, "exp_month": 12, "exp_year": 2034}
    method = api.payment_methods.create({"type": "card", "card": card}).id
    with pytest.raises(stripe.CardError) as declined:
        api.payment_intents.create(PAID | {"payment_method": method})
    assert declined.value.code == code
    assert declined.value.error is not None
    assert declined.value.error.decline_code == decline
    inside = api.payment_intents.retrieve(declined.value.error.payment_intent.id)
    assert inside.status == "requires_payment_method"


def test_three_d_secure_leads_to_the_bank_and_back(fake: Fake, api: Any) -> None:
    asks = PAID | {"payment_method": "pm_card_authenticationRequired"}
    for yes, status in ((True, "succeeded"), (False, "requires_payment_method")):
        made = api.payment_intents.create(asks)
        assert made.status == "requires_action"
        back = fake.answer_bank(made.next_action.redirect_to_url.url, yes=yes)
        assert back.startswith("https://pay.example/x?payment_intent=pi_")
        assert api.payment_intents.retrieve(made.id).status == status


def test_more_than_came_never_goes_back(fake: Fake, api: Any) -> None:
    paid = api.payment_intents.create(PAID).id
    api.refunds.create({"payment_intent": paid, "amount": 600})
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        api.refunds.create({"payment_intent": paid, "amount": 301})
    api.refunds.create({"payment_intent": paid})
    with pytest.raises(stripe.InvalidRequestError) as again:
        api.refunds.create({"payment_intent": paid})
    assert again.value.code == "charge_already_refunded"
    lines = api.balance_transactions.list({"limit": 100}).data
    sums = fake.look("ledger")["totals"]["usd"]
    assert sums == {n: sum(line[n] for line in lines) for n in ("amount", "fee", "net")}
    assert sums["amount"] == 0


def test_a_session_expires_by_itself_and_on_demand(
    fake: Fake, api: Any, driven_clock: Clock
) -> None:
    price = {"currency": "usd", "unit_amount": 900, "product_data": {"name": "Phase 2"}}
    given = {"mode": "payment", "success_url": "https://pay.example/x",
             "line_items": [{"price_data": price, "quantity": 1}]}  # fmt: skip
    old, shut = (api.checkout.sessions.create(given) for _ in range(2))
    assert api.checkout.sessions.expire(shut.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError):
        api.checkout.sessions.expire(shut.id)
    later(fake, driven_clock, hours=24)
    assert fake.type_number(old.url, PAYS) == "https://pay.example/x"
    assert api.checkout.sessions.retrieve(old.id).status == "expired"
    kinds = [event.type for event in api.events.list({"limit": 100}).data]
    assert kinds.count("checkout.session.expired") == 2
    assert fake.look("ledger")["captures"] == {}


def test_a_method_is_set_up_with_its_bank_and_pays_without_its_owner(fake: Fake, api: Any) -> None:
    customer = api.customers.create({"name": "Dana"}).id
    card = {"number": ASKS, "exp_month": 12, "exp_year": 2034}
    method = api.payment_methods.create({"type": "card", "card": card}).id
    setup = api.setup_intents.create(
        {"customer": customer, "payment_method": method, "confirm": True, "return_url": "https://x"}
    )
    fake.answer_bank(setup.next_action.redirect_to_url.url)
    assert api.setup_intents.retrieve(setup.id).status == "succeeded"
    off = PAID | {"customer": customer, "payment_method": method, "off_session": True}
    assert api.payment_intents.create(off).status == "succeeded"
    api.payment_methods.detach(method)
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        api.payment_methods.attach(method, {"customer": customer})


def test_a_dispute_takes_files_and_is_submitted_once_on_demand(fake: Fake, api: Any) -> None:
    paid = api.payment_intents.create(PAID).id
    made = fake.control("dispute", payment_intent=paid)
    kept = api.files.create({"purpose": "dispute_evidence", "file": io.BytesIO(b"%PDF-1.7 story")})
    assert (kept.purpose, kept.size > 0) == ("dispute_evidence", True)
    told = {"evidence": {"uncategorized_file": kept.id}, "submit": False}
    assert api.disputes.update(made["id"], told).status == "needs_response"
    assert api.disputes.update(made["id"], {"submit": True}).status == "under_review"
    with pytest.raises(stripe.InvalidRequestError, match="charged back"):
        api.refunds.create({"payment_intent": paid})


def test_without_a_way_back_or_a_word_that_nobody_is_there_nothing_is_confirmed(api: Any) -> None:
    bare = {name: value for name, value in PAID.items() if name != "return_url"}
    with pytest.raises(stripe.InvalidRequestError, match="return_url"):
        api.payment_intents.create(bare)


def test_messages_come_late_twice_in_any_order_or_never(fake: Fake, api: Any) -> None:
    def told(**how: Any) -> list[str]:
        return [json.loads(e)["type"] for e in fake.control("collect", **how)["events"]]

    api.payment_intents.create(PAID)
    once = told()
    assert once == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    assert told() == []
    api.payment_intents.create(PAID)
    twice = told(copies=2, shuffle=3)
    assert sorted(twice) == sorted(once * 2)
    assert twice != [kind for kind in once for _ in range(2)]
    api.payment_intents.create(PAID)
    assert told(lose=["payment_intent.succeeded"]) == once[:2]


def test_it_says_what_it_is(fake: Fake) -> None:
    said = httpx.get(f"{fake.address}/c/pay/cs_none", trust_env=False)
    assert (said.status_code, "This is not Stripe." in said.text) == (404, True)
