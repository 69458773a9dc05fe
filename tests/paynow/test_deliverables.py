"""What was delivered, behind a link: seen with its digest, saved as a file, never opened."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import unquote

import pytest

from billing_core.flows.add_deliverable import add_deliverable
from billing_core.flows.void_charge import void_charge
from billing_core.rules.nouns.catalogue import Deliverable
from tests import books
from tests.paynow.conftest import OPERATOR, Client, Sent, Shop

HOSTILE = '"><img src=x onerror=alert(1)>, 設計 final.html'
DATA = b"<script>alert(document.domain)</script>"
LINK = {
    "name": "Clickable prototype",
    "url": 'https://prototype.example/?a="><script>&b=1',
    "detail": "12 screens <b>as of</b> March 15",
}


@pytest.fixture
def file_and_charge(shop: Shop) -> tuple[Deliverable, Sent]:
    """A phase that delivered a file and a link, fired; a second phase that has its own file."""
    plan = books.plan(shop.customer, "1000.00", "2000.00", contract_sum="3000.00")
    file = add_deliverable(plan.milestones[0], {"name": HOSTILE}, data=DATA, actor=OPERATOR)
    add_deliverable(plan.milestones[0], LINK, actor=OPERATOR)
    add_deliverable(plan.milestones[1], {"name": "secret.txt"}, data=b"not yours", actor=OPERATOR)
    return file, shop.fire("1000.00", milestone=plan.milestones[0])


def test_the_page_shows_them_with_digests_and_says_what_is_to_come(
    client: Client, file_and_charge: tuple[Deliverable, Sent]
) -> None:
    file, sent = file_and_charge
    page = client.open(sent)
    assert "What was delivered" in page.text
    short = " ".join(file.sha256[i : i + 4] for i in (0, 4, 8))
    assert short in page.text
    assert "prototype.example, 12 screens <b>as of</b> March 15" in page.text
    assert "Still to come" in page.text
    assert "$2,000.00" in page.text
    assert "<img" not in page.html
    assert "<script" not in page.html
    assert "\0" not in page.html
    assert "secret" not in page.html
    assert 'href="https://prototype.example/?a=&#34;&gt;&lt;script&gt;&amp;b=1"' in page.html
    assert page.response.headers["referrer-policy"] == "no-referrer"
    # the same sections under a fresh link lead to the fresh link
    assert f'href="{sent.path}/files/1"' in page.html


def test_a_file_is_saved_and_never_opened(
    client: Client, file_and_charge: tuple[Deliverable, Sent]
) -> None:
    file, sent = file_and_charge
    got = client.get(f"{sent.path}/files/1")
    assert got.status_code == 200
    assert hashlib.sha256(got.content).hexdigest() == file.sha256
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["cache-control"] == "no-store"
    assert "sandbox" in got.headers["content-security-policy"]
    disposition = got.headers["content-disposition"]
    named = re.fullmatch(
        r"attachment; filename=\"([A-Za-z0-9.-]+)\"; filename\*=UTF-8''([\w.%~-]+)", disposition
    )
    assert named, disposition
    assert unquote(named[2]) == file.name
    looked = client.head(f"{sent.path}/files/1")
    assert (looked.status_code, looked.content) == (200, b"")


def test_only_files_of_the_frozen_invoice_are_given_out(
    client: Client, file_and_charge: tuple[Deliverable, Sent]
) -> None:
    _, sent = file_and_charge
    nothing = client.get("/nowhere")
    for which in ("0", "2", "3", "01x", "-1", "1/", "../1", "%2e%2e", "%00", "١", "9" * 30):
        got = client.get(f"{sent.path}/files/{which}")
        assert (got.status_code, got.content) == (404, nothing.content), which


def test_nobody_without_the_link_and_nothing_once_withdrawn(
    client: Client, file_and_charge: tuple[Deliverable, Sent]
) -> None:
    _, sent = file_and_charge
    assert client.get(f"/pay/{'x' * 43}/files/1").status_code == 404
    assert client.post(f"{sent.path}/files/1").status_code == 405
    path = sent.path
    void_charge(sent.id, reason="By mistake.", actor=OPERATOR)
    assert client.get(f"{path}/files/1").status_code in (404, 410)
