"""The demo: a fictional agency and its two years, made by the same flows as real work.

Above everything else in this house, because it drives flows and worker alike. It reads the story
from ``data/demo`` and lives through it in the order of time; nothing writes a row by hand.
"""

from __future__ import annotations

import os
import shutil
from datetime import datetime, time, timedelta
from pathlib import Path

from billing_core import clock, settings
from billing_core.demo.agency import ZONE, open_agency
from billing_core.demo.life import Life, Progress
from billing_core.demo.story import read_story
from billing_core.documents import typeset
from billing_core.errors import BooksBroken, NotAllowed
from billing_core.flows.upgrade_db import upgrade_db
from billing_core.records import db
from billing_core.reports import lists

__all__ = ["make_demo", "open_demo"]
_YEARS_DAYS = 731
_SMALL_DAYS = 152


def open_demo(progress: Progress | None = None, *, small: bool = False) -> Path:
    """The demo's file, made aside and moved into place when it is whole; one that exists is kept.

    ``progress`` hears the share done, 0 to 1. ``small`` makes a few months, for tests. NotAllowed
    where real money or real mail is set up.
    """
    _check_harmless()
    folder = settings.load().data_dir.resolve()
    file, aside = folder / "demo.db", folder / "demo-making"
    if not file.exists():
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        _use(aside / file.name)
        upgrade_db()
        db.forget()
        # whoever is interrupted here begins anew, so that a power cut may take what it likes
        with db.hurried():
            make_demo(progress, small=small)
            db.forget()
        _make_lasting(aside / file.name)
        os.replace(aside / file.name, file)
        shutil.rmtree(aside)
    _use(file)
    return file


def make_demo(progress: Progress | None = None, *, small: bool = False) -> int:
    """Fill empty demo books; returns how many charges. NotAllowed for other books.

    The story ends with yesterday in the agency's zone: all day long it is the same.
    """
    _check_harmless()
    if not settings.load().database.endswith("/demo.db") or lists.charges(limit=1):
        raise NotAllowed("The demo is made in a file of its own, never in your own books.")
    today = clock.today(ZONE)
    ends = datetime.combine(today, time(0), tzinfo=clock.zone(ZONE))
    begins = ends - timedelta(days=_SMALL_DAYS if small else _YEARS_DAYS)
    life = Life(ZONE, begins, ends)
    with typeset.kept_warm():
        with clock.driven(begins):
            open_agency(life, read_story(today, small=small)).plan()
        life.run(progress)
    return len(lists.charges(limit=10**6))


def _check_harmless() -> None:
    chosen = settings.load()
    reasons = {
        "the gateway is a real one": chosen.gateway != "sandbox",
        "a mail server is set": bool(chosen.smtp_url),
        "this is production": chosen.environment == "production",
    }
    found = [reason for reason, holds in reasons.items() if holds]
    if found:
        raise NotAllowed(f"The demo is fictional and stays away here: {' and '.join(found)}.")


def _use(file: Path) -> None:
    os.environ["COUNTERSIGN_DATABASE_URL"] = f"sqlite:///{file}"
    settings.forget()


def _make_lasting(file: Path) -> None:
    """What was written in a hurry is on the disk before the file has its name."""
    if file.with_name(f"{file.name}-wal").exists():
        raise BooksBroken("The demo's file is still open: what stands beside it would be lost.")
    with file.open("rb+") as opened:
        os.fsync(opened.fileno())
