"""An operator as a process: fires what it is told, and says so only once it is in the books.

Reads a number per line, fires ``Order {number}`` under the key ``order {number}``, answers
``{number} {charge} {token}``. Run with a customer's and an item's id.
"""

from __future__ import annotations

import sys

from sqlalchemy.exc import DBAPIError

from billing_core.errors import BillingError
from billing_core.flows.check_fire import FireCommand
from billing_core.flows.fire_charge import Fired, fire_charge
from billing_core.records import db
from billing_core.rules.nouns import Actor

MOST_CALLS = 10


def amount(number: int) -> str:
    """What order ``number`` costs: every one another sum, below the limit for codes."""
    return f"{10 + number // 100}.{number % 100:02}"


def main(customer: str, item: str) -> None:
    """Serve until the input ends."""
    robot = Actor("key", "key_firing", "a robot")
    db.check_durability()
    print("ready", flush=True)
    for line in sys.stdin:
        number = int(line)
        command = FireCommand(customer, item, amount(number), description=f"Order {number}")
        fired = _until_it_answers(command, robot, f"order {number}")
        assert fired.charge is not None
        token = (fired.url or "").rpartition("/")[2]
        print(number, fired.charge.id, token, flush=True)


def _until_it_answers(command: FireCommand, robot: Actor, key: str) -> Fired:
    """As a caller does whose call failed: the same again, with the same key."""
    for _ in range(MOST_CALLS):
        try:
            return fire_charge(command, actor=robot, origin="api", key=key)
        except (DBAPIError, BillingError) as error:
            print(f"failed, asking again: {error}", file=sys.stderr)
    return fire_charge(command, actor=robot, origin="api", key=key)


if __name__ == "__main__":
    main(*sys.argv[1:])
