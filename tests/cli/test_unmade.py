"""Books that were never made, are damaged, or cannot be written: one sentence with the cure."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from billing_core import settings
from billing_core.flows.upgrade_db import wanted_revision
from billing_core.records import db
from tests import books as made
from tests.cli.shell import Done, environment, spawn
from tests.conftest import SECRET
from tests.flows.watching import changed, everything
from tests.support import postgres

Countersign = Callable[..., Done]
CURE = "These books were never made, or are of another version. Run: countersign db upgrade"
VERBS = [
    ("fire", "--customer", "bc_x", "--item", "bi_x"),
    ("link", "sc_x"),
    ("ledger",),
    ("report", "charges"),
    ("report", "revenue", "--from", "2026-01-01"),
    ("keys", "list"),
    ("keys", "create", "--name", "N", "--scope", "read"),
    ("keys", "revoke", "key_x"),
    ("evidence", "verify", "--all"),
    ("worker", "--once"),
    ("backup", "some.backup"),
]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def never_made(
    request: pytest.FixtureRequest, settings_env: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A database with nothing in it at all."""
    if request.param == "sqlite":
        yield
        db.forget()
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    name = server.create()
    monkeypatch.setenv("COUNTERSIGN_DATABASE_URL", server.database(name))
    monkeypatch.setenv("COUNTERSIGN_SECRET_KEY", SECRET)
    settings.forget()
    yield
    db.forget()
    server.drop(name)


@pytest.mark.parametrize("words", VERBS, ids=lambda words: " ".join(words[:2]))
def test_books_that_were_never_made_name_the_cure(
    never_made: None, countersign: Countersign, tmp_path: Path, words: tuple[str, ...]
) -> None:
    countersign(*words).says_only(CURE, code=1)
    assert not list(tmp_path.glob("*backup*")), "half a backup was left behind"


def test_the_cure_cures_and_is_safe_to_repeat(never_made: None, countersign: Countersign) -> None:
    upgraded = [countersign("db", "upgrade") for _ in range(2)]
    said = f"The books are at revision {wanted_revision()}.\n"
    assert [(done.code, done.out) for done in upgraded] == [(0, said)] * 2
    assert countersign("ledger", "--json").json == {"accounts": [], "balanced": True}
    assert countersign("evidence", "verify", "--all", "--json").json == {
        "checked": 0,
        "problems": [],
    }
    assert countersign("worker", "--once").out.endswith("done.\n")


def test_a_file_that_is_no_database_is_one_sentence(
    settings_env: Path, countersign: Countersign
) -> None:
    settings_env.mkdir()
    (settings_env / "countersign.db").write_bytes(b"not a database" * 1000)
    for words in VERBS:
        done = countersign(*words)
        done.says_only("The database file is damaged, or none of ours", code=1)
        db.forget()


def test_a_server_that_is_not_there_is_one_sentence(
    settings_env: Path, countersign: Countersign, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = f"postgresql+psycopg://nobody:pa55word@/nothing?host={tmp_path}"
    monkeypatch.setenv("COUNTERSIGN_DATABASE_URL", url)
    monkeypatch.setenv("COUNTERSIGN_SECRET_KEY", SECRET)
    settings.forget()
    done = countersign("ledger")
    done.says_only("The database cannot be reached: ", code=1)
    assert "pa55word" not in done.err
    db.forget()


def test_a_full_disk_fires_nothing_and_says_so(books: str, tmp_path: Path) -> None:
    seeded = made.seed()
    before = everything()
    db.forget()

    def fill() -> None:
        # room for SQLite's index of its log, not for the pages of a fire
        resource.setrlimit(resource.RLIMIT_FSIZE, (40 * 1024, 40 * 1024))

    words = ("fire", "--customer", seeded.customer, "--item", seeded.item)
    done = spawn(*words, cwd=tmp_path, before=fill)
    done.says_only("The database could not write: is the disk full?", code=1)
    assert not changed(before)
    assert spawn(*words, cwd=tmp_path, env=environment()).code == 0


def test_books_that_do_not_balance_are_exit_one(books: str, countersign: Countersign) -> None:
    from tests.flows.watching import write

    made.paid(made.seed())
    sound = countersign("ledger", "--json")
    assert (sound.code, sound.json["balanced"]) == (0, True)
    assert {"account": "cash:sandbox", "currency": "USD", "balance_minor": 450000} in sound.json[
        "accounts"
    ]
    assert countersign("ledger").out.endswith("Balanced.\n")
    write("UPDATE postings SET amount_minor = amount_minor + 1 WHERE account = 'sales'")
    broken = countersign("ledger", "--json")
    assert (broken.code, broken.json["balanced"]) == (1, False)
    assert countersign("ledger").out.endswith("NOT balanced.\n")


def test_evidence_that_does_not_hold_names_the_first_broken_link(
    books: str, countersign: Countersign
) -> None:
    from tests.flows.watching import write

    charge = made.paid(made.seed())
    sound = countersign("evidence", "verify", "--all", "--json")
    assert (sound.code, sound.json["problems"]) == (0, [])
    assert sound.json["checked"] >= 1
    write("UPDATE evidence_events SET canonical = replace(canonical, '450000', '450001')")
    broken = countersign("evidence", "verify", "--all", "--json")
    assert broken.code == 1
    assert broken.json["problems"][0].startswith(f"{charge.id}: event 1")
    said = countersign("evidence", "verify", "--all")
    assert (said.code, said.err) == (1, "")
    assert said.out.splitlines()[0] == broken.json["problems"][0]
    assert said.out.splitlines()[-1].endswith("do not hold.")
