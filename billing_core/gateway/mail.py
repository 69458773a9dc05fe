"""The mail server in our words: one message out, over SMTP. Called with no transaction open."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from billing_core import settings
from billing_core.errors import Down, Misused

TIMEOUT_S = 20
_FIRST_PERMANENT = 500


def is_configured() -> bool:
    """True when an SMTP server is set; without one, mail stays in the outbox."""
    return bool(settings.load().smtp_url)


def send(message: EmailMessage, recipients: list[str]) -> None:
    """Hand ``message`` to the server. Down: try again. Misused: the server refuses it for good."""
    address = urlsplit(settings.load().smtp_url)
    try:
        with _connect(address) as server:
            _sign_in(server, address)
            refused = server.send_message(message, to_addrs=recipients)
    except smtplib.SMTPResponseException as error:
        raise _translate(error.smtp_code, str(error.smtp_error)) from error
    except smtplib.SMTPRecipientsRefused as error:
        worst = min(code for code, _ in error.recipients.values())
        raise _translate(worst, "the recipient was refused") from error
    except smtplib.SMTPNotSupportedError as error:
        raise Misused(f"The mail server cannot take this mail: {error}") from error
    except (OSError, smtplib.SMTPException) as error:
        raise Down(f"The mail server did not answer: {error}.") from error
    if refused:
        raise Misused(f"The mail server refused: {', '.join(sorted(refused))}.")


def greet() -> str:
    """What keeps the server from letting us in, "" when nothing does. Sends nothing."""
    address = urlsplit(settings.load().smtp_url)
    try:
        with _connect(address) as server:
            _sign_in(server, address)
    except (OSError, smtplib.SMTPException) as error:
        return f"The mail server does not let us in: {error}."
    return ""


def _sign_in(server: smtplib.SMTP, address: SplitResult) -> None:
    if address.username:
        server.login(unquote(address.username), unquote(address.password or ""))


def _connect(address: SplitResult) -> smtplib.SMTP:
    host = address.hostname or "localhost"
    context = ssl.create_default_context()
    if address.scheme == "smtps":
        return smtplib.SMTP_SSL(host, address.port or 465, timeout=TIMEOUT_S, context=context)
    server = smtplib.SMTP(host, address.port or 25, timeout=TIMEOUT_S)
    if parse_qs(address.query).get("starttls") == ["1"]:
        server.starttls(context=context)
    return server


def _translate(code: int, words: str) -> Down | Misused:
    sentence = f"The mail server answered {code}: {words}."
    return Misused(sentence) if code >= _FIRST_PERMANENT else Down(sentence)
