"""The papers say every sum, number and phase; the same strings give the same bytes."""

from __future__ import annotations

import io
import re
from typing import Any

import pypdf
import pytest

from billing_core.documents import pdf
from tests.documents import gallery, samples


def read(paper: bytes) -> pypdf.PdfReader:
    """The paper, opened."""
    return pypdf.PdfReader(io.BytesIO(paper))


def words(paper: bytes) -> str:
    """Every word on the paper, with single spaces between them."""
    text = " ".join(page.extract_text() for page in read(paper).pages)
    return " ".join(text.replace("\u200b", "").split())


def invoice(document: dict[str, Any], **more: Any) -> bytes:
    """The invoice of ``document``."""
    return pdf.invoice_pdf(document, document_sha256=samples.DIGEST, **more)


def test_the_invoice_says_everything_that_was_frozen() -> None:
    paper = invoice(samples.northlight(), logo_svg=gallery.STAR)
    said = words(paper)
    for fact in [
        "Invoice NS-2026-00042",
        "Invoice date March 16, 2026",
        "Due April 15, 2026",
        "Your PO HV-7731",
        "Project Website relaunch",
        "Billed to Harbor & Vine, Inc. Alma Reyes, Accounts",
        "Phase 2: Homepage designs — delivered March 15",
        "Total due $4,500.00",
        "Homepage designs, final PDF, 14 pages, 8.2 MB 9f2c 41d7 a0e3",
        "Clickable prototype link, as it stood on March 15 c80a 6e14 92bf",
        "Sales tax (not charged on design services) $0.00",
        "Total, US dollars $4,500.00",
        "1 Discovery and sitemap Paid $3,000.00",
        "2 Homepage designs This invoice $4,500.00",
        "3 Inner page templates In progress $6,000.00",
        "4 Build and content Planned $6,000.00",
        "Contract sum paid so far $3,000.00 $22,500.00",
        "Two rounds of revision are included",
        "Account 0000 4417 20 Reference NS-2026-00042",
        "The fingerprint of this invoice begins e41b 9d02 77ac",
        "EIN 00-0000000 · billing@northlight.example",
        "page 1 of 1",
    ]:
        assert fact in said, fact
    assert "V O I D" not in said
    assert len(read(paper).pages) == 1


def test_the_invoice_is_an_accessible_archive_file() -> None:
    reader = read(invoice(samples.northlight()))
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    metadata = root["/Metadata"].get_object().get_data()
    assert b"<pdfaid:part>3</pdfaid:part>" in metadata
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert reader.metadata is not None
    assert reader.metadata.title == "Invoice NS-2026-00042"
    assert reader.metadata.author == "Northlight Studio"


def test_only_the_packaged_face_is_used() -> None:
    fonts = {
        font["/BaseFont"]
        for page in read(invoice(samples.northlight())).pages
        for font in page["/Resources"]["/Font"].get_object().values()  # type: ignore[index]
    }
    assert fonts
    assert all("SourceSansPro" in font for font in fonts), fonts


@pytest.mark.parametrize("name", ["northlight", "yen"])
def test_the_same_invoice_gives_the_same_bytes(name: str) -> None:
    document = samples.all_samples()[name]
    assert invoice(document) == invoice(samples.all_samples()[name])
    assert invoice(document) != invoice(document, void=gallery.VOID)


def test_as_little_as_can_be_is_a_whole_invoice() -> None:
    said = words(invoice(samples.minimal()))
    assert "Consulting $4,500.00 Total, US dollars $4,500.00" in said
    assert "Payment within 30 days of the invoice date." in said
    for absent in ("What was delivered", "Where the project", "Your PO", "by transfer", "tax"):
        assert absent not in said, absent


def test_forty_phases_run_over_the_page_with_heads_and_feet() -> None:
    pages = [
        " ".join(p.extract_text().split()) for p in read(invoice(samples.forty_phases())).pages
    ]
    assert len(pages) == 2
    said = " ".join(pages)
    for number in range(1, 41):
        assert re.search(rf"\b{number} Phase number {number} of the long programme \w", said)
    for number, page in enumerate(pages, start=1):
        assert "Phase State Amount" in page
        assert f"page {number} of 2" in page
    assert pages[1].startswith("Northlight Studio Invoice NS-2026-00042")
    assert "Contract sum paid so far $1,000.00 $40,000.00" in pages[1]


def test_a_currency_without_decimals() -> None:
    said = words(invoice(samples.yen()))
    assert "¥450,000" in said
    assert "10% ¥45,000 Total, Japanese yen ¥495,000" in said
    assert "¥495,000.0" not in said


def test_tax_that_is_included_is_told_and_not_added() -> None:
    said = words(invoice(samples.dinar()))
    assert "Total, Kuwaiti dinars KWD 4,500.000" in said
    assert "Includes VAT 5%: KWD 214.286. Net: KWD 4,285.714." in said


def test_tax_on_top_of_two_lines_and_the_invoice_it_replaces() -> None:
    said = words(invoice(samples.taxed()))
    assert "Homepage designs — final €4,000.00 Booking bar €500.00 VAT 19% €855.00" in said
    assert "Total, euros €5,355.00" in said
    assert "Replaces NS-2026-00041" in said


def test_long_names_are_set_whole() -> None:
    document = samples.long_names()
    paper = invoice(document)
    said = words(paper)
    assert said.count("Donaudampfschifffahrtsgesellschaftskapitänswitwenrente") == 3
    assert "W" * 120 in said.replace(" ", "")
    assert " ".join(document["milestone"]["scope"].split()) in said
    assert " ".join(document["terms"]["text"].split()) in said
    assert "$4,500.00" in said
    assert len(read(paper).pages) == 2


def test_void_is_stamped_and_nothing_is_due() -> None:
    said = words(invoice(samples.northlight(), void=gallery.VOID))
    assert "V O I D" in said
    assert "Withdrawn March 19, 2026 · replaced by NS-2026-00044" in said
    assert "Withdrawn, nothing is due $4,500.00" in said
    assert "Total due" not in said


def test_the_receipt_says_when_how_and_what_was_paid() -> None:
    said = words(pdf.receipt_pdf(samples.northlight(), payment=gallery.PAYMENT))
    for fact in [
        "Receipt",
        "Paid on March 17, 2026",
        "Invoice NS-2026-00042",
        "Paid $4,500.00",
        "Paid at March 17, 2026, 2:08 PM EDT",
        "With Visa •••• 4242",
        "Payment reference pi_3PqXw2eZvKYlo2C1",
        "Your statement shows NORTHLIGHT STUDIO",
        "Received $4,500.00",
        "begins b7a0 12ef 5c39",
    ]:
        assert fact in said, fact


def test_the_cancellation_takes_net_and_tax_back() -> None:
    document = samples.taxed()
    said = words(
        pdf.cancellation_pdf(
            document,
            document_sha256=samples.DIGEST,
            cancelled_on=gallery.VOID.withdrawn_on,
            reason="Agreed with Alma Reyes.",
            replaced_by="NS-2026-00044",
        )
    )
    for fact in [
        "Invoice NS-2026-00042 was withdrawn on March 19, 2026. Nothing is due on it.",
        "Agreed with Alma Reyes.",
        "Replaced by NS-2026-00044",
        "As invoiced on March 16, 2026 €5,355.00",
        "Net, taken back −€4,500.00 VAT 19%, taken back −€855.00",
        "Still due on this invoice €0.00",
        "e41b 9d02 77ac",
    ]:
        assert fact in said, fact


@pytest.mark.parametrize(
    ("buyer", "seller", "paper"),
    [
        (["1 Main", "US"], [], "us-letter"),
        (["1 Main", "Canada"], ["Berlin", "Germany"], "us-letter"),
        (["1 Main", "Germany"], ["Portland", "USA"], "a4"),
        (["1 Main", "Portland 04101"], ["Portland", "USA"], "us-letter"),
        ([], ["Portland", "USA"], "us-letter"),
        ([], [], "a4"),
    ],
)
def test_the_paper_is_what_the_readers_country_prints_on(
    buyer: list[str], seller: list[str], paper: str
) -> None:
    document = samples.minimal()
    document["buyer"]["address"], document["seller"]["address"] = buyer, seller
    assert pdf.paper_of(document) == paper


def test_the_paper_can_be_chosen() -> None:
    widths = {
        paper: round(float(read(invoice(samples.minimal(), paper=paper)).pages[0].mediabox.width))
        for paper in ("a4", "us-letter")
    }
    assert widths == {"a4": 595, "us-letter": 612}


@pytest.mark.parametrize("logo", [b"", b"no svg", b"\xff\xfe\x00", b"<svg", b"<svg></svg>"])
def test_a_broken_logo_leaves_the_name_alone(logo: bytes) -> None:
    assert "Northlight Studio Invoice" in words(invoice(samples.minimal(), logo_svg=logo))


def test_a_logo_loads_nothing_from_outside() -> None:
    linked = (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'
        b'<image href="/etc/passwd" width="9" height="9"/>'
        b'<image href="http://127.0.0.1:9/x.png" width="9" height="9"/></svg>'
    )
    assert "$4,500.00" in words(invoice(samples.minimal(), logo_svg=linked))
