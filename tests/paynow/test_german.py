"""A German client: pages, refusals, mails in the language of the invoice; no English is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from billing_core import jobs
from billing_core.documents.phrases import in_language
from billing_core.flows import open_link as opening
from billing_core.flows.preview_charge import preview
from billing_core.flows.record_payment import METHODS
from billing_core.flows.save_company import save_company
from billing_core.flows.save_customer import save_customer
from billing_core.records import customers, db
from billing_core.reports import outbox
from billing_core.rules.invoice import differences
from billing_core.rules.sentences import Sentence
from paynow import errors, limits, paper, story
from paynow.screens import Typed, problems_of
from tests.documents import samples as documents
from tests.documents.leftovers import TYPED, leftovers, spoken
from tests.paynow import pages, samples, server
from tests.paynow.conftest import OPERATOR, Client, Page, Shop, new_client
from tests.paynow.reading import read
from tests.paynow.test_links import UNKNOWN

SHOWN_TO_EARS = ("aria-label", "alt", "title", "placeholder")
PROBLEMS = {
    "accept": Sentence("Tick the sentence that you agree to."),
    "name": Sentence("{what} is missing.", what=Sentence("Your full name")),
    "code": Sentence(
        "This code does not match, or is older than ten minutes. {tries}",
        tries=Sentence("{n} tries are left.", n=4),
    ),
}
GERMAN = {"accept-language": "de-DE,de;q=0.9,en;q=0.5"}


def said(html: str) -> str:
    """Everything on a page that is read, seen or heard."""
    found = read(html)
    heard = [e.attributes[a] for e in found.elements for a in SHOWN_TO_EARS if a in e.attributes]
    return " ".join([found.text, *heard])


@pytest.fixture
def _settings(settings_env: Path) -> None:
    """Pages ask the settings which gateway a form may lead to."""


def every_page() -> Iterator[tuple[str, str]]:
    """Every page there is, in German, about invoices without an English word of a person."""
    for name, document in documents.all_samples().items():
        yield name, pages.invoice(samples.opened(spoken(document)))
    document = spoken(documents.northlight())
    for state, opened in samples.every_state(document).items():
        facts = {"name": TYPED, "message": TYPED, "method": "Bank transfer"}
        moments = tuple(replace(m, facts=facts) for m in opened.story)
        told = replace(opened, story=moments, masked_email="ö•••@ö.example")
        yield f"invoice-{state}", pages.invoice(told)
        yield f"status-{state}", pages.status(told)
    yield "revised", pages.invoice(samples.opened(spoken(samples.revised())))
    for typed in (Typed(name=TYPED, method="saved"), Typed(kind="changes", message=TYPED)):
        wrong = problems_of(PROBLEMS, typed, "de")
        yield "errors", pages.invoice(samples.opened(document), typed, wrong)
    for kind in story.STEPS:
        told = replace(samples.opened(document), story=(opening.Moment(kind, samples.PAID_AT, {}),))
        yield f"story-{kind}", pages.status(told)


@pytest.mark.usefixtures("_settings")
def test_no_page_has_english_left_and_every_one_is_light() -> None:
    for name, html in every_page():
        text = said(html).replace("NS-2026-00042", "").replace("N-2", "")
        text = text.replace("NORTHLIGHT STUDIO", "").replace("harborandvine.example", "")
        assert leftovers(text) == [], name
        assert '<html lang="de">' in html, name
        assert len(html.encode()) < 30_000, name
        assert read(html).unclosed == [], name


@pytest.mark.usefixtures("_settings")
def test_the_decision_is_asked_for_in_plain_german() -> None:
    text = said(pages.invoice(samples.opened(spoken(documents.northlight()))))
    text = text.replace("\u00a0", " ")
    for words in (
        "Freigeben und bezahlen: 4.500,00 $",
        "Änderungen erbitten",
        "Ablehnen",
        "Fällig am15. April 2026",
        "Rechnungsdatum16. März 2026",
        "Wartet auf Ihre Freigabe",
        "bin berechtigt, dies für Öööö freizugeben",
    ):
        assert words in text, words
    changed = said(pages.invoice(samples.opened(spoken(samples.revised())))).replace("\u00a0", " ")
    assert "entfernt: 4.500,00 $" in changed
    assert "hinzugefügt: 4.200,00 $" in changed


def test_what_is_said_from_afar_has_its_words_in_the_catalogue() -> None:
    """Words that are stored in English and only said later: none may be missing."""
    before, after = documents.northlight(), documents.northlight()
    after |= {"title": "x", "issued_on": "x", "due_on": "x", "po_number": "x"}
    after["milestone"], after["terms"] = {"scope": "x"}, {"text": "x"}
    labels = [change["label"] for change in differences(before, after)]
    assert len(labels) > 5
    for stored in (*labels, *METHODS.values(), *(m.lower() for m in METHODS.values())):
        assert in_language(stored, "de") != stored, stored
    assert set(paper.PHASES) == {p["state"] for p in documents.forty_phases()["project"]["phases"]}


@pytest.mark.usefixtures("_settings")
def test_a_gateway_that_speaks_english_is_not_quoted() -> None:
    declined = samples.every_state(spoken(documents.northlight()))["declined"]
    assert declined.attempt is not None
    for problem, shown in (
        ("Your card has insufficient funds.", "Die Karte ist nicht ausreichend gedeckt."),
        ("Do not honor (code 05), contact issuer", "Die Zahlung wurde abgelehnt."),
        ("", "Die Zahlung wurde abgelehnt."),
    ):
        told = replace(declined, attempt=replace(declined.attempt, problem=problem))
        assert f"{shown} Es wurde nichts abgebucht." in said(pages.status(told))


@pytest.fixture
def german(shop: Shop) -> Shop:
    """The seed recipe with a customer who reads German."""
    values = {
        "name": "Öööö", "company": "Öööö", "email": "rechnung@oeoe.example", "currency": "USD",
        "language": "de", "time_zone": "Europe/Berlin", "allow_trigger": True,
    }  # fmt: skip
    save_customer(shop.customer, values, actor=OPERATOR)
    company = {"name": "Öööö", "operator_name": "Öööö", "email": "b@oeoe.example"}
    save_company(company, actor=OPERATOR)
    with db.read_only() as connection:
        assert customers.get(connection, shop.customer).language == "de"
    return shop


def test_a_german_client_reads_german_from_the_mail_to_the_evidence(
    client: Client, german: Shop
) -> None:
    sent = german.fire(description="Öööö — Öööö")
    for where in ("", "/status"):
        page = client.open(sent, where)
        assert leftovers(_without_links(page)) == [], where
    wrong = Page(client.approve(sent, accept="", name=""))
    assert wrong.status == 422
    assert "Es wurde nichts freigegeben und nichts abgebucht. Zwei Angaben brauchen" in wrong.text
    assert "Ihr vollständiger Name fehlt." in wrong.text
    assert leftovers(_without_links(wrong)) == []
    long = Page(client.ask(sent, "ö" * 2001))
    assert "Ihre Nachricht ist zu lang: 2.001 Zeichen, erlaubt sind 2.000." in long.text
    stale = Page(client.approve(sent, document_sha256="0" * 64))
    assert stale.status == 409
    assert "Diese Seite war älter als einen Tag" in stale.text
    coded = Page(client.approve(sent, method="saved", code="000000"))
    assert "Code per E-Mail senden" in coded.text
    assert leftovers(_without_links(coded)) == []
    assert client.approve(sent).status_code == 303
    approved = sent.events("charge.approved")[0]
    assert approved["language"] == "de"
    assert approved["agreement"].startswith("Ich habe Öööö geprüft, bin berechtigt, dies für Öööö")
    assert leftovers(_without_links(client.open(sent, "/status"))) == []


def test_a_method_that_is_refused_names_the_invoices_language(client: Client, german: Shop) -> None:
    answer = client.delete(german.fire().path)
    assert answer.status_code == 405
    assert "Zurück zur Rechnung" in answer.text


def test_mails_and_papers_of_a_german_customer_are_german(german: Shop) -> None:
    sent = german.fire(description="Öööö")
    jobs.drain()
    mail = next(m for m in outbox.mails(sent.id) if m.kind == "invoice")
    shown = outbox.mail(mail.id)
    assert mail.subject.startswith("Öööö: 4.500,00")
    assert "fällig am" in mail.subject
    assert leftovers(shown.text.replace(shown.pay_url, "").replace("CS-", "")) == []


def test_an_operator_reads_sums_in_english_and_the_client_in_german(german: Shop) -> None:
    values = {"customer": german.customer, "item": german.item, "amount": "4500.00"}
    seen = preview(values | {"description": "Öööö"}, OPERATOR)
    assert seen.label == "Send invoice for $4,500.00"
    assert seen.mail is not None
    assert "4.500,00 $ für" in seen.mail.subject


def test_strangers_read_what_their_browser_asks_for_and_the_same_bytes(shop: Shop) -> None:
    live = shop.fire()
    with server.running() as address:
        for headers, language in ((GERMAN, "de"), ({"accept-language": "en"}, "en"), ({}, "en")):
            with new_client(address) as browser:
                browser.headers.pop("accept-language")
                browser.headers.update(headers)
                wanted = browser.get(f"/pay/{UNKNOWN}")
                assert wanted.status_code == 404
                assert f'<html lang="{language}">' in wanted.text
                for path in ("/x", "/pay/x", f"/pay/{live.token[:-1]}~", f"/pay/{UNKNOWN}/status"):
                    assert browser.get(path).content == wanted.content, path
                assert f'<html lang="{language}">' in browser.get("/").text
                assert "Northlight" not in wanted.text


@pytest.mark.usefixtures("_settings")
def test_no_page_for_strangers_has_english_left() -> None:
    drawn = [
        errors.gone("", "/pay/x/renew", "de"),
        errors.renewed("", "de"),
        errors.not_found("", "de"),
        errors.home("", "de"),
        errors.stored("", "de"),
        errors.failed("", "de"),
        errors.wrong_method("", "GET", "/pay/x", language="de"),
        *(errors.refused("", limits.Refusal(n, Sentence("Nothing was changed.")), "de")
          for n in (400, 402, 405, 408, 413, 414, 415, 429, 503)),
    ]  # fmt: skip
    for page in drawn:
        assert leftovers(said(pages.text(page))) == []


def _without_links(page: Page) -> str:
    return page.text.replace("CS-2026", "").replace("oeoe.example", "")
