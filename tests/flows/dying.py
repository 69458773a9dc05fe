"""A process that kills itself with SIGKILL at a chosen moment of a payment, or works off what such
a one left. Run by test_crashes with the settings of the test in the environment.

    dying.py approve MOMENT TOKEN METHOD AT    the client presses *Approve and pay*
    dying.py settle  MOMENT ATTEMPT AT         the client comes back from the gateway's page
    dying.py drain   AT                        a worker does everything that is due
    dying.py serve                             the same, one process per line of JSON on stdin

``serve`` has everything imported and nothing opened, so that a fresh process costs no second.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, event

from billing_core import clock, gateway, jobs
from billing_core.flows.approve_charge import approve_charge
from billing_core.flows.open_link import open_link
from billing_core.flows.settle_attempt import settle_attempt
from billing_core.gateway.port import Order, Seen
from billing_core.records import db
from billing_core.rules.nouns import PaymentMethod, Visit


def die() -> None:
    """Power off: nothing is flushed, closed or rolled back."""
    os.kill(os.getpid(), signal.SIGKILL)


class Dying:
    """The sandbox, in whose hands this process dies: before it hears of the call, or after."""

    name = "sandbox"

    def __init__(self, moment: str) -> None:
        self._inner = gateway.sandbox()
        self._moment = moment

    def open_checkout(self, order: Order, key: str) -> Seen:
        return self._call(lambda: self._inner.open_checkout(order, key))

    def charge_saved(self, order: Order, key: str) -> Seen:
        return self._call(lambda: self._inner.charge_saved(order, key))

    def read(self, reference: str) -> Seen:
        return self._call(lambda: self._inner.read(reference))

    def cancel(self, reference: str) -> Seen:
        return self._call(lambda: self._inner.cancel(reference))

    def withdraw(self, order: Order, key: str) -> Seen:
        return self._call(lambda: self._inner.withdraw(order, key))

    def save_method(self, customer: str, token: str) -> PaymentMethod:
        return self._inner.save_method(customer, token)

    def _call(self, act: Callable[[], Seen]) -> Seen:
        if self._moment == "before":
            die()
        seen = act()
        if self._moment == "after":
            die()
        return seen


def die_at_commit(number: int) -> None:
    """Die when the ``number``-th writing transaction from now is about to be committed."""
    seen = 0

    def commit(_connection: Connection) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            die()

    with db.begin() as connection:
        engine = connection.engine
    event.listen(engine, "commit", commit)


def approve(moment: str, token: str, method: str) -> None:
    """Press once, with everything filled in."""
    page = open_link(token)
    if moment.startswith("commit"):
        die_at_commit(int(moment.removeprefix("commit")))
    approve_charge(
        token, nonce=page.nonce, document_sha256=page.document_sha256, accept="yes",
        name="Dana Whitfield", method=method, code="", visit=Visit(address="203.0.113.7"),
    )  # fmt: skip


def main(verb: str, *words: str) -> None:
    """Do one of the three at the moment given last."""
    moment = words[0] if verb != "drain" else ""
    with clock.driven(datetime.fromisoformat(words[-1])), gateway.using(Dying(moment)):
        if verb == "approve":
            approve(moment, words[1], words[2])
        elif verb == "settle":
            if moment.startswith("commit"):
                die_at_commit(int(moment.removeprefix("commit")))
            settle_attempt(words[1])
        else:
            jobs.drain()


def serve() -> None:
    """For each line ``{"env": {…}, "words": […]}`` a process of its own; answers how it ended."""
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if not child:
            os.environ.update(asked["env"])
            main(*asked["words"])
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["serve"] else main(*sys.argv[1:])
