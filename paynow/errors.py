"""From what was raised to the page that says it, where no invoice is needed to say it.

The one place where Pay Now turns errors into answers (with ``client_pages`` for those that show the
invoice again). These pages tell a stranger nothing, not even whose invoice it was.
"""

from __future__ import annotations

import logging
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from billing_core.errors import (
    BillingError,
    Down,
    LinkExpired,
    LinkUnknown,
    Misused,
    NotFound,
    TooMany,
)
from paynow.drawing import draw
from paynow.limits import Refusal

log = logging.getLogger("paynow")

_TITLES = {
    400: "This could not be read",
    405: "This address only shows or takes certain things",
    408: "This took too long",
    413: "This is too large",
    414: "This address is too long",
    415: "Only our forms can be sent here",
    429: "Please wait a moment",
    503: "Please try again in a moment",
}


def answer(error: Exception, base: str) -> Response:
    """The page for ``error``; what nobody foresaw is logged and answered with 500."""
    if isinstance(error, LinkUnknown | NotFound) or _status(error) == 404:
        return not_found(base)
    if isinstance(error, LinkExpired):
        return gone(base, "")
    if isinstance(error, Refusal):
        return refused(base, error)
    if isinstance(error, TooMany):
        return refused(base, Refusal(429, error.sentence, retry_after_s=600))
    if isinstance(error, HTTPException):
        return refused(base, Refusal(error.status_code, "Nothing was changed."))
    if isinstance(error, BillingError) and error.code == "DATABASE_DOWN":
        log.error("the database cannot be reached")
        return refused(base, Refusal(503, "Our books cannot be opened just now.", retry_after_s=5))
    if isinstance(error, Down | Misused):
        log.warning("the gateway failed: %s", error.code)
        return refused(base, Refusal(503, "Our payment provider does not answer just now."))
    # the traceback shows our lines, never a value: addresses carry tokens and stay out of it
    log.error("an answer failed", exc_info=error)
    return failed(base)


def not_found(base: str) -> Response:
    """The one 404: the same bytes for every address that is not there."""
    return alone(
        base,
        404,
        "There is nothing here",
        "This address is not one of ours, or it was cut off on its way.",
        "Open the link from the mail once more. If it is broken over two lines, copy both.",
        small="Still nothing? Reply to the mail that brought you here: a person reads it.",
    )


def gone(base: str, renew: str) -> Response:
    """410 for a replaced or old link; ``renew`` is where its form is sent."""
    return alone(
        base,
        410,
        "This link no longer works",
        "Links to invoices are replaced now and then, and end after a while, so that an old mail "
        "cannot be used by someone else. The invoice itself is not affected.",
        "We can mail a fresh link to the billing address on file. For your safety this page does "
        "not say which address that is, or whose invoice it was.",
        press=(renew, "Mail a fresh link") if renew else None,
        small="Nothing in the inbox after ten minutes? Reply to the mail that brought you here: "
        "a person reads it.",
    )


def renewed(base: str) -> Response:
    """The answer to every wish for a fresh link, whatever became of it."""
    return alone(
        base,
        200,
        "Look into your mail",
        "If this invoice can still be opened, a fresh link is on its way to the billing address "
        "on file. It works for the newest mail only.",
        small="Nothing in the inbox after ten minutes? Reply to the mail that brought you here: "
        "a person reads it.",
    )


def home(base: str) -> Response:
    """The neutral page at the root."""
    return alone(
        base,
        200,
        "Invoices are opened here",
        "Each invoice has its own link, which was mailed to the person it is for. "
        "Please open that link.",
    )


def wrong_method(base: str, allowed: str, way: tuple[str, str] | None = None) -> Response:
    """405 with what is allowed."""
    page = alone(
        base,
        405,
        _TITLES[405],
        "What your browser asked for cannot be done here. Nothing was changed.",
        way=way,
    )
    page.headers["allow"] = allowed
    return page


def refused(base: str, refusal: Refusal) -> Response:
    """The page of a request that was not taken in; the connection ends where a body is unread."""
    title = _TITLES.get(refusal.status, "This cannot be done")
    page = alone(
        base,
        refusal.status,
        title,
        refusal.sentence,
        "Nothing was approved and nothing was charged.",
    )
    if refusal.retry_after_s:
        page.headers["retry-after"] = str(refusal.retry_after_s)
    if refusal.status in (400, 408, 413, 415, 503):
        page.headers["connection"] = "close"
    return page


def failed(base: str) -> Response:
    """500: our own fault."""
    return alone(
        base,
        500,
        "Something went wrong on our side",
        "What you asked for may not have been done. Open the link from your mail again: the page "
        "shows what is recorded. Nothing is ever charged twice.",
    )


def alone(
    base: str,
    status: int,
    title: str,
    *sentences: str,
    press: tuple[str, str] | None = None,
    way: tuple[str, str] | None = None,
    small: str = "",
) -> Response:
    """A page that says one thing. ``press`` is a form's address and button, ``way`` a link."""
    values: dict[str, Any] = {
        "base": base,
        "title": title,
        "sentences": sentences,
        "press": press,
        "way": way,
        "small": small,
    }
    return draw("alone.html", values, styles=("alone",), status=status)


def _status(error: Exception) -> int:
    return error.status_code if isinstance(error, HTTPException) else 0
