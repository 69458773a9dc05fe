"""Paying under an approval: declines, 3-D Secure, codes, and a gateway that does not answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from billing_core import gateway
from billing_core.flows.settle_attempt import settle_attempt
from tests.paynow import server
from tests.paynow.conftest import Client, Page, Shop, new_client
from tests.paynow.trouble import Line

DECLINED = "4000 0000 0000 0002"
THREE_D_SECURE = "4000 0025 0000 3155"


def test_a_decline_then_another_number_is_one_approval_and_one_capture(
    client: Client, shop: Shop
) -> None:
    sent = shop.fire()
    step = client.approve(sent)
    back = client.pay_on_sandbox(step.headers["location"], DECLINED)
    page = client.open(sent, "/status")
    assert back.headers["location"] == f"{sent.path}/status"
    assert "The card was declined. Nothing was charged." in page.text
    assert sent.charge().state == "approved"
    fields = page.hidden("pay") | {"method": "new"}
    again = client.post(f"{sent.path}/pay", data=fields)
    assert again.headers["location"] != step.headers["location"]
    client.pay_on_sandbox(again.headers["location"])
    assert "Paid, thank you" in client.open(sent, "/status").text
    assert sent.charge().state == "captured"
    assert len(sent.events("charge.approved")) == 1
    assert [a.outcome for a in sent.attempts()] == ["declined", "succeeded"]
    assert len(sent.events("charge.captured")) == 1


def test_paying_again_twice_starts_one_attempt(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    client.pay_on_sandbox(client.approve(sent).headers["location"], DECLINED)
    fields = client.open(sent, "/status").hidden("pay") | {"method": "new"}
    first = client.post(f"{sent.path}/pay", data=fields)
    second = client.post(f"{sent.path}/pay", data=fields)
    assert "/sandbox/" in first.headers["location"]
    assert second.headers["location"] == f"{sent.path}/status"
    assert len(sent.attempts()) == 2


def test_cancelling_at_the_gateway_leads_back_to_paying(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    where = client.approve(sent).headers["location"]
    status = client.open(sent, "/status")
    assert "One step is left: the payment." in status.text
    assert f'href="{where}"' in status.html.replace("http://127.0.0.1:8502", "")
    client.post(f"{where}/cancel")
    page = client.open(sent, "/status")
    assert "The payment was not completed. Nothing was charged." in page.text
    assert page.hidden("pay")


def test_three_d_secure(client: Client, shop: Shop) -> None:
    for answer, state in (("no", "approved"), ("yes", "captured")):
        sent = shop.fire()
        where = client.approve(sent).headers["location"]
        step = client.pay_on_sandbox(where, THREE_D_SECURE)
        assert step.headers["location"] == where
        page = Page(client.get(where))
        assert "Is it you who pays $4,500.00?" in page.text
        back = client.post(f"{where}/authenticate", data={"succeed": answer})
        assert back.headers["location"] == f"{sent.path}/status"
        client.open(sent, "/status")
        assert sent.charge().state == state


def test_a_saved_card_with_a_mailed_code(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    typed = {"accept": "yes", "name": "Alma Reyes", "method": "saved"}
    fields = client.open(sent).hidden("approve") | typed
    page = Page(client.post(f"{sent.path}/code", data=fields))
    assert page.status == 200
    assert "A code is on its way to ac•••@harborandvine.example" in page.text
    assert 'value="Alma Reyes"' in page.html
    assert 'id="accept" checked' in page.html
    code = sent.code()
    assert code not in page.html
    wrong = Page(client.approve(sent, method="saved", code="000000" if code != "000000" else "1"))
    assert wrong.status == 422
    assert "4 tries are left." in wrong.text
    answer = client.approve(sent, method="saved", code=code)
    assert answer.headers["location"] == f"{sent.path}/status"
    assert "after the mailed code was entered" in client.open(sent, "/status").text
    assert sent.charge().state == "captured"
    assert sent.events("charge.approved")[0]["identity"] == "link+code"


def test_a_small_sum_on_a_saved_card_needs_no_code(client: Client, shop: Shop) -> None:
    sent = shop.fire("20.00")
    page = client.open(sent)
    assert 'name="code"' not in page.html
    assert client.approve(sent, method="saved").headers["location"] == f"{sent.path}/status"
    assert sent.charge().state == "captured"


def test_five_codes_an_hour(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    fields = client.open(sent).hidden("approve") | {"name": "Alma Reyes"}
    answers = [client.post(f"{sent.path}/code", data=fields) for _ in range(6)]
    assert [a.status_code for a in answers] == [200] * 5 + [429]
    last = Page(answers[-1])
    assert "Five codes were mailed within the hour" in last.text
    assert 'value="Alma Reyes"' in last.html
    assert sent.mailed().count("code") == 5


def test_no_code_where_none_is_needed(client: Client, shop: Shop) -> None:
    sent = shop.fire("20.00")
    fields = client.open(sent).hidden("approve")
    answer = client.post(f"{sent.path}/code", data=fields)
    assert answer.headers["location"] == sent.path
    assert "code" not in sent.mailed()


@pytest.fixture
def line(shop: Shop) -> Iterator[tuple[Line, Client]]:
    found = Line(gateway.sandbox())
    with gateway.using(found), server.running() as address, new_client(address) as client:
        yield found, client


@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_gateway_that_is_down_leaves_the_approval_recorded(
    line: tuple[Line, Client], shop: Shop, cut: str
) -> None:
    gate, client = line
    sent = shop.fire()
    gate.cut = cut
    page = Page(client.approve(sent))
    assert page.status == 503
    assert "Your approval is recorded." in page.text
    assert page.response.headers["refresh"] == f"2; url={sent.path}/status"
    assert sent.charge().state == "approved"
    waiting = client.open(sent, "/status")
    assert waiting.status == 200
    assert waiting.response.headers["refresh"] == f"2; url={sent.path}/status"
    assert "nothing is charged twice" in waiting.text
    gate.cut = ""
    healed = client.open(sent, "/status")
    assert "Continue to payment" in healed.text
    assert "refresh" not in healed.response.headers
    assert len(sent.attempts()) == 1


def test_a_saved_card_charged_while_the_answer_was_lost_is_paid_once(
    line: tuple[Line, Client], shop: Shop
) -> None:
    gate, client = line
    sent = shop.fire("20.00")
    gate.cut = "after"
    assert client.approve(sent, method="saved").status_code == 503
    gate.cut = ""
    assert "Paid, thank you" in client.open(sent, "/status").text
    assert [a.outcome for a in sent.attempts()] == ["succeeded"]
    assert len(sent.events("charge.captured")) == 1
    assert gateway.sandbox().balance() == {"USD": 2000}


def test_money_that_arrives_is_seen_at_once_by_who_comes_back(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    where = client.approve(sent).headers["location"]
    client.pay_on_sandbox(where)
    assert sent.charge().state == "approved", "nothing has asked the gateway yet"
    assert client.head(f"{sent.path}/status").status_code == 200
    assert sent.charge().state == "approved", "HEAD never does"
    answer = client.get(f"{sent.path}/status", headers={"accept": "application/json"})
    assert answer.json()["state"] == "captured"
    settle_attempt(sent.attempts()[0].id)
    assert len(sent.events("charge.captured")) == 1
