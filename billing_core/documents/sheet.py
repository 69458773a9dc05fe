"""A frozen invoice read into words: the parts that its papers and its mails have in common.

Takes the canonical invoice (see ``rules.invoice``) as it is and computes nothing about money: every
sum shown is a sum that stands in the document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from billing_core import clock
from billing_core.documents import plain, wording
from billing_core.documents.phrases import phrase

Document = Mapping[str, Any]
_MILLION = 10**6


@dataclass(frozen=True)
class Row:
    """One labelled value; ``aside`` follows the label in the second voice."""

    label: str
    value: str
    aside: str = ""
    strong: bool = False


@dataclass(frozen=True)
class Delivered:
    """One deliverable: ``about`` tells it whole for paper, ``brief`` in one word or two."""

    name: str
    about: str
    brief: str
    fingerprint: str


@dataclass(frozen=True)
class Phase:
    """One phase of the contract; ``share`` is its part of all phases in parts per million."""

    position: str
    title: str
    kind: str
    word: str
    amount: str
    share: int


@dataclass(frozen=True)
class VoidStamp:
    """When an invoice was withdrawn, and the number that took its place ("" for none)."""

    withdrawn_on: date
    replaced_by: str = ""


@dataclass(frozen=True)
class ReceiptFacts:
    """A payment that arrived.

    ``paid_at`` is aware; ``method`` and ``reference`` read as the payer knows them;
    ``amount_minor`` is in the invoice's currency; ``seal`` is the chain's head (hex SHA-256 or "").
    """

    paid_at: datetime
    method: str
    reference: str
    amount_minor: int
    seal: str = ""


class Sheet:
    """What one document says, in its own language, line by line."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.language = str(document["language"])
        self.phrase: Callable[[str], str] = phrase(self.language)
        self.seller_name = plain.line(document["seller"]["name"])
        self.buyer_name = plain.line(document["buyer"]["name"] or document["buyer"]["company"])
        self.number = plain.line(document["number"])
        title = plain.line(document["title"])
        head, tail = wording.split_title(title)
        self.head, self.tail = head, f"— {tail}" if tail else ""
        self.total = self.money(document["total_minor"])
        self.zone = clock.zone(str(document["time_zone"]))

    def money(self, amount_minor: int) -> str:
        """An amount of this document's currency."""
        return wording.money(amount_minor, self.document["currency"], self.language)

    def day(self, on: str) -> str:
        """A date of this document, whole."""
        return wording.day(on, self.language)

    def day_near(self, on: str) -> str:
        """A date as one says it near the invoice date: without the year when it is the same."""
        return wording.day_short(on, self.language, near=self.document["issued_on"])

    def kicker(self) -> str:
        """``Website relaunch, for Harbor & Vine``."""
        project = self.document["project"]
        if project is None:
            return self.phrase("For {buyer}").format(buyer=self.buyer_name)
        named = plain.line(project["name"])
        return self.phrase("{project}, for {buyer}").format(project=named, buyer=self.buyer_name)

    def seller_address(self) -> str:
        """Name and address of the one who bills, on one line."""
        seller = self.document["seller"]
        return ", ".join(_filled([seller["name"], *seller["address"]]))

    def seller_imprint(self) -> str:
        """Address, tax id and mail address of the one who bills, on one line."""
        seller = self.document["seller"]
        return " · ".join(_filled([self.seller_address(), seller["tax_id"], seller["email"]]))

    def buyer_lines(self) -> list[str]:
        """The address block of the one who is billed; the first line is the name that counts."""
        buyer = self.document["buyer"]
        first = buyer["company"] or buyer["name"]
        second = "" if buyer["name"] in first else buyer["name"]
        return _filled([first, second, *buyer["address"], buyer["tax_id"]]) or ["–"]

    def deliverables(self) -> list[Delivered]:
        """What was delivered with this invoice's milestone; empty without one."""
        milestone = self.document["milestone"]
        return [self._delivered(d) for d in milestone["deliverables"]] if milestone else []

    def lines(self) -> list[Row]:
        """The lines billed. A line that repeats the title is shown by the title's head alone."""
        rows = []
        for entry in self.document["lines"]:
            head, tail = wording.split_title(plain.line(entry["description"]))
            repeats = entry["description"] == self.document["title"]
            aside = f"— {tail}" if tail and not repeats else ""
            rows.append(Row(head, self.money(entry["amount_minor"]), aside))
        return rows

    def tax_name(self) -> str:
        """``VAT 19%``; the rate is left out when it is zero."""
        tax = self.document["tax"]
        name = plain.line(tax["name"]) or self.phrase("Tax")
        rate = wording.percent(tax["rate_ppm"], self.language) if tax["rate_ppm"] else ""
        return f"{name} {rate}".strip()

    def tax_row(self) -> Row | None:
        """Tax added to the lines; none when it is included in them or not spoken of."""
        tax = self.document["tax"]
        if tax["included"] or not (tax["name"] or tax["note"] or self.document["tax_minor"]):
            return None
        note = plain.line(tax["note"])
        return Row(
            self.tax_name(), self.money(self.document["tax_minor"]), f"({note})" * bool(note)
        )

    def tax_note(self) -> str:
        """The sentence about tax that the total includes; empty when none is included."""
        tax = self.document["tax"]
        if not tax["included"] or not (tax["name"] or self.document["tax_minor"]):
            return ""
        sentence = self.phrase("Includes {tax}: {amount}. Net: {net}.").format(
            tax=self.tax_name(),
            amount=self.money(self.document["tax_minor"]),
            net=self.money(self.document["net_minor"]),
        )
        return f"{sentence} {plain.line(tax['note'])}".strip()

    def total_label(self) -> str:
        """``Total, US dollars``."""
        name = wording.currency_name(self.document["currency"], self.language)
        return self.phrase("Total, {currency}").format(currency=name)

    def phases(self) -> list[Phase]:
        """The phases of the contract, in their order; empty without a project."""
        project = self.document["project"]
        entries = project["phases"] if project else []
        whole = sum(entry["amount_minor"] for entry in entries) or 1
        return [
            Phase(
                position=str(entry["position"]),
                title=plain.line(entry["title"]),
                kind=entry["state"],
                word=self._phase_word(entry["state"]),
                amount=self.money(entry["amount_minor"]),
                share=entry["amount_minor"] * _MILLION // whole,
            )
            for entry in entries
        ]

    def standing(self) -> list[Row]:
        """Paid, billed elsewhere, this invoice, still to come: where the project stands."""
        project, _ = self.document["project"], self.phrase
        if project is None:
            return []
        entries = project["phases"]
        elsewhere = sum(e["amount_minor"] for e in entries if e["state"] in ("billed", "approved"))
        here = [e["position"] for e in entries if e["state"] == "this"]
        this = _("This invoice, phase {n} of {count}") if here else _("This invoice")
        this = this.format(n=here[0] if here else "", count=len(entries))
        billed = Row(_("Billed, not yet paid"), self.money(elsewhere))
        return [
            Row(_("Paid so far"), self.money(project["paid_minor"])),
            *([billed] if elsewhere else []),
            Row(this, self.money(project["this_minor"]), strong=True),
            Row(_("Still to come"), self.money(project["to_come_minor"])),
        ]

    def contract_row(self) -> Row | None:
        """The sum under the phases: the contract's, or all phases' where none was agreed."""
        project, _ = self.document["project"], self.phrase
        if project is None:
            return None
        paid = _("paid so far {amount}").format(amount=self.money(project["paid_minor"]))
        if project["contract_sum_minor"] is not None:
            return Row(_("Contract sum"), self.money(project["contract_sum_minor"]), paid)
        phases_minor = sum(entry["amount_minor"] for entry in project["phases"])
        return Row(_("All phases"), self.money(phases_minor), paid)

    def payment_rows(self, payment: ReceiptFacts) -> list[Row]:
        """When and how money came, as far as it is known."""
        _, zone = self.phrase, str(self.document["time_zone"])
        rows = [
            Row(_("Paid at"), wording.moment(payment.paid_at, zone, self.language)),
            Row(_("With"), wording.method(plain.line(payment.method), self.language)),
            Row(_("Payment reference"), plain.line(payment.reference)),
            Row(
                _("Your statement shows"),
                plain.line(self.document["seller"]["statement_descriptor"]),
            ),
        ]
        return [row for row in rows if row.value]

    def terms(self) -> str:
        """The terms as frozen; where there is no text, the time to pay."""
        terms, _ = self.document["terms"], self.phrase
        text = plain.block(terms["text"])
        if not text and terms["days"]:
            text = _("Payment within {days} days of the invoice date.").format(days=terms["days"])
        version = plain.line(terms["version"])
        if text and version and version not in text:
            # "2" needs saying what it is; "Agreement version 2 of January 12" says it itself
            named = (
                version if " " in version else _("Terms version {version}").format(version=version)
            )
            text += "\n" + named
        return text

    def bank_rows(self) -> list[Row]:
        """Where a transfer goes, with the reference that names this invoice; empty without bank."""
        entries = self.document["seller"]["bank"]
        rows = [Row(plain.line(entry["label"]), plain.line(entry["value"])) for entry in entries]
        reference = Row(self.phrase("Reference"), self.number, strong=True)
        return [*rows, reference] if rows else []

    def _delivered(self, entry: Mapping[str, Any]) -> Delivered:
        detail, link = plain.line(entry["detail"]), entry["kind"] == "link"
        host = urlsplit(str(entry.get("url", ""))).hostname or ""
        word = self.phrase("link")
        size = entry["bytes"]
        sized = wording.file_size(size, self.language) if size is not None and not link else ""
        return Delivered(
            name=plain.line(entry["name"]),
            about=", ".join(_filled([word if link else "", host, detail, sized])),
            brief=word if link else detail,
            fingerprint=wording.fingerprint(entry["sha256"] or ""),
        )

    def _phase_word(self, state: str) -> str:
        _ = self.phrase
        words = {
            "paid": _("Paid"),
            "this": _("This invoice"),
            "billed": _("Waiting"),
            "approved": _("Approved"),
            "delivered": _("Delivered"),
            "in_progress": _("In progress"),
        }
        return words.get(state, _("Planned"))


def _filled(parts: list[Any]) -> list[str]:
    return [shown for part in parts if part and (shown := plain.line(part))]
