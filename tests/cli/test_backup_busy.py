"""`countersign backup` while others write, on a full disk, and after its bytes were changed."""

from __future__ import annotations

import queue
import random
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from billing_core.flows.upgrade_db import upgrade_db
from tests import books as made
from tests.cli.places import Place
from tests.cli.shell import Done, spawn
from tests.flows.watching import changed, everything, rows, write
from tests.support.processes import ROOT

Countersign = Callable[..., Done]
NewPlace = Callable[..., Place]
KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
WRITERS = 4
FLIPS = 50
#: How much of the file the disk still takes: not even the first table, or all but its end.
ROOMS = (0.1, 0.98)


class Writer:
    """One process that fires without a pause; ``told`` are the charges it was told of, in order."""

    def __init__(self, place: Place, seeded: made.Seeded, name: str) -> None:
        words = [sys.executable, "-m", "tests.cli.firing", seeded.customer, seeded.item, name]
        self.process = subprocess.Popen(
            words, env=place.env, cwd=ROOT, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        self.told: list[str] = []
        self._news: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._listen)
        self._reader.start()

    def wait_for_more(self) -> None:
        """Until another charge has been fired after this moment."""
        known = len(self.told)
        while len(self.told) <= known:
            self._news.get(timeout=60)

    def end(self) -> None:
        """Let it finish the charge in its hands."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        assert self.process.wait(timeout=60) == 0
        self._reader.join(timeout=30)
        self.process.stdout.close()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.told.append(line.strip())
            self._news.put(line)


@contextmanager
def writers(place: Place, seeded: made.Seeded) -> Iterator[list[Writer]]:
    """All of them at work."""
    started = [Writer(place, seeded, f"writer {number}") for number in range(WRITERS)]
    try:
        for writer in started:
            writer.wait_for_more()
        yield started
    finally:
        for writer in started:
            writer.end()


@pytest.mark.parametrize("kind", KINDS)
def test_a_backup_of_busy_books_is_one_moment_of_them(
    new_place: NewPlace, countersign: Countersign, tmp_path: Path, kind: str
) -> None:
    source, target, file = new_place(kind), new_place(kind), tmp_path / "all.backup"
    with source.entered():
        upgrade_db()
        seeded = made.seed()
        paid = made.paid(seeded)
        with writers(source, seeded) as busy:
            before = {charge for writer in busy for charge in list(writer.told)}
            assert countersign("backup", str(file)).code == 0
            for writer in busy:
                writer.wait_for_more()
        after = {charge for writer in busy for charge in writer.told}
        chains = {row["id"] for row in rows("charges")}
        secret = source.secret or source.key_file.read_text().strip()
    assert after | {paid.id} == chains
    with Place(target.data_dir, target.url, secret if target.secret else "").entered():
        done = countersign("restore", str(file), "--json")
        assert (done.code, done.err) == (0, "")
        held = {row["id"] for row in rows("charges")}
        assert before | {paid.id} <= held < chains, "fired before it: in it; fired later: not"
        assert countersign("ledger", "--json").json["balanced"]
        verified = countersign("evidence", "verify", "--all", "--json").json
        assert (verified["checked"], verified["problems"]) == (len(held) + 1, [])
        numbers = sorted(row["invoice_number"][-5:] for row in rows("charges"))
        assert numbers == [f"{number:05}" for number in range(1, len(held) + 1)]
        made.fire(seeded, "2.00", "After the restore")
        assert len(rows("charges")) == len(held) + 1


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A backup of books with something of everything in them, as bytes."""
    folder = tmp_path_factory.mktemp("whole")
    with Place(folder / "data").entered():
        upgrade_db()
        made.paid(made.seed())
        from billing_core.flows.back_up import back_up

        back_up(folder / "all.backup")
    return (folder / "all.backup").read_bytes()


def test_every_flipped_byte_is_found(
    whole: bytes, new_place: NewPlace, countersign: Countersign, tmp_path: Path
) -> None:
    """Seeded places all over the file, its first and last byte among them; one bit each."""
    luck = random.Random(20261122)
    places = {0, len(whole) - 1, *luck.sample(range(len(whole)), FLIPS - 2)}
    file = tmp_path / "changed.backup"
    with new_place("sqlite").entered():
        upgrade_db()
        empty = everything()
        for place in sorted(places):
            spoiled = bytearray(whole)
            spoiled[place] ^= 1 << luck.randrange(8)
            file.write_bytes(spoiled)
            done = countersign("restore", str(file))
            done.says_only(f"{file} is not a backup of Countersign, or is damaged.", code=1)
        for length in (0, 1, 100, len(whole) // 2, len(whole) - 1):
            file.write_bytes(whole[:length])
            assert countersign("restore", str(file)).code == 1, f"cut off at {length}"
        assert not changed(empty)
        file.write_bytes(whole)
        assert countersign("restore", str(file)).code == 0, "the file itself was good"
    assert len(places) == FLIPS


@pytest.mark.parametrize("room", ROOMS)
def test_a_full_disk_is_one_sentence_and_leaves_no_half_file(
    whole: bytes, new_place: NewPlace, tmp_path: Path, room: float
) -> None:
    source = new_place("sqlite")
    out = tmp_path / "out"
    out.mkdir()
    with source.entered():
        upgrade_db()
        made.paid(made.seed())
        before = everything()
        done = spawn(
            "backup", str(out / "all.backup"), cwd=tmp_path, env=source.env,
            before=lambda: _fill_the_disk(int(len(whole) * room)),
        )  # fmt: skip
        done.says_only(f"{out / 'all.backup'} cannot be written: ", code=1)
        assert list(out.iterdir()) == [], "a half file is worse than none"
        assert not changed(before)


def _fill_the_disk(room: int) -> None:
    """As far as this process can tell: no file may grow beyond ``room`` bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE postings SET amount_minor = 7 WHERE account = 'sales'", "The backup's ledger"),
        ("UPDATE evidence_events SET hash = upper(hash)", "The backup's evidence does not hold: "),
        ("UPDATE alembic_version SET version_num = '0000'", "The backup is of revision 0000"),
    ],
)
def test_broken_books_are_rolled_back_whole(
    new_place: NewPlace, countersign: Countersign, tmp_path: Path, statement: str, sentence: str
) -> None:
    source, target, file = new_place("sqlite"), new_place("sqlite"), tmp_path / "all.backup"
    with source.entered():
        upgrade_db()
        made.paid(made.seed())
        write(statement)
        assert countersign("backup", str(file)).code == 0
    with target.entered():
        upgrade_db()
        empty = everything()
        countersign("restore", str(file)).says_only(sentence, code=1)
        assert not changed(empty)
    assert "secret.key" not in target.holds(), "a key without its books was left behind"
