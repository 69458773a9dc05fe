"""Whatever is changed in a pack, both verifiers find it; and the two agree about whole ones."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import zipfile
from collections.abc import Callable

import pytest

from billing_core.documents import pack_verifier
from billing_core.flows.export_evidence import export_evidence
from tests.books import OPERATOR
from tests.evidence.conftest import Vault
from tests.evidence.second_pack_verifier import wrong_with

#: How many packs are tampered with in all; TAMPERINGS=10000 is what document 5 promises nightly.
WANTED = int(os.environ.get("TAMPERINGS", "2000"))
Change = Callable[[bytes, random.Random], bytes]


def flip_a_bit(pack: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(pack))
    return pack[:at] + bytes([pack[at] ^ (1 << dice.randrange(8))]) + pack[at + 1 :]


def flip_where_there_is_structure(pack: bytes, dice: random.Random) -> bytes:
    """In a header or the directory, which are a small part of all bytes."""
    at = dice.choice([pack.rfind(b"PK\x05\x06"), pack.rfind(b"PK\x01\x02"), 0])
    place = min(at + dice.randrange(46), len(pack) - 1)
    return pack[:place] + bytes([pack[place] ^ (1 << dice.randrange(8))]) + pack[place + 1 :]


def cut_the_end(pack: bytes, dice: random.Random) -> bytes:
    return pack[: -dice.randrange(1, 400)]


def add_bytes(pack: bytes, dice: random.Random) -> bytes:
    extra = dice.randbytes(dice.randrange(1, 50))
    return dice.choice([pack + extra, extra + pack])


def take_a_file_out(pack: bytes, dice: random.Random) -> bytes:
    files = _files(pack)
    del files[dice.choice(sorted(files))]
    return pack_verifier.zip_bytes(files)


def add_a_file(pack: bytes, dice: random.Random) -> bytes:
    files = _files(pack)
    files[dice.choice(["a.txt", "mails/999.eml", "deliverables/01-x", "zz.py"])] = b"new"
    return pack_verifier.zip_bytes(files)


def swap_two_files(pack: bytes, dice: random.Random) -> bytes:
    files = _files(pack)
    one, two = dice.sample(sorted(files), 2)
    files[one], files[two] = files[two], files[one]
    return pack_verifier.zip_bytes(files)


def change_an_event_and_its_digests(pack: bytes, dice: random.Random) -> bytes:
    """As a forger would who forgets that the next event holds the hash of this one."""
    files = _files(pack)
    lines = files["events.jsonl"].splitlines()
    at = dice.randrange(len(lines))
    event = json.loads(lines[at])
    event["at"] = f"20{dice.randrange(10, 25)}{event['at'][4:]}"
    lines[at] = pack_verifier.canonical(event)
    return _listed_anew({**files, "events.jsonl": b"\n".join(lines) + b"\n"})


def drop_or_repeat_an_event(pack: bytes, dice: random.Random) -> bytes:
    files = _files(pack)
    lines = files["events.jsonl"].splitlines(keepends=True)
    at = dice.randrange(len(lines))
    lines[at : at + 1] = dice.choice([[], [lines[at]] * 2])
    return _listed_anew({**files, "events.jsonl": b"".join(lines)})


def change_an_opening(pack: bytes, dice: random.Random) -> bytes:
    files = _files(pack)
    openings = json.loads(files["openings.json"])
    entry = dice.choice(openings)
    match dice.randrange(3):
        case 0:
            entry["value"] += "."
        case 1:
            entry["salt"] = "00" * 32
        case _:
            openings.remove(entry)
    return _listed_anew({**files, "openings.json": pack_verifier.canonical(openings)})


def change_the_invoice(pack: bytes, dice: random.Random) -> bytes:
    files = _files(pack)
    invoice = json.loads(files["invoice.json"])
    invoice["total_minor"] += dice.choice([1, -1, 100])
    return _listed_anew({**files, "invoice.json": pack_verifier.canonical(invoice)})


def change_the_paper(pack: bytes, dice: random.Random) -> bytes:
    files = _files(pack)
    return _listed_anew({**files, "invoice.pdf": flip_a_bit(files["invoice.pdf"], dice)})


def change_the_manifest(pack: bytes, dice: random.Random) -> bytes:
    files = _files(pack)
    manifest = json.loads(files["manifest.json"])
    name = dice.choice(["charge", "head", "through_seq", "files", "v"])
    manifest[name] = {"charge": "sc_x", "head": "0" * 64, "files": [], "v": 2}.get(name, 3)
    return pack_verifier.zip_bytes({**files, "manifest.json": pack_verifier.canonical(manifest)})


CHANGES: tuple[Change, ...] = (
    flip_a_bit, flip_where_there_is_structure, cut_the_end, add_bytes, take_a_file_out, add_a_file,
    swap_two_files, change_an_event_and_its_digests, drop_or_repeat_an_event, change_an_opening,
    change_the_invoice, change_the_paper, change_the_manifest,
)  # fmt: skip


def _files(pack: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(pack)) as entries:
        return {name: entries.read(name) for name in entries.namelist()}


def _listed_anew(files: dict[str, bytes]) -> bytes:
    """The zip with a manifest that fits its files again; chain, head and digests stay."""
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = [
        {"path": n, "bytes": len(d), "sha256": hashlib.sha256(d).hexdigest()}
        for n, d in sorted(files.items())
        if n != "manifest.json"
    ]
    return pack_verifier.zip_bytes({**files, "manifest.json": pack_verifier.canonical(manifest)})


_MADE: list[bytes] = []


@pytest.fixture
def packs(vault: Vault, stories: dict[str, str]) -> list[bytes]:
    """A pack of every story's charge, made once."""
    if not _MADE:
        _MADE.extend(export_evidence(c, actor=OPERATOR).data for c in sorted(stories.values()))
    return _MADE


def _first(pack: bytes) -> str:
    try:
        pack_verifier.check(pack)
    except pack_verifier.Wrong as wrong:
        return str(wrong)
    return ""


def test_whole_packs_are_whole_to_both(packs: list[bytes]) -> None:
    assert len(packs) > 5
    assert {(_first(pack), wrong_with(pack)) for pack in packs} == {("", "")}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_both_verifiers_find_every_change(packs: list[bytes], change: Change) -> None:
    dice, times, found = random.Random(change.__name__), -(-WANTED // len(CHANGES)), 0
    while found < times:
        pack = dice.choice(packs)
        changed = change(pack, dice)
        if changed == pack:
            continue
        assert _first(changed), "not found by verify.py"
        assert wrong_with(changed), f"not found by the second; the first says {_first(changed)}"
        found += 1
    assert times * len(CHANGES) >= WANTED
    print(f"{change.__name__}: {found} of {times} found by both, of {times * len(CHANGES)} in all")
