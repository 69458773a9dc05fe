"""Every client page there is, drawn from samples: states, errors, papers of every kind."""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import Response

from billing_core.documents.wording import money
from billing_core.flows.open_link import OpenLink
from billing_core.flows.sandbox_checkout import SandboxPage
from paynow import errors, sandbox_pages
from paynow.client_pages import styles_of
from paynow.drawing import draw
from paynow.limits import Refusal
from paynow.screens import (
    Place,
    Said,
    Typed,
    invoice_values,
    problems_of,
    status_values,
)
from tests.documents.samples import all_samples
from tests.paynow import samples

PLACE = Place("", samples.TOKEN, is_sandbox=True)
TYPED = Typed(name="Alma Reyes", method="saved", code="204811")
PROBLEMS = {
    "accept": "Tick the sentence that you agree to.",
    "name": "Your full name is missing.",
    "code": "This code does not match, or is older than ten minutes. 4 tries are left.",
}


def invoice(opened: OpenLink, typed: Typed | None = None, said: Said | None = None) -> str:
    """``invoice.html`` as served."""
    values = invoice_values(opened, PLACE, typed, said)
    return text(draw("invoice.html", values, styles=styles_of(opened)))


def status(opened: OpenLink, said: Said | None = None) -> str:
    """``status.html`` as served."""
    return text(draw("status.html", status_values(opened, PLACE, said=said), styles=_STATUS))


def sandbox(state: str, problem: str = "") -> str:
    """The sandbox company's page in one of its states."""
    page = SandboxPage(
        id="cs_1",
        merchant="Northlight Studio",
        description="Phase 2: Homepage designs — delivered March 15",
        amount_minor=450000,
        currency="USD",
        state=state,
        problem="",
        return_url="/pay/x/status",
    )
    values = {
        "base": "",
        "here": "/sandbox/checkout/cs_1",
        "page": page,
        "amount": money(450000, "USD"),
        "numbers": sandbox_pages.NUMBERS,
        "problem": problem,
        "ended": sandbox_pages.ENDED.get(state),
        "back": page.return_url,
    }
    return text(draw("sandbox.html", values, styles=("form", "sandbox")))


def every_page() -> dict[str, str]:
    """All of them, by name."""
    states = samples.every_state()
    found = {f"invoice-{name}": invoice(o) for name, o in states.items() if name != "void"}
    found |= {f"status-{name}": status(o) for name, o in states.items()}
    found |= {f"paper-{name}": invoice(samples.opened(d)) for name, d in all_samples().items()}
    return found | _spoken_pages(states["waiting"]) | _lone_pages()


def text(response: Response) -> str:
    """The body of a drawn page."""
    return bytes(response.body).decode()


_STATUS = ("form", "status")


def _spoken_pages(waiting: OpenLink) -> dict[str, str]:
    asked = Typed(kind="changes", message="Please move the booking bar.\n" * 8)
    sent = Said(
        "A code is on its way to ac•••@x.example.", "It works for ten minutes.", kind="code"
    )
    stale = Said("Nothing was approved.", "Please read it again.", is_bad=True)
    too_long = {"message": "Your message is too long: 2,100 characters, 2,000 are allowed."}
    return {
        "errors": invoice(waiting, TYPED, problems_of(PROBLEMS, TYPED)),
        "errors-changes": invoice(waiting, asked, problems_of(too_long, asked)),
        "code-sent": invoice(waiting, replace(TYPED, accept="yes", code=""), sent),
        "stale": invoice(waiting, TYPED, stale),
        "down": status(samples.every_state()["awaited"], stale),
        "revised": invoice(samples.opened(samples.revised())),
    }


def _lone_pages() -> dict[str, str]:
    return {
        "gone": text(errors.gone("", "/pay/x/renew")),
        "renewed": text(errors.renewed("")),
        "not-found": text(errors.not_found("")),
        "home": text(errors.home("")),
        "stored": text(errors.stored("")),
        "failed": text(errors.failed("")),
        "wrong-method": text(errors.wrong_method("", "GET", "/pay/x")),
        "too-many": text(errors.refused("", Refusal(429, "Please wait a minute."))),
        "sandbox": sandbox("open"),
        "sandbox-wrong": sandbox("open", "This is not one of the test numbers."),
        "sandbox-step": sandbox("authenticate"),
        "sandbox-done": sandbox("complete"),
    }
