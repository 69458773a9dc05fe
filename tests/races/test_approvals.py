"""Sixty-four presses of one *Approve and pay* in one moment, at two servers: money moves once."""

from __future__ import annotations

from collections import Counter

import pytest

from tests import books
from tests.races import audit, salvo
from tests.races.counts import AT_ONCE, COUNTS
from tests.races.figures import tell
from tests.races.ground import PayNow

PAGES = 4


def _press(servers: list[PayNow], token: str, method: str) -> list[salvo.Answer]:
    """All presses of one charge: each server drew some pages, each page is pressed many times."""
    path = f"/pay/{token}"
    pages = [
        salvo.form(salvo.ask(server.port, salvo.get(path)).text, "approve")
        for server in servers
        for _ in range(PAGES)
    ]
    typed = {"accept": "yes", "name": "Dana Whitfield", "method": method}
    shots = [
        (servers[shot % len(servers)].port, salvo.post(f"{path}/approve", page | typed))
        for shot in range(AT_ONCE)
        for page in [pages[shot * 5 % len(pages)]]
    ]
    return salvo.fire(shots)


@pytest.mark.parametrize("method", ["saved", "new"])
def test_sixty_four_presses_make_one_capture(
    two_servers: list[PayNow], seeded: books.Seeded, method: str, request: pytest.FixtureRequest
) -> None:
    statuses: Counter[int] = Counter()
    for number in range(COUNTS.salvos):
        fired = books.fire(seeded, f"{number + 10}.00", f"Phase {number}")
        assert fired.charge is not None
        answers = _press(two_servers, books.token(fired), method)
        statuses.update(answer.status for answer in answers)
        if method == "new":
            _pay(two_servers, fired.charge.id)
        audit.check_one_capture(fired.charge.id)
    assert statuses == {303: AT_ONCE * COUNTS.salvos}
    audit.check_books()
    assert len(audit.charges()) == COUNTS.salvos
    tell(
        f"presses, {request.node.callspec.id}: {AT_ONCE} at once × {COUNTS.salvos} charges at "
        f"{len(two_servers)} servers, one capture each, no 5xx"
    )


def _pay(servers: list[PayNow], charge_id: str) -> None:
    """All tabs stand on the gateway's one page, and all press *Pay* at once, then come back."""
    (attempt,) = books.attempts_of(charge_id)
    assert attempt.outcome == "requires_action"
    path = f"/sandbox/checkout/{attempt.reference}"
    paid = salvo.post(path, {"number": books.PAYS})
    answers = salvo.fire([(server.port, paid) for server in servers * (AT_ONCE // 8)])
    assert {answer.status for answer in answers} == {303}
    (back,) = {answer.location for answer in answers}
    looks = [(server.port, salvo.get(back)) for server in servers * (AT_ONCE // 8)]
    assert {answer.status for answer in salvo.fire(looks)} == {200}
    books.settle(charge_id)
