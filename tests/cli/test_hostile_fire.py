"""The table of bad input (tests/hostile.py) typed after `countersign fire`: one sentence, exit 1
(2 for nothing at all), nothing written; what is allowed comes back as it was typed.
"""

from __future__ import annotations

from collections.abc import Callable

from tests import books as made
from tests.cli.shell import Done
from tests.flows.watching import changed, everything
from tests.hostile import AMOUNTS, IDS, KEYS, TEXTS

Countersign = Callable[..., Done]


def _words(seeded: made.Seeded, **options: str) -> list[str]:
    """One word per option, as ``--amount=-1``: what is typed is never read as an option."""
    given = {"customer": seeded.customer, "item": seeded.item, "amount": "45.00"} | options
    return ["fire", *(f"--{name.replace('_', '-')}={value}" for name, value in given.items())]


def _is_one_sentence(done: Done, what: str) -> None:
    wrong_use = done.err.startswith("--")  # nothing but blanks was typed
    assert (done.code, done.out) == (2 if wrong_use else 1, ""), (what, done)
    assert done.err.endswith("\n"), (what, done.err)
    assert done.err.count("\n") == 1, (what, done.err)
    assert done.err[:-1].isprintable(), (what, done.err)
    assert 10 < len(done.err) < 400, (what, done.err)


def test_no_bad_amount_is_charged(books: str, countersign: Countersign) -> None:
    seeded = made.seed()
    before = everything()
    for amount in (a for a in AMOUNTS if a.text is not None):
        done = countersign(*_words(seeded, amount=amount.text or ""))
        _is_one_sentence(done, amount.name)
        assert not changed(before), amount.name


def test_a_text_is_refused_or_kept_as_it_is(books: str, countersign: Countersign) -> None:
    seeded = made.seed()
    for text in TEXTS:
        before = everything()
        done = countersign(*_words(seeded, description=text.value), "--json")
        if text.refused:
            _is_one_sentence(done, text.name)
            assert not changed(before), text.name
        else:
            assert (done.code, done.err) == (0, ""), (text.name, done)
            told = done.json
            assert told["description"] == made.charge(told["id"]).description == text.value


def test_nothing_is_found_under_what_is_no_id(database: str, countersign: Countersign) -> None:
    seeded = made.seed()
    before = everything()
    for odd in IDS:
        for name in ("customer", "item", "milestone"):
            done = countersign(*_words(seeded, **{name: odd}))
            _is_one_sentence(done, f"{name} {odd!r}")
        _is_one_sentence(countersign("link", "--", odd), odd)
    assert not changed(before)


def test_keys_that_protect_nothing_bind_nothing(books: str, countersign: Countersign) -> None:
    seeded = made.seed()
    before = everything()
    for key in (key.decode("latin-1") for key in KEYS):
        done = countersign(*_words(seeded, idempotency_key=key))
        _is_one_sentence(done, repr(key))
    assert not changed(before)
