"""A writer as a process: fires many charges; some are refused, some rolled back with a number.

Run with a customer's id, an item's id, its own name, and either a count of accepted fires or, with
an ``s`` behind it, seconds. Waits for a line of input, then writes ``{fired} {longest wait in s}``.
"""

from __future__ import annotations

import random
import sys
import time
from dataclasses import replace

from billing_core.errors import Refused
from billing_core.flows.check_fire import FireCommand, check_fire
from billing_core.flows.fire_charge import fire_charge
from billing_core.flows.freeze_invoice import freeze_invoice
from billing_core.records import db
from billing_core.rules.nouns import Actor


class _Withdrawn(Exception):
    """This transaction is given up after everything in it was written."""


def main(customer: str, item: str, name: str, much: str) -> None:
    """Write, and say how it went."""
    luck, actor = random.Random(name), Actor("staff", f"st_{name}", name)
    command = FireCommand(customer, item, "12.00")
    # whatever is loaded or connected at a first time is not what is measured
    _rolled_back(command, actor)
    print("ready", flush=True)
    sys.stdin.readline()
    if much.endswith("s"):
        print(*_for_seconds(float(much[:-1]), command, actor), flush=True)
        return
    for number in range(int(much)):
        while (chance := luck.random()) < 0.4:
            (_refused if chance < 0.2 else _rolled_back)(command, actor)
        fire_charge(replace(command, description=f"{name} {number}"), actor=actor)
    print(much, 0.0, flush=True)


def _for_seconds(seconds: float, command: FireCommand, actor: Actor) -> tuple[int, float]:
    """Fire without a pause; how many, and the longest that one took in seconds."""
    fired, longest, now = 0, 0.0, time.monotonic()
    until = now + seconds
    while now < until:
        fire_charge(replace(command, description=f"{actor.id} {fired}"), actor=actor)
        began, now = now, time.monotonic()
        fired, longest = fired + 1, max(longest, now - began)
    return fired, longest


def _refused(command: FireCommand, actor: Actor) -> None:
    """A fire above the cap."""
    try:
        fire_charge(replace(command, amount="99999.00"), actor=actor)
    except Refused:
        return
    raise AssertionError("was not refused")


def _rolled_back(command: FireCommand, actor: Actor) -> None:
    """A fire whose number was taken, and whose transaction ends without a commit."""
    try:
        with db.begin() as connection:
            fire = check_fire(connection, command)
            freeze_invoice(connection, fire, actor=actor, origin="manual_ui")
            raise _Withdrawn
    except _Withdrawn:
        return


if __name__ == "__main__":
    main(*sys.argv[1:])
