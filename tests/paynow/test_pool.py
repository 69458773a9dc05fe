"""The thread pool: bounded, hints that run once however many ask, and failures that stay theirs."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable

import anyio
import pytest

from billing_core.errors import BooksBroken, Down
from paynow.limits import Refusal
from paynow.pool import Pool
from tests.paynow.finishing import finish


def _with_pool(work: Callable[[Pool], Awaitable[None]], pool: Pool) -> None:
    async def live() -> None:
        async with anyio.create_task_group() as tasks:
            pool.open(tasks)
            with anyio.fail_after(20):
                await work(pool)
            tasks.cancel_scope.cancel()

    finish(live)


def test_more_may_not_wait_than_can_be_served() -> None:
    may_end = threading.Event()
    refused: list[int] = []

    async def work(pool: Pool) -> None:
        async def press() -> None:
            try:
                await pool.run(may_end.wait, 10)
            except Refusal as refusal:
                refused.append(refusal.status)
            if len(refused) == 5:
                may_end.set()

        async with anyio.create_task_group() as tasks:
            for _ in range(10):
                tasks.start_soon(press)

    _with_pool(work, Pool(threads=2, most_waiting=3))
    assert refused == [503] * 5


def test_a_hint_runs_once_for_all_who_ask() -> None:
    may_end, runs = threading.Event(), []

    def settle() -> None:
        runs.append(1)
        may_end.wait(10)

    async def work(pool: Pool) -> None:
        answers: list[bool] = []

        async def ask() -> None:
            answers.append(await pool.hint("settle:at_1", settle, within_s=10))

        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(ask)
            while not runs:
                await anyio.lowlevel.checkpoint()
            may_end.set()
        assert answers == [True] * 20

    _with_pool(work, Pool())
    assert len(runs) == 1


def test_a_slow_hint_is_not_waited_for() -> None:
    may_end, ended = threading.Event(), threading.Event()

    def slow() -> None:
        may_end.wait(10)
        ended.set()

    async def work(pool: Pool) -> None:
        assert not await pool.hint("slow", slow, within_s=0)
        may_end.set()
        assert await pool.hint("slow", slow, within_s=10)

    _with_pool(work, Pool())
    assert ended.is_set()


@pytest.mark.parametrize("error", [Down("no answer"), OSError("no disk")])
def test_a_hint_that_fails_is_over_and_may_be_tried_again(error: Exception) -> None:
    runs = []

    def fails() -> None:
        runs.append(1)
        raise error

    async def work(pool: Pool) -> None:
        assert await pool.hint("x", fails, within_s=10)
        assert await pool.hint("x", fails, within_s=10)

    _with_pool(work, Pool())
    assert len(runs) == 2


def test_books_that_do_not_hold_are_loud_although_nobody_waits(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken() -> None:
        raise BooksBroken("The ledger does not sum to zero.")

    pool = Pool()

    async def work(pool: Pool) -> None:
        assert await pool.hint("x", broken, within_s=10)
        with pytest.raises(BooksBroken):
            await pool.run(broken)

    _with_pool(work, pool)
    assert pool.broken == 2
    (said,) = [record for record in caplog.records if record.name == "paynow"]
    assert said.levelname == "ERROR"
    assert said.exc_info
    assert "does not sum to zero" in caplog.text
