"""The table of bad input (tests/hostile.py) sent by the client's forms: a page that says what is
wrong, nothing approved, asked or lost; what is allowed is kept as typed and shown as text.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.flows import watching
from tests.hostile import AMOUNTS, BODIES, IDS, TEXTS
from tests.paynow.conftest import Client, Page, Sent, Shop
from tests.paynow.reading import read

FORM = "application/x-www-form-urlencoded"
#: Whatever a look may write beside: its own sighting, and the invoice's one rendering.
_SIGHTED = {"evidence_events", "evidence_openings", "charges", "blobs"}
#: A message may have lines, and be longer than a line.
_FINE_IN_A_MESSAGE = {"501 characters", "line feed", "mail header"}
#: Names of people and companies in any script; the rest of the allowed texts may be no name.
_NAMES = {"HTML", "SQL", "Chinese", "Arabic", "Hebrew with Latin", "attribute breaker"}


def _is_untouched(sent: Sent, before: dict[str, list[tuple[Any, ...]]]) -> None:
    """Nothing was approved, asked or paid, and nothing else was written."""
    assert sent.charge().state == "pending_client"
    assert sent.attempts() == []
    kinds = {event["kind"] for event in sent.events()}
    assert not kinds & {"charge.approved", "changes.requested", "charge.declined_by_client"}
    assert watching.changed(before).keys() <= _SIGHTED


def _is_calm(page: Page) -> None:
    """A whole page, without a script, a handler, or a word of our insides."""
    found = read(page.html)
    assert found.unclosed == []
    assert not list(found.all("script"))
    assert not [e for e in found.elements for name in e.attributes if name.startswith("on")]
    assert "Traceback" not in page.html
    assert "\x00" not in page.html


def test_a_typed_name_is_refused_or_kept_as_it_is(client: Client, shop: Shop) -> None:
    sent, taken = shop.fire(), set()
    for text in TEXTS:
        before = watching.everything()
        answer = client.approve(sent, name=text.value)
        if answer.status_code == 422:
            assert text.refused or text.name not in _NAMES, text.name
            _is_calm(Page(answer))
            _is_untouched(sent, before)
            continue
        assert (answer.status_code, text.refused) == (303, False), text.name
        assert [e["name"] for e in sent.events("charge.approved")] == [text.value], text.name
        _is_calm(client.open(sent, "/status"))
        taken.add(text.name)
        sent = shop.fire()
    assert taken >= _NAMES


@pytest.mark.parametrize("kind", ["changes", "decline"])
def test_a_message_is_refused_or_kept_as_it_is(client: Client, shop: Shop, kind: str) -> None:
    sent = shop.fire()
    told = "charge.declined_by_client" if kind == "decline" else "changes.requested"
    for text in TEXTS if kind == "changes" else TEXTS[::4]:
        before = watching.everything()
        answer = client.ask(sent, text.value, kind=kind)
        if text.refused and text.name not in _FINE_IN_A_MESSAGE:
            assert answer.status_code == 422, text.name
            _is_calm(Page(answer))
            _is_untouched(sent, before)
            continue
        assert answer.status_code == 303, text.name
        (said,) = [e["message"] for e in sent.events(told)]
        assert said == text.value.replace("\r\n", "\n"), text.name
        page = client.open(sent, "/status")
        _is_calm(page)
        assert "".join(said.split()) in "".join(read(page.html).text.split()), text.name
        sent = shop.fire()


def test_what_was_not_on_the_page_approves_nothing(client: Client, shop: Shop) -> None:
    """Nonces and digests: odd ones, cut ones, another charge's, and words for yes that are none."""
    sent, other = shop.fire(), shop.fire()
    own, foreign = (client.open(one).hidden("approve") for one in (sent, other))
    digest, nonce = own["document_sha256"], own["nonce"]
    digests = [*IDS, "", digest[:-1], digest + "0", digest.upper(), foreign["document_sha256"]]
    nonces = [*IDS, "", nonce[:-1], nonce + "A", nonce.swapcase(), foreign["nonce"]]
    wrong = [{"document_sha256": d} for d in digests] + [{"nonce": n} for n in nonces]
    wrong += [{"accept": word} for word in ("", "no", "on", "YES", "true", "1", "yes ")]
    wrong += [{"method": word} for word in ("cash", "SAVED", "new\x00", " ")]
    before = watching.everything()
    for changed in wrong:
        typed = {"accept": "yes", "name": "Alma Reyes", "method": "new"}
        answer = client.post(f"{sent.path}/approve", data=own | typed | changed)
        assert answer.status_code in (409, 422), (changed, answer.status_code)
        _is_calm(Page(answer))
    for changed in [{"document_sha256": d} for d in digests] + [{"nonce": n} for n in nonces]:
        asked = {"kind": "changes", "message": "Please move it."}
        answer = client.post(f"{sent.path}/changes", data=own | asked | changed)
        assert answer.status_code in (409, 422), (changed, answer.status_code)
    _is_untouched(sent, before)
    _is_untouched(other, before)
    assert client.approve(sent).status_code == 303, "and the person after all that still can"


def test_an_amount_that_a_client_sends_along_is_not_heard(client: Client, shop: Shop) -> None:
    for amount in AMOUNTS[:3]:
        sent = shop.fire()
        answer = client.approve(sent, amount=amount.text or "1", amount_minor="1", currency="JPY")
        assert answer.status_code in (303, 422)
        assert sent.charge().total_minor == 450_000
        assert {attempt.amount_minor for attempt in sent.attempts()} <= {450_000}


def test_no_body_is_too_odd_to_be_refused(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    client.open(sent)
    before = watching.everything()
    for body in BODIES:
        for kind in (body.content_type, FORM):
            headers = {} if kind is None else {"content-type": kind}
            for verb in ("approve", "changes"):
                where = f"{sent.path}/{verb}"
                answer = client.post(where, content=body.content, headers=headers)
                assert 400 <= answer.status_code < 500, (body.name, kind, verb)
                _is_calm(Page(answer))
    _is_untouched(sent, before)


def test_what_is_no_token_is_the_same_404(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    near = [sent.token[:-1], sent.token + "A", sent.token.swapcase(), sent.token + "="]
    before = watching.everything()
    pages = set()
    for odd in (odd for odd in [*IDS, *near] if len(odd) < 500 and "/" not in odd):
        for answer in (
            client.get(f"/pay/{quote(odd, safe='')}"),
            client.post(f"/pay/{quote(odd, safe='')}/approve", data={"accept": "yes"}),
        ):
            assert answer.status_code == 404, odd
            pages.add(answer.content)
    assert len(pages) == 1, "byte for byte"
    assert not watching.changed(before)
