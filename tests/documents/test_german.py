"""German mails and papers: no English is left, terms and forms are German, catalogues whole."""

from __future__ import annotations

import dataclasses
import gettext
import io
import re
from datetime import UTC, date, datetime

import pytest
from babel.messages.mofile import write_mo

from billing_core.documents import letters_money, mails, pdf, phrases, wording
from billing_core.documents.phrases import CATALOGUES, catalogue, in_language, preferred
from billing_core.rules.nouns import Address, Company, Customer
from billing_core.rules.sentences import Sentence
from tests.documents import gallery, samples
from tests.documents.leftovers import TYPED, leftovers, spoken
from tests.documents.test_papers import words
from tests.support import messages

LANGUAGES = sorted(path.stem for path in CATALOGUES.glob("*.po"))
DOCUMENTS = {
    name: spoken(document)
    for name, document in samples.all_samples().items()
    if name in ("northlight", "minimal", "taxed", "forty_phases", "dinar")
}
FACTS = dataclasses.replace(
    gallery.FACTS,
    reply_name=TYPED,
    request=mails.Said(TYPED, date(2026, 3, 17), TYPED),
    answer=mails.Said(TYPED, date(2026, 3, 19), TYPED),
    receipt=dataclasses.replace(gallery.PAYMENT, method="Bank transfer", reference="42"),
    reason=TYPED,
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_complete_and_has_nothing_left_over(language: str) -> None:
    entries = {messages.key(entry.id): entry for entry in messages.read(language) if entry.id}
    wanted = set(messages.said())
    assert set(entries) == wanted, "run: make messages"
    for sentence, entry in entries.items():
        said = (entry.string,) if isinstance(entry.string, str) else tuple(entry.string)
        ours = (sentence,) if isinstance(sentence, str) else sentence
        assert all(said), f"{language}.po says nothing for {sentence!r}"
        assert not entry.fuzzy, sentence
        places = [set(re.findall(r"\{\w*\}", text)) for text in (*ours, *said)]
        # only "one" may leave out its number: "vor einem Tag"
        assert places[-1] == places[len(ours) - 1], sentence
        assert places[len(ours)] | {"{n}"} == places[0] | {"{n}"}, sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_read_as_gettext_reads_it(language: str) -> None:
    compiled = io.BytesIO()
    read = messages.read(language)
    write_mo(compiled, read)
    compiled.seek(0)
    ours, oracle = catalogue(language), gettext.GNUTranslations(compiled)
    for sentence in (messages.key(entry.id) for entry in read if entry.id):
        if isinstance(sentence, str):
            assert ours.gettext(sentence) == oracle.gettext(sentence)
            continue
        for number in range(130):
            assert ours.ngettext(*sentence, number) == oracle.ngettext(*sentence, number)
    assert len(ours.words) == len(read)


def test_the_extraction_finds_what_is_said_everywhere() -> None:
    """Guards the test of completeness: a way of saying it that nobody extracts would pass it."""
    said = messages.said()
    for sentence in (
        "Total due",  # _() in a paper
        "Accepted when: {criteria}",  # sheet.phrase() and a template
        "Phases {first} to {last}",  # phrase(language)()
        "Approve and pay {total}",  # a template
        "{what} is missing.",  # a Sentence of a rule
        ("{n} day ago", "{n} days ago"),
    ):
        assert sentence in said
    assert said["Accepted when: {criteria}"] > {"paynow/templates/paper.html"}


@pytest.mark.parametrize("kind", gallery.KINDS)
def test_no_mail_has_english_left(kind: mails.Kind) -> None:
    for name, document in DOCUMENTS.items():
        for late in (0, 1, 7):
            facts = dataclasses.replace(FACTS, days_overdue=late)
            body = mails.compose(kind, document=document, facts=facts)
            shown = re.sub(r"<style.*?</style>|<!--.*?-->|<[^>]+>", " ", body.html, flags=re.DOTALL)
            for part in (body.subject, body.text.replace("{{PAY_URL}}", ""), shown):
                assert leftovers(part.replace("{{PAY_URL}}", "")) == [], (name, part)
            assert '<html lang="de"' in body.html


def test_no_letter_about_money_has_english_left() -> None:
    company = Company(name=TYPED, address=Address(line1=TYPED), operator_name=TYPED)
    at = datetime(2026, 3, 16, tzinfo=UTC)
    customer = Customer("bc_1", TYPED, "a@b.example", "EUR", "active", at, language="de")
    setup = letters_money.write_setup(company, customer, "https://x.example/ü")
    refund = letters_money.write_refund(
        company, customer, amount_minor=450000, currency="EUR",
        invoice="R-1", number="G-1", method="Visa •••• 4242", reason=TYPED,
    )  # fmt: skip
    assert "4.500,00 € erstattet" in refund.subject.replace("\u00a0", " ")
    for body in (setup, refund):
        for part in (body.subject, body.text.replace("https://x.example/ü", "")):
            assert leftovers(part) == []


@pytest.mark.parametrize("name", list(DOCUMENTS))
def test_no_paper_has_english_left(name: str) -> None:
    document = DOCUMENTS[name]
    papers = [
        pdf.invoice_pdf(document, document_sha256=samples.DIGEST, void=gallery.VOID),
        pdf.receipt_pdf(document, payment=FACTS.receipt or gallery.PAYMENT),
        pdf.cancellation_pdf(
            document, document_sha256=samples.DIGEST, cancelled_on=date(2026, 3, 19), reason=TYPED
        ),
    ]
    for paper in papers if name in ("northlight", "taxed") else papers[:1]:
        text = words(paper).replace("NS-2026-00044", "")
        assert leftovers(text) == [], text


def test_a_german_invoice_uses_the_words_of_german_bookkeeping() -> None:
    document = samples.taxed() | {"language": "de", "po_number": "B-7"}
    document["tax"] = document["tax"] | {"name": "Umsatzsteuer"}
    said = words(pdf.invoice_pdf(document, document_sha256=samples.DIGEST)).replace("\u00a0", " ")
    for fact in (
        "Rechnung NS-2026-00042",
        "Rechnungsdatum 16. März 2026",
        "Fällig am 15. April 2026",
        "Bestellnummer B-7",
        "Zu zahlen 5.355,00 €",
        "Umsatzsteuer 19 % 855,00 €",
        "Gesamtbetrag, Euro 5.355,00 €",
        "Verwendungszweck NS-2026-00042",
        "Seite 1 von 1",
    ):
        assert fact in said, fact
    receipt = words(pdf.receipt_pdf(document, payment=gallery.PAYMENT))
    assert "Zahlungsbeleg" in receipt
    assert "17. März 2026, 14:08" in receipt


def test_the_sentence_agreed_to_is_german() -> None:
    sentence = wording.agreement_sentence("Phase 2: Entwurf — geliefert", "Hafen", "10,00 €", "de")
    assert sentence == (
        "Ich habe Phase 2: Entwurf geprüft, bin berechtigt, dies für Hafen freizugeben, "
        "und stimme der Zahlung von 10,00 € zu."
    )


def test_a_sentence_says_its_values_in_the_readers_language() -> None:
    long = Sentence(
        "{what} is too long: {n} characters, {most} are allowed.",
        what=Sentence("Your message"), n=2100, most=2000,
    )  # fmt: skip
    assert long == "Your message is too long: 2,100 characters, 2,000 are allowed."
    assert in_language(long, "de") == (
        "Ihre Nachricht ist zu lang: 2.100 Zeichen, erlaubt sind 2.000."
    )
    assert in_language("nobody's catalogue has this", "de") == "nobody's catalogue has this"
    assert in_language("", "de") == ""
    assert in_language(Sentence("{n} tries are left.", n=4), "tlh") == "4 tries are left."


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", "de"),
        ("en-US,en;q=0.9,de;q=0.8", "en"),
        ("fr-CH, fr;q=0.9, de;q=0.7, *;q=0.5", "de"),
        ("de;q=0", "en"),
        ("DE", "de"),
        ("", "en"),
        ("q=1;;,\x00," + "x" * 5000, "en"),
        ("fr," * 500 + "de", "en"),
        ("de;q=9", "en"),
    ],
)
def test_the_browsers_wish_is_read(asked: str, language: str) -> None:
    assert preferred(asked) == language


def test_languages_are_the_catalogues_that_lie_there() -> None:
    assert phrases.languages() == ("en", *LANGUAGES)
    assert phrases.spoken("de-AT") == phrases.spoken("de_CH") == "de"
    assert phrases.spoken("tlh") == "en"
