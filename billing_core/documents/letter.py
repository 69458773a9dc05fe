"""One mail in words, and the facts it is written from. No layout and no rules here.

``letters`` writes them, ``mails`` sets them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from billing_core.documents.sheet import Delivered, ReceiptFacts, Row, VoidStamp


@dataclass(frozen=True)
class Said:
    """Words of a person, with the day they were written on."""

    name: str
    on: date
    text: str


@dataclass(frozen=True)
class MailFacts:
    """What a mail needs beside the frozen document. Only the fields of its kind are read.

    ``pay_url`` may be a placeholder: it stands in the mail exactly as given. ``reply_name`` is who
    reads an answer. ``days_overdue`` below one means not overdue. ``attached`` says whether the
    paper goes along as a PDF.
    """

    pay_url: str = ""
    link_expires_on: date | None = None
    reply_name: str = ""
    attached: bool = True
    days_overdue: int = 0
    request: Said | None = None
    answer: Said | None = None
    receipt: ReceiptFacts | None = None
    void: VoidStamp | None = None
    reason: str = ""
    code: str = ""
    code_minutes: int = 10


@dataclass(frozen=True)
class Quote:
    """Words of a person under a line that says whose they are and from when."""

    label: str
    text: str


@dataclass(frozen=True)
class Table:
    """Labelled values under a title, with a sum below a line where there is one."""

    title: str
    rows: tuple[Row, ...]
    total: Row | None = None
    note: str = ""


@dataclass(frozen=True)
class Letter:
    """One mail in words. Empty parts are left out."""

    language: str
    seller: str
    subject: str
    preheader: str
    head: str
    tail: str = ""
    notice: str = ""
    kicker: str = ""
    sum: str = ""
    struck: bool = False
    code: str = ""
    sum_line: str = ""
    lead: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()
    button: str = ""
    url: str = ""
    files_title: str = ""
    files: tuple[Delivered, ...] = ()
    more_files: str = ""
    tables: tuple[Table, ...] = ()
    closing: tuple[str, ...] = ()
    seal: str = ""
    link_until: str = ""
    imprint: str = ""
    because: str = ""
