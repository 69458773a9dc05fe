"""`countersign doctor`: each thing it looks at, sound and unsound, with its cure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from billing_core import jobs, settings
from billing_core.flows.save_company import save_company
from billing_core.records import db
from tests import books as made
from tests.books import COMPANY, OPERATOR
from tests.cli.shell import Done, environment, spawn
from tests.conftest import Clock
from tests.flows.watching import changed, everything, write
from tests.support import mailbox
from tests.support.processes import free_port

Countersign = Callable[..., Done]
LOOKED_AT = [
    "data folder", "disk", "key", "settings", "mail", "gateway", "public address",
    "trusted proxies", "database", "durability", "clock", "worker", "jobs", "mails", "payments",
    "company",
]  # fmt: skip


@pytest.fixture
def doctor(books: str, countersign: Countersign) -> Callable[[str], tuple[str, str, str]]:
    """``doctor(name)``: grade, sentence and cure of one finding; the exit code fits the whole."""
    return lambda name: finding(countersign("doctor", "--json"), name)


def finding(done: Done, name: str) -> tuple[str, str, str]:
    told = done.json
    is_bad = any(f["grade"] == "bad" for f in told["findings"])
    assert (done.code, told["ok"]) == (int(is_bad), not is_bad)
    for each in told["findings"]:
        assert each["sentence"].endswith(".")
        assert bool(each["cure"]) == (each["grade"] != "ok"), each
    (found,) = [f for f in told["findings"] if f["name"] == name]
    return found["grade"], found["sentence"], found["cure"]


def setting(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"COUNTERSIGN_{name}", value)
    settings.forget()


def test_it_looks_at_everything_and_changes_nothing(
    database: str, countersign: Countersign, driven_clock: Clock
) -> None:
    made.paid(made.seed())
    before = everything()
    told = countersign("doctor", "--json").json
    assert list(told) == ["findings", "ok"]
    assert [f["name"] for f in told["findings"]] == LOOKED_AT
    assert all(set(f) == {"name", "grade", "sentence", "cure"} for f in told["findings"])
    assert not changed(before)


def test_for_people_each_cure_stands_under_its_finding(
    books: str, countersign: Countersign
) -> None:
    done = countersign("doctor")
    lines = done.out.splitlines()
    assert done.code == 0
    where = next(n for n, line in enumerate(lines) if line.startswith("warn  gateway"))
    assert lines[where + 1].strip().startswith("→ ")
    assert [line[6:21].strip() for line in lines if line[0] != " "] == LOOKED_AT


@pytest.mark.parametrize(("mode", "grade"), [(0o700, "ok"), (0o755, "warn"), (0o770, "bad")])
def test_the_data_folder(doctor: Any, mode: int, grade: str) -> None:
    settings.load().data_dir.chmod(mode)
    said = doctor("data folder")
    assert said[0] == grade
    assert said[2] == ("" if grade == "ok" else f"chmod 700 {settings.load().data_dir}")


@pytest.mark.parametrize(("mode", "grade"), [(0o600, "ok"), (0o640, "bad"), (0o604, "bad")])
def test_the_key_file(doctor: Any, monkeypatch: pytest.MonkeyPatch, mode: int, grade: str) -> None:
    assert doctor("key")[0] == "ok", "given in the environment"
    monkeypatch.delenv("COUNTERSIGN_SECRET_KEY")
    settings.forget()
    assert doctor("key")[0] == "warn", "none yet, and looking does not make one"
    file = settings.load().data_dir / "secret.key"
    file.write_text("k" * 43)
    file.chmod(mode)
    assert doctor("key")[0] == grade


@pytest.mark.parametrize(("mode", "grade"), [(0o600, "ok"), (0o644, "warn")])
def test_the_file_of_settings(doctor: Any, tmp_path: Path, mode: int, grade: str) -> None:
    (tmp_path / ".env").write_text("COUNTERSIGN_LOG_LEVEL=DEBUG\n")
    (tmp_path / ".env").chmod(mode)
    assert doctor("settings")[0] == grade


def test_wrong_settings_are_a_finding_too(
    countersign: Countersign, settings_env: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting(monkeypatch, GATEWAY="till", PAY_PORT="0")
    done = countersign("doctor", "--json")
    assert done.code == 1
    (found,) = done.json["findings"]
    assert (found["name"], found["grade"]) == ("settings", "bad")
    assert "COUNTERSIGN_GATEWAY" in found["sentence"]
    assert "COUNTERSIGN_PAY_PORT" in found["sentence"]


def test_mail(doctor: Any, monkeypatch: pytest.MonkeyPatch, smtp_server: mailbox.Mailbox) -> None:
    assert doctor("mail")[0] == "warn"
    setting(monkeypatch, SMTP_URL=smtp_server.url)
    assert doctor("mail")[0] == "ok"
    assert not smtp_server.arrived
    setting(monkeypatch, SMTP_URL=f"smtp://127.0.0.1:{free_port()}")
    grade, sentence, _ = doctor("mail")
    assert (grade, sentence[:39]) == ("bad", "The mail server does not let us in: [Er")
    setting(monkeypatch, SMTP_URL="smtp://me:pa55word@mail.example:25")
    grade, sentence, cure = doctor("mail")
    assert (grade, "in clear" in sentence, "smtps://" in cure) == ("bad", True, True)
    assert "pa55word" not in sentence + cure


def test_nobody_to_send_from(
    doctor: Any, monkeypatch: pytest.MonkeyPatch, smtp_server: mailbox.Mailbox
) -> None:
    setting(monkeypatch, SMTP_URL=smtp_server.url)
    grade, sentence, _ = doctor("company")
    assert (grade, sentence) == ("bad", "There is no sender: no mail can leave.")
    setting(monkeypatch, MAIL_FROM="billing@northlight.example")
    assert doctor("company")[0] == "warn"


@pytest.mark.parametrize(
    ("url", "grade"),
    [
        ("", "warn"),
        ("http://localhost:9000", "warn"),
        ("http://[::1]:9000", "warn"),
        ("http://pay.example", "bad"),
        ("http://192.0.2.7:8502", "bad"),
        ("https://pay.example", "ok"),
    ],
)
def test_where_links_lead(
    doctor: Any, monkeypatch: pytest.MonkeyPatch, url: str, grade: str
) -> None:
    setting(monkeypatch, PUBLIC_URL=url)
    assert doctor("public address")[0] == grade


@pytest.mark.parametrize(
    ("url", "proxies", "grade"),
    [
        ("", "", "ok"),
        ("https://pay.example", "", "warn"),
        ("https://pay.example", "10.0.0.7, 10.1.0.0/16, fd00::/64", "ok"),
        ("https://pay.example", "0.0.0.0/0", "bad"),
        ("https://pay.example", "10.0.0.7, ::/0", "bad"),
    ],
)
def test_trusted_proxies(
    doctor: Any, monkeypatch: pytest.MonkeyPatch, url: str, proxies: str, grade: str
) -> None:
    setting(monkeypatch, PUBLIC_URL=url, TRUSTED_PROXIES=proxies)
    assert doctor("trusted proxies")[0] == grade


def test_the_company(doctor: Any) -> None:
    assert doctor("company")[:2] == ("warn", "Invoices lack your company's name, address, email.")
    save_company(COMPANY | {"line1": ""}, actor=OPERATOR)
    assert doctor("company")[:2] == ("warn", "Invoices lack your company's address.")
    save_company(COMPANY, actor=OPERATOR)
    assert doctor("company")[:2] == ("ok", "Invoices come from Northlight Studio.")


def test_the_worker(doctor: Any, driven_clock: Clock) -> None:
    assert doctor("worker")[0] == "warn"
    jobs.drain()
    driven_clock.advance(seconds=59)
    assert doctor("worker")[:2] == ("ok", "A worker gave a sign of life 59 seconds ago.")
    driven_clock.advance(hours=2)
    grade, sentence, _ = doctor("worker")
    assert (grade, sentence[:22]) == ("bad", "No worker for 2 hours:")


def test_dead_jobs_failed_mails_and_payments_nobody_settled(
    database: str, countersign: Countersign, driven_clock: Clock
) -> None:
    fired = made.fire(made.seed())
    made.approve(made.token(fired))
    names = ("jobs", "mails", "payments")
    assert [finding(countersign("doctor", "--json"), n)[0] for n in names] == ["ok"] * 3
    now = driven_clock.advance(hours=23, minutes=59)
    assert finding(countersign("doctor", "--json"), "payments")[0] == "ok"
    driven_clock.advance(minutes=2)
    stamp = now.replace(tzinfo=None) if database.startswith("sqlite") else now
    write("UPDATE jobs SET dead_at = :now, error = 'no route' WHERE kind = 'send_mail'", now=stamp)
    write("UPDATE mails SET state = 'failed'")
    said = {n: finding(countersign("doctor", "--json"), n) for n in names}
    assert {n: grade for n, (grade, _, _) in said.items()} == dict.fromkeys(names, "bad")
    assert said["jobs"][2] == "The last one said send_mail: no route"
    assert said["payments"][1] == "1 payment unsettled after 24 hours."


def test_a_clock_that_fell_behind(doctor: Any, driven_clock: Clock) -> None:
    made.fire(made.seed())
    assert doctor("clock")[:2] == ("ok", "It is 2026-03-16T14:00:00Z.")
    driven_clock.advance(seconds=-30)
    assert doctor("clock")[0] == "warn"
    driven_clock.advance(days=-1)
    grade, sentence, _ = doctor("clock")
    assert (grade, sentence) == ("bad", "The clock is 1 day behind the newest entry in the books.")


def test_a_database_server_with_another_clock(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, countersign: Countersign,
    driven_clock: Clock,
) -> None:  # fmt: skip
    setting(monkeypatch, DATABASE_URL=postgres_url, SECRET_KEY="s" * 32)
    from billing_core import clock

    driven_clock.advance(seconds=0)
    grade, sentence, _ = finding(countersign("doctor", "--json"), "clock")
    assert clock.now().year == 2026
    assert (grade, sentence[:38]) == ("bad", "The clock and the database server's ar")
    db.forget()


def test_a_postgres_that_could_lose_what_it_acknowledged(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, countersign: Countersign
) -> None:
    """The tests' own server runs without fsync, for speed: the doctor must not let that pass."""
    setting(monkeypatch, DATABASE_URL=postgres_url, SECRET_KEY="s" * 32)
    grade, sentence, _ = finding(countersign("doctor", "--json"), "durability")
    assert grade == "bad"
    assert "fsync=off, synchronous_commit=off, full_page_writes=off" in sentence
    assert finding(countersign("doctor", "--json"), "clock")[0] == "ok"
    db.forget()


def test_books_of_another_revision(doctor: Any) -> None:
    write("UPDATE alembic_version SET version_num = '0000'")
    assert doctor("database")[0] == "bad"
    assert doctor("database")[2] == "countersign db upgrade"


def test_as_a_process_before_anything_was_made(tmp_path: Path) -> None:
    env = environment(DATA_DIR=str(tmp_path / "new"), DATABASE_URL="", SECRET_KEY="")
    done = spawn("doctor", "--json", cwd=tmp_path, env=env)
    grade, sentence, cure = finding(done, "database")
    assert (grade, cure) == ("bad", "countersign db upgrade")
    assert sentence.startswith("The books were never made")


def test_a_database_that_is_away_or_damaged(
    settings_env: Path, countersign: Countersign, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings_env.mkdir()
    (settings_env / "countersign.db").write_bytes(b"not a database" * 1000)
    assert finding(countersign("doctor", "--json"), "database")[0] == "bad"
    db.forget()
    url = f"postgresql+psycopg://nobody:pa55word@/nothing?host={tmp_path}"
    setting(monkeypatch, DATABASE_URL=url, SECRET_KEY="s" * 32)
    done = countersign("doctor", "--json")
    assert finding(done, "database")[0] == "bad"
    assert "pa55word" not in done.out
    db.forget()


def test_little_room_is_said(doctor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk itself is the machine's; what counts as little is ours."""
    from billing_core.flows import examine_settings

    assert doctor("disk")[0] == "ok"
    monkeypatch.setattr(examine_settings, "_LITTLE_ROOM", 2**62)
    assert doctor("disk")[0] == "warn"
    monkeypatch.setattr(examine_settings, "_NO_ROOM", 2**62)
    assert doctor("disk")[0] == "bad"


def test_an_attempt_is_old_after_a_day() -> None:
    from billing_core.flows.examine import UNSETTLED_AFTER

    assert timedelta(hours=24) == UNSETTLED_AFTER, "I16"
