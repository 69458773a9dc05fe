"""What knocks at ``POST /stripe/webhook``: kept before it is answered, and never believed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import sqlalchemy
from sqlalchemy.exc import OperationalError

from billing_core import jobs, settings
from billing_core.flows.receive_webhook import receive_webhook
from billing_core.records import db
from billing_core.reports.needs import needs_me_now
from tests.flows import watching
from tests.paynow import server
from tests.stripe.till import Till
from tests.stripe_fake import courier
from tests.stripe_fake.running import LIVE_KEY, SECRET

Post = Callable[..., httpx.Response]


@pytest.fixture
def door(till: Till) -> Iterator[Till]:
    """A running Pay Now, and a stand-in that knows its address."""
    with server.running() as address:
        till.fake.control("webhooks", url=f"{address}/stripe/webhook")
        yield till.open()


@pytest.fixture
def post(till: Till) -> Iterator[Post]:
    """``post(body, header)`` to a running Pay Now, as anybody can."""
    with server.running() as address, httpx.Client(base_url=address, trust_env=False) as client:

        def send(body: bytes, signature: str) -> httpx.Response:
            headers = {"stripe-signature": signature}
            return client.post("/stripe/webhook", content=body, headers=headers)

        yield send


def event(**changed: Any) -> bytes:
    """An event about a payment intent that nobody knows."""
    told = {
        "id": "evt_1", "object": "event", "type": "payment_intent.succeeded", "livemode": False,
        "data": {"object": {"id": "pi_unknown", "object": "payment_intent"}},
    }  # fmt: skip
    return json.dumps(told | changed).encode()


def signed(till: Till, body: bytes, *, by: float = 0, secret: str = SECRET) -> str:
    """The header of ``body`` signed ``by`` seconds from now."""
    return courier.sign(body, int(till.clock.now.timestamp() + by), [secret])


def test_the_body_is_durable_before_the_answer_and_acted_on_by_the_worker(door: Till) -> None:
    charge_id, step = door.approved()
    door.pay(step)
    answers = door.fake.deliver(copies=5, shuffle=7)
    assert set(answers) == {200}
    stored = watching.rows("gateway_messages")
    assert len(stored) == len(answers) / 5
    assert {row["state"] for row in stored} == {"waiting"}
    assert door.charge(charge_id).state == "approved"
    jobs.drain()
    assert door.charge(charge_id).state == "captured"
    assert {r["state"] for r in watching.rows("gateway_messages")} == {"done", "ignored"}
    kept = json.loads(bytes(watching.rows("gateway_messages")[0]["body"]))
    assert kept["object"] == "event"
    door.check()


@pytest.mark.parametrize(
    ("by", "status"), [(-299, 200), (299, 200), (-301, 400), (301, 400), (10**8, 400)]
)
def test_a_signature_is_fresh_for_five_minutes_both_ways(
    till: Till, post: Post, by: float, status: int
) -> None:
    body = event()
    assert post(body, signed(till, body, by=by)).status_code == status
    assert len(watching.rows("gateway_messages")) == (status == 200)


def test_what_is_not_stripes_is_refused_and_not_kept(till: Till, post: Post) -> None:
    body, now = event(), int(till.clock.now.timestamp())
    good = signed(till, body)
    v1 = good.split("v1=")[1].split(",")[0]
    wrong = [
        (body + b" ", good),
        (body, signed(till, body, secret="whsec_other")),
        (body, ""),
        (body, "t=,v1="),
        (body, f"t={now},v0={v1}"),
        (body, f"t={now},t={now},v1={v1}"),
        (body, f"v1={v1}"),
        (body, f"t={now},v1={v1[:-1]}"),
        (body, f"t=-1,v1={v1}"),
        (body, "t=" + "9" * 400 + f",v1={v1}"),
    ]
    not_events = [b"", b"{}", b"[]", b"\xff", b"[" * 100_000, event(id=None), event(data=1),
                  event(livemode="no"), event(type="x" * 300)]  # fmt: skip
    wrong += [(told, signed(till, told)) for told in not_events[:8]]
    statuses = [post(told, header).status_code for told, header in wrong]
    # "livemode": "no" is not true, which is all that is asked of it
    assert statuses == [400] * (len(wrong) - 1) + [200]
    assert post(not_events[8], signed(till, not_events[8])).status_code == 400
    assert post(b"x" * (1024 * 1024 + 1), good).status_code == 413
    assert [row["event_id"] for row in watching.rows("gateway_messages")] == ["evt_1"]


def test_two_secrets_hold_while_they_are_rotated(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERSIGN_STRIPE_WEBHOOK_SECRET", f"whsec_new, {SECRET}")
    settings.forget()
    charge_id, step = till.open().approved()
    till.pay(step)
    till.hear(secret="whsec_new")
    assert till.charge(charge_id).state == "captured"
    charge_id, step = till.approved("12.00")
    till.pay(step)
    till.hear()
    assert till.charge(charge_id).state == "captured"


def test_a_message_before_our_own_reference_is_recorded_settles_all_the_same(till: Till) -> None:
    till.fake.control("fault", kind="drop_after", path="/v1/checkout", times=1)
    with pytest.raises(Exception, match="does not answer"):
        till.open().approved()
    [charge] = watching.rows("charges")
    assert till.attempt(charge["id"]).outcome == "unknown"
    [session] = till.fake.objects("checkout.session")
    till.fake.type_number(session["url"])
    till.hear()
    assert till.charge(charge["id"]).state == "captured"
    till.check()


def test_somebody_elses_sales_are_nobodys_business(till: Till) -> None:
    till.open()
    till.fake.control("pay", amount=9900, currency="usd")
    till.hear()
    assert {row["state"] for row in watching.rows("gateway_messages")} == {"ignored"}
    assert needs_me_now() == ()


def test_an_unknown_object_is_asked_about_again_then_let_go(till: Till) -> None:
    body = event()
    receive_webhook(body, signed(till, body))
    jobs.drain()
    assert watching.rows("gateway_messages")[0]["state"] == "waiting"
    asked = len(till.fake.asked("GET", "/v1/payment_intents/pi_unknown"))
    till.later(minutes=3)
    assert len(till.fake.asked("GET", "/v1/payment_intents/pi_unknown")) == asked + 1
    till.later(hours=1)
    assert watching.rows("gateway_messages")[0]["state"] == "ignored"


def test_money_for_a_charge_that_is_not_in_these_books_is_parked_and_shown(till: Till) -> None:
    till.open()
    metadata = {"attempt_id": "at_of_another_installation", "charge_id": "sc_x"}
    till.fake.control("pay", amount=9900, currency="usd", metadata=metadata)
    till.hear(copies=2)
    [need] = needs_me_now()
    assert need.kind == "message_parked"
    assert "do not have" in need.detail


def test_a_message_of_the_other_mode_is_parked(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERSIGN_STRIPE_SECRET_KEY", LIVE_KEY)
    settings.forget()
    body = event()
    receive_webhook(body, signed(till, body))
    jobs.drain()
    [need] = needs_me_now()
    assert "test message came to an installation with a live key" in need.detail


def test_a_message_about_another_account_is_let_go(till: Till) -> None:
    body = event(account="acct_somebody_else")
    receive_webhook(body, signed(till, body))
    body = event(id="evt_2", account="acct_1FakeCountersign")
    receive_webhook(body, signed(till, body))
    jobs.drain()
    first, second = watching.rows("gateway_messages")
    assert (first["state"], first["reason"]) == ("ignored", "About another account.")
    assert second["state"] == "waiting"


def test_a_database_that_goes_away_parks_nothing(till: Till) -> None:
    """What our own house fails at is tried again; only what a rule refuses is for a person."""
    charge_id, step = till.open().approved()
    till.pay(step)

    def break_off(_c: object, _k: object, statement: str, *_: object) -> None:
        if "FROM attempts" in statement:
            raise OperationalError(statement, {}, Exception("gone"), connection_invalidated=True)

    engine = db.engine_for(settings.load().database, reading=True)
    sqlalchemy.event.listen(engine, "before_cursor_execute", break_off)
    try:
        till.hear()
    finally:
        sqlalchemy.event.remove(engine, "before_cursor_execute", break_off)
    assert "waiting" in {row["state"] for row in watching.rows("gateway_messages")}
    assert "message_parked" not in {need.kind for need in needs_me_now()}
    till.later(minutes=5)
    assert {row["state"] for row in watching.rows("gateway_messages")} <= {"done", "ignored"}
    assert till.charge(charge_id).state == "captured"
