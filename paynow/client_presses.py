"""What a client does behind a link: approve, pay, ask, decline, have a code or a link mailed.

The flows decide and check in the contract's order; here their refusals become pages on which
everything typed still stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from billing_core.errors import (
    AlreadyDone,
    Declined,
    Down,
    EvidenceUnwritable,
    FieldsRefused,
    IllegalMove,
    Misused,
    Refused,
    StaleDocument,
    TextRefused,
    TooMany,
)
from billing_core.flows.approve_charge import NextStep, approve_charge
from billing_core.flows.open_link import OpenLink, open_link
from billing_core.flows.pay_again import pay_again
from billing_core.flows.renew_link import renew_link
from billing_core.flows.request_changes import request_changes
from billing_core.flows.send_code import send_code
from billing_core.rules.sentences import Sentence
from paynow import errors
from paynow.answers import go
from paynow.client_pages import invoice_page, place_of, status_page
from paynow.desk import desk_of, visit_of
from paynow.limits import read_form
from paynow.routing import token_of
from paynow.screens import Said, Typed, problems_of
from paynow.views import PERSON

_SIGNED = re.compile(r"[A-Za-z0-9._-]{1,200}", re.ASCII)
_STALE = Said(
    Sentence("Nothing was approved and nothing was charged."),
    Sentence(
        "This page was more than a day old, or the invoice has changed since you opened it. "
        "Here it is as it stands now: please read it again."
    ),
    is_bad=True,
)
_DOWN = Said(
    Sentence("Your approval is recorded. Our payment provider does not answer just now."),
    Sentence(
        "We ask again by ourselves, and nothing is charged twice. You need not approve again: "
        "this page shows what became of it."
    ),
    is_bad=True,
)


async def approve(request: Request, opened: OpenLink) -> Response:
    """``POST /pay/{token}/approve``."""
    form = await read_form(request)
    typed = replace(Typed.of(form), kind="")
    if typed.accept == "yes" and typed.name.strip() and "approve" in opened.can:
        await _saw_person(request, opened)
    work = partial(
        approve_charge,
        token_of(request),
        nonce=_signed(form, "nonce"),
        document_sha256=_signed(form, "document_sha256"),
        accept=typed.accept,
        name=typed.name,
        method=typed.method,
        code=typed.code,
        visit=visit_of(request),
    )
    return await _press(request, opened, typed, work)


async def pay(request: Request, opened: OpenLink) -> Response:
    """``POST /pay/{token}/pay``: again, under the approval already given."""
    form = await read_form(request)
    typed = replace(Typed.of(form), kind="")
    work = partial(
        pay_again,
        token_of(request),
        nonce=_signed(form, "nonce"),
        method=typed.method,
        code=typed.code,
        # our own forms say that they have a box; who sends the contract's two fields has none
        accept=typed.accept if request.query_params.get("asked") == "accept" else None,
        visit=visit_of(request),
    )
    return await _press(request, opened, typed, work)


async def changes(request: Request, opened: OpenLink) -> Response:
    """``POST /pay/{token}/changes``: what should be different, or why not at all."""
    form = await read_form(request)
    typed = Typed.of(form)
    if typed.message.strip() and "changes" in opened.can:
        await _saw_person(request, opened)
    work = partial(
        request_changes,
        token_of(request),
        nonce=_signed(form, "nonce"),
        document_sha256=_signed(form, "document_sha256"),
        kind=typed.kind,
        message=typed.message,
        visit=visit_of(request),
    )
    return await _press(request, opened, typed, work)


async def code(request: Request, opened: OpenLink) -> Response:
    """``POST /pay/{token}/code``: mail a code; the page stays as it was typed."""
    form = await read_form(request)
    typed = replace(Typed.of(form), kind="", code="")
    if opened.blocked or not opened.needs_code:
        return go(place_of(request).here)
    work = partial(
        send_code, token_of(request), nonce=_signed(form, "nonce"), visit=visit_of(request)
    )
    try:
        await desk_of(request).pool.run(work)
    except AlreadyDone:
        return _to_status(request)
    except TooMany as refusal:
        said = Said(refusal.sentence, is_bad=True, kind="code")
        return invoice_page(request, opened, typed=typed, said=said, status=429)
    said = Said(
        Sentence("A code is on its way to {address}.", address=opened.masked_email),
        Sentence("Enter its six digits below. It works for ten minutes."),
        kind="code",
    )
    return invoice_page(request, opened, typed=typed, said=said)


async def renew(request: Request) -> Response:
    """``POST /pay/{token}/renew``: the same answer whatever became of it."""
    await read_form(request)
    desk = desk_of(request)
    await desk.pool.run(renew_link, token_of(request), visit=visit_of(request))
    return errors.renewed(desk.base, errors.asked_language(request))


async def _press(
    request: Request, opened: OpenLink, typed: Typed, work: Callable[[], NextStep | None]
) -> Response:
    """Call the flow; where it leads next, or the page that says why not."""
    desk = desk_of(request)
    try:
        step = await desk.pool.run(work)
    except (AlreadyDone, IllegalMove, Declined):
        return _to_status(request)
    except (Down, Misused):
        return _while_down(request)
    except EvidenceUnwritable as failure:
        said = Said(failure.sentence, is_bad=True)
        return invoice_page(request, opened, typed=typed, said=said, status=503)
    except Refused as refusal:
        return _refused(request, typed, refusal)
    return go(desk.local(step.url)) if step else _to_status(request)


def _refused(request: Request, typed: Typed, refusal: Refused) -> Response:
    """The page again, fresh, with what is wrong and all that was typed."""
    fresh = open_link(token_of(request))
    if isinstance(refusal, FieldsRefused):
        said = problems_of(refusal.problems, typed, fresh.document["language"])
        return invoice_page(request, fresh, typed=typed, said=said, status=422)
    if isinstance(refusal, TextRefused):
        said = Said(refusal.sentence, is_bad=True)
        return invoice_page(request, fresh, typed=typed, said=said, status=422)
    # a tick was for the page that was read then, so it does not stand on this one
    typed = replace(typed, accept="", code="")
    said = _STALE if isinstance(refusal, StaleDocument) else Said(refusal.sentence, is_bad=True)
    return invoice_page(request, fresh, typed=typed, said=said, status=409)


def _while_down(request: Request) -> Response:
    fresh = open_link(token_of(request))
    page = status_page(request, fresh, said=_DOWN, status=503)
    page.headers["retry-after"] = "5"
    return page


async def _saw_person(request: Request, opened: OpenLink) -> None:
    """Somebody ticked or typed: that was a person looking, and it stands before what they did."""
    views = desk_of(request).views
    views.note(opened.link.id, "invoice.viewed", PERSON, visit_of(request))
    await views.flush(opened.link.id)


def _to_status(request: Request) -> Response:
    return go(f"{place_of(request).here}/status")


def _signed(form: Mapping[str, str], name: str) -> str:
    """A hidden field of ours; anything that cannot be one counts as missing."""
    value = form.get(name, "")
    return value if _SIGNED.fullmatch(value) else ""
