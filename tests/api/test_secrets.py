"""Keys leave no trace: not in the database, not in a log, not in an answer (I14)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from billing_core import settings
from paynow.api.problems import STATUS
from tests.api.machine import FIRE, HERE, Machine, Things, make_key
from tests.api.spoiling import Fire
from tests.flows import watching
from tests.paynow import server

CANARY = "csk_canary0flying0over0the0books0000000000000"


@pytest.fixture
def served(things: Things) -> Iterator[Machine]:
    """A machine in front of the server as it really runs, with a key of its own."""
    with server.running() as address, httpx.Client(base_url=address, timeout=30) as http:
        yield Machine(http, make_key())


def _stored() -> bytes:
    """Every row; where it is a file, also all its bytes, not checkpointed ones included."""
    rows = repr(watching.everything()).encode()
    if not settings.load().database.startswith("sqlite"):
        return rows
    file = Path(settings.load().database.removeprefix("sqlite:///"))
    journal = file.with_name(f"{file.name}-wal")
    return rows + file.read_bytes() + (journal.read_bytes() if journal.exists() else b"")


def _everywhere(robot: Machine, things: Things) -> list[httpx.Response]:
    """The robot's key in every place a caller might put it, rightly or wrongly."""
    fire = Fire(things)
    secret, edge = robot.secret, fire.as_edge()
    bearer = {"authorization": f"Bearer {secret}"}
    twice = f'{{"api_key": "{secret}", "api_key": "{secret}"}}'.encode()
    return [
        robot.post("charges", **fire.fields),
        robot.post("charges", **fire.fields, api_key=secret),
        robot.post("charges", **(fire.fields | {"amount": secret})),
        robot.post("items", currency=secret, name="N"),
        robot.send("charges", f'{{"{secret}": 1, "{secret}": 2}}'.encode()),
        robot.send("charges", f'{{"{secret}": 1}}'.encode()),
        robot.send("charges", b"{" + secret.encode()),
        robot.http.get(f"/v1/items?{secret}=1", headers=bearer),
        robot.get("items", api_key=secret),
        robot.get("items", cursor=secret),
        robot.get(f"items/{secret}"),
        robot.http.get(f"/v1/{secret}", headers=bearer),
        robot.http.request("PUT", f"/v1/items?{secret}", headers=bearer),
        robot.http.get("/v1/items", headers={"authorization": f"Basic {secret}"}),
        robot.edge(**edge, key="k"),
        robot.edge(**edge, form=True),
        robot.edge(**edge, org_id=secret),
        robot.edge(**(edge | {"override_amount": secret})),
        robot.edge(**(edge | {"billable_item_id": secret})),
        robot.edge_raw(json.dumps(HERE | edge | {"api_key": secret + "x"}).encode()),
        robot.edge_raw(twice),
        robot.edge_raw(b"api_key=" + secret.encode()),
        robot.http.post(f"{FIRE}?api_key={secret}", json=edge),
    ]


def test_a_key_is_nowhere_to_be_found(
    served: Machine, things: Things, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    for robot in (served, served.with_key(CANARY)):
        caplog.clear()
        answers = _everywhere(robot, things)
        assert {a.status_code for a in answers} <= {200, 201, *STATUS.values()}
        assert not [a.text for a in answers if robot.secret in a.text.replace("\\", "")]
        assert not [a.headers for a in answers if robot.secret in str(a.headers)]
        assert robot.secret not in _ours(caplog)
        assert robot.secret.encode() not in _stored()
    assert b"Deploy bot" in _stored(), "this reads what was written"


def test_our_own_failure_tells_nobody_the_key(
    served: Machine, things: Things, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    fire = Fire(things)
    watching.write("ALTER TABLE items RENAME TO elsewhere")
    try:
        answer = served.post("charges", **fire.fields, key="an idempotency key")
        edge = served.edge(**fire.as_edge())
    finally:
        watching.write("ALTER TABLE elsewhere RENAME TO items")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert (edge.status_code, edge.json()["error_codes"]) == (200, ["INTERNAL_ERROR"])
    assert "an API call failed" in caplog.text
    for word in (served.secret, "elsewhere", "Traceback", "sqlite"):
        assert word not in answer.text + edge.text, word
    assert served.secret not in _ours(caplog)


def _ours(caplog: pytest.LogCaptureFixture) -> str:
    """What the product logged; the test's own client speaks of its requests, too."""
    client = ("httpx", "httpcore")
    return "\n".join(
        f"{r.getMessage()} {r.exc_text or ''}" for r in caplog.records
        if not r.name.startswith(client)
    )  # fmt: skip
