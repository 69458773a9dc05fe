"""Requests on the screens: asked for by one, approved, refused or withdrawn in their place."""

from __future__ import annotations

import pytest

from billing_core.reports import needs, requests
from tests import books
from tests.console.screen import Screen
from tests.flows.pressing import ROBOT, large_refund

pytestmark = pytest.mark.usefixtures("books")


def _state(request_id: str) -> str:
    return requests.request(request_id).state


def test_a_machines_request_is_approved_with_a_money_button() -> None:
    request_id = large_refund(ROBOT)
    assert [need.kind for need in needs.needs_me_now()] == ["request"]
    assert "Asked by Project tool: waits for a second person" in Screen().said()
    screen = Screen("operations").click(f"approve:{request_id}")
    assert screen.label() == "Refund $4,500.00 to Visa •••• 4242"
    assert "Approved and done." in screen.press().said()
    done = requests.request(request_id)
    assert (done.state, done.decided_by) == ("executed", books.OPERATOR)
    screen.click(f"open:{screen.cmd}")
    assert screen.address("charge") == done.charge_id
    assert needs.needs_me_now() == ()


def test_a_machines_request_is_refused_with_a_reason() -> None:
    request_id = large_refund(ROBOT)
    screen = Screen("operations").fill(f"why:{request_id}", "Already settled by mail")
    screen.click(f"refuse:{request_id}")
    assert _state(request_id) == "refused"
    assert "Already settled by mail" in screen.said()


def test_ones_own_request_can_only_be_withdrawn() -> None:
    request_id = large_refund(books.OPERATOR)
    screen = Screen("operations")
    assert screen.at.button(key=f"approve:{request_id}").disabled
    assert "Your own: somebody else has to approve it." in screen.said()
    screen.click(f"withdraw:{request_id}")
    assert _state(request_id) == "withdrawn"
