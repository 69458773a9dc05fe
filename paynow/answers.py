"""The answers of Pay Now that are no pages of their own: redirects, JSON, papers."""

from __future__ import annotations

import re
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from billing_core.rules import texts

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


def go(where: str) -> Response:
    """303: look there now, with GET."""
    return Response(status_code=303, headers={"location": where})


def data(values: dict[str, object], *, status: int = 200) -> Response:
    """A small JSON answer."""
    return JSONResponse(values, status_code=status)


def paper(content: bytes, name: str) -> Response:
    """A PDF to be opened in place; ``name`` is what it is saved as."""
    clean = _NOT_IN_NAMES.sub("-", name).strip("-.") or "document"
    disposition = f'inline; filename="{clean}.pdf"'
    return Response(
        content, media_type="application/pdf", headers={"content-disposition": disposition}
    )


def archive(content: bytes, name: str) -> Response:
    """A zip to be saved as ``name``."""
    disposition = f'attachment; filename="{_NOT_IN_NAMES.sub("-", name)}"'
    return Response(
        content, media_type="application/zip", headers={"content-disposition": disposition}
    )


def download(content: bytes, name: str) -> Response:
    """A file of unknown kind, only ever saved: no browser may open or guess at it.

    ``name`` is what its uploader called it; browsers read the encoded form, others a plain one.
    """
    plain = texts.file_name(name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(
        content,
        media_type="application/octet-stream",
        headers={
            "content-disposition": disposition,
            "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
            "cross-origin-resource-policy": "same-origin",
        },
    )


def wants_json(request: Request) -> bool:
    """True when the caller asks for JSON rather than a page."""
    accepted = request.headers.get("accept", "")
    return "application/json" in accepted and "text/html" not in accepted
