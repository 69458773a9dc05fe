"""Number series without a gap, and rows that are added once."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from sqlalchemy import select

from billing_core.records import db, organisation, rows, tables


def next_number(kind: str = "invoice", year: int = 2026) -> int:
    """One number, taken for good."""
    with db.begin() as connection:
        return organisation.next_number(connection, kind, year)


class ChangedMind(Exception):
    """Something went wrong after a number was taken."""


def drop_a_number() -> None:
    """Take a number, then fail: nobody may ever miss it."""
    with suppress(ChangedMind), db.begin() as connection:
        organisation.next_number(connection, "invoice", 2026)
        raise ChangedMind


def test_a_rolled_back_number_is_given_to_the_next(database: str) -> None:
    drop_a_number()
    assert next_number() == 1
    drop_a_number()
    drop_a_number()
    assert [next_number() for _ in range(3)] == [2, 3, 4]


def test_each_kind_and_year_counts_for_itself(database: str) -> None:
    series = [("invoice", 2026), ("invoice", 2027), ("credit_note", 2026)]
    for kind, year in series * 2:
        next_number(kind, year)
    assert [next_number(kind, year) for kind, year in series] == [3, 3, 3]


def test_gapless_under_concurrent_writers_that_fail(database: str) -> None:
    """Also at the very first number, where there is no row to lock yet."""
    ready = threading.Barrier(5)
    kept: list[int] = []

    def work(seed: int) -> None:
        dice = random.Random(seed)
        ready.wait()
        for _ in range(8):
            if dice.random() < 0.4:
                drop_a_number()
            else:
                kept.append(next_number())

    with ThreadPoolExecutor(5) as pool:
        for done in [pool.submit(work, seed) for seed in range(5)]:
            done.result()
    assert len(kept) > 10
    assert sorted(kept) == list(range(1, len(kept) + 1))
    assert next_number() == len(kept) + 1


def test_insert_new_says_whether_it_was_new(database: str) -> None:
    first = {"name": "a", "value": "1"}
    with db.begin() as connection:
        assert rows.insert_new(connection, tables.company_settings, first) is True
        assert rows.insert_new(connection, tables.company_settings, first) is False
        other = first | {"value": "2"}
        assert rows.insert_new(connection, tables.company_settings, other) is False
        more = {"name": "b", "value": "2"}
        assert rows.insert_new(connection, tables.company_settings, more) is True
    assert stored() == {"a": "1", "b": "2"}


def test_upsert_overwrites_the_row_with_the_same_key_and_no_other(database: str) -> None:
    with db.begin() as connection:
        for name, value in (("a", "1"), ("b", "2"), ("a", "3")):
            rows.upsert(connection, tables.company_settings, {"name": name, "value": value})
    assert stored() == {"a": "3", "b": "2"}


def test_insert_new_adds_one_row_however_many_ask(database: str) -> None:
    ready = threading.Barrier(6)

    def ask(number: int) -> bool:
        ready.wait()
        with db.begin() as connection:
            values = {"name": "once", "value": str(number)}
            return rows.insert_new(connection, tables.company_settings, values)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(ask, range(6)))
    assert sorted(answers) == [False] * 5 + [True]
    assert stored() == {"once": str(answers.index(True))}


@pytest.mark.parametrize("value", [{"b": [1, "é\u2028"], "a": None}, "", [], {}])
def test_json_columns_keep_what_they_were_given(value: object) -> None:
    assert rows.load(rows.dump(value)) == value
    assert rows.load("") is rows.load(None) is None


def stored() -> dict[str, str]:
    """The settings' table."""
    with db.read_only() as connection:
        return {row.name: row.value for row in connection.execute(select(tables.company_settings))}
