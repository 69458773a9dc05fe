"""That a page was opened: noted in memory, written each second by a thread, best effort.

A view is never consent. Nothing here waits inside a request or fails one: too much is dropped and
counted. At most one event per link, kind, grade and hour; its counter says how often.
"""

from __future__ import annotations

import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import anyio

from billing_core import clock
from billing_core.flows.record_views import Sighting
from billing_core.rules.nouns import Visit

log = logging.getLogger("paynow")

AUTOMATED, LIKELY_PERSON, PERSON = "automated", "likely_person", "person"
Write = Callable[[Sequence[Sighting]], Awaitable[None]]

_ROBOT = re.compile(
    r"bot\b|bot/|crawl|spider|scan|preview|prefetch|fetch|monitor|probe|check|headless|phantom|"
    r"puppeteer|playwright|selenium|curl|wget|python|java/|go-http|okhttp|libwww|httpclient|"
    r"facebookexternalhit|slack|whatsapp|telegram|skype|teams|discord|proofpoint|mimecast|"
    r"barracuda|safelinks|safety|security|ms-office|microsoft office|existence|urlresolver",
    re.IGNORECASE,
)


def grade(method: str, headers: Mapping[str, str], *, page: bool = True) -> str:
    """``automated`` or ``likely_person`` for a request that only looks.

    A scanner with a real browser looks like a person who opened the page: that is why ``person``
    is never given for looking, only to somebody who ticked and typed.
    """
    agent = headers.get("user-agent", "")
    purpose = headers.get("sec-purpose", "") + headers.get("purpose", "")
    automated = (
        method == "HEAD"
        or not agent.startswith("Mozilla/")
        or _ROBOT.search(agent) is not None
        or "prefetch" in purpose
        or "preview" in purpose
        or not headers.get("accept-language")
        or (page and "text/html" not in headers.get("accept", ""))
        or headers.get("sec-fetch-mode", "navigate") != "navigate"
    )
    return AUTOMATED if automated else LIKELY_PERSON


@dataclass(slots=True)
class _Slot:
    visit: Visit
    count: int
    at: datetime
    written_hour: str = ""


class ViewQueue:
    """Sightings waiting to be written, bounded to ``most`` different ones."""

    def __init__(self, write: Write, *, most: int = 2000) -> None:
        self._write = write
        self._most = most
        self._slots: OrderedDict[tuple[str, str, str], _Slot] = OrderedDict()
        self.dropped = 0

    def note(self, link_id: str, kind: str, grade: str, visit: Visit) -> None:
        """Remember one sighting; returns at once and never raises."""
        key = (link_id, kind, grade)
        slot = self._slots.get(key)
        if slot is None:
            if len(self._slots) >= self._most and not self._forget_one():
                self.dropped += 1
                return
            slot = self._slots[key] = _Slot(visit, 0, clock.now())
        if not slot.count:
            slot.visit, slot.at = visit, clock.now()
        slot.count += 1

    async def flush(self, link_id: str | None = None) -> None:
        """Write what is due (of one link): an approval calls this, so that its view stands first.

        A failure is logged and what it held is lost: a view is a courtesy, an approval is not.
        """
        due = self._take(link_id)
        if not due:
            return
        try:
            await self._write(due)
        except Exception:
            self.dropped += sum(sighting.count for sighting in due)
            log.exception("%d views could not be written", len(due))

    async def run(self, *, every_s: float = 1.0) -> None:
        """Flush each second until cancelled."""
        while True:
            await anyio.sleep(every_s)
            await self.flush()

    def __len__(self) -> int:
        return sum(1 for slot in self._slots.values() if slot.count)

    def _take(self, link_id: str | None) -> list[Sighting]:
        hour = _hour(clock.now())
        due = []
        for (link, kind, grade), slot in self._slots.items():
            if not slot.count or slot.written_hour == hour or link_id not in (None, link):
                continue
            due.append(
                Sighting(
                    link_id=link,
                    grade=grade,
                    kind=kind,
                    visit=slot.visit,
                    count=slot.count,
                    at=slot.at,
                )
            )
            slot.count, slot.written_hour = 0, hour
        return due

    def _forget_one(self) -> bool:
        """Make room by forgetting one that is written; False when all of them still wait."""
        hour = _hour(clock.now())
        spare = [k for k, s in self._slots.items() if not s.count and s.written_hour != hour]
        if not spare:
            spare = [k for k, s in self._slots.items() if not s.count][:1]
        for key in spare:
            del self._slots[key]
        return bool(spare)


def _hour(at: datetime) -> str:
    return at.strftime("%Y%m%d%H")
