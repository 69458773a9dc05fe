"""Invoices as they were drawn last, served again for as long as everything on them is the same.

What is on a page is read from the books each time, and compared: nothing is kept for a while. Only
the nonce differs from one answer to the next.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from starlette.responses import HTMLResponse, Response

from billing_core import clock
from billing_core.flows.open_link import OpenLink
from paynow.screens import Place

_POLICY = "content-security-policy"


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A page in the pieces around its nonce, and all that it was drawn from."""

    values: tuple[OpenLink, Place, date]
    pieces: list[bytes]
    policy: str


class SamePages:
    """The pages of the ``most`` links that were opened last."""

    def __init__(self, *, most: int = 64) -> None:
        self._most = most
        self._drawn: OrderedDict[str, _Drawn] = OrderedDict()

    def draw(self, opened: OpenLink, place: Place, anew: Callable[[], Response]) -> Response:
        """The page of ``opened``; ``anew`` draws it from nothing but these and today's date."""
        values = (replace(opened, nonce=""), place, clock.today("UTC"))
        nonce = opened.nonce.encode()
        drawn = self._drawn.get(opened.link.id)
        if drawn is None or drawn.values != values:
            page = anew()
            pieces = bytes(page.body).split(nonce)
            self._drawn[opened.link.id] = _Drawn(values, pieces, page.headers[_POLICY])
            self._drawn.move_to_end(opened.link.id)
            while len(self._drawn) > self._most:
                self._drawn.popitem(last=False)
            return page
        return HTMLResponse(nonce.join(drawn.pieces), headers={_POLICY: drawn.policy})
