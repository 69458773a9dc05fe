"""Add what a milestone delivered: a file kept whole, or a link with what it held."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from sqlalchemy import Connection

from billing_core import clock, ids
from billing_core.errors import FieldsRefused
from billing_core.flows.read_form import FormReader, Value
from billing_core.records import blobs, customers, db, deliverables, keys, projects
from billing_core.records.patience import patiently
from billing_core.rules import charge_states
from billing_core.rules.nouns import Actor
from billing_core.rules.nouns.catalogue import Deliverable

MOST_MB = 25
MOST_BYTES = MOST_MB * 2**20
MOST_EACH = 20
#: All files of one milestone together: they travel in one evidence pack.
MOST_BYTES_EACH = 4 * MOST_BYTES
_LONGEST_NAME, _LONGEST_URL, _LONGEST_DETAIL = 120, 1000, 300
_ENDING = re.compile(r"\.([A-Za-z0-9]{1,5})")


@patiently
def add_deliverable(
    milestone_id: str,
    values: Mapping[str, Value],
    *,
    actor: Actor,
    data: bytes | None = None,
    key: str | None = None,
) -> Deliverable:
    """Fields: name, detail (what it holds), and url for a link; ``data`` for a file.

    FieldsRefused names each wrong field (``file`` for the bytes). The same thing twice is the
    same deliverable. Refused while a charge of the milestone can no longer be revised.
    """
    digest = "" if data is None else ids.sha256_hex(data)
    told = {"milestone": milestone_id, "values": dict(values), "sha256": digest}
    mark = keys.fingerprint("add_deliverable", told)
    form = FormReader(values)
    name, detail, url = _read(form, data)
    form.check()
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        bound = keys.find(connection, actor, key, mark)
        if bound is not None:
            return deliverables.get(connection, bound["deliverable"])
        zone = check_open(connection, milestone_id)
        content = data if data is not None else _note(name, url, detail, zone)
        sha256 = blobs.put(
            connection, content, "application/octet-stream" if data else "text/plain"
        )
        there = deliverables.of_milestone(connection, milestone_id)
        same = [d for d in there if (d.name, d.url, d.sha256) == (name, url, sha256)]
        if same:
            keys.bind(connection, actor, key, mark, {"deliverable": same[0].id})
            return same[0]
        _check_room(there, len(content))
        added = Deliverable(
            id=ids.new_id("dl"),
            milestone_id=milestone_id,
            kind="file" if data is not None else "link",
            name=name,
            detail=detail,
            url=url,
            sha256=sha256,
            size_bytes=len(content),
            actor_id=actor.id,
            added_at=clock.now(),
        )
        deliverables.append(connection, added)
        keys.bind(connection, actor, key, mark, {"deliverable": added.id})
        return added


def check_open(connection: Connection, milestone_id: str) -> str:
    """Lock the milestone; FieldsRefused where its deliverables are settled. Returns the zone."""
    milestone = projects.get_milestone(connection, milestone_id)
    live = projects.live_charges(connection, milestone.project_id)
    if milestone.state == "dropped":
        raise FieldsRefused({"milestone": "This milestone was dropped."})
    if milestone_id in live and not charge_states.can("revise", live[milestone_id][1]):
        raise FieldsRefused(
            {"milestone": "The client has approved this milestone: what it delivered stays."}
        )
    customer_id = projects.get(connection, milestone.project_id).customer_id
    return customers.get(connection, customer_id).time_zone


def _read(form: FormReader, data: bytes | None) -> tuple[str, str, str]:
    if data is None:
        name = form.line("name", "The name", most=_LONGEST_NAME, required=True)
        detail = form.line("detail", "What it held", most=_LONGEST_DETAIL, required=True)
        return name, detail, _url(form)
    plain = PurePosixPath(form.raw("name").replace("\\", "/")).name
    bare = FormReader({"name": plain if plain.strip(".") else ""})
    name = bare.line("name", "The file's name", most=_LONGEST_NAME, required=True)
    form.problems |= bare.problems
    detail = form.line("detail", "What it holds", most=_LONGEST_DETAIL)
    if not data:
        form.problems["file"] = "This file is empty."
    if len(data) > MOST_BYTES:
        form.problems["file"] = f"This file is larger than {MOST_MB} MB. Add a link to it instead."
    ending = _ENDING.fullmatch(PurePosixPath(name).suffix)
    return name, detail or (ending[1].upper() if ending else ""), ""


def _url(form: FormReader) -> str:
    url = form.line("url", "The link", most=_LONGEST_URL, required=True)
    try:
        parts = urlsplit(url)
        there = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        )
    except ValueError:
        there = False
    if "url" not in form.problems and (not there or " " in url or not url.isascii()):
        form.problems["url"] = "Write the whole address, for example https://example.com/page."
    return url


def _note(name: str, url: str, detail: str, zone: str) -> bytes:
    """What is kept of a link: it may show something else tomorrow."""
    return f"{name}\n{url}\n{detail}\nNoted on {clock.today(zone).isoformat()}\n".encode()


def _check_room(there: list[Deliverable], size_bytes: int) -> None:
    if len(there) >= MOST_EACH:
        raise FieldsRefused({"file": f"A milestone holds up to {MOST_EACH} deliverables."})
    if sum(d.size_bytes for d in there) + size_bytes > MOST_BYTES_EACH:
        most = MOST_BYTES_EACH // 2**20
        raise FieldsRefused({"file": f"The files of a milestone come to {most} MB at most."})
