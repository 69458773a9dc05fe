"""Mail scanners and link previews: they look, follow, and submit, and nothing is approved."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.paynow import server
from tests.paynow.conftest import BROWSER, Client, Shop, new_client
from tests.paynow.reading import read

UNDER = ("", "/status", "/invoice.pdf", "/receipt.pdf", "/approve", "/pay", "/changes", "/code")
ROBOTS = (
    {},
    {"user-agent": ""},
    {"user-agent": "Mozilla/5.0 (compatible; SafeLinks/1.0)"},
    {"user-agent": "curl/8.5.0", "accept": "*/*", "accept-language": ""},
    {"sec-purpose": "prefetch"},
)


@pytest.mark.parametrize("headers", ROBOTS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_looking_everywhere_approves_nothing(
    client: Client, shop: Shop, method: str, headers: dict[str, str]
) -> None:
    sent = shop.fire()
    for _ in range(2):
        for under in UNDER:
            client.request(method, sent.path + under, headers=headers)
    assert sent.charge().state == "pending_client"
    assert not sent.attempts()
    kinds = {e["kind"] for e in sent.events()}
    assert not {k for k in kinds if k.startswith(("charge.approved", "attempt", "changes"))}
    assert client.approve(sent).status_code == 303, "the person after it still pays"


def submit_every_form(client: Client, html: str) -> set[int]:
    """Send every form as it stands, ticking and typing nothing; the status codes that came."""
    codes = set()
    for form in re.findall(r"<form.*?</form>", html, re.DOTALL):
        fields = {
            e.attributes["name"]: unescape(e.attributes.get("value", ""))
            for e in read(form).all("input")
            if e.attributes.get("type") == "hidden" or "checked" in e.attributes
        }
        for action in re.findall(r'(?:form)?action="([^"]+)"', form):
            codes.add(client.post(action.partition("#")[0], data=fields).status_code)
    return codes


def test_a_robot_on_the_form_to_pay_again_charges_no_saved_card(client: Client, shop: Shop) -> None:
    sent = shop.fire("20.00")
    step = client.approve(sent)
    client.pay_on_sandbox(step.headers["location"], "4000 0000 0000 0002")
    page = client.open(sent, "/status")
    assert 'value="saved"' in page.html, "a card is stored, and this sum needs no code"
    assert submit_every_form(client, page.html) == {303}
    assert sent.charge().state == "approved"
    assert [a.outcome for a in sent.attempts()] == ["declined", "requires_action"]


def test_a_robot_that_chooses_the_saved_card_but_ticks_nothing_charges_nothing(
    client: Client, shop: Shop
) -> None:
    """To pay again, and while the gateway's page is open; who sends the contract's two fields and
    fills in no form of ours has no box to tick."""
    sent = shop.fire("20.00")
    step = client.approve(sent)
    [open_page] = sent.attempts()
    page = client.open(sent, "/status")
    assert "Pay with Visa ending in 4242 instead" in page.html
    assert submit_every_form(client, page.html) == {422}
    assert sent.attempts() == [open_page], "the gateway's page is still open"
    client.pay_on_sandbox(step.headers["location"], "4000 0000 0000 0002")
    page = client.open(sent, "/status")
    chosen = page.html.replace('value="saved"', 'value="saved" checked')
    assert submit_every_form(client, chosen.replace('value="new" checked', "")) == {422}
    assert [a.outcome for a in sent.attempts()] == ["declined"]
    fields = page.hidden("pay") | {"method": "saved"}
    assert client.post(f"{sent.path}/pay", data=fields).status_code == 303
    assert sent.charge().state == "captured"


def test_a_robot_that_submits_every_form_as_it_stands(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    for _ in range(3):
        assert submit_every_form(client, client.open(sent).html) <= {200, 422, 429}
    assert sent.charge().state == "pending_client"
    assert not sent.attempts()
    assert client.approve(sent).status_code == 303


def test_views_are_graded_and_counted_and_are_no_approval(shop: Shop) -> None:
    sent = shop.fire()
    with server.running() as address:
        with new_client(address) as person:
            for _ in range(3):
                person.open(sent)
            person.head(sent.path)
            person.get(f"{sent.path}/invoice.pdf")
        with new_client(address, **{"user-agent": "Slackbot-LinkExpanding 1.0"}) as robot:
            robot.get(sent.path)
    seen = [(e["kind"], e["grade"], e["count"]) for e in sent.events() if "grade" in e]
    most = {
        ("invoice.viewed", "likely_person"): 3,
        ("invoice.viewed", "automated"): 2,
        ("invoice.downloaded", "likely_person"): 1,
    }
    # one event an hour, with what was counted when it was written: at most all of them
    assert sorted((kind, grade) for kind, grade, _ in seen) == sorted(most)
    assert all(1 <= count <= most[kind, grade] for kind, grade, count in seen)
    (viewed,) = [e for e in sent.events("invoice.viewed") if e["grade"] == "likely_person"]
    assert (viewed["address"], viewed["user_agent"]) == ("127.0.0.1", BROWSER["user-agent"])
    assert sent.charge().state == "pending_client"
