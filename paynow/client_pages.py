"""What a client sees behind a link: invoice, status, papers. Looking changes nothing.

What a client does there is in ``client_presses``.
"""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from billing_core.errors import NotFound
from billing_core.flows.export_evidence import check_own_copy, export_own_copy
from billing_core.flows.open_link import OpenLink, open_link
from billing_core.flows.read_deliverable import find_deliverable, read_deliverable
from billing_core.flows.render_invoice import read_pdf, render_invoice
from billing_core.flows.render_receipt import render_receipt
from billing_core.flows.settle_attempt import settle_attempt
from billing_core.rules.charge_states import ALIVE
from billing_core.rules.sentences import Sentence
from paynow.answers import archive, data, download, paper, wants_json
from paynow.desk import desk_of, visit_of
from paynow.drawing import draw
from paynow.limits import Refusal
from paynow.routing import token_of
from paynow.screens import Place, Said, Typed, invoice_values, status_values
from paynow.views import grade

HINT_WITHIN_S = 2.0
PAPER_WITHIN_S = 20.0
REFRESH_S = 2
_WITH_RECEIPT = ("captured", "refunded", "disputed", "lost")


async def invoice(request: Request, opened: OpenLink) -> Response:
    """``GET /pay/{token}``: the invoice, and what can be done with it."""
    desk = desk_of(request)
    graded = grade(request.method, request.headers)
    desk.views.note(opened.link.id, "invoice.viewed", graded, visit_of(request))
    if request.method == "GET" and opened.charge.pdf_sha256 is None:
        # whoever needs the paper first has it made; an approval is refused until it exists
        await desk.pool.hint(*_paper_hint(opened.charge.id), within_s=0)
    if opened.charge.state == "void":
        return status_page(request, opened)
    return desk.pages.draw(opened, place_of(request), lambda: invoice_page(request, opened))


async def status(request: Request, opened: OpenLink) -> Response:
    """``GET /pay/{token}/status``: where things stand, a person back from the gateway first."""
    attempt = opened.attempt
    if request.method == "GET" and attempt is not None and attempt.outcome in ALIVE:
        work = partial(settle_attempt, attempt.id)
        if await desk_of(request).pool.hint(f"settle:{attempt.id}", work, within_s=HINT_WITHIN_S):
            opened = open_link(token_of(request))
    if wants_json(request):
        return data({"state": opened.charge.state, "awaiting": opened.awaiting})
    return status_page(request, opened)


async def invoice_pdf(request: Request, opened: OpenLink) -> Response:
    """The invoice as the one PDF that was ever made of it."""
    desk, charge = desk_of(request), opened.charge
    graded = grade(request.method, request.headers, page=False)
    desk.views.note(opened.link.id, "invoice.downloaded", graded, visit_of(request))
    content = read_pdf(charge.id)
    if content is None and request.method == "GET":
        await desk.pool.hint(*_paper_hint(charge.id), within_s=PAPER_WITHIN_S)
        content = read_pdf(charge.id)
        if content is None:
            raise Refusal(
                503, Sentence("The paper is being made. Please try again."), retry_after_s=5
            )
    return paper(content or b"", charge.invoice_number)


async def receipt_pdf(request: Request, opened: OpenLink) -> Response:
    """The receipt of a paid invoice; the 404 while there is none."""
    desk, charge = desk_of(request), opened.charge
    if charge.state not in _WITH_RECEIPT:
        raise NotFound("There is no receipt: this invoice is not paid.")
    content = b""
    if request.method == "GET":
        # drawn anew each time: this costs as much as a press, so it counts as one
        desk.presses.check(visit_of(request).address)
        content = await desk.pool.run(render_receipt, charge.id)
    return paper(content, f"{charge.invoice_number}-receipt")


async def evidence_zip(request: Request, opened: OpenLink) -> Response:
    """The client's own copy of the evidence, once they approved; the 404 before."""
    desk, content, name = desk_of(request), b"", "evidence.zip"
    check_own_copy(opened.charge.id)
    if request.method == "GET":
        # made anew each time: this costs as much as a press, so it counts as one
        desk.presses.check(visit_of(request).address)
        pack = await desk.pool.run(export_own_copy, opened.charge.id)
        content, name = pack.data, pack.name
    return archive(content, name)


async def deliverable(request: Request, opened: OpenLink) -> Response:
    """A file that the frozen invoice names, counted from 1; the 404 for anything else."""
    desk, number = desk_of(request), str(request.path_params["number"])
    entry = find_deliverable(opened.document, number)
    if opened.charge.state == "void":
        raise NotFound("A withdrawn invoice gives nothing out.")
    if request.method == "HEAD":
        return download(b"", str(entry["name"]))
    # up to 25 MB each: this costs as much as a press, so it counts as one
    desk.presses.check(visit_of(request).address)
    file = await desk.pool.run(read_deliverable, opened.charge.id, number)
    return download(file.data, file.name)


def invoice_page(
    request: Request,
    opened: OpenLink,
    *,
    typed: Typed | None = None,
    said: Said | None = None,
    status: int = 200,
) -> Response:
    """The invoice with its form, filled as it was typed; a withdrawn one shows only that."""
    if opened.charge.state == "void":
        return status_page(request, opened, status=status)
    values = invoice_values(opened, place_of(request), typed, said)
    return draw("invoice.html", values, styles=styles_of(opened), status=status)


def styles_of(opened: OpenLink) -> tuple[str, ...]:
    """The styles of an invoice's page: what marks a difference only where something differs."""
    return ("form", "changed") if opened.document["revises"] else ("form",)


def status_page(
    request: Request, opened: OpenLink, *, said: Said | None = None, status: int = 200
) -> Response:
    """Where things stand; asks again by itself while the gateway is awaited."""
    place = place_of(request)
    values = status_values(opened, place, said=said)
    page = draw("status.html", values, styles=("form", "status"), status=status)
    if opened.awaiting:
        page.headers["refresh"] = f"{REFRESH_S}; url={place.here}/status"
    return page


def place_of(request: Request) -> Place:
    """The place of the page that ``request`` asked for."""
    desk = desk_of(request)
    return Place(desk.base, token_of(request), desk.settings.gateway == "sandbox")


def _paper_hint(charge_id: str) -> tuple[str, partial[bytes]]:
    return f"pdf:{charge_id}", partial(render_invoice, charge_id)
