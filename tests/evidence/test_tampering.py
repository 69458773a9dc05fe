"""Whatever is changed below our rules is found, and the sentence names the chain it is in."""

from __future__ import annotations

import random

import pytest

from tests.evidence.attacks import CHAIN, Attack
from tests.evidence.conftest import Vault
from tests.evidence.papers import PAPERS

TIMES = 10


def tampered(vault: Vault, attack: Attack, dice: random.Random) -> tuple[str, str]:
    """Fresh books with one thing done to them: the stream, and what was done."""
    vault.restore()
    with vault.open() as raw:
        stream, done = attack(raw, dice)
        assert raw.total_changes > 0, f"{attack.__name__} did nothing: {done}"
    return stream, done


def test_untouched_books_are_found_whole(vault: Vault) -> None:
    assert vault.problems() == ()
    assert vault.second_problems() == {}
    assert len(CHAIN) + len(PAPERS) > 30


@pytest.mark.parametrize("attack", CHAIN, ids=lambda attack: attack.__name__)
def test_both_verifiers_find_tampering_with_a_chain(
    vault: Vault, chance: random.Random, attack: Attack
) -> None:
    for _ in range(TIMES):
        stream, done = tampered(vault, attack, chance)
        first, second = vault.problems(), vault.second_problems()
        assert [p for p in first if stream in p], f"not found: {stream}: {done}; found {first}"
        assert stream in second, f"not found by the second: {stream}: {done}; found {second}"


@pytest.mark.parametrize("attack", PAPERS, ids=lambda attack: attack.__name__)
def test_tampering_with_what_hangs_on_a_chain_is_found(
    vault: Vault, chance: random.Random, attack: Attack
) -> None:
    for _ in range(TIMES):
        stream, done = tampered(vault, attack, chance)
        found = vault.problems()
        assert [p for p in found if stream in p], f"not found: {stream}: {done}; found {found}"
