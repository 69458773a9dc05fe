"""The way in: unknown, malformed and foreign tokens, old links, wrong methods, the neutral page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from billing_core import clock, ids
from billing_core.flows.mint_link import mint_link
from billing_core.flows.void_charge import void_charge
from tests import books as seeded
from tests.flows import watching
from tests.paynow import server
from tests.paynow.conftest import OPERATOR, Client, Page, Shop, new_client
from tests.paynow.reading import read

UNDER = ("", "/status", "/invoice.pdf", "/receipt.pdf", "/approve", "/pay", "/changes", "/code",
         "/renew")  # fmt: skip
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
UNKNOWN = ids.link_token("another installation's secret, long enough", "ln_x")


def test_every_token_that_opens_nothing_gets_the_same_bytes(client: Client, shop: Shop) -> None:
    live = shop.fire().token
    foreign = (UNKNOWN, live[:-1] + ("A" if live[-1] != "A" else "B"), live.swapcase(), live + "=")
    malformed = (
        "x",
        "%00",
        "...",
        "a" * 400,
        "a" * 2000,
        "T" * 43,
        "%C3%A9" * 43,
        "ln_1",
        "sc_1",
        "%2e%2e",
    )
    wanted = client.get(f"/pay/{UNKNOWN}")
    assert wanted.status_code == 404
    for token in (*foreign, *malformed):
        for under in UNDER:
            for method in METHODS:
                answer = client.request(method, f"/pay/{token}{under}", data={"nonce": "x"})
                assert (answer.status_code, answer.content) == (404, wanted.content), (
                    method,
                    token,
                    under,
                )


def test_the_same_404_for_every_other_address(client: Client) -> None:
    wanted = client.get(f"/pay/{UNKNOWN}").content
    for path in ("/pay", "/pay/", "/x", "/admin", "/static/page.css", "/pay/a/b/c"):
        answer = client.get(path)
        assert (answer.status_code, answer.content) == (404, wanted), path


def test_the_404_does_not_depend_on_what_is_sent(client: Client) -> None:
    wanted = client.get(f"/pay/{UNKNOWN}").content
    for body in (b"", b"\xff" * 100, b"a" * 70_000):
        for kind in ("application/json", "application/x-www-form-urlencoded", ""):
            headers = {"content-type": kind} if kind else {}
            answer = client.post(f"/pay/{UNKNOWN}/approve", content=body, headers=headers)
            assert (answer.status_code, answer.content) == (404, wanted)


def test_a_404_tells_a_stranger_nothing(client: Client, shop: Shop) -> None:
    shop.fire()
    page = client.get(f"/pay/{UNKNOWN}").text
    for secret in ("Northlight", "Harbor", "4,500", "CS-2026"):
        assert secret not in page


def test_a_replaced_link_is_gone_and_a_fresh_one_is_mailed(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    mint_link(sent.id, actor=OPERATOR)
    gone = client.get(sent.path)
    assert gone.status_code == 410
    assert "Northlight" not in gone.text
    assert "Harbor" not in gone.text
    form = next(read(gone.text).all("form"))
    assert form.attributes == {"method": "post", "action": f"{sent.path}/renew"}
    before = sent.live_token()
    renewed = client.post(form.attributes["action"])
    assert renewed.status_code == 200
    assert sent.live_token() not in (before, sent.token)
    assert "fresh_link" in sent.mailed()
    assert client.get(f"/pay/{sent.live_token()}").status_code == 200
    assert client.get(f"/pay/{before}").status_code == 410


@pytest.mark.parametrize("method", METHODS)
def test_an_old_link_is_gone_everywhere(client: Client, shop: Shop, method: str) -> None:
    sent = shop.fire()
    mint_link(sent.id, actor=OPERATOR)
    answers = {u: client.request(method, sent.path + u) for u in UNDER if u != "/renew"}
    assert {a.status_code for a in answers.values()} == {410}
    assert len({a.content for a in answers.values()}) == 1


def test_renewing_answers_the_same_whatever_became_of_it(client: Client, shop: Shop) -> None:
    sent, withdrawn = shop.fire(), shop.fire()
    mint_link(sent.id, actor=OPERATOR)
    void_charge(withdrawn.id, reason="", actor=OPERATOR)
    first = client.post(f"{sent.path}/renew")
    again = client.post(f"{sent.path}/renew")
    void = client.post(f"{withdrawn.path}/renew")
    assert first.status_code == again.status_code == void.status_code == 200
    assert first.content == again.content == void.content
    assert "fresh_link" not in withdrawn.mailed()
    assert client.post(f"/pay/{UNKNOWN}/renew").status_code == 404


def test_a_link_ends_after_its_life(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    next_month = clock.driven(clock.now() + timedelta(days=31))
    with next_month, server.running() as address, new_client(address) as later:
        assert later.get(sent.path).status_code == 410


@pytest.mark.parametrize(
    ("under", "allowed"),
    [
        ("", "GET, HEAD"),
        ("/status", "GET, HEAD"),
        ("/invoice.pdf", "GET, HEAD"),
        ("/receipt.pdf", "GET, HEAD"),
        ("/approve", "POST"),
        ("/pay", "POST"),
        ("/changes", "POST"),
        ("/code", "POST"),
        ("/renew", "POST"),
    ],
)
def test_other_methods_are_not_allowed(
    client: Client, shop: Shop, under: str, allowed: str
) -> None:
    sent = shop.fire()
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"):
        if method in allowed.split(", "):
            continue
        answer = client.request(method, sent.path + under)
        assert answer.status_code == 405, method
        assert answer.headers["allow"] == allowed
    assert sent.charge().state == "pending_client"


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/favicon.svg"])
def test_fixed_addresses_take_only_their_methods(client: Client, path: str) -> None:
    for method in ("POST", "PUT", "OPTIONS"):
        answer = client.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_a_withdrawn_invoice_says_so_without_a_form(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    void_charge(sent.id, reason="sent by mistake", actor=OPERATOR)
    for under in ("", "/status"):
        page = client.open(sent, under)
        assert page.status == 200
        assert "withdrawn" in page.text
        assert not list(read(page.html).all("form"))
    assert "sent by mistake" not in client.open(sent).text


def test_the_root_is_neutral(client: Client, shop: Shop) -> None:
    page = Page(client.get("/"))
    assert page.status == 200
    assert "Northlight" not in page.html
    assert client.get("/favicon.ico").headers["content-type"] == "image/svg+xml"


def test_health_and_readiness(client: Client) -> None:
    alive = client.get("/healthz")
    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["database"] is True
    assert ready.json()["ready"] is False, "no worker has ever been seen"


def test_books_that_do_not_hold_are_not_ready(
    client: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Met by a hint that a look at the page gave, whose answer nobody waits for."""
    from billing_core.errors import BooksBroken
    from billing_core.records import books, db, work

    def broken(*_: object, **__: object) -> None:
        raise BooksBroken("Postings do not sum to zero.")

    with db.begin() as connection:
        work.beat(connection, "w_1")
    sent = shop.fire()
    seeded.pay(seeded.approve(sent.token))
    assert client.get("/readyz").json()["books_broken"] == 0
    monkeypatch.setattr(books, "append_postings", broken)
    client.open(sent, "/status")
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["ready"]) == (503, False)
    assert ready.json()["books_broken"] >= 1


def test_ready_with_a_worker(client: Client) -> None:
    from billing_core.records import db, work

    with db.begin() as connection:
        work.beat(connection, "w_1")
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["ready"]) == (200, True)


def test_while_the_sandbox_is_the_gateway_no_message_can_be_a_gateways(client: Client) -> None:
    before = watching.everything()
    for headers in ({}, {"stripe-signature": "t=1,v1=00"}):
        answer = client.post("/stripe/webhook", content=b"{}", headers=headers)
        assert answer.status_code == 400
    assert not watching.changed(before)
