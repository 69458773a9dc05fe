"""What a request brings, taken apart: key, idempotency key, body and parameters. No field is known.

Secrets are handed on and never kept, logged or echoed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from paynow.api import wire
from paynow.api.problems import Problem
from paynow.limits import MOST_FIELDS, read_body

LONGEST_SECRET = 200
LONGEST_KEY = 255
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, repr=False)
class Asked:
    """A request as it came, its body whole (64 KiB at most)."""

    authorization: tuple[str, ...]
    keys: tuple[str, ...]
    content_type: str
    body: bytes
    query: str
    path_id: str


async def take(request: Request) -> Asked:
    """Read the request. Raises Refusal 400, 408 or 413 for a body that does not come or end."""
    body = await read_body(request) if request.method == "POST" else b""
    return Asked(
        authorization=tuple(request.headers.getlist("authorization")),
        keys=tuple(request.headers.getlist("idempotency-key")),
        content_type=request.headers.get("content-type", ""),
        body=body,
        query=request.scope.get("query_string", b"").decode("latin-1"),
        path_id=str(request.path_params.get("id", "")),
    )


def bearer(asked: Asked) -> str | None:
    """The secret of an ``Authorization: Bearer`` header, None when there is no such header."""
    if len(asked.authorization) > 1:
        raise invalid_key()
    scheme, _, secret = "".join(asked.authorization).partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


def check_secret(secret: str) -> str:
    """A secret that can be looked up; Problem invalid_api_key for any other text."""
    plain = secret.isascii() and secret.isprintable()
    if not secret or len(secret) > LONGEST_SECRET or not plain:
        raise invalid_key()
    return secret


def invalid_key() -> Problem:
    """The answer to every key that is not valid, whatever is wrong with it."""
    return Problem("invalid_api_key", "This API key is not valid.")


def idempotency_key(asked: Asked) -> str | None:
    """The Idempotency-Key, None when none was sent. An empty one protects nothing: refused."""
    if not asked.keys:
        return None
    key = asked.keys[0].strip()
    if len(asked.keys) > 1 or not key or len(key) > LONGEST_KEY or not key.isprintable():
        raise Problem(
            "idempotency_key_invalid",
            f"Send one Idempotency-Key of 1 to {LONGEST_KEY} visible characters, or none.",
        )
    return key


def json_fields(asked: Asked) -> dict[str, Any]:
    """The fields of a JSON body; none for an empty body."""
    if not asked.body and not asked.content_type:
        return {}
    if media_type(asked) != JSON:
        raise Problem("content_type_unsupported", f"Send the body as {JSON}, in UTF-8.")
    return wire.read_object(asked.body) if asked.body else {}


def json_or_form_fields(asked: Asked) -> dict[str, Any]:
    """The fields of a JSON or form body."""
    if media_type(asked) != FORM:
        return json_fields(asked)
    return _pairs(asked.body, "body_invalid", "The body")


def query_fields(asked: Asked) -> dict[str, str]:
    """The parameters of the address, each once."""
    return _pairs(asked.query.encode("latin-1"), "parameter_invalid", "The address")


def media_type(asked: Asked) -> str:
    """The body's media type, "" for one in another character set than UTF-8."""
    kind, _, parameters = asked.content_type.partition(";")
    charset = parameters.strip().lower().replace('"', "")
    return kind.strip().lower() if charset in ("", "charset=utf-8", "charset=utf8") else ""


def _pairs(text: bytes, code: str, what: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            text.decode("ascii"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except UnicodeDecodeError:
        raise Problem(code, f"{what} is not valid text (UTF-8).") from None
    except ValueError:
        raise Problem(code, f"{what} names more fields than there are.") from None
    if len(dict(pairs)) != len(pairs):
        raise Problem(code, f"{what} names a field twice.")
    return dict(pairs)
