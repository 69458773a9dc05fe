"""The facts around the sample invoices, and every paper and mail there is, set from them.

``python -m tests.documents.gallery FOLDER`` writes them all there, to be looked at.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path

from billing_core.documents import mails, pdf
from billing_core.documents.sheet import ReceiptFacts, VoidStamp
from tests.documents import samples

PAYMENT = ReceiptFacts(
    paid_at=datetime(2026, 3, 17, 18, 8, tzinfo=UTC),
    method="Visa •••• 4242",
    reference="pi_3PqXw2eZvKYlo2C1",
    amount_minor=450000,
    seal=samples.SEAL,
)
VOID = VoidStamp(date(2026, 3, 19), "NS-2026-00044")
FACTS = mails.MailFacts(
    pay_url="{{PAY_URL}}",
    link_expires_on=date(2026, 4, 15),
    reply_name="Maya Okafor",
    days_overdue=7,
    request=mails.Said("Alma Reyes", date(2026, 3, 17), "The booking bar is missing."),
    answer=mails.Said("Maya Okafor", date(2026, 3, 19), "Booking bar added.\nSee the prototype."),
    receipt=PAYMENT,
    void=VOID,
    reason="The booking bar was missing.",
    code="481516",
)
KINDS: tuple[mails.Kind, ...] = (
    "invoice",
    "reminder",
    "answered",
    "receipt",
    "code",
    "voided",
    "fresh_link",
    "preview",
    "test",
)
STAR = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36">
<rect width="36" height="36" rx="3" fill="#14213d"/>
<path d="M18 5l2.6 10.4L31 18l-10.4 2.6L18 31l-2.6-10.4L5 18l10.4-2.6z" fill="#f4d58d"/></svg>"""


def write_all(folder: Path) -> None:
    """Every sample as paper and mail, and the papers only the first one has, into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    first = samples.northlight()
    papers = {
        name: pdf.invoice_pdf(document, document_sha256=samples.DIGEST, logo_svg=STAR)
        for name, document in samples.all_samples().items()
    }
    papers["void"] = pdf.invoice_pdf(
        first, document_sha256=samples.DIGEST, void=VOID, logo_svg=STAR
    )
    papers["receipt"] = pdf.receipt_pdf(first, payment=PAYMENT, logo_svg=STAR)
    papers["cancellation"] = pdf.cancellation_pdf(
        first, document_sha256=samples.DIGEST, cancelled_on=VOID.withdrawn_on, reason=FACTS.reason
    )
    for name, content in papers.items():
        (folder / f"{name}.pdf").write_bytes(content)
    for kind in KINDS:
        body = mails.compose(kind, document=first, facts=FACTS)
        (folder / f"mail-{kind}.html").write_text(body.html, encoding="utf-8")
        (folder / f"mail-{kind}.txt").write_text(body.text, encoding="utf-8")


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
