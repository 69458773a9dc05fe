"""/v1/settings: all of them told, the harmless ones changed, with who changed what."""

from __future__ import annotations

import pytest

from tests.api.machine import Machine, Things
from tests.flows import watching


def test_settings_are_told_and_changed_once(robot: Machine, things: Things) -> None:
    before = robot.get("settings").json()
    place = {"line1": "1 Quay", "city": "Kiel", "postal_code": "24103", "country": "DE"}
    sent = {"terms_days": 14, "reminder_days": [7, 3], "address": place, "default_cap": "750.00",
            "minimum_initial_minor": 2000, "max_consecutive_failures": 5,
            "default_capture_mode": "client_confirm"}  # fmt: skip
    answer = robot.post("settings", key="s", **sent)
    told = answer.json()
    assert answer.status_code == 200
    assert told == before | {
        "terms_days": 14, "reminder_days": [3, 7], "default_cap": "750.00",
        "default_cap_minor": 75_000, "minimum_initial": "20.00", "minimum_initial_minor": 2000,
        "max_consecutive_failures": 5, "default_capture_mode": "client_confirm",
        "idempotent_replay": False,
        "address": place | {"line2": "", "state": ""},
    }  # fmt: skip
    assert robot.post("settings", key="s", **sent).json() == told | {"idempotent_replay": True}
    other = robot.post("settings", key="s", terms_days=15)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")
    (change,) = (r for r in watching.rows("setting_changes") if r["name"] == "terms_days"
                 and r["after"] == "14")  # fmt: skip
    assert change["actor_id"].startswith("key_")


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"second_refund_above_major": None}, "fields_invalid"),
        ({"second_charge_above": 9}, "fields_invalid"),
        ({"code_above_major": 5}, "fields_invalid"),
        ({"bank": []}, "fields_invalid"),
        ({"terms_days": 0}, "fields_invalid"),
        ({"terms_days": "14"}, "fields_invalid"),
        ({"reporting_zone": "Mars/Olympus"}, "fields_invalid"),
        ({"name": ""}, "fields_invalid"),
        ({"name": "a\x07b"}, "fields_invalid"),
        ({"reminder_days": []}, "fields_invalid"),
        ({"default_cap": "0.00"}, "amount_invalid"),
        ({"default_cap": "1.00", "default_cap_minor": 2}, "amount_invalid"),
    ],
)
def test_no_key_loosens_a_limit_and_nothing_odd_is_stored(
    robot: Machine, things: Things, sent: dict[str, object], code: str
) -> None:
    before = watching.everything()
    answer = robot.post("settings", key="k", **sent)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert watching.changed(before).keys() <= {"api_keys"}
