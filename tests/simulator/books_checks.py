"""The ledger at the end of a life, against the gateway's own file. Each returns what is wrong.

Nothing the product says of itself is believed: sums are made anew from rows of both files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.simulator.company import DISPUTE_FEE_MINOR, overdrawn
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
    sold = sum(accounts[name] for name in ("sales", "tax", "refunds", "dispute_losses"))
    revenue = end.of("revenue")
    if sold != -sum(r["gross_minor"] for r in revenue):
        yield f"sold, sent back and lost is {sold}, which revenue does not say"
    fees = sum(r["fee_minor"] for r in revenue)
    if fees != accounts["dispute_fees"]:
        yield f"fees are {accounts['dispute_fees']}, revenue says {fees}"


def check_i10(end: End) -> Iterator[str]:
    """Each refund that was sent is booked once, and nothing else; never more than came."""
    done = end.of("refunds", state="succeeded")
    for row in end.refunded:
        mine = [r for r in done if r["reference"] == row["id"]]
        told = [r for r in end.of("revenue", kind="refund") if r["reference"] == row["id"]]
        wanted = [(row["amount_minor"], row["currency"])]
        if [(r["amount_minor"], r["currency"]) for r in mine] != wanted:
            yield f"{row['id']} was sent, and is booked {len(mine)} times"
        if [(-r["gross_minor"], r["currency"]) for r in told] != wanted:
            yield f"{row['id']} was sent, and is {len(told)} times in revenue"
    if len(done) != len(end.refunded):
        yield f"{len(done)} refunds are called done, {len(end.refunded)} were sent"
    for words in overdrawn(end.story.ground.bank, end.now):
        yield f"more went back than came: {words}"


def _at_the_gateway(end: End) -> dict[str, int]:
    """What the gateway's file makes of our accounts: payments less refunds and disputes."""
    took = dict.fromkeys(("open", "won", "lost"), 0)
    for dispute in end.disputed:
        took[dispute["status"]] += dispute["amount_minor"]
    fees = DISPUTE_FEE_MINOR * len(end.disputed)
    # money that came a second time was never ours: a bank that takes it back costs us its fee
    surplus = sum(
        p["amount_minor"] for p in end.paid if end.is_surplus(p) and end.dispute_of(p) == "lost"
    )
    came = sum(p["amount_minor"] for p in end.paid) - sum(r["amount_minor"] for r in end.refunded)
    return {
        "cash:sandbox": came - took["open"] - took["lost"] - fees,
        "refunds_pending": 0,
        "dispute_held": took["open"],
        "dispute_losses": took["lost"] - surplus,
        "dispute_fees": fees,
    }


def _in_revenue(end: End) -> dict[str, int]:
    """What our own revenue makes of accounts that the gateway knows nothing of."""
    collected = [r for r in end.of("revenue") if r["kind"] in COLLECTED]
    return {
        "cash:bank": sum(r["gross_minor"] for r in collected if r["source"] == "manual"),
        "tax": -sum(r["tax_minor"] for r in end.of("revenue")),
    }
