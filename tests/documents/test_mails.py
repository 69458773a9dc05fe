"""Each kind of mail: its subject, its one button, its twin, and what it must not do."""

from __future__ import annotations

import dataclasses
import time
from datetime import date

import pytest

from billing_core.documents import mails
from tests.documents import gallery, samples
from tests.documents.test_hostile import Outline

BILLS: list[mails.Kind] = ["invoice", "reminder", "answered", "fresh_link", "preview"]


def compose(kind: mails.Kind, **changed: object) -> mails.MailBody:
    """A mail of ``kind`` about the first sample."""
    facts = dataclasses.replace(gallery.FACTS, **changed)  # type: ignore[arg-type]
    return mails.compose(kind, document=samples.northlight(), facts=facts)


INVOICE_TEXT = """\
Website relaunch, for Harbor & Vine

Phase 2: Homepage designs — delivered March 15

    $4,500.00
    Due April 15, 2026. Nothing is charged until you approve.

Review and Pay Now:
{{PAY_URL}}

WHAT WAS DELIVERED
- Homepage designs, final (PDF, 14 pages)
- Phone and tablet layouts (PDF, 9 pages)
- Clickable prototype (link)
- Notes from the review of March 11 (text, 2 pages)

WHERE THE PROJECT STANDS
Paid so far                     $3,000.00
This invoice, phase 2 of 5      $4,500.00
Still to come                  $15,000.00
                               ----------
Contract sum                   $22,500.00

On the page you can approve and pay, ask for changes, or decline.
Invoice NS-2026-00042 is attached as a PDF. Questions? Reply to this
mail: Maya Okafor reads it.

The address above is meant for you: whoever has it can see the invoice.
It works until April 15.

--\x20
Northlight Studio, 14 Quay Street, Portland, ME 04101, USA
You get this because Harbor & Vine named this address for its invoices.
This mail does not report when it is opened.
"""


def test_the_invoice_mail_reads_as_designed() -> None:
    body = compose("invoice")
    assert body.subject == (
        "Northlight Studio: $4,500.00 for Phase 2: Homepage designs, due April 15"
    )
    assert body.text == INVOICE_TEXT


@pytest.mark.parametrize("kind", gallery.KINDS)
def test_both_twins_say_the_same(kind: mails.Kind) -> None:
    body = compose(kind)
    page = " ".join(Outline(body.html).text.split())
    told = body.text.partition("\n-- \n")[0].replace("> ", "").replace("- ", "")
    for word in told.split():
        if word.isupper() or set(word) == {"-"} or word in ("above", "The"):
            continue
        assert word.rstrip(":") in page, word


@pytest.mark.parametrize("kind", BILLS)
def test_one_button_and_it_says_pay_now(kind: mails.Kind) -> None:
    body = compose(kind)
    assert body.html.count("Review and Pay Now</a>") == 1
    assert body.html.count('href="{{PAY_URL}}"') == 2  # the button, and its address written out
    assert "Review and Pay Now:\n{{PAY_URL}}\n" in body.text
    assert "Nothing is charged until you approve." in " ".join(body.text.split())
    assert "$4,500.00" in body.subject
    assert "Phase 2: Homepage designs" in body.subject


@pytest.mark.parametrize("kind", gallery.KINDS)
def test_nothing_is_loaded_and_nothing_runs(kind: mails.Kind) -> None:
    page = Outline(compose(kind).html)
    assert page.elements.isdisjoint({"img", "script", "link", "iframe", "form", "object", "video"})
    assert not [name for name in page.attributes if name.startswith("on") or name == "background"]
    assert "url(" not in compose(kind).html
    assert set(page.links) <= {"{{PAY_URL}}"}


@pytest.mark.parametrize("kind", gallery.KINDS)
def test_styles_are_inlined_and_dark_ones_kept(kind: mails.Kind) -> None:
    body = compose(kind)
    assert "prefers-color-scheme:dark" in body.html
    assert 'style="color: #14213d' in body.html
    assert "<title>" + body.subject.replace("&", "&amp;") + "</title>" in body.html


@pytest.mark.parametrize(
    ("days_overdue", "said", "subject"),
    [
        (7, "Was due April 15, 2026, seven days ago.", "was due April 15"),
        (1, "Was due April 15, 2026, one day ago.", "was due April 15"),
        (40, "Was due April 15, 2026, 40 days ago.", "was due April 15"),
        (0, "Due April 15, 2026.", "designs, due April 15"),
        (-3, "Due April 15, 2026.", "designs, due April 15"),
    ],
)
def test_a_reminder_says_how_late_it_is(days_overdue: int, said: str, subject: str) -> None:
    body = compose("reminder", days_overdue=days_overdue)
    assert said in body.text
    assert body.subject.endswith(subject)


def test_an_answer_stands_beside_what_was_asked() -> None:
    text = compose("answered").text
    asked = text.index("You wrote, March 17:\n> The booking bar is missing.")
    told = text.index("Maya Okafor answered, March 19:\n> Booking bar added.\n> See the prototype.")
    assert asked < told < text.index("Review and Pay Now")


def test_the_receipt_carries_the_seal_whole() -> None:
    body = compose("receipt")
    assert body.subject == "Northlight Studio: receipt for $4,500.00, Phase 2: Homepage designs"
    assert samples.SEAL in body.text
    assert samples.SEAL in body.html
    assert "b7a0 12ef 5c39" in body.text
    assert "Paid at                  March 17, 2026, 2:08 PM EDT" in body.text
    assert "Pay Now" not in body.text


def test_a_code_is_not_in_the_subject_and_there_is_nothing_to_press() -> None:
    body = compose("code")
    assert "481516" in body.text
    assert "481516" not in body.subject
    assert "within 10 minutes" in body.text
    assert "{{PAY_URL}}" not in body.html + body.text


def test_a_withdrawal_says_that_nothing_is_due() -> None:
    body = compose("voided")
    assert "was withdrawn on March 19, 2026. Nothing is" in body.text
    assert "Invoice NS-2026-00044 takes its place." in body.text
    assert '<s class="struck"' in body.html
    assert "{{PAY_URL}}" not in body.html + body.text


def test_a_preview_says_so_first() -> None:
    body = compose("preview")
    assert body.subject.startswith("Preview: ")
    assert body.text.startswith("Preview, sent to you alone.")
    bare = compose("preview", pay_url="")
    assert "href" not in bare.html
    assert "Review and Pay Now</span>" in bare.html


def test_a_test_mail_needs_no_invoice() -> None:
    document = {"seller": {"name": "Northlight Studio"}, "language": "en"}
    body = mails.compose("test", document=document, facts=mails.MailFacts())
    assert body.subject == "Northlight Studio: test mail"
    assert "Mail works." in body.text


def test_what_is_not_known_is_left_out() -> None:
    body = compose("invoice", link_expires_on=None, reply_name="", attached=False)
    assert "It works until" not in body.text
    assert "attached" not in body.text
    assert "a person reads it" in body.text


def test_the_year_is_said_when_it_is_another() -> None:
    document = samples.northlight() | {"issued_on": "2026-12-10", "due_on": "2027-01-09"}
    body = mails.compose(
        "invoice",
        document=document,
        facts=dataclasses.replace(gallery.FACTS, link_expires_on=date(2027, 1, 9)),
    )
    assert body.subject.endswith("due January 9, 2027")
    assert "It works until January 9, 2027." in body.text


def test_tax_is_shown_where_it_is_charged() -> None:
    text = mails.compose("invoice", document=samples.taxed(), facts=gallery.FACTS).text
    assert "VAT 19%                €855.00" in text
    assert "Total, euros         €5,355.00" in text


def test_phases_billed_elsewhere_are_not_hidden() -> None:
    text = mails.compose("invoice", document=samples.forty_phases(), facts=gallery.FACTS).text
    assert "Billed, not yet paid             $2,000.00" in text


def test_many_deliverables_are_counted_not_listed() -> None:
    document = samples.northlight()
    document["milestone"]["deliverables"] *= 10
    body = mails.compose("invoice", document=document, facts=gallery.FACTS)
    assert "and 28 more, listed on the page" in body.text
    assert body.html.count("Clickable prototype") == 3


def test_long_names_never_push_the_sum_out_of_the_subject() -> None:
    subject = mails.compose("invoice", document=samples.long_names(), facts=gallery.FACTS).subject
    assert len(subject) <= 200
    assert "$4,500.00" in subject
    assert subject.endswith("due April 15")


@pytest.mark.parametrize("kind", ["receipt", "voided"])
def test_facts_a_mail_is_about_must_be_there(kind: mails.Kind) -> None:
    with pytest.raises(ValueError, match="needs"):
        compose(kind, receipt=None, void=None)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no mail of kind"):
        compose("newsletter")  # type: ignore[arg-type]


def test_composing_is_quick_once_warm() -> None:
    compose("invoice")
    rounds = []
    for _ in range(20):
        started = time.perf_counter()
        compose("invoice")
        rounds.append(time.perf_counter() - started)
    # the best of twenty: what it costs, whatever else the machine does
    assert min(rounds) < 0.005
