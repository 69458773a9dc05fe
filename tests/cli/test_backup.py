"""`countersign backup` and `restore`: the whole state, from and into either kind of database."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from billing_core import gateway, jobs
from billing_core.errors import LinkUnknown
from billing_core.flows.back_up import check_backup
from billing_core.flows.create_key import admit, create_key
from billing_core.flows.open_link import open_link
from billing_core.flows.save_company import save_company
from billing_core.flows.upgrade_db import upgrade_db, wanted_revision
from billing_core.reports import outbox
from tests import books as made
from tests.books import OPERATOR
from tests.cli.places import Place
from tests.cli.shell import Done
from tests.flows.watching import changed, everything, rows

Countersign = Callable[..., Done]
NewPlace = Callable[..., Place]
KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


def live(place: Place) -> dict[str, str]:
    """Some of everything, by the flows: paid, approved, waiting, mails, a key. Must be entered."""
    upgrade_db()
    seeded = made.seed(item={"tax_name": "VAT", "tax_rate": "8.25"})
    made.paid(seeded)
    waiting = made.fire(seeded, "700.00", "Phase 3")
    step = made.approve(made.token(made.fire(seeded, "800.00", "Phase 4")))
    made.plan(seeded.customer, "900.00")
    jobs.drain()
    secret = create_key("Zapier", ["read"], actor=OPERATOR).secret
    assert waiting.charge is not None
    return {
        "customer": seeded.customer,
        "item": seeded.item,
        "waiting": waiting.charge.id,
        "token": link_to_mail(waiting.charge.id),
        "session": made.session_of(step),
        "api_key": secret,
    }


def link_to_mail(charge_id: str) -> str:
    """The token of the link that the outbox shows, and that a reminder would carry."""
    (mail,) = outbox.mails(charge_id)
    return outbox.mail(mail.id).pay_url.rpartition("/")[2]


def backed_up(place: Place, countersign: Countersign, file: Path) -> dict[str, str]:
    """A lived-in place, backed up into ``file``; returns what ``live`` made."""
    with place.entered():
        told = live(place)
        done = countersign("backup", str(file))
    assert (done.code, done.err) == (0, "")
    return told


@pytest.mark.parametrize("there", KINDS)
@pytest.mark.parametrize("here", KINDS)
def test_everything_comes_back_on_either_kind_of_database(
    new_place: NewPlace, countersign: Countersign, tmp_path: Path, here: str, there: str
) -> None:
    source, target = new_place(here), new_place(there)
    with source.entered():
        told = live(source)
        made_here = countersign("backup", "all.backup", "--json").json
        books_here, ledger = everything(), countersign("ledger", "--json").json
        chains = countersign("evidence", "verify", "--all", "--json").json
        secret = source.secret or source.key_file.read_text().strip()
    file = tmp_path / "all.backup"
    assert made_here["file"] == str(file)
    assert made_here["tables"] == {name: len(found) for name, found in books_here.items()} | {
        "heartbeats": made_here["tables"]["heartbeats"]
    }
    assert made_here["rows"] == sum(made_here["tables"].values())
    assert made_here["key"] == (here == "sqlite")
    if target.secret:  # PostgreSQL's key is given: the one that the links were made with
        target = Place(target.data_dir, target.url, secret)
    elif not made_here["key"]:
        target = Place(target.data_dir, secret=secret)
    with target.entered():
        done = countersign("restore", str(file), "--json")
        assert (done.code, done.err) == (0, "")
        assert done.json["tables"] == made_here["tables"]
        assert (done.json["rows"], done.json["chains"]) == (made_here["rows"], chains["checked"])
        assert (done.json["key"], done.json["same_key"]) == (made_here["key"], True)
        assert not changed(books_here)
        assert countersign("ledger", "--json").json == ledger
        assert countersign("evidence", "verify", "--all", "--json").json == chains
        lives_on(told)


def lives_on(told: dict[str, str]) -> None:
    """Old links, sessions and keys work, and the series of numbers goes on without a gap."""
    assert open_link(told["token"]).charge.id == told["waiting"]
    assert link_to_mail(told["waiting"]) == told["token"]
    assert admit(told["api_key"], "read").actor.name == "Zapier"
    gateway.sandbox().pay(told["session"], made.PAYS)
    jobs.drain()
    made.pay(made.approve(told["token"]))
    assert made.settle(told["waiting"]).state == "captured"
    seeded = made.Seeded(told["customer"], told["item"], "")
    assert made.fire(seeded, "1.00", "Phase 9").charge
    numbers = sorted(row["invoice_number"][-5:] for row in rows("charges"))
    assert numbers == [f"{number:05}" for number in range(1, len(numbers) + 1)]


def test_it_says_rows_chains_and_the_key(
    new_place: NewPlace, countersign: Countersign, tmp_path: Path
) -> None:
    source, target, file = new_place("sqlite"), new_place("sqlite"), tmp_path / "all.backup"
    with source.entered():
        live(source)
        said = countersign("backup", str(file)).out.splitlines()
    assert said[0].startswith(f"{file}: ")
    assert said[0].endswith(" rows, written and checked.")
    assert said[1].startswith("The key is in it: ")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with target.entered():
        back = countersign("restore", str(file)).out.splitlines()
    assert back[0].split(" restored")[0] == said[0].split(": ")[1].split(",")[0]
    assert back[0].endswith("chains hold.")
    assert back[1] == "The key came with it."
    assert target.key_file.read_text() == source.key_file.read_text().strip()
    assert stat.S_IMODE(target.key_file.stat().st_mode) == 0o600


def test_a_backup_is_a_zip_a_stranger_can_read(
    new_place: NewPlace, countersign: Countersign, tmp_path: Path
) -> None:
    backed_up(new_place("sqlite"), countersign, tmp_path / "all.backup")
    with zipfile.ZipFile(tmp_path / "all.backup") as pack:
        assert pack.testzip() is None
        charges = pack.read("tables/charges.jsonl").splitlines()
        manifest = json.loads(pack.read("manifest.json"))
    assert len(charges) == manifest["rows"]["charges"] == 3
    assert {json.loads(line)["currency"] for line in charges} == {"USD"}
    assert manifest["revision"] == wanted_revision()


def test_a_key_that_was_given_stays_out(
    new_place: NewPlace, countersign: Countersign, tmp_path: Path
) -> None:
    given, file = "a key that was given by the environment", tmp_path / "all.backup"
    source = new_place("sqlite", secret=given)
    told = backed_up(source, countersign, file)
    assert given.encode() not in file.read_bytes()
    assert "secret.key" not in check_backup(file).files
    assert "secret.key" not in source.holds()
    with new_place("sqlite").entered():
        done = countersign("restore", str(file))
        assert done.code == 0
        assert "the one here is another: links in reminders will not open" in done.out
        assert open_link(told["token"]).charge.id == told["waiting"], "mailed before: it is known"
        with pytest.raises(LinkUnknown):
            open_link(link_to_mail(told["waiting"]))
    with new_place("sqlite", secret=given).entered():
        assert "the one here is the same" in countersign("restore", str(file)).out
        assert link_to_mail(told["waiting"]) == told["token"]


@pytest.mark.parametrize("kind", KINDS)
def test_another_key_in_the_environment_is_refused_with_the_cure(
    new_place: NewPlace, countersign: Countersign, tmp_path: Path, kind: str
) -> None:
    file = tmp_path / "all.backup"
    told = backed_up(new_place("sqlite"), countersign, file)
    target = new_place(kind, secret="another key, long enough to be one")
    with target.entered():
        done = countersign("restore", str(file))
        done.says_only("COUNTERSIGN_SECRET_KEY is another key than the backup's", code=1)
    assert f"unzip -p {file} secret.key" in done.err
    with zipfile.ZipFile(file) as pack:
        cured = Place(target.data_dir, target.url, pack.read("secret.key").decode())
    with cured.entered():
        assert countersign("restore", str(file)).code == 0
        assert open_link(told["token"]).charge.id == told["waiting"]
    assert "secret.key" not in cured.holds()


def test_another_key_file_is_refused_and_kept(
    new_place: NewPlace, countersign: Countersign, tmp_path: Path
) -> None:
    file, target = tmp_path / "all.backup", new_place("sqlite")
    backed_up(new_place("sqlite"), countersign, file)
    target.data_dir.mkdir()
    target.key_file.write_text("k" * 43)
    with target.entered():
        done = countersign("restore", str(file))
    done.says_only(f"{target.key_file} holds another key than the backup.", code=1)
    assert target.key_file.read_text() == "k" * 43
    assert target.holds() == {"secret.key"}


def test_a_sandbox_that_is_there_keeps_what_it_knows(
    new_place: NewPlace, countersign: Countersign, tmp_path: Path
) -> None:
    """The sandbox plays an outside company: the demo beside one's own books uses it too."""
    file, target = tmp_path / "all.backup", new_place("sqlite")
    told = backed_up(new_place("sqlite"), countersign, file)
    with target.entered():
        method = gateway.sandbox().save_method("someone", "pm_card_visa")
        assert countersign("restore", str(file)).code == 0
        sandbox = gateway.sandbox()
        assert sandbox.show(told["session"]).state == "open"
        assert sandbox.balance() == {"USD": 487125}
        assert method.reference


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("use", ["company", "api key", "customer", "itself"])
def test_used_books_are_left_alone(
    new_place: NewPlace, countersign: Countersign, tmp_path: Path, kind: str, use: str
) -> None:
    file, target = tmp_path / "all.backup", new_place(kind)
    backed_up(new_place(kind), countersign, file)
    with target.entered():
        upgrade_db()
        uses = {
            "company": lambda: save_company({"name": "Somebody"}, actor=OPERATOR),
            "api key": lambda: create_key("N", ["read"], actor=OPERATOR),
            "customer": made.add_customer,
            "itself": lambda: countersign("restore", str(file)),
        }
        uses[use]()
        before, files = everything(), target.holds()
        countersign("restore", str(file)).says_only("These books are in use.", code=1)
        assert not changed(before)
        assert {name for name in target.holds() - files if "turn" not in name} == set()


def test_what_a_worker_wrote_by_merely_starting_is_no_use(
    new_place: NewPlace, countersign: Countersign, tmp_path: Path
) -> None:
    file, target = tmp_path / "all.backup", new_place("sqlite")
    backed_up(new_place("sqlite"), countersign, file)
    with target.entered():
        upgrade_db()
        jobs.drain()
        assert countersign("restore", str(file)).code == 0
        assert countersign("evidence", "verify", "--all").code == 0
