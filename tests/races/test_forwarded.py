"""The client's address behind a real proxy, as the evidence keeps it: never what the client wrote.

Everything is loopback, so each party has an address of its own in 127.0.0.0/8 (macOS has only one
until somebody adds more: ``sudo ifconfig lo0 alias 127.0.0.2``).
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from billing_core.records import db, evidence
from tests import books
from tests.races import ground, salvo
from tests.support import processes

CLIENT, PROXY, OUTER_PROXY, STRANGER = "127.0.0.9", "127.0.0.2", "127.0.0.3", "127.0.0.8"
LIE = "198.51.100.66"
FORM = {"content-type": "application/x-www-form-urlencoded", "user-agent": "Mozilla/5.0 (client)"}


@pytest.fixture
def server(books: str, tmp_path: Path) -> Iterator[ground.PayNow]:
    """Pay Now that trusts two proxies by their addresses, and nobody else."""
    del books
    with ground.pay_servers(tmp_path, 1, TRUSTED_PROXIES=f"{PROXY},{OUTER_PROXY}") as (running,):
        yield running


@pytest.fixture
def proxies(server: ground.PayNow, tmp_path: Path) -> Iterator[tuple[int, int]]:
    """Ports of an inner proxy in front of the server, and of an outer one in front of that."""
    inner, outer = processes.free_port(), processes.free_port()
    words = [(inner, server.port, PROXY), (outer, inner, OUTER_PROXY)]
    made = [
        ground.script(
            "forwarding", "127.0.0.1", str(port), str(aim), whom, log=tmp_path / f"proxy-{port}.log"
        )
        for port, aim, whom in words
    ]
    try:
        for proxy in made:
            assert proxy.lines.get(timeout=ground.READY_WITHIN_S) == "ready", "no proxy"
        yield inner, outer
    finally:
        for proxy in made:
            proxy.close()


def _approve(port: int, *, comes_from: str, **headers: str) -> dict[str, Any]:
    """Approve a fresh charge through ``port``; what its evidence says of where that came from."""
    fired = books.fire(books.seed())
    assert fired.charge is not None
    path, chain = f"/pay/{books.token(fired)}", fired.charge.id
    page = _ask(port, "GET", path, comes_from, {}, headers)[1]
    typed = {"accept": "yes", "name": "Dana Whitfield", "method": "new"}
    fields = salvo.form(page, "approve") | typed
    assert _ask(port, "POST", f"{path}/approve", comes_from, fields, headers)[0] == 303
    with db.read_only() as connection:
        (event,) = [e for e in evidence.of_stream(connection, chain) if e.kind == "charge.approved"]
        opened = {
            o.path.removeprefix("/payload/"): o.value
            for o in evidence.openings_of(connection, chain)
            if o.seq == event.seq
        }
    return {
        "rule": event.payload["address_rule"],
        "address": opened["address"], "peer": opened["peer"], "forwarded": opened["forwarded"],
    }  # fmt: skip


def _ask(
    port: int, method: str, path: str, comes_from: str, fields: dict[str, str],
    headers: dict[str, str],
) -> tuple[int, str]:  # fmt: skip
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=(comes_from, 0))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    line.request(method, path, urlencode(fields) or None, FORM | named)
    answer = line.getresponse()
    text = answer.read().decode()
    line.close()
    return answer.status, text


def test_who_calls_us_directly_is_the_peer_whatever_the_headers_say(server: ground.PayNow) -> None:
    said = _approve(server.port, comes_from=CLIENT)
    assert said == {"rule": "peer", "address": CLIENT, "peer": CLIENT, "forwarded": ""}
    said = _approve(server.port, comes_from=STRANGER, x_forwarded_for=LIE, forwarded=f"for={LIE}")
    assert said == {"rule": "peer", "address": STRANGER, "peer": STRANGER, "forwarded": ""}
    # who names a proxy of ours is still a stranger
    said = _approve(server.port, comes_from=STRANGER, x_forwarded_for=f"{LIE}, {PROXY}")
    assert (said["address"], said["rule"]) == (STRANGER, "peer")


def test_behind_proxies_it_is_who_called_them_and_never_what_the_client_wrote(
    server: ground.PayNow, proxies: tuple[int, int]
) -> None:
    said = _approve(proxies[0], comes_from=CLIENT)
    assert said == {
        "rule": "rightmost_untrusted", "address": CLIENT, "peer": PROXY, "forwarded": CLIENT,
    }  # fmt: skip
    # what the client wrote is kept and not believed
    said = _approve(proxies[0], comes_from=CLIENT, x_forwarded_for=LIE, x_real_ip=LIE)
    assert (said["address"], said["rule"]) == (CLIENT, "rightmost_untrusted")
    assert said["forwarded"] == f"{LIE}, {CLIENT}"
    # behind two proxies both are walked past
    said = _approve(proxies[1], comes_from=CLIENT, x_forwarded_for=f"{LIE}, {PROXY}")
    assert (said["address"], said["rule"]) == (CLIENT, "rightmost_untrusted")
    assert said["forwarded"] == f"{LIE}, {PROXY}, {CLIENT}, {OUTER_PROXY}"
