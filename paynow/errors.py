"""From what was raised to the page that says it, where no invoice is needed to say it.

The one place where Pay Now turns errors into answers (with ``client_pages`` for those that show the
invoice again). These pages tell a stranger nothing, not even whose invoice it was: they speak the
language the browser asks for, and are the same bytes for everybody who asks for the same one.
"""

from __future__ import annotations

import logging
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Scope

from billing_core.documents.phrases import ENGLISH, in_language, phrase, preferred
from billing_core.errors import (
    BillingError,
    Down,
    LinkExpired,
    LinkUnknown,
    Misused,
    NotFound,
    TooMany,
)
from billing_core.rules.sentences import Sentence
from paynow.drawing import draw
from paynow.limits import Refusal

log = logging.getLogger("paynow")

_TITLES = {
    400: Sentence("This could not be read"),
    405: Sentence("This address only shows or takes certain things"),
    408: Sentence("This took too long"),
    413: Sentence("This is too large"),
    414: Sentence("This address is too long"),
    415: Sentence("Only our forms can be sent here"),
    429: Sentence("Please wait a moment"),
    503: Sentence("Please try again in a moment"),
}
_DATABASE_DOWN = Sentence("Our books cannot be opened just now.")
_GATEWAY_DOWN = Sentence("Our payment provider does not answer just now.")
_UNCHANGED = Sentence("Nothing was changed.")


def explain(error: Exception, scope: Scope, *, base: str) -> Response:
    """The page for ``error`` in the language that the request asks for."""
    return answer(error, base, asked_language(HTTPConnection(scope)))


def asked_language(request: HTTPConnection) -> str:
    """The language a page without an invoice is said in."""
    return preferred(request.headers.get("accept-language", ""))


def answer(error: Exception, base: str, language: str = ENGLISH) -> Response:
    """The page for ``error``; what nobody foresaw is logged and answered with 500."""
    if isinstance(error, LinkUnknown | NotFound) or _status(error) == 404:
        return not_found(base, language)
    if isinstance(error, LinkExpired):
        return gone(base, "", language)
    if isinstance(error, Refusal):
        return refused(base, error, language)
    if isinstance(error, TooMany):
        return refused(base, Refusal(429, error.sentence, retry_after_s=600), language)
    if isinstance(error, HTTPException):
        return refused(base, Refusal(error.status_code, _UNCHANGED), language)
    if isinstance(error, BillingError) and error.code == "DATABASE_DOWN":
        log.error("the database cannot be reached")
        return refused(base, Refusal(503, _DATABASE_DOWN, retry_after_s=5), language)
    if isinstance(error, BillingError) and error.code == "DATABASE_LOST":
        log.error("the connection to the database broke under a write", exc_info=error)
        return failed(base, language, status=503)
    if isinstance(error, Down | Misused):
        log.warning("the gateway failed: %s", error.code)
        return refused(base, Refusal(503, _GATEWAY_DOWN), language)
    # the traceback shows our lines, never a value: addresses carry tokens and stay out of it
    log.error("an answer failed", exc_info=error)
    return failed(base, language)


def not_found(base: str, language: str = ENGLISH) -> Response:
    """The one 404: the same bytes for every address that is not there."""
    _ = phrase(language)
    return alone(
        base,
        404,
        _("There is nothing here"),
        _("This address is not one of ours, or it was cut off on its way."),
        _("Open the link from the mail once more. If it is broken over two lines, copy both."),
        small=_("Still nothing? Reply to the mail that brought you here: a person reads it."),
        language=language,
    )


def gone(base: str, renew: str, language: str = ENGLISH) -> Response:
    """410 for a replaced or old link; ``renew`` is where its form is sent."""
    _ = phrase(language)
    return alone(
        base,
        410,
        _("This link no longer works"),
        _(
            "Links to invoices are replaced now and then, and end after a while, so that an old "
            "mail cannot be used by someone else. The invoice itself is not affected."
        ),
        _(
            "We can mail a fresh link to the billing address on file. For your safety this page "
            "does not say which address that is, or whose invoice it was."
        ),
        press=(renew, _("Mail a fresh link")) if renew else None,
        small=_nothing_came(language),
        language=language,
    )


def renewed(base: str, language: str = ENGLISH) -> Response:
    """The answer to every wish for a fresh link, whatever became of it."""
    _ = phrase(language)
    return alone(
        base,
        200,
        _("Look into your mail"),
        _(
            "If this invoice can still be opened, a fresh link is on its way to the billing "
            "address on file. It works for the newest mail only."
        ),
        small=_nothing_came(language),
        language=language,
    )


def _nothing_came(language: str) -> str:
    return phrase(language)(
        "Nothing in the inbox after ten minutes? Reply to the mail that brought you here: "
        "a person reads it."
    )


def home(base: str, language: str = ENGLISH) -> Response:
    """The neutral page at the root."""
    _ = phrase(language)
    return alone(
        base,
        200,
        _("Invoices are opened here"),
        _(
            "Each invoice has its own link, which was mailed to the person it is for. "
            "Please open that link."
        ),
        language=language,
    )


def stored(base: str, language: str = ENGLISH) -> Response:
    """Where the gateway sends a client who stored a way to pay; tells a stranger nothing."""
    _ = phrase(language)
    return alone(
        base,
        200,
        _("Thank you"),
        _(
            "Our payment provider keeps your payment method now. Nothing was charged, and you can "
            "close this page."
        ),
        language=language,
    )


def wrong_method(base: str, allowed: str, back: str = "", *, language: str = ENGLISH) -> Response:
    """405 with what is allowed; ``back`` is the address of the invoice, where there is one."""
    _ = phrase(language)
    page = alone(
        base,
        405,
        in_language(_TITLES[405], language),
        _("What your browser asked for cannot be done here. Nothing was changed."),
        way=(back, _("Back to the invoice")) if back else None,
        language=language,
    )
    page.headers["allow"] = allowed
    return page


def refused(base: str, refusal: Refusal, language: str = ENGLISH) -> Response:
    """The page of a request that was not taken in; the connection ends where a body is unread."""
    _ = phrase(language)
    title = _TITLES.get(refusal.status, Sentence("This cannot be done"))
    page = alone(
        base,
        refusal.status,
        in_language(title, language),
        in_language(refusal.sentence, language),
        _("Nothing was approved and nothing was charged."),
        language=language,
    )
    if refusal.retry_after_s:
        page.headers["retry-after"] = str(refusal.retry_after_s)
    if refusal.status in (400, 408, 413, 415, 503):
        page.headers["connection"] = "close"
    return page


def failed(base: str, language: str = ENGLISH, *, status: int = 500) -> Response:
    """500: our own fault; 503 when the database went away under a write."""
    _ = phrase(language)
    return alone(
        base,
        status,
        _("Something went wrong on our side"),
        _(
            "What you asked for may not have been done. Open the link from your mail again: the "
            "page shows what is recorded. Nothing is ever charged twice."
        ),
        language=language,
    )


def alone(
    base: str,
    status: int,
    title: str,
    *sentences: str,
    press: tuple[str, str] | None = None,
    way: tuple[str, str] | None = None,
    small: str = "",
    language: str = ENGLISH,
) -> Response:
    """A page that says one thing. ``press`` is a form's address and button, ``way`` a link."""
    values: dict[str, Any] = {
        "lang": language,
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
