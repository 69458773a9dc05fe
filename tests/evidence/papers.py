"""Ways to tamper with what hangs on a chain: the frozen invoice, its PDF, the charge's own row."""

from __future__ import annotations

import random

from tests.evidence.attacks import Attack, Books, change_bytes, mangled, pick


def change_invoice(books: Books, dice: random.Random) -> tuple[str, str]:
    """Change one byte of a frozen invoice."""
    row, stream, data = pick(
        books, dice, "SELECT rowid, charge_id, CAST(canonical AS BLOB) FROM invoices"
    )
    other = mangled(data, dice)
    books.execute("UPDATE invoices SET canonical = CAST(? AS TEXT) WHERE rowid = ?", (other, row))
    return stream, "one byte of the frozen invoice"


def swap_invoices(books: Books, dice: random.Random) -> tuple[str, str]:
    """Let two charges exchange their frozen invoices."""
    rows = books.execute("SELECT rowid, charge_id FROM invoices").fetchall()
    (one, first), (two, second) = dice.sample(rows, 2)
    books.execute("UPDATE invoices SET charge_id = ? WHERE rowid = ?", (second, one))
    books.execute("UPDATE invoices SET charge_id = ? WHERE rowid = ?", (first, two))
    return first, "another charge's invoice"


def drop_invoice(books: Books, dice: random.Random) -> tuple[str, str]:
    """Take a frozen invoice out."""
    row, stream = pick(books, dice, "SELECT rowid, charge_id FROM invoices")
    books.execute("DELETE FROM invoices WHERE rowid = ?", (row,))
    return stream, "no invoice"


def change_pdf(books: Books, dice: random.Random) -> tuple[str, str]:
    """Change one byte of a stored PDF, or take it out."""
    row, stream, data = pick(
        books, dice,
        "SELECT b.rowid, c.id, b.data FROM blobs b JOIN charges c ON c.pdf_sha256 = b.sha256",
    )  # fmt: skip
    other = dice.choice([mangled(data, dice), mangled(data, dice), b"", data[: len(data) // 2]])
    books.execute("UPDATE blobs SET data = ? WHERE rowid = ?", (other, row))
    if dice.random() < 0.2:
        books.execute("DELETE FROM blobs WHERE rowid = ?", (row,))
    return stream, f"PDF of {len(data)} bytes has {len(other)}"


def show_another_pdf(books: Books, dice: random.Random) -> tuple[str, str]:
    """Let a charge name another stored PDF, one that is not there, or none."""
    stream, own = pick(books, dice, "SELECT id, pdf_sha256 FROM charges WHERE pdf_sha256 <> ''")
    others = [s for (s,) in books.execute("SELECT sha256 FROM blobs WHERE sha256 <> ?", (own,))]
    other = dice.choice([*others, None, "0" * 64, own.upper()])
    books.execute("UPDATE charges SET pdf_sha256 = ? WHERE id = ?", (other, stream))
    return stream, f"shows {other} instead of {own}"


def name_a_pdf(books: Books, dice: random.Random) -> tuple[str, str]:
    """Give a charge that never had one a PDF."""
    (stream,) = pick(books, dice, "SELECT id FROM charges")
    books.execute(
        "DELETE FROM evidence_events WHERE stream = ? AND seq >= (SELECT min(seq) FROM"
        " evidence_events WHERE stream = ? AND kind = 'invoice.rendered')",
        (stream, stream),
    )
    books.execute(
        "UPDATE charges SET"
        " chain_length = (SELECT max(seq) FROM evidence_events WHERE stream = id),"
        " chain_head = (SELECT hash FROM evidence_events WHERE stream = id ORDER BY seq DESC)"
        " WHERE id = ?",
        (stream,),
    )
    books.execute(
        "DELETE FROM evidence_openings WHERE stream = ? AND seq > (SELECT chain_length FROM charges"
        " WHERE id = ?)",
        (stream, stream),
    )
    books.execute("UPDATE charges SET pdf_sha256 = ? WHERE id = ?", ("a" * 64, stream))
    return stream, "a PDF that was never rendered"


def change_sums(books: Books, dice: random.Random) -> tuple[str, str]:
    """Change what a charge asks for, in ways that its constraints would let through too."""
    (stream,) = pick(books, dice, "SELECT id FROM charges")
    by = dice.choice([1, -1, 100, 449_900])
    change = dice.choice(
        [
            f"total_minor = total_minor + {by}, net_minor = net_minor + {by}",
            f"net_minor = net_minor + {by}, tax_minor = tax_minor - {by}",
            f"line_minor = line_minor + {by}",
            "currency = 'JPY'",
            f"total_minor = total_minor + {by}",
        ]
    )
    books.execute(f"UPDATE charges SET {change} WHERE id = ?", (stream,))
    return stream, change


def change_words(books: Books, dice: random.Random) -> tuple[str, str]:
    """Change a word or a date that a charge repeats from its invoice."""
    (stream,) = pick(books, dice, "SELECT id FROM charges")
    change = dice.choice(
        ["invoice_number = 'CS-2026-99999'", "document_sha256 = substr(document_sha256, 2) || 'g'",
         "description = description || '.'", "po_number = 'PO-9'", "issued_on = '2026-03-15'",
         "due_on = date(due_on, '+1 day')"]
    )  # fmt: skip
    books.execute(f"UPDATE charges SET {change} WHERE id = ?", (stream,))
    return stream, change


def rename_invoice(books: Books, dice: random.Random) -> tuple[str, str]:
    """Change what an invoice's row repeats from its document."""
    row, stream = pick(books, dice, "SELECT rowid, charge_id FROM invoices")
    change = dice.choice(["number = 'CS-2026-99999'", "document_sha256 = upper(document_sha256)"])
    books.execute(f"UPDATE invoices SET {change} WHERE rowid = ?", (row,))
    return stream, change


PAPERS: tuple[Attack, ...] = (
    change_bytes("kind"),
    change_bytes("at"),
    change_bytes("document_sha256", "charges"),
    change_bytes("invoice_number", "charges"),
    change_invoice,
    swap_invoices,
    drop_invoice,
    change_pdf,
    show_another_pdf,
    name_a_pdf,
    change_sums,
    change_words,
    rename_invoice,
)
