"""``python -m tests.simulator``: live many lives, show how far they are, replay one by its seed.

Ends with 1 when an invariant was broken. Nothing about lives is decided here.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Iterator

from tests.simulator import crowd
from tests.simulator.crowd import News
from tests.simulator.recovery import PATHS

PRINTED_IN_FULL = 20
EVERY_S = 15.0
EVERY_AT_A_SCREEN_S = 0.5


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for; 0 when every life was sound."""
    asked = _read(arguments)
    began = time.monotonic()
    if asked.lives == 1:
        news = crowd.one(asked.seed, without=asked.without)
        print(news.report)
        return 1 if news.broken else 0
    done, broken = _follow(crowd.many(asked.seed, asked.lives, asked.workers), asked.lives, began)
    took = time.monotonic() - began
    print(
        f"{done} lives (seeds {asked.seed} to {asked.seed + asked.lives - 1},"
        f" {asked.workers} processes) in {took:.1f} s: {done / took:.1f} lives/s,"
        f" {broken} violations",
        flush=True,
    )
    return 0 if not broken and done == asked.lives else 1


def _follow(found: Iterator[News], lives: int, began: float) -> tuple[int, int]:
    """Count, print what is wrong at once, and say now and then how far it is."""
    screen = sys.stderr.isatty()
    every = EVERY_AT_A_SCREEN_S if screen else EVERY_S
    done = broken = 0
    said = began
    for news in found:
        done += 1
        if news.broken:
            broken += 1
            _show(news, broken, screen=screen)
        now = time.monotonic()
        if now - said > every or done == lives:
            said = now
            rate = done / (now - began)
            line = f"{done}/{lives} lives, {rate:.1f}/s, {broken} violations"
            line += f", {(lives - done) / rate:.0f} s to go"
            print(
                f"\r\x1b[K{line}" if screen else line, end="" if screen else "\n", file=sys.stderr
            )
    if screen:
        print(file=sys.stderr)
    return done, broken


def _show(news: News, number: int, *, screen: bool) -> None:
    if screen:
        print("\r\x1b[K", end="", file=sys.stderr)
    told = news.report if number <= PRINTED_IN_FULL else news.report.partition("\n")[0]
    print(f"{told}\nreplay: python -m tests.simulator --seed {news.seed}\n", flush=True)


def _read(arguments: list[str] | None) -> argparse.Namespace:
    reader = argparse.ArgumentParser(
        prog="python -m tests.simulator",
        description="Live simulated lives. The same seed is the same life, everywhere.",
    )
    reader.add_argument("--seed", type=int, default=1, help="the first seed (default 1)")
    reader.add_argument("--lives", type=_positive, default=1, help="how many lives (default 1)")
    reader.add_argument("--workers", type=_positive, default=2, help="processes (default 2)")
    reader.add_argument(
        "--without",
        choices=sorted(PATHS),
        action="append",
        help="one life only: switch this recovery path off (default: as the seed draws)",
    )
    asked = reader.parse_args(arguments)
    if asked.without and asked.lives > 1:
        reader.error("--without goes with one life")
    return asked


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


if __name__ == "__main__":
    # whoever ends this process ends the others with it
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
