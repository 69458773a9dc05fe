"""Who sits at the console. Today: the one operator of this machine, without a password.

The business checks the actor itself; a screen that hides a button protects nothing.
"""

from __future__ import annotations

from billing_core.flows import who
from billing_core.rules.nouns import Actor

#: What the sidebar says, so that nobody mistakes this for a shared installation.
NOTICE = "Local: whoever can open this address is the operator. There is no password."


def actor() -> Actor:
    """The person every press and every save on this screen is recorded under."""
    return who.local_actor()
