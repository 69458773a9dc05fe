"""A process that fires charges one after another, and tells each one's id once it is durable.

``python -m tests.cli.firing CUSTOMER ITEM NAME``; ends when its standard input is closed.
"""

from __future__ import annotations

import select
import sys
from itertools import count

from billing_core.flows.check_fire import FireCommand
from billing_core.flows.fire_charge import fire_charge
from billing_core.rules.nouns import LOCAL_OPERATOR


def main(customer: str, item: str, name: str) -> None:
    """Fire until there is nobody to tell any more."""
    for number in count(1):
        if select.select([sys.stdin], [], [], 0)[0]:
            return
        description = f"{name}, step {number}"
        command = FireCommand(customer=customer, item=item, amount="1.00", description=description)
        fired = fire_charge(command, actor=LOCAL_OPERATOR, key=f"{name}:{number}")
        assert fired.charge is not None
        sys.stdout.write(f"{fired.charge.id}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
