"""Idempotency keys and nonces: each answers once, for its own caller, for as long as promised."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from billing_core import clock
from billing_core.errors import KeyConflict, Refused
from billing_core.records import db, keys, links, tables
from billing_core.rules.nouns import Actor
from tests import books
from tests.conftest import START, Clock

STAFF = Actor("staff", "st_1")
MARK = keys.fingerprint("fire", {"amount": "5.00"})
OTHER = keys.fingerprint("fire", {"amount": "5.01"})


def bind(actor: Actor = STAFF, key: str | None = "k", mark: str = MARK, charge: str = "a") -> None:
    """Bind an accepted command."""
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        keys.bind(connection, actor, key, mark, {"charge": charge})


def find(actor: Actor = STAFF, key: str | None = "k", mark: str = MARK) -> object:
    """What is bound."""
    with db.read_only() as connection:
        return keys.find(connection, actor, key, mark)


def is_bound(actor: Actor = STAFF, key: str = "k") -> bool:
    """Whether it has been answered."""
    with db.read_only() as connection:
        return keys.is_bound(connection, actor, key)


def test_the_same_key_and_values_give_the_same_answer(database: str, driven_clock: Clock) -> None:
    assert find() is None
    assert not is_bound()
    bind()
    assert find() == {"charge": "a"}
    assert is_bound()


def test_other_values_under_one_key_are_a_conflict(database: str, driven_clock: Clock) -> None:
    bind()
    with pytest.raises(KeyConflict) as refused:
        find(mark=OTHER)
    assert refused.value.code == "IDEMPOTENCY_CONFLICT"
    assert find() == {"charge": "a"}


@pytest.mark.parametrize(
    ("actor", "key"),
    [(Actor("key", "st_1"), "k"), (Actor("staff", "st_2"), "k"), (STAFF, "K"), (STAFF, "k ")],
)
def test_a_key_belongs_to_its_caller_and_is_itself(
    database: str, driven_clock: Clock, actor: Actor, key: str
) -> None:
    bind()
    assert find(actor, key, OTHER) is None
    assert not is_bound(actor, key)
    bind(actor, key, OTHER, "b")
    assert find(actor, key, OTHER) == {"charge": "b"}
    assert find() == {"charge": "a"}


@pytest.mark.parametrize("key", [None, ""])
def test_no_key_binds_nothing(database: str, driven_clock: Clock, key: str | None) -> None:
    bind(key=key)
    assert find(key=key) is None
    with db.read_only() as connection:
        assert connection.execute(select(func.count()).select_from(tables.keys)).scalar() == 0


def test_a_refusal_binds_nothing(database: str, driven_clock: Clock) -> None:
    with suppress(Refused), db.begin() as connection:
        keys.bind(connection, STAFF, "k", MARK, {"charge": "a"})
        raise Refused("A rule says no.")
    assert find() is None
    bind(mark=OTHER)
    assert find(mark=OTHER) == {"charge": "a"}


def test_a_key_lives_for_seven_days(database: str, driven_clock: Clock) -> None:
    bind()
    driven_clock.set(START + timedelta(days=7) - timedelta(seconds=1))
    assert find() == {"charge": "a"}
    assert is_bound()
    driven_clock.set(START + timedelta(days=7))
    assert find() is None
    assert not is_bound(), "what is not found is not bound either"
    assert find(mark=OTHER) is None, "and what is over is in nobody's way"
    bind(mark=OTHER, charge="b")
    assert find(mark=OTHER) == {"charge": "b"}


def test_forgetting_drops_what_is_over_and_nothing_else(database: str, driven_clock: Clock) -> None:
    bind(key="old")
    driven_clock.advance(days=3)
    bind(key="young")
    driven_clock.advance(days=4, seconds=1)
    with db.begin() as connection:
        keys.forget_old(connection)
    with db.read_only() as connection:
        assert connection.execute(select(tables.keys.c.key)).scalars().all() == ["young"]
    assert find(key="young") == {"charge": "a"}


@pytest.mark.parametrize("key", ["x" * 256, "a\nb", "a\x00b", "a\u200bb", "\ud800"])
def test_a_key_that_could_not_be_kept_is_refused(
    database: str, driven_clock: Clock, key: str
) -> None:
    for attempt in (bind, find, is_bound):
        with pytest.raises(Refused) as refused:
            attempt(key=key)
        assert refused.value.code == "IDEMPOTENCY_KEY_INVALID"


def test_the_longest_key_is_kept(database: str, driven_clock: Clock) -> None:
    bind(key="é" * 255)
    assert find(key="é" * 255) == {"charge": "a"}


def test_two_requests_with_one_key_take_turns(database: str, driven_clock: Clock) -> None:
    """Look, then bind: without turns both would look before the other has bound."""
    ready = threading.Barrier(5)
    charged: list[int] = []

    def request(number: int) -> object:
        ready.wait()
        with clock.driven(START), db.begin() as connection:
            keys.lock(connection, STAFF, "k")
            bound = keys.find(connection, STAFF, "k", MARK)
            if bound is not None:
                return bound["charge"]
            charged.append(number)
            keys.bind(connection, STAFF, "k", MARK, {"charge": f"charge {number}"})
            return f"charge {number}"

    with ThreadPoolExecutor(5) as pool:
        answers = set(pool.map(request, range(5)))
    assert len(charged) == len(answers) == 1


def test_fingerprints_tell_values_apart_and_orders_not() -> None:
    values = {"a": "1", "b": None, "c": 5}
    same = keys.fingerprint("fire", dict(reversed(values.items())))
    assert same == keys.fingerprint("fire", values)
    others = [
        keys.fingerprint("void", values),
        keys.fingerprint("fire", values | {"c": "5"}),
        keys.fingerprint("fire", values | {"b": ""}),
        keys.fingerprint("fire", {k: v for k, v in values.items() if k != "b"}),
    ]
    assert len({same, *others}) == 5


def link_id() -> str:
    """A link of a real charge."""
    fired = books.fire(books.seed())
    assert fired.charge is not None
    with db.read_only() as connection:
        link = links.find_live(connection, fired.charge.id)
    assert link is not None
    return link.id


def test_a_nonce_is_spent_once(database: str, driven_clock: Clock) -> None:
    link = link_id()
    with db.begin() as connection:
        assert not links.is_spent(connection, "n1")
        assert links.spend(connection, "n1", link) is True
        assert links.is_spent(connection, "n1")
        assert links.spend(connection, "n1", link) is False
        assert links.spend(connection, "n2", link) is True
    with db.read_only() as connection:
        stored = connection.execute(select(tables.nonces.c.nonce_sha256)).scalars().all()
        assert links.is_spent(connection, "n2")
    assert not {"n1", "n2"} & set(stored), "only digests are kept"


def test_a_nonce_of_a_failed_approval_can_be_spent_again(
    database: str, driven_clock: Clock
) -> None:
    link = link_id()
    with suppress(Refused), db.begin() as connection:
        assert links.spend(connection, "n1", link)
        raise Refused("A rule says no.")
    with db.begin() as connection:
        assert links.spend(connection, "n1", link)


def test_one_of_many_clicks_spends_the_nonce(database: str, driven_clock: Clock) -> None:
    link, ready = link_id(), threading.Barrier(6)

    def click(_: int) -> bool:
        ready.wait()
        with clock.driven(START), db.begin() as connection:
            return links.spend(connection, "n1", link)

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(click, range(6))) == [False] * 5 + [True]
