"""Codes mailed before a saved method is charged above the organisation's limit."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from billing_core import clock, ids
from billing_core.flows.read_link import Entered
from billing_core.records import evidence, keyfile, links
from billing_core.records.evidence import Fact
from billing_core.rules import money
from billing_core.rules.nouns import SYSTEM, Charge
from billing_core.rules.sentences import Sentence

CODE_LIFE = timedelta(minutes=10)
MOST_TRIES = 5


def needs_code(entered: Entered, method: str) -> bool:
    """True when ``method`` is the saved one and the sum is above the limit (major units)."""
    limit = entered.company.code_above_major
    if method != "saved" or entered.customer.payment_method is None or limit is None:
        return False
    charge = entered.charge
    return money.to_decimal(charge.total_minor, charge.currency) > limit


def check_code(connection: Connection, charge: Charge, code: str, *, spend: bool) -> str:
    """What is wrong with a typed code, or "". Every wrong one is counted and written down."""
    recent = links.codes_since(connection, charge.id, clock.now() - CODE_LIFE)
    latest = recent[0] if recent else None
    if latest is None or latest.used_at is not None:
        return Sentence("Press “Mail me the code”, then enter the six digits from the mail.")
    left = MOST_TRIES - latest.tries - 1
    typed = "".join(code.split())
    if left < 0:
        return Sentence("This code was tried too often. Have a new one mailed.")
    if not typed.isascii() or not ids.same(ids.mailed_code(keyfile.secret_key(), latest.id), typed):
        links.note_code(connection, latest.id, used=False)
        evidence.append(connection, charge.id, Fact("code.failed", SYSTEM, {"code": latest.id}))
        tries = Sentence("{n} tries are left.", n=left)
        if left == 1:
            tries = Sentence("One try is left.")
        return Sentence(
            "This code does not match, or is older than ten minutes. {tries}", tries=tries
        )
    if spend:
        links.note_code(connection, latest.id, used=True)
        evidence.append(connection, charge.id, Fact("code.verified", SYSTEM, {"code": latest.id}))
    return ""
