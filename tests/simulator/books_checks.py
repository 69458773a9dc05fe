"""The ledger at the end of a life, against the gateway's own file. Each returns what is wrong.

Nothing the product says of itself is believed: sums are made anew from rows of both files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.simulator.company import DISPUTE_FEE_MINOR
from tests.simulator.ending import End
from tests.simulator.money_checks import COLLECTED


def check_i9(end: End) -> Iterator[str]:
    """The ledger sums to zero per currency; its cash equals the gateway's."""
    sets: Counter[tuple[str, str]] = Counter()
    accounts: Counter[str] = Counter()
    for posting in end.of("postings"):
        sets[posting["set_id"], posting["currency"]] += posting["amount_minor"]
        accounts[posting["account"]] += posting["amount_minor"]
    if any(sets.values()):
        yield f"sets that do not balance: {[s for s, n in sets.items() if n]}"
    wanted = _at_the_gateway(end) | _in_revenue(end)
    for account, minor in wanted.items():
        if accounts[account] != minor:
            yield f"{account} is {accounts[account]}, and should be {minor}"
    sold = accounts["sales"] + accounts["tax"] + accounts["dispute_losses"]
    revenue = end.of("revenue")
    if sold != -sum(r["gross_minor"] for r in revenue):
        yield f"sold and lost is {sold}, which revenue does not say"
    fees = sum(r["fee_minor"] for r in revenue)
    if fees != accounts["dispute_fees"]:
        yield f"fees are {accounts['dispute_fees']}, revenue says {fees}"


def _at_the_gateway(end: End) -> dict[str, int]:
    """What the gateway's file makes of our accounts: payments less what disputes withdrew."""
    took = dict.fromkeys(("open", "won", "lost"), 0)
    for dispute in end.disputed:
        took[dispute["status"]] += dispute["amount_minor"]
    fees = DISPUTE_FEE_MINOR * len(end.disputed)
    # money that came a second time was never ours: a bank that takes it back costs us its fee
    surplus = sum(
        p["amount_minor"] for p in end.paid if end.is_surplus(p) and end.dispute_of(p) == "lost"
    )
    came = sum(p["amount_minor"] for p in end.paid)
    return {
        "cash:sandbox": came - took["open"] - took["lost"] - fees,
        "dispute_held": took["open"],
        "dispute_losses": took["lost"] - surplus,
        "dispute_fees": fees,
    }


def _in_revenue(end: End) -> dict[str, int]:
    """What our own revenue makes of accounts that the gateway knows nothing of."""
    collected = [r for r in end.of("revenue") if r["kind"] in COLLECTED]
    return {
        "cash:bank": sum(r["gross_minor"] for r in collected if r["source"] == "manual"),
        "tax": -sum(r["tax_minor"] for r in collected),
    }
