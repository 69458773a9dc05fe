"""The fake as a test holds it: started as its own process, asked and told over HTTP."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
KEY, LIVE_KEY, SECRET = "sk_test_countersign", "sk_live_countersign", "whsec_countersign"
PAYS, DECLINES, ASKS = "4242424242424242", "4000000000000002", "4000002500003155"
SLOW_BANK = "000123456789"


class Fake:
    """A running fake; every method is one request to it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.client = httpx.Client(base_url=address, timeout=30, trust_env=False)

    def control(self, verb: str, **given: Any) -> Any:
        """Do something to it; see ``control.Control``."""
        said = self.client.post(f"/_control/{verb}", json=given)
        said.raise_for_status()
        return said.json()

    def look(self, verb: str) -> Any:
        """ledger, asked, objects or answers."""
        return self.client.get(f"/_control/{verb}").raise_for_status().json()

    def objects(self, kind: str) -> list[dict[str, Any]]:
        """All its objects of one kind, oldest first."""
        return [made for made in self.look("objects") if made["object"] == kind]

    def asked(self, method: str, path: str) -> list[dict[str, Any]]:
        """The requests it got at one address, oldest first."""
        return [a for a in self.look("asked") if (a["method"], a["path"]) == (method, path)]

    def type_number(self, url: str, number: str = PAYS) -> str:
        """The client types a number on a hosted page; where they are sent, "" when refused."""
        said = self.client.post(url, data={"number": number})
        assert said.status_code in (303, 402), said.text
        return said.headers.get("location", "")

    def answer_bank(self, url: str, *, yes: bool = True) -> str:
        """The client answers the bank's question; where they are sent."""
        said = self.client.post(url, data={"answer": "yes" if yes else "no"})
        assert said.status_code == 303, said.text
        return str(said.headers["location"])

    def deliver(self, **how: Any) -> list[Any]:
        """Deliver the webhooks that are held back; the status of each answer."""
        return [a["status"] for a in self.control("deliver", **how)["answers"]]


@contextmanager
def running() -> Iterator[Fake]:
    """A fake of one's own, on a free port; ends with whoever asked for it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.stripe_fake", "--port", "0", "--tied"], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    try:
        address = process.stdout.readline().strip()
        assert address.startswith("http://"), "the fake did not start"
        fake = Fake(address)
        with fake.client:
            yield fake
    finally:
        process.stdin.close()
        process.wait(timeout=20)
        process.stdout.close()
