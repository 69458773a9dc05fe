"""The sandbox gateway's own pages: a fictional payment company, not the one who bills.

Only there with GATEWAY=sandbox. Nothing typed here is kept or shown again: people have typed real
card numbers into test pages before.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from billing_core.documents.wording import money
from billing_core.errors import FieldsRefused
from billing_core.flows import sandbox_checkout
from billing_core.flows.sandbox_checkout import SandboxPage
from paynow.answers import go
from paynow.desk import desk_of
from paynow.drawing import draw
from paynow.limits import read_form

NUMBERS = (
    ("4242 4242 4242 4242", "pays"),
    ("4000 0000 0000 0002", "is declined"),
    ("4000 0025 0000 3155", "asks for 3-D Secure first"),
    ("4000 0000 0000 0259", "pays, and is disputed later"),
)
ENDED = {
    "complete": ("This payment is done", "There is nothing left to do here."),
    "expired": ("This payment has expired", "Nothing was charged."),
    "cancelled": ("This payment was cancelled", "Nothing was charged."),
}


async def checkout(request: Request) -> Response:
    """``GET /sandbox/checkout/{session}``: the form, the bank's question, or how it ended."""
    page = await desk_of(request).pool.run(sandbox_checkout.show, _session(request))
    return _draw(request, page)


async def pay(request: Request) -> Response:
    """``POST /sandbox/checkout/{session}``: a card number was typed."""
    form = await read_form(request)
    desk, session = desk_of(request), _session(request)
    try:
        where = await desk.pool.run(sandbox_checkout.pay, session, form.get("number", ""))
    except FieldsRefused as refusal:
        page = await desk.pool.run(sandbox_checkout.show, session)
        return _draw(request, page, problem=refusal.sentence, status=422)
    return go(desk.local(where))


async def authenticate(request: Request) -> Response:
    """``POST …/authenticate``: the client answered the bank's question."""
    form = await read_form(request)
    desk, succeed = desk_of(request), form.get("succeed") == "yes"
    where = await desk.pool.run(sandbox_checkout.authenticate, _session(request), succeed=succeed)
    return go(desk.local(where))


async def cancel(request: Request) -> Response:
    """``POST …/cancel``: back without paying."""
    await read_form(request)
    desk = desk_of(request)
    return go(desk.local(await desk.pool.run(sandbox_checkout.cancel, _session(request))))


def _draw(request: Request, page: SandboxPage, *, problem: str = "", status: int = 200) -> Response:
    desk = desk_of(request)
    values: dict[str, Any] = {
        "base": desk.base,
        "here": f"{desk.base}/sandbox/checkout/{page.id}",
        "page": page,
        "amount": money(page.amount_minor, page.currency),
        "numbers": NUMBERS,
        "problem": problem,
        "ended": ENDED.get(page.state),
        "back": desk.local(page.return_url),
    }
    return draw("sandbox.html", values, styles=("form", "sandbox"), status=status)


def _session(request: Request) -> str:
    return str(request.path_params["session"])
