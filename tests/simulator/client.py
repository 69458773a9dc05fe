"""A client's browser tab: opens links from the mail, reads, approves, pays, asks for changes, gives
up, comes back; presses twice, and presses again when nothing came back.
"""

from __future__ import annotations

import random
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from billing_core import ids
from billing_core.errors import Down, EvidenceUnwritable, LinkExpired
from billing_core.flows import sandbox_checkout
from billing_core.flows.approve_charge import approve_charge
from billing_core.flows.open_link import OpenLink, open_link
from billing_core.flows.pay_again import pay_again
from billing_core.flows.render_invoice import render_invoice
from billing_core.flows.renew_link import renew_link
from billing_core.flows.request_changes import request_changes
from billing_core.flows.send_code import send_code
from billing_core.flows.settle_attempt import settle_attempt
from tests.books import ASKS, DECLINES, DISPUTED_LATER, PAYS, VISIT
from tests.simulator.desk import Desk
from tests.simulator.ground import SECRET
from tests.simulator.story import Story
from tests.simulator.world import Answer, Call, Script, Together, Wait

CARDS = (PAYS, PAYS, PAYS, DECLINES, DECLINES, ASKS, ASKS, DISPUTED_LATER)
Steps = Generator[Any, Any, None]


@dataclass
class Tab:
    """One tab. ``hints``: whether coming back from the gateway tells us to look there."""

    rng: random.Random
    story: Story
    desk: Desk
    hints: bool = True

    def browse(self, visits: int) -> Script:
        """Come by a few times and do what the page offers."""
        for _ in range(visits):
            yield Wait(self.desk.think())
            token = self.token()
            if token:
                page = yield from self.look(token)
                if page is not None:
                    yield from self._act(token, page)

    def token(self) -> str:
        """A link the client has: from a mail that went out, or handed over."""
        mailed = self.story.ground.books.execute(
            "SELECT link_id FROM mails WHERE state = 'kept' AND link_id IS NOT NULL ORDER BY id"
        ).fetchall()
        known = [ids.link_token(SECRET, link) for (link,) in mailed] + self.desk.urls[-2:]
        if not known:
            return ""
        return known[-1] if self.rng.random() < 0.8 else self.rng.choice(known)

    def look(self, token: str) -> Generator[Any, Any, OpenLink | None]:
        """GET the page; an old link is answered with a fresh one by mail, for who asks."""
        answer: Answer = yield Call("pay", "GET page", lambda: open_link(token), by="look")
        if isinstance(answer.problem, LinkExpired):
            yield Call("pay", "renew link", lambda: renew_link(token, visit=VISIT))
        if not answer.good:
            return None
        page: OpenLink = answer.value
        self.story.served.setdefault(page.charge.id, set()).add(page.document_sha256)
        return page

    def _act(self, token: str, page: OpenLink) -> Steps:
        chance = self.rng.random()
        if chance < 0.15:
            yield from self._read_paper(page)
        if "approve" in page.can and chance < 0.8:
            yield from self._approve(token, page)
        elif "changes" in page.can:
            yield from self._ask_changes(token, page)
        elif "pay" in page.can:
            yield from self._pay_again(token, page)
        elif page.continue_url:
            yield from self._at_gateway(token, page.continue_url)
        elif page.awaiting:
            yield from self.come_back(token)

    def _read_paper(self, page: OpenLink) -> Steps:
        charge = page.charge.id
        answer: Answer = yield Call("pay", "GET pdf", lambda: render_invoice(charge), by="look")
        if answer.good:
            self.story.papers.setdefault(charge, set()).add(ids.sha256_hex(answer.value))

    def _approve(self, token: str, page: OpenLink) -> Steps:
        method = self._method(page)
        code = yield from self._code(token, page, method)
        yield from self._dwell()
        self.story.approved.add(page.nonce)
        press = Call(
            "pay",
            "POST approve",
            lambda: approve_charge(
                token,
                nonce=page.nonce,
                document_sha256=page.document_sha256,
                accept="yes",
                name="Dana Whitfield",
                method=method,
                code=code,
                visit=VISIT,
            ),
            patience_s=self.rng.choice((None, 5.0)),
        )
        yield from self._press(token, page, press, "charge.approved")

    def _pay_again(self, token: str, page: OpenLink) -> Steps:
        method = self._method(page)
        code = yield from self._code(token, page, method)
        press = Call(
            "pay",
            "POST pay",
            lambda: pay_again(token, nonce=page.nonce, method=method, code=code, visit=VISIT),
            patience_s=self.rng.choice((None, 5.0)),
        )
        yield from self._press(token, page, press, "")

    def _press(self, token: str, page: OpenLink, press: Call, says: str) -> Steps:
        """Press, perhaps twice, and once more when nothing came back; then go where it leads."""
        went = None
        for _ in range(self.rng.randint(1, 3)):
            given = yield Together((press,) * self.rng.choice((1, 1, 2)))
            for answer in given:
                self._told(page, answer, says)
                went = answer.value if answer.good else went
            again = any(isinstance(a.problem, EvidenceUnwritable) for a in given)
            if went is not None or not (again or any(a.lost for a in given)):
                break
            yield Wait(self.rng.uniform(0, 30))
        if self.rng.random() < 0.1:
            # the back button, and the form is sent once more
            given = yield Together((press,))
            self._told(page, given[0], says)
        if went is not None and went.to_gateway:
            yield from self._at_gateway(token, went.url)
        else:
            yield from self.come_back(token)
        given = yield from self._restored(press)
        for answer in given:
            self._told(page, answer, says)

    def _restored(self, press: Call) -> Generator[Any, Any, tuple[Answer, ...]]:
        """Now and then the browser restores the tab, and sends its form once more."""
        if self.rng.random() > 0.25:
            return ()
        yield Wait(self.desk.think())
        given: tuple[Answer, ...] = yield Together((press,))
        return given

    def _dwell(self) -> Steps:
        """Some read for long before they press: the page is old by then."""
        if self.rng.random() < 0.3:
            yield Wait(self.desk.think())

    def _told(self, page: OpenLink, answer: Answer, says: str) -> None:
        if says and (answer.good or isinstance(answer.problem, Down)):
            self.story.ack(page.charge.id, says, nonce=page.nonce)
        if answer.good or isinstance(answer.problem, Down):
            self.story.effects[page.nonce] = self.story.effects.get(page.nonce, 0) + 1

    def _ask_changes(self, token: str, page: OpenLink) -> Steps:
        kind = self.rng.choice(("changes", "changes", "decline"))
        yield from self._dwell()
        self.story.asked_changes.add(page.nonce)
        press = Call(
            "pay",
            f"POST {kind}",
            lambda: request_changes(
                token,
                nonce=page.nonce,
                document_sha256=page.document_sha256,
                kind=kind,
                message="The second page is missing.",
                visit=VISIT,
            ),
        )
        given = yield Together((press,) * self.rng.choice((1, 2)))
        says = "changes.requested" if kind == "changes" else "charge.declined_by_client"
        given += yield from self._restored(press)
        for answer in given:
            if answer.good:
                self.story.ack(page.charge.id, says)
                self.story.effects[page.nonce] = self.story.effects.get(page.nonce, 0) + 1

    def _at_gateway(self, token: str, url: str) -> Steps:
        """The hosted page: pay, be asked by the bank, go back, or leave."""
        session = url.rpartition("/")[2]
        yield Wait(self.desk.think() * self.rng.choice((0.1, 0.1, 1)))
        chance = self.rng.random()
        if chance < 0.1:
            return
        if chance < 0.2:
            yield Call("pay", "cancel at gateway", lambda: sandbox_checkout.cancel(session))
        else:
            card = self.rng.choice(CARDS)
            pay = Call("pay", "pay at gateway", lambda: sandbox_checkout.pay(session, card))
            yield Together((pay,) * self.rng.choice((1, 1, 1, 2)))
            if card == ASKS:
                sure = self.rng.random() < 0.7
                yield Call(
                    "pay", "bank asks", lambda: sandbox_checkout.authenticate(session, succeed=sure)
                )
        if self.rng.random() < 0.8:
            yield from self.come_back(token)

    def come_back(self, token: str) -> Steps:
        """The status page: where an attempt is still open, it has us look at the gateway."""
        for _ in range(self.rng.randint(1, 3)):
            page = yield from self.look(token)
            if (
                page is None
                or page.attempt is None
                or (not page.awaiting and not page.continue_url)
            ):
                return
            if self.hints:
                attempt = page.attempt.id
                yield Call("pay", "status", lambda attempt=attempt: settle_attempt(attempt))
            yield Wait(self.rng.uniform(1, 20))

    def _method(self, page: OpenLink) -> str:
        saved = page.customer.payment_method is not None and self.rng.random() < 0.5
        return "saved" if saved else "new"

    def _code(self, token: str, page: OpenLink, method: str) -> Generator[Any, Any, str]:
        """The code from the mail, where a stored method needs one."""
        if method != "saved" or not page.needs_code:
            return ""
        yield Call("pay", "POST code", lambda: send_code(token, nonce=page.nonce, visit=VISIT))
        found = self.story.ground.books.execute(
            "SELECT id FROM codes WHERE charge_id = ? ORDER BY sent_at DESC", (page.charge.id,)
        ).fetchone()
        return ids.mailed_code(SECRET, found[0]) if found and self.rng.random() < 0.9 else "000000"
