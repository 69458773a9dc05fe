"""``countersign reconcile``, ``refund`` and ``setup-link`` as an operator runs them."""

from __future__ import annotations

from collections.abc import Callable

from tests.cli.conftest import countersign
from tests.cli.shell import Done
from tests.flows import watching
from tests.stripe.test_refunds import paid
from tests.stripe.till import Till

Run = Callable[..., Done]
__all__ = ["countersign"]


def test_reconcile_tells_what_changed_and_whether_books_agree(till: Till, countersign: Run) -> None:
    charge_id, step = till.open().approved()
    till.pay(step)
    done = countersign("reconcile")
    assert done.code == 0
    assert "- CS-2026-00001: the payment succeeded\n" in done.out
    assert done.out.endswith("1 changed. Our books and the gateway's agree.\n")
    assert till.charge(charge_id).state == "captured"
    watching.write("UPDATE gateway_lines SET fee_minor = fee_minor + 7")
    done = countersign("reconcile", "--json")
    assert (done.code, done.json["differences"], done.json["clean"]) == (1, {"USD": 7}, False)
    done = countersign("reconcile")
    assert "Difference: 0.07 USD (7 minor units)." in done.out


def test_refund_and_setup_link(till: Till, countersign: Run) -> None:
    charge_id = paid(till.open())
    done = countersign("refund", charge_id, "--amount", "1,000.00", "--json")
    assert (done.code, done.json["state"], done.json["amount_minor"]) == (0, "succeeded", 100_000)
    assert done.json["credit_note"] == "CS-CN-2026-00001"
    same = [countersign("refund", charge_id, "--idempotency-key", "k").out for _ in range(2)]
    assert same[0] == same[1]
    assert "3500.00 USD  succeeded  CS-CN-2026-00002" in same[0]
    done = countersign("refund", charge_id)
    assert done.code == 1
    assert "only what is paid" in done.err
    url = countersign("setup-link", till.seeded.customer).out.strip()
    assert url.startswith(f"{till.fake.address}/c/pay/cs_test_")
    till.hear()
    till.check()
