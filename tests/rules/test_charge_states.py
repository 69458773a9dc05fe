"""The state table is document 1's, nothing else moves, and late news moves nothing back."""

from __future__ import annotations

from itertools import permutations, product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from billing_core.errors import IllegalMove, Refused
from billing_core.rules import charge_states as states

# written from document 1, "States", line by line: (from, move, to)
DOCUMENT_1 = """
pending_client                                approve          approved
pending_client                                request_changes  changes_requested
changes_requested                             answer           pending_client
changes_requested pending_client              revise           void
approved                                      attempt_ended    approved
approved charging                             capture          captured
charging                                      decline          failed
charging                                      ask_client       pending_client
failed                                        retry            charging
pending_client changes_requested failed approved  void         void
pending_client changes_requested              expire           expired
expired                                       reissue          pending_client
pending_client approved                       record_payment   captured
captured                                      refund_all       refunded
captured refunded                             dispute          disputed
disputed                                      win              captured
disputed                                      win_refunded     refunded
disputed                                      lose             lost
void expired failed                           late_money       captured
"""
ROWS = [line.split() for line in DOCUMENT_1.strip().splitlines()]
ALLOWED = {(state, row[-2]): row[-1] for row in ROWS for state in row[:-2]}
MOVES = [row[-2] for row in ROWS]

OUTCOMES = ("pending", "requires_action", "processing", "unknown", "succeeded", "declined",
            "expired", "cancelled")  # fmt: skip
ENDINGS = ("declined", "expired", "cancelled")


def rank(outcome: str) -> int:
    """How far an attempt has come; not knowing is no step back from having known."""
    steps = (("pending", "unknown"), ("requires_action",), ("processing",), ENDINGS, ("succeeded",))
    return next(n for n, step in enumerate(steps) if outcome in step)


def heard(first: str, news: list[str]) -> list[str]:
    """The outcome at the start and after each piece of news."""
    story = [first]
    for word in news:
        story.append(states.attempt_after(story[-1], word))
    return story


def test_the_table_is_document_1s() -> None:
    assert [(move.name, move.target) for move in states.TABLE] == [(r[-2], r[-1]) for r in ROWS]
    assert {(s, move.name): move.target for move in states.TABLE for s in move.sources} == ALLOWED


def test_the_states_are_document_1s() -> None:
    named = {state for row in ROWS for state in [*row[:-2], row[-1]]}
    assert set(states.STATES) == named == set(states.WORDS)
    assert set(states.ENDED) == {"void", "expired", "refunded", "lost"}
    assert [s for s in states.STATES if not states.is_live(s)] == [
        s for s in states.STATES if s in states.ENDED
    ]


@pytest.mark.parametrize(("state", "move"), [*product(states.STATES, MOVES)])
def test_every_move_of_the_table_and_no_other(state: str, move: str) -> None:
    assert states.can(move, state) is ((state, move) in ALLOWED)
    if (state, move) in ALLOWED:
        assert states.move(move, state) == ALLOWED[state, move]
        return
    with pytest.raises(IllegalMove) as refused:
        states.move(move, state)
    assert isinstance(refused.value, Refused)
    assert refused.value.code == "ILLEGAL_MOVE"
    assert refused.value.facts == {"move": move, "state": state}
    assert states.WORDS[state].lower() in refused.value.sentence


def test_lost_is_the_end_and_money_never_moves_a_paid_charge() -> None:
    assert not [move for move in MOVES if states.can(move, "lost")]
    paid = ("captured", "refunded", "disputed", "lost")
    collecting = ("capture", "record_payment", "late_money", "approve", "retry", "attempt_ended")
    assert not [(m, s) for m, s in product(collecting, paid) if states.can(m, s)]


def test_outcomes_are_document_1s() -> None:
    assert set(states.SETTLED) == {"succeeded", *ENDINGS}
    assert set(states.ALIVE) == set(OUTCOMES) - states.SETTLED


@pytest.mark.parametrize(("old", "new"), [*product(OUTCOMES, OUTCOMES)])
def test_one_piece_of_news(old: str, new: str) -> None:
    after = states.attempt_after(old, new)
    assert after in (old, new)
    assert rank(after) >= rank(old)
    if rank(new) > rank(old):
        assert after == new, "news that leads on is taken"
    if old in ENDINGS and new in ENDINGS:
        assert after == old, "the first ending stays"
    assert states.attempt_after(after, new) == after, "repeated news changes nothing"


def test_what_was_unknown_becomes_known() -> None:
    assert [states.attempt_after("unknown", new) for new in OUTCOMES] == list(OUTCOMES)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(OUTCOMES), st.lists(st.sampled_from(OUTCOMES), max_size=12))
@example("processing", ["requires_action"])
@example("requires_action", ["unknown"])
@example("declined", ["succeeded", "declined"])
def test_news_in_any_order_never_falls_back(first: str, news: list[str]) -> None:
    story = heard(first, news)
    ranks = [rank(outcome) for outcome in story]
    assert ranks == sorted(ranks)
    assert ranks[-1] == max(rank(word) for word in [first, *news])
    repeated = heard(first, [word for word in news for _ in range(2)])
    assert repeated[-1] == story[-1]
    if "succeeded" in [first, *news]:
        assert story[-1] == "succeeded"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([o for o in OUTCOMES if o not in ENDINGS[1:]]), max_size=5))
def test_the_end_does_not_depend_on_the_order(news: list[str]) -> None:
    ends = {heard("pending", list(order))[-1] for order in permutations(news)}
    assert ends <= {"pending", "unknown"} or len(ends) == 1
