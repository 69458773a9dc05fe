"""The planted mistakes, and what has to notice each of them within how many lives.

A checker that has never complained proves nothing: together these make every one complain.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from tests.simulator import bugs_back as back
from tests.simulator import bugs_money as money
from tests.simulator import bugs_words as words
from tests.simulator import weather
from tests.simulator.ground import Ground
from tests.simulator.life import Verdict, live
from tests.simulator.weather import Climate

_NO_MILESTONE_INDEX = "DROP INDEX uq_charges_live_milestone"
_NO_CAPTURE_INDEX = "DROP INDEX uq_revenue_one_capture"
_LOST_ANSWERS = Climate(database=0.7, only="pay")


@dataclass(frozen=True)
class Planted:
    """One mistake. ``seed``: where the lives begin; ``within``: how many it may take at most.

    ``schema``: what is taken out of the database with it; ``climate``: the weather of the lives,
    where it would seldom be drawn.
    """

    bug: Callable[[], AbstractContextManager[None]]
    checker: str
    seed: int
    within: int
    schema: str = ""
    climate: Climate | None = None

    @property
    def name(self) -> str:
        return self.bug.__name__


#: Mistake → invariant whose checker notices → first seed → lives.
PLANTED: tuple[Planted, ...] = (
    Planted(money.unknown_is_declined, "I2", 42, 120, climate=weather.SILENCE),
    Planted(money.late_money_ignored, "I1", 12, 150, climate=weather.LIAR),
    Planted(money.key_per_retry, "I2", 1, 30),
    Planted(money.session_left_open, "I2", 4, 60),
    Planted(money.message_acts_twice, "I2", 7, 100, _NO_CAPTURE_INDEX),
    Planted(money.nonce_not_spent, "I2", 425, 60),
    Planted(money.gateway_before_evidence, "I3", 1, 10),
    Planted(words.evidence_best_effort, "I3", 21, 60, climate=weather.PAY_FAILS),
    Planted(money.line_is_collected, "I4", 4, 40),
    Planted(words.paper_made_anew, "I4", 2, 20),
    Planted(words.get_approves, "I5", 1, 10),
    Planted(words.untouched_form_approves, "I5", 10, 80),
    Planted(money.milestone_billed_again, "I6", 4, 60, _NO_MILESTONE_INDEX),
    Planted(words.key_not_looked_up, "I6", 5, 60),
    Planted(words.any_body_under_a_key, "I6", 11, 80),
    Planted(words.tail_cut_and_mended, "I7", 1, 20),
    Planted(words.state_not_rechecked, "I8", 5, 120),
    Planted(words.old_news_believed, "I8", 7, 60),
    Planted(money.tax_not_booked, "I9", 4, 100),
    Planted(back.dispute_moves_no_cash, "I9", 6, 40),
    Planted(back.dispute_booked_whenever_heard, "I9", 39, 60),
    Planted(back.dispute_foreseen, "I8", 6, 40),
    Planted(back.refund_check_then_act, "I10", 6, 40),
    Planted(back.refund_key_per_retry, "I10", 13, 40, climate=weather.SILENCE),
    Planted(words.job_dropped_after_failure, "I11", 1, 40, climate=weather.STORM),
    Planted(words.attempt_without_job, "I11", 1, 10),
    Planted(words.never_reminded, "I11", 10, 60),
    Planted(money.gateway_inside_transaction, "I12", 1, 10),
    Planted(words.tail_cut, "I13", 1, 10),
    Planted(words.unknown_forgotten, "I16", 4, 60, climate=weather.SILENCE),
    Planted(money.cap_not_checked, "I17", 26, 120),
    Planted(words.lost_answer_is_no, "I18", 6, 100, climate=_LOST_ANSWERS),
)


def caught(ground: Ground, planted: Planted) -> Verdict | None:
    """The first life in which the named checker complains; None when none of them does."""
    for seed in range(planted.seed, planted.seed + planted.within):
        verdict = live(
            ground, seed, planted=planted.bug, schema=planted.schema, climate=planted.climate
        )
        if planted.checker in {invariant for invariant, _ in verdict.problems}:
            return verdict
    return None
