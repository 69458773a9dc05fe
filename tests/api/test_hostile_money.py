"""The table of bad input against money that goes back, what is told of it, and asking for cards."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.api.machine import Machine, Things
from tests.api.refusing import refused
from tests.flows import watching
from tests.hostile import BODIES, IDS, TEXTS

_NOT_THERE = ("charge_not_found", "customer_not_found", "dispute_not_found", "not_found",
              "address_too_long")  # fmt: skip


def test_a_note_is_refused_or_kept_as_it_is(robot: Machine, things: Things) -> None:
    way = f"charges/{things.paid}/refunds"
    for text in TEXTS:
        before = watching.everything()
        answer = robot.post(way, amount="1.00", reason="other", note=text.value)
        if text.refused or len(text.value) > 300:
            refused(answer, "text_invalid", "fields_invalid")
            assert watching.changed(before).keys() <= {"api_keys"}, text.name
        else:
            assert (answer.status_code, answer.json()["note"]) == (201, text.value), text.name
            assert robot.get(way, limit=1).json()["data"][0]["note"] == text.value


def test_nothing_is_sent_back_or_told_under_what_is_no_id(robot: Machine, things: Things) -> None:
    before = watching.everything()
    for odd in IDS:
        where = quote(odd, safe="")
        for answer in (
            robot.post(f"charges/{where}/refunds", reason="other"),
            robot.post(f"charges/{where}/retry"),
            robot.post(f"customers/{where}/setup-link"),
            robot.get(f"charges/{where}/refunds"),
            robot.get(f"charges/{where}/evidence"),
            robot.get(f"disputes/{where}"),
        ):
            refused(answer, *_NOT_THERE, "gateway_cannot")
        for noun, name in (("disputes", "charge"), ("disputes", "status"), ("events", "charge"),
                           ("revenue", "customer"), ("revenue", "project"),
                           ("revenue", "currency")):  # fmt: skip
            found = robot.get(noun, **{name: odd})
            assert found.status_code in (200, 414, 422), (noun, name, odd)
            assert found.json().get("data", []) == [], (noun, name, odd)
        for name in ("setupPaymentMethod", "confirmPaymentMethod", "buildCustomerProfileSetup"):
            told = robot.edge(f"/public/edge/{name}", bc_id=odd)
            refused(told, "customer_not_found", "fields_invalid", "missing_customer")
            method = {"payment_data": {"pm_id": odd}}
            told = robot.edge(f"/public/edge/{name}", bc_id=things.seeded.customer, **method)
            if name != "confirmPaymentMethod" or told.json()["status"] == "error":
                refused(told, "fields_invalid", "gateway_cannot")
    assert watching.changed(before).keys() <= {"api_keys"}


@pytest.mark.parametrize("path", ["charges/{}/refunds", "settings"])
def test_no_body_is_too_odd_to_be_refused(robot: Machine, things: Things, path: str) -> None:
    before = watching.everything()
    for body in (b for b in BODIES if b.content_type is not None and b.name != "an empty object"):
        answer = robot.http.post(
            f"/v1/{path.format(things.paid)}",
            content=body.content,
            headers={
                "authorization": f"Bearer {robot.secret}",
                "content-type": str(body.content_type),
            },
        )
        assert answer.status_code == body.status, body.name
        assert answer.headers["content-type"] == "application/problem+json"
    assert watching.changed(before).keys() <= {"api_keys"}
