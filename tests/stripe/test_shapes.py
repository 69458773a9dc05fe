"""What we send is shaped as Stripe's published description says, or the test that sent it fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.stripe_fake import shapes
from tests.stripe_fake.endpoints import ENDPOINTS, template
from tests.stripe_fake.running import KEY, Fake

INTENT = {"amount": "900", "currency": "usd"}
SESSION = {"mode": "payment", "success_url": "https://pay.example/x"}


@pytest.mark.parametrize(
    ("path", "given", "said"),
    [
        ("payment_intents", INTENT | {"amuont": "1"}, "amuont is unknown"),
        ("payment_intents", INTENT | {"amount": "9.00"}, "amount must be a integer"),
        ("payment_intents", INTENT | {"confirm": "yes"}, "confirm must be a boolean"),
        ("payment_intents", {"amount": "900"}, "currency is missing"),
        ("payment_intents", INTENT | {"statement_descriptor_suffix": "x" * 23}, "longer than 22"),
        ("payment_intents", INTENT | {"metadata": "x"}, "metadata must be an object"),
        ("refunds", {"payment_intent": "pi_1", "reason": "regret"}, "reason must be one of dupl"),
        ("checkout/sessions", SESSION | {"mode": "pay"}, "mode must be one of payment"),
        ("checkout/sessions", SESSION | {"line_items[0][price_data][amount]": "1"},
         "line_items[0][price_data][currency] is missing"),
        ("checkout/sessions", SESSION | {"payment_intent_data[return_url]": "x"},
         "payment_intent_data[return_url] is unknown"),
    ],
)  # fmt: skip
def test_a_request_of_another_shape_is_refused_and_written_down(
    loud: Fake, path: str, given: dict[str, str], said: str
) -> None:
    headers = {"authorization": f"Bearer {KEY}", "stripe-version": "2026-10-28.endive"}
    answer = httpx.post(f"{loud.address}/v1/{path}", data=given, headers=headers, trust_env=False)
    assert answer.status_code == 400
    [written] = loud.look("misfits")
    assert written.startswith(f"POST /v1/{path}: ")
    assert said in written


def test_every_endpoint_is_described_and_the_extract_has_no_prose() -> None:
    assert set(shapes.REQUESTS) == {f"{m} /v1/{template(p)}" for m, p, _ in ENDPOINTS}
    assert set(shapes.NEWER) <= set(shapes.REQUESTS)
    assert sum(map(_check_bare, shapes.REQUESTS.values())) > 1000


def test_what_is_newer_than_the_description_is_not_in_it() -> None:
    """A description that has caught up makes its line in ``NEWER`` superfluous."""
    for endpoint, names in shapes.NEWER.items():
        for name, shape in names.items():
            assert shapes.REQUESTS[endpoint]["fields"].get(name) != shape
            described = shapes.REQUESTS[endpoint]["fields"].get(name, {}).get("fields", {})
            assert set(described) < set(shape["fields"])


@pytest.fixture
def loud(fake: Fake) -> Iterator[Fake]:
    """The stand-in, which forgets at the end what was sent to it wrongly on purpose."""
    yield fake
    fake.control("reset")


def _check_bare(shape: dict[str, Any]) -> int:
    """How many shapes there are in it; none of them says anything but its form."""
    assert set(shape) <= {"type", "fields", "required", "each", "values", "any", "enum", "longest"}
    inner = [*shape.get("fields", {}).values(), *shape.get("any", [])]
    inner += [shape[name] for name in ("each", "values") if name in shape]
    return 1 + sum(map(_check_bare, inner))
