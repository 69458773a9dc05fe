"""Every screen, with empty books and with full ones: it draws, and says what it must."""

from __future__ import annotations

import pytest

from billing_core.flows.send_mail import send_mail
from billing_core.flows.void_charge import void_charge
from billing_core.records import concerns, db
from billing_core.reports import lists, outbox
from tests import books
from tests.console.screen import Screen

pytestmark = pytest.mark.usefixtures("books")

HOSTILE = "<script>alert(1)</script> **bold** $x$ :smile: [a](http://b) =cmd()"

EMPTY = {
    "overview": "Your first charge",
    "customers": "No customer yet. Add the first one.",
    "charges": "No charge yet. Charge Now sends the first invoice.",
    "revenue": "No money yet in this time.",
    "receivables": "Nothing is owed yet.",
    "disputes": "No dispute, and nothing to do.",
    "reports": "No row like that.",
    "items": "No item yet.",
    "outbox": "No mail yet.",
    "settings": "Who bills",
}


@pytest.mark.parametrize("page", EMPTY)
def test_an_empty_screen_says_what_to_do_first(page: str) -> None:
    assert EMPTY[page] in Screen(page).said()


@pytest.mark.parametrize("page", EMPTY)
def test_every_screen_says_that_no_real_money_moves_and_who_sits_there(page: str) -> None:
    said = Screen(page).said()
    assert "Sandbox: no real money moves." in said
    assert "There is no password." in said


def test_in_empty_books_four_fields_lead_to_the_first_charge() -> None:
    screen = Screen().fill("first/company", "Northlight Studio").fill("first/name", "Harbor & Vine")
    assert "email" in screen.click("first").said()
    assert lists.customers() == (), "a wrong field stores nothing"
    screen.fill("first/email", "dana@harborvine.example").click("first")
    assert screen.cmd
    assert (
        "To dana@harborvine.example" in screen.fill(screen.field("description"), "Phase 1").said()
    )
    assert not Screen().has("first")
    assert Screen().has("guide:4")


def test_the_guide_follows_what_really_happened() -> None:
    assert Screen().has("guide:0")
    seeded = books.seed()
    screen = Screen()
    assert not screen.has("guide:0")
    assert screen.has("guide:4")
    books.paid(seeded)
    assert "Your first charge" not in Screen().said()


def test_the_guide_leads_to_the_right_places() -> None:
    assert "New item" not in Screen().said()
    books.seed()
    screen = Screen().click("guide:4")
    assert screen.cmd
    assert "dana@harborvine.example" in screen.said()


def test_overview_shows_what_needs_a_person_and_leads_there() -> None:
    seeded = books.seed()
    fired = books.fire(seeded)
    assert fired.charge
    books.ask_for_changes(books.token(fired), "The plan is missing.")
    screen = Screen()
    said = screen.said()
    assert "Changes requested" in said
    assert "“The plan is missing.”" in said
    assert f"Harbor & Vine, {fired.charge.invoice_number}" in said
    screen.click("open:need-0")
    assert screen.address("charge") == fired.charge.id
    assert "The plan is missing." in screen.said()


def test_every_kind_of_need_has_its_word_and_its_place() -> None:
    books.paid(books.seed(), "3000.00", "Phase 1")
    kinds = ("gateway_account", "webhook_secret", "books_differ", "message_parked")
    with db.begin() as connection:
        for kind in kinds:
            concerns.raise_up(connection, kind, kind, f"Look at {kind}.")
    for number in range(len(kinds)):
        screen = Screen()
        assert all(f"Look at {kind}." in screen.said() for kind in kinds)
        assert "Health" in screen.click(f"open:need-{number}").said(), kinds[number]


def test_overview_keeps_collected_and_waiting_apart() -> None:
    seeded = books.seed()
    books.paid(seeded, "3000.00", "Phase 1")
    books.fire(seeded, "4500.00")
    screen = Screen()
    shown = {metric.label: metric.value for metric in screen.at.metric}
    assert shown["Collected, USD"].replace("\\", "") == "$3,000.00"
    assert shown["Waiting for clients, USD"].replace("\\", "") == "$4,500.00"


def test_customers_can_be_searched_and_opened() -> None:
    seeded = books.seed()
    screen = Screen("customers")
    screen.fill("q", "nobody at all")
    assert "Nobody by that name or email." in screen.said()
    screen.fill("q", "harbor").click(f"open:{seeded.customer}")
    assert screen.address("customer") == seeded.customer
    assert "Visa •••• 4242" in screen.said()


def test_charges_are_filtered_by_state_and_by_search() -> None:
    seeded = books.seed()
    books.paid(seeded, "3000.00", "Phase 1")
    books.fire(seeded, "4500.00")
    screen = Screen("charges")
    assert {"Phase 1", books.PHASE_2} <= set(screen.said().splitlines())
    screen.at.button_group(key="state").set_value("Paid")
    assert books.PHASE_2 not in screen.run().said()
    screen.at.button_group(key="state").set_value(None)
    assert "Phase 1" not in screen.fill("q", "Homepage").said().splitlines()


def test_a_charge_shows_its_chain_with_what_can_still_be_opened() -> None:
    seeded = books.seed()
    charge = books.paid(seeded)
    said = Screen("charges", charge=charge.id).said()
    for words in ("Charge fired · operator", "Client approved · client", "Paid · gateway"):
        assert words in said
    assert "Dana Whitfield" in said
    assert "203.0.113.7" in said
    assert "chain intact" in said


def test_a_withdrawn_charge_offers_nothing_that_acts() -> None:
    fired = books.fire(books.seed())
    assert fired.charge
    void_charge(fired.charge.id, reason="By mistake.", actor=books.OPERATOR)
    screen = Screen("charges", charge=fired.charge.id)
    assert not [b.key for b in screen.at.button if str(b.key).startswith("verb:")]
    assert "Void" in screen.said()


def test_a_note_is_kept() -> None:
    fired = books.fire(books.seed())
    assert fired.charge
    screen = Screen("charges", charge=fired.charge.id)
    screen.at.text_area(key=f"note:{fired.charge.id}").set_value("Ask Dana about the PO.")
    screen.click("save-note")
    assert books.charge(fired.charge.id).note == "Ask Dana about the PO."


def test_revenue_shows_money_that_is_there_and_nothing_else() -> None:
    seeded = books.seed()
    books.paid(seeded, "3000.00", "Phase 1")
    books.fire(seeded, "4500.00")
    screen = Screen("revenue")
    shown = {metric.label: metric.value.replace("\\", "") for metric in screen.at.metric}
    assert shown["Gross, USD"] == "$3,000.00"
    table = screen.at.dataframe[0].value
    assert list(table["Gross"]) == ["$3,000.00"]
    assert list(table["Customer"]) == ["Harbor & Vine"]


def test_a_mail_is_shown_in_a_frame_that_cannot_reach_the_console() -> None:
    books.fire(books.seed())
    (mail,) = outbox.mails()
    assert "being written" in Screen("outbox", mail=mail.id).said()
    send_mail(mail.id)
    screen = Screen("outbox", mail=mail.id)
    assert mail.subject.split(" — ")[0] in screen.said()
    (frame,) = screen.at.get("iframe")
    assert frame.proto.src.startswith("data:text/html")
    assert "/pay/" in screen.at.code[0].value


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("charges", {"charge": "sc_nobody"}),
        ("customers", {"customer": "bc_nobody"}),
        ("items", {"item": "bi_nobody"}),
        ("outbox", {"mail": "ml_nobody"}),
        ("charges", {"charge": "x" * 5000}),
        ("charges", {"charge": "sc_\x00'"}),
    ],
)
def test_an_address_of_nothing_gets_one_calm_sentence(page: str, query: dict[str, str]) -> None:
    screen = Screen(page, **query)
    assert "Not done" in screen.said()
    assert "Traceback" not in screen.said()


def test_what_people_wrote_is_shown_as_text_everywhere() -> None:
    seeded = books.seed(item={"name": HOSTILE[:100]}, name=HOSTILE, company=HOSTILE)
    fired = books.fire(seeded, description=HOSTILE)
    assert fired.charge
    books.ask_for_changes(books.token(fired), HOSTILE)
    (mail,) = outbox.mails()
    places: list[tuple[str, dict[str, str]]] = [
        ("overview", {}),
        ("customers", {}),
        ("customers", {"customer": seeded.customer}),
        ("charges", {}),
        ("charges", {"charge": fired.charge.id}),
        ("items", {}),
        ("outbox", {}),
        ("outbox", {"mail": mail.id}),
    ]
    for page, query in places:
        at = Screen(page, **query).at
        assert not [e for e in at.markdown if "alert(1)" in e.value], page
        assert not [e for e in at.caption if "alert(1)" in e.value], page
        assert not [e for e in at.main.get("html") if "<script" in e.body], page
        assert not [e for e in at.button if "alert(1)" in e.label], page
