"""The simulator, shown to work: lives are sound, seeds replay, every checker can complain, and
each recovery path is either carried by others or missed.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.simulator import __main__ as command
from tests.simulator.crowd import stage
from tests.simulator.ground import Ground
from tests.simulator.life import CHECKS, live
from tests.simulator.planted import PLANTED, Planted, caught
from tests.simulator.recovery import PATHS, REDUNDANT, TABLE, Off
from tests.simulator.weather import CLIMATES
from tests.support.sources import ROOT

LIVES = 25
REPLAYED = 7
#: Invariants that the simulator is asked for: each is broken by some planted mistake.
CHECKED = {f"I{n}" for n in (1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 13, 16, 17, 18)}


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """One ground for all lives of this process."""
    with stage() as made:
        gc.collect()
        yield made


def test_lives_are_sound(ground: Ground) -> None:
    faults: dict[str, int] = {}
    steps = 0
    for seed in range(1, LIVES + 1):
        verdict = live(ground, seed)
        assert not verdict.problems, verdict.report()
        steps += verdict.steps
        for fate, many in verdict.faults.items():
            faults[fate] = faults.get(fate, 0) + many
    # a simulator in which nothing happens and nothing goes wrong would find every life sound
    assert steps > 50 * LIVES
    assert sum(faults.values()) > 2 * LIVES
    assert len(faults) > 8


def replay(seed: int, hash_seed: str) -> str:
    """What a process of its own says of a seed; the order of sets differs with ``hash_seed``."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulator", "--seed", str(seed)],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr or done.stdout
    return done.stdout


def test_the_same_seed_is_the_same_life_in_every_process(ground: Ground) -> None:
    told = replay(REPLAYED, "1")
    assert replay(REPLAYED, "2") == told
    here = live(ground, REPLAYED)
    assert f"digest {here.digest}" in told, "other lives before it change nothing"
    assert live(ground, REPLAYED + 1).digest != here.digest


def test_every_checker_has_a_mistake_that_it_must_notice() -> None:
    named = {planted.checker for planted in PLANTED}
    assert named >= CHECKED
    assert {check.__name__.removeprefix("check_").upper() for check in CHECKS} == CHECKED
    assert len({planted.name for planted in PLANTED}) == len(PLANTED) >= 24


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_a_planted_mistake_is_caught(ground: Ground, planted: Planted) -> None:
    found = caught(ground, planted)
    assert found is not None, f"{planted.checker} saw nothing in {planted.within} lives"


def test_every_path_is_switched_off_in_turn() -> None:
    assert {path for off in TABLE for path in off.without} == set(PATHS)
    assert {off.without for off in TABLE if not off.checker} > set(REDUNDANT)
    assert all(weight > 0 for _, weight in CLIMATES)


@pytest.mark.parametrize("off", TABLE, ids=lambda off: f"{'+'.join(off.without)}-{off.checker}")
def test_without_a_recovery_path(ground: Ground, off: Off) -> None:
    problems: set[str] = set()
    for seed in range(off.seed, off.seed + off.lives):
        verdict = live(ground, seed, without=off.without, climate=off.climate)
        problems |= {invariant for invariant, _ in verdict.problems}
        assert off.checker or not verdict.problems, verdict.report()
        if off.checker in problems:
            return
    assert not off.checker, f"nobody missed {off.without} in {off.lives} lives: is it dead code?"


def test_a_violation_ends_with_1_and_says_how_to_replay_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def many(first: int, lives: int, workers: int) -> Iterator[command.News]:
        yield command.News(first, False)
        yield command.News(first + 1, True, "seed 42\n  I1: wrong")

    monkeypatch.setattr(command.crowd, "many", many)
    assert command.main(["--seed", "41", "--lives", "2"]) == 1
    said = capsys.readouterr().out
    assert "I1: wrong" in said
    assert "--seed 42" in said
    assert said.splitlines()[-1].startswith("2 lives (seeds 41 to 42, 2 processes) in ")
    assert said.splitlines()[-1].endswith(" 1 violations")


def test_many_lives_in_two_processes(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--seed", "101", "--lives", "4", "--workers", "2"]) == 0
    assert "4 lives (seeds 101 to 104, 2 processes)" in capsys.readouterr().out
