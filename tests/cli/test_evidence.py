"""`countersign evidence export` and `verify`: files, refusals, exit codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from billing_core import jobs
from tests import books as made
from tests.cli.shell import Done

Countersign = Callable[..., Done]


@pytest.fixture
def charge(books: str) -> str:
    found = made.paid(made.seed()).id
    jobs.drain()
    return found


def test_a_pack_is_written_and_verified(
    charge: str, countersign: Countersign, tmp_path: Path
) -> None:
    first, second = tmp_path / "one.zip", tmp_path / "two.zip"
    said = countersign("evidence", "export", charge, "--out", str(first), "--json")
    assert said.code == 0
    assert set(said.json) == {"file", "charge", "through_seq", "head", "bytes"}
    assert countersign("evidence", "export", charge, "--out", str(second)).code == 0
    assert first.read_bytes() == second.read_bytes()
    whole = countersign("evidence", "verify", str(first), "--json")
    assert (whole.code, whole.json["ok"], whole.json["head"]) == (0, True, said.json["head"])
    assert countersign("evidence", "export", charge, "--out", str(first)).code == 0, "once more"


def test_a_changed_pack_exits_with_one_and_says_what_is_wrong(
    charge: str, countersign: Countersign, tmp_path: Path
) -> None:
    pack = tmp_path / "pack.zip"
    countersign("evidence", "export", charge, "--out", str(pack))
    pack.write_bytes(pack.read_bytes().replace(b"450000", b"450001", 1))
    said = countersign("evidence", "verify", str(pack))
    assert said.code == 1
    assert "event " in said.out
    assert countersign("evidence", "verify", str(pack), "--json").json["ok"] is False


def test_no_file_that_is_something_else_is_written_over(
    charge: str, countersign: Countersign, tmp_path: Path
) -> None:
    precious = tmp_path / "thesis.zip"
    precious.write_bytes(b"years of work")
    said = countersign("evidence", "export", charge, "--out", str(precious))
    assert said.code == 2
    assert "name another file" in said.err
    assert precious.read_bytes() == b"years of work"


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["export", "sc_nobody", "--out", "x.zip"], 1, "There is no such charge."),
        (["export", "sc_nobody", "--out", "."], 2, "is a folder"),
        (["verify", "nowhere.zip"], 2, "There is no file"),
        (["verify", "--all", "pack.zip"], 2, "not both"),
    ],
)
def test_wrong_use_is_one_sentence(
    books: str, countersign: Countersign, words: list[str], code: int, sentence: str
) -> None:
    said = countersign("evidence", *words)
    assert said.code == code
    assert sentence in said.err
    assert "Traceback" not in said.err
