"""News that our rules refuse waits for a person, who has it looked at again or sets it aside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from billing_core import jobs, settings
from billing_core.errors import NotAllowed, NotFound
from billing_core.flows.hear_again import hear_again, look_again, set_aside
from billing_core.reports import operations
from billing_core.reports.needs import needs_me_now
from tests.books import OPERATOR
from tests.console.screen import Screen
from tests.flows import watching
from tests.stripe.till import Till
from tests.stripe_fake.running import LIVE_KEY


def test_what_was_mended_is_acted_on_by_one_press(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A live key in a test installation: parked; with the right key again, a press books it."""
    charge_id, step = till.open().approved()
    till.pay(step)
    good = settings.load().stripe_secret_key
    monkeypatch.setenv("COUNTERSIGN_STRIPE_SECRET_KEY", LIVE_KEY)
    settings.forget()
    watching.write("UPDATE jobs SET done_at = due_at WHERE kind = 'settle_attempt'")
    till.hear()
    assert "test message came to an installation with a live key" in Screen("operations").said()
    monkeypatch.setenv("COUNTERSIGN_STRIPE_SECRET_KEY", good)
    settings.forget()
    assert till.charge(charge_id).state == "approved"
    for concern in operations.parked():
        look_again(concern.id, actor=OPERATOR)
    jobs.drain()
    assert till.charge(charge_id).state == "captured"
    assert (operations.parked(), needs_me_now()) == ((), ())
    assert {m.state for m in operations.messages_in()} == {"done", "ignored"}
    assert operations.staff_log()[0].name == "message.heard_again"
    till.check()


def test_what_is_still_wrong_is_parked_again_until_it_is_set_aside(till: Till) -> None:
    metadata = {"attempt_id": "at_of_another_installation"}
    till.open().fake.control("pay", amount=9900, currency="usd", metadata=metadata)
    till.hear()
    [concern] = operations.parked()
    # the screen lives in a thread of its own, on the world's clock
    Screen("operations").click(f"again:{concern.id}")
    assert operations.parked() == ()
    till.clock.set(datetime.now(UTC) + timedelta(minutes=1))
    jobs.drain()
    [concern] = operations.parked()
    screen = Screen("operations").click(f"aside:{concern.id}")
    assert "The reason" in screen.said(), "a reason is asked for"
    screen.fill(f"why:{concern.id}", "Another shop's").click(f"aside:{concern.id}")
    assert (operations.parked(), needs_me_now()) == ((), ())
    act = operations.staff_log()[0]
    assert (act.name, "Another shop's" in act.after) == ("concern.set_aside", True)
    with pytest.raises(NotFound):
        set_aside(concern.id, reason="Once more", actor=OPERATOR)
    [aside, *_] = [m for m in operations.messages_in() if m.reason.startswith("Set aside")]
    hear_again(aside.id, actor=OPERATOR)
    with pytest.raises(NotAllowed):
        hear_again(aside.id, actor=OPERATOR)
    jobs.drain()
    assert len(operations.parked()) == 1, "heard of again, it is back"
