"""The headers of every answer there is, errors included, and what the settings change in them."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from billing_core import settings
from billing_core.flows.mint_link import mint_link
from billing_core.flows.void_charge import void_charge
from paynow.security import headers, policy, style_hash
from tests.paynow import server
from tests.paynow.conftest import OPERATOR, Client, Shop, new_client
from tests.paynow.reading import read

WANTED = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    "x-robots-tag": "noindex, nofollow, noarchive",
}


def check(answer: httpx.Response) -> None:
    """Every header is there once, and the policy fits what is in the body."""
    names = [name.lower() for name, _ in answer.headers.raw]
    assert len(set(names)) == len(names), "a header stands twice"
    for name, value in WANTED.items():
        assert answer.headers.get(name) == value, (answer.request.url, name)
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "server" not in answer.headers
    assert "set-cookie" not in answer.headers
    rules = dict(
        rule.strip().split(" ", 1) for rule in answer.headers["content-security-policy"].split(";")
    )
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert "script-src" not in rules
    assert "unsafe" not in str(rules)
    if answer.headers.get("content-type", "").startswith("text/html") and answer.content:
        (style,) = read(answer.text).styles
        assert rules["style-src"] == f"'{style_hash(style)}'"
        assert rules["form-action"] == "'self'"
        assert rules["img-src"] == "'self' data:"
    elif not answer.headers.get("content-type", "").startswith("text/html"):
        assert "style-src" not in rules
        assert rules["form-action"] == "'none'"


def every_answer(client: Client, shop: Shop) -> Iterator[httpx.Response]:
    """At least one answer of every route and status."""
    sent, old, void, paid = shop.fire(), shop.fire(), shop.fire(), shop.fire("20.00")
    mint_link(old.id, actor=OPERATOR)
    void_charge(void.id, reason="", actor=OPERATOR)
    client.approve(paid, method="saved")
    for method in ("GET", "HEAD", "POST", "PUT", "OPTIONS"):
        for path in ("/", "/healthz", "/readyz", "/favicon.svg", "/nowhere", "/pay/x"):
            yield client.request(method, path)
        for who in (sent, old, void, paid):
            for under in ("", "/status", "/invoice.pdf", "/receipt.pdf", "/nowhere"):
                yield client.request(method, who.path + under)
    for under in ("/approve", "/pay", "/changes", "/code", "/renew"):
        yield client.get(sent.path + under)
        yield client.post(sent.path + under)
        yield client.post(sent.path + under, json={})
        yield client.post(sent.path + under, content=b"a" * 70_000)
        yield client.post(sent.path + under, data={"nonce": "x", "document_sha256": "y"})
    yield client.get(f"{sent.path}/status", headers={"accept": "application/json"})
    yield client.get(f"{sent.path}?{'q' * 3000}")
    yield client.get(f"/{'p' * 600}")
    step = client.approve(sent)
    yield step
    where = step.headers["location"]
    yield client.get(where)
    yield client.put(where)
    yield client.post(where, data={"number": "1"})
    yield client.pay_on_sandbox(where, "4000 0025 0000 3155")
    yield client.get(where)
    yield client.post(f"{where}/authenticate", data={"succeed": "yes"})
    yield client.get(f"{sent.path}/status")
    yield client.get("/sandbox/checkout/cs_unknown")


def test_every_answer_is_hardened(client: Client, shop: Shop) -> None:
    seen: dict[int, int] = {}
    for answer in every_answer(client, shop):
        check(answer)
        seen[answer.status_code] = seen.get(answer.status_code, 0) + 1
    assert set(seen) >= {200, 303, 404, 405, 409, 410, 413, 414, 415, 422, 503}, seen


def test_our_own_failure_is_hardened_and_says_nothing(
    client: Client, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    import sqlite3

    sent = shop.fire()
    file = sqlite3.connect(settings.load().database.removeprefix("sqlite:///"))
    file.execute("ALTER TABLE links RENAME TO elsewhere")
    file.close()
    answer = client.get(sent.path)
    check(answer)
    assert answer.status_code == 500
    assert "Traceback" not in answer.text
    assert "elsewhere" not in answer.text
    assert "an answer failed" in caplog.text
    assert sent.token not in caplog.text


def test_what_is_no_http_is_answered_with_the_same_headers(client: Client) -> None:
    where = urlsplit(str(client.base_url))
    with socket.create_connection((where.hostname, where.port), timeout=10) as line:
        line.sendall(b"NOT HTTP AT ALL\r\n\r\n")
        raw = b"".join(iter(lambda: line.recv(65536), b""))
    head = raw.partition(b"\r\n\r\n")[0].decode()
    assert head.startswith("HTTP/1.1 400 ")
    for name, value in WANTED.items():
        assert f"{name}: {value}" in head
    assert "content-security-policy: default-src 'none'" in head


def test_headers_that_are_too_large_are_refused(client: Client) -> None:
    where = urlsplit(str(client.base_url))
    with socket.create_connection((where.hostname, where.port), timeout=10) as line:
        line.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n" + b"x-long: " + b"a" * 40_000)
        raw = b"".join(iter(lambda: line.recv(65536), b""))
    assert re.match(rb"HTTP/1.1 4\d\d ", raw)


def test_a_chunked_body_is_counted_while_it_arrives(client: Client, shop: Shop) -> None:
    sent = shop.fire()

    def chunks() -> Iterator[bytes]:
        for _ in range(100):
            yield b"a" * 1000

    kind = {"content-type": "application/x-www-form-urlencoded"}
    answer = client.post(f"{sent.path}/approve", content=chunks(), headers=kind)
    check(answer)
    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"
    assert sent.charge().state == "pending_client"


def test_tokens_stay_out_of_the_log(
    client: Client, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    sent = shop.fire()
    client.approve(sent)
    client.get(f"{sent.path}/nowhere")
    ours = [r for r in caplog.records if not r.name.startswith(("httpx", "httpcore"))]
    assert not [r for r in ours if sent.token in r.getMessage()]


def test_https_is_held_on_to_where_we_are_published_under_it(
    monkeypatch: pytest.MonkeyPatch, books: str
) -> None:
    assert "strict-transport-security" not in dict(headers(settings.load()))
    monkeypatch.setenv("COUNTERSIGN_PUBLIC_URL", "https://pay.northlight.example")
    settings.forget()
    assert dict(headers(settings.load()))["strict-transport-security"].startswith("max-age=")


def test_a_form_may_lead_to_the_gateways_page_only() -> None:
    found = settings.Settings.model_construct(gateway="stripe", public_url="https://x.example")
    assert "form-action 'self' https://checkout.stripe.com" in policy(found, "a{}")
    assert "checkout.stripe.com" not in policy(found)


def test_one_address_cannot_press_for_ever(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """Behind a proxy we trust, each client has a bucket of its own."""
    monkeypatch.setenv("COUNTERSIGN_TRUSTED_PROXIES", "127.0.0.1")
    settings.forget()
    sent = shop.fire()
    with server.running() as address, new_client(address) as client:
        greedy = {"x-forwarded-for": "1.2.3.4, 203.0.113.9"}
        answers = [client.post(f"{sent.path}/approve", headers=greedy) for _ in range(70)]
        last = answers[-1]
        check(last)
        assert last.status_code == 429
        assert int(last.headers["retry-after"]) >= 1
        assert {a.status_code for a in answers[:50]} == {409}
        other = client.post(f"{sent.path}/approve", headers={"x-forwarded-for": "203.0.113.10"})
        assert other.status_code == 409
        assert client.get(sent.path, headers=greedy).status_code == 200


def test_the_address_in_the_evidence_is_the_one_our_proxy_saw(
    monkeypatch: pytest.MonkeyPatch, shop: Shop
) -> None:
    monkeypatch.setenv("COUNTERSIGN_TRUSTED_PROXIES", "127.0.0.1,10.0.0.0/8")
    settings.forget()
    sent = shop.fire()
    chain = "6.6.6.6, 203.0.113.9, 10.0.0.4"
    with server.running() as address, new_client(address) as client:
        client.headers["x-forwarded-for"] = chain
        client.approve(sent)
    (approved,) = sent.events("charge.approved")
    assert approved["address"] == "203.0.113.9"
    assert approved["address_rule"] == "rightmost_untrusted"
    assert (approved["peer"], approved["forwarded"]) == ("127.0.0.1", chain)


def test_a_header_from_a_stranger_is_never_believed(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    client.headers["x-forwarded-for"] = "203.0.113.9"
    client.headers["forwarded"] = "for=203.0.113.9"
    client.headers["x-real-ip"] = "203.0.113.9"
    client.approve(sent)
    (approved,) = sent.events("charge.approved")
    assert (approved["address"], approved["address_rule"]) == ("127.0.0.1", "peer")


def test_published_under_a_path(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """Behind a proxy that strips ``/billing``, every address on the page carries it."""
    monkeypatch.setenv("COUNTERSIGN_PUBLIC_URL", "https://northlight.example/billing")
    settings.forget()
    sent = shop.fire()
    with server.running() as address, new_client(address) as client:
        page = client.open(sent)
        actions = [f.attributes["action"] for f in read(page.html).all("form")]
        assert all(action.startswith(f"/billing{sent.path}/") for action in actions)
        step = client.approve(sent)
        assert step.headers["location"].startswith("/billing/sandbox/checkout/")
        back = client.pay_on_sandbox(step.headers["location"].removeprefix("/billing"))
        assert back.headers["location"] == f"/billing{sent.path}/status"
