"""`doctor`: what is configured, missing or unsafe, each with a sentence and the cure.

Looks and changes nothing. What is broken is a finding, never an exception.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from billing_core import clock, settings
from billing_core.errors import BillingError
from billing_core.flows.check_health import WORKER_SILENT_S
from billing_core.flows.examine_gateway import examine_gateway
from billing_core.flows.examine_settings import BAD, OK, WARN, Finding, examine_settings
from billing_core.flows.upgrade_db import wanted_revision
from billing_core.records import db, failures, organisation, vitals
from billing_core.records.vitals import Vitals
from billing_core.rules.nouns import Company

__all__ = ["Finding", "examine"]

UNSETTLED_AFTER = timedelta(hours=24)
_SLOW_CLOCK = timedelta(seconds=5)
_WRONG_CLOCK = timedelta(minutes=2)


def examine() -> tuple[Finding, ...]:
    """Everything, the settings first. With wrong settings there is only that one finding."""
    try:
        here = settings.load()
    except BillingError as error:
        return (
            Finding("settings", BAD, error.sentence, "Correct the environment or the file .env."),
        )
    return (*examine_settings(here), *examine_gateway(here), *_books())


def _books() -> list[Finding]:
    try:
        with db.read_only() as connection:
            found, wanted = vitals.revision(connection), wanted_revision()
            if found != wanted:
                return [_wrong_revision(found, wanted)]
            signs = vitals.read(connection, open_since=clock.now() - UNSETTLED_AFTER)
            company = organisation.get_company(connection)
    except BillingError as error:
        return [Finding("database", BAD, error.sentence, "Start it, or correct DATABASE_URL.")]
    except (db.SQLAlchemyError, OSError) as error:
        said = failures.sentence_of(error) or f"The database cannot be opened: {error}."
        return [Finding("database", BAD, said, "Correct DATABASE_URL, or restore a backup.")]
    return [_database(signs, found), *_durability(signs), _clock(signs, clock.now()),
            _worker(signs), *_left_over(signs), _company(company)]  # fmt: skip


def _wrong_revision(found: str, wanted: str) -> Finding:
    said = f"The books are at revision {found}" if found else "The books were never made"
    return Finding(
        "database", BAD, f"{said}; this version works on {wanted}.", "countersign db upgrade"
    )


def _database(signs: Vitals, revision: str) -> Finding:
    return Finding("database", OK, f"{signs.kind} {signs.version}, revision {revision}.")


def _durability(signs: Vitals) -> list[Finding]:
    if not signs.weak:
        return [Finding("durability", OK, "What was acknowledged survives a power failure.")]
    return [
        Finding(
            "durability", BAD,
            f"{signs.kind} runs with {', '.join(signs.weak)}: a power failure could lose payments.",
            f"Set it back in {signs.kind}'s own configuration.",
        )
    ]  # fmt: skip


def _clock(signs: Vitals, now: datetime) -> Finding:
    ahead = max((signs.newest or now) - now, timedelta(0))
    apart = abs(signs.its_clock - now) if signs.its_clock else timedelta(0)
    off = max(ahead, apart)
    if off < _SLOW_CLOCK:
        return Finding("clock", OK, f"It is {clock.stamp(now)[:19]}Z.")
    said = (
        f"The clock is {_age(off)} behind the newest entry in the books."
        if ahead >= apart
        else f"The clock and the database server's are {_age(off)} apart."
    )
    grade = BAD if off > _WRONG_CLOCK else WARN
    return Finding("clock", grade, said, "Set the clock, best by NTP: evidence carries its time.")


def _worker(signs: Vitals) -> Finding:
    cure = "countersign up, or countersign worker beside console and Pay Now"
    if signs.last_beat is None:
        return Finding("worker", WARN, "No worker has run yet: no mail leaves.", cure)
    silent = clock.now() - signs.last_beat
    if silent > timedelta(seconds=WORKER_SILENT_S):
        said = f"No worker for {_age(silent)}: no mail leaves and nothing settles by itself."
        return Finding("worker", BAD, said, cure)
    return Finding("worker", OK, f"A worker gave a sign of life {_age(silent)} ago.")


def _left_over(signs: Vitals) -> list[Finding]:
    """What should be none: dead jobs, failed mails, attempts nobody has settled."""
    looked_at = (
        (
            "jobs", signs.dead_jobs, "given up for good", "No job was given up.",
            f"The last one said {signs.dead_because}",
        ),
        (
            "mails", signs.failed_mails, "not delivered", "Every mail found its way.",
            "Outbox says why: correct the address, and resend from the charge.",
        ),
        (
            "payments", signs.old_attempts, "unsettled after 24 hours",
            "No payment has waited longer than a day.",
            "Run a worker: it asks the gateway about each of them.",
        ),
    )  # fmt: skip
    return [
        Finding(name, BAD, f"{count} {name if count > 1 else name[:-1]} {what}.", cure)
        if count
        else Finding(name, OK, none)
        for name, count, what, none, cure in looked_at
    ]


def _company(company: Company) -> Finding:
    here = settings.load()
    if here.smtp_url and not (here.mail_from or company.email):
        return Finding(
            "company", BAD, "There is no sender: no mail can leave.",
            "Set COUNTERSIGN_MAIL_FROM, or your email under Settings in the console.",
        )  # fmt: skip
    parts = {"name": company.name, "address": company.address.line1, "email": company.email}
    missing = [part for part, value in parts.items() if not value]
    if not missing:
        return Finding("company", OK, f"Invoices come from {company.name}.")
    return Finding(
        "company", WARN, f"Invoices lack your company's {', '.join(missing)}.",
        "Fill it in under Settings in the console.",
    )  # fmt: skip


def _age(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"
