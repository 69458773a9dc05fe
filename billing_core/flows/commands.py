"""Money buttons: the table decides, not a browser (document 8).

One row per press: ``draft → running → done``; refusals stay ``draft`` and bind nothing. The row's
id is the idempotency key of the flow it runs, so pressing twice, reloading or losing the socket
never acts twice and loses nothing that was typed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row

from billing_core import clock, ids
from billing_core.errors import BillingError, BooksBroken, SecondPersonNeeded
from billing_core.flows.answer_changes import answer_changes
from billing_core.flows.approve_request import approve_request
from billing_core.flows.fire_charge import fire_charge
from billing_core.flows.mint_link import address_of, mint_link
from billing_core.flows.preview_charge import VerbPreview, command_of
from billing_core.flows.preview_verb import preview_verb
from billing_core.flows.record_payment import record_payment
from billing_core.flows.refund_charge import refund_charge
from billing_core.flows.resend_invoice import resend_invoice
from billing_core.flows.retry_charge import retry_charge
from billing_core.flows.revise_charge import revise_charge
from billing_core.flows.void_charge import void_charge
from billing_core.records import commands, db, links, rows
from billing_core.rules.nouns import Actor

LEASE = timedelta(seconds=30)
MOST_TEXT = 6000
Values = dict[str, str]


@dataclass(frozen=True, slots=True)
class Command:
    """One press. ``state`` is draft, running, interrupted, done or foreign."""

    id: str
    verb: str
    state: str
    draft: Values
    sealed: Values
    refusal: str = ""
    charge_id: str | None = None
    label: str = ""
    result: Values | None = None


def new_id() -> str:
    """A fresh command id, as it stands in the page's address."""
    return ids.new_id("cmd")


def find_command(cmd: str, actor: Actor) -> Command:
    """The command as it is now; an id nobody used yet is an empty draft."""
    with db.read_only() as connection:
        row = commands.find(connection, cmd[:40])
        return _view(connection, cmd, row, actor)


def keep_draft(cmd: str, actor: Actor, verb: str, values: Values) -> None:
    """Keep what is typed, at every key stroke; nothing once the command runs or is another's.

    A refusal was about what stood there then: it goes when something else is typed.
    """
    kept = rows.dump(_cut(values))
    with db.begin() as connection:
        commands.append(connection, cmd[:40], actor.id, verb)
        row = commands.find(connection, cmd[:40], lock=True)
        if row is not None and row.state == "draft" and row.actor_id == actor.id:
            refusal = row.refusal if row.draft == kept else ""
            commands.change(connection, cmd[:40], verb=verb, draft=kept, refusal=refusal)


def press(cmd: str, actor: Actor, verb: str, values: Values, *, shown: str | None) -> Command:
    """Run the verb once with what is typed, if the button still said what it would do.

    ``shown`` is the button's text as it was read, None when there was no time to read it. Never
    raises a refusal: its sentence stands in the command.
    """
    seen = preview_verb(verb, values, actor)
    with db.begin() as connection:
        commands.append(connection, cmd[:40], actor.id, verb)
        row = commands.find(connection, cmd[:40], lock=True)
        if row is None or row.state != "draft" or row.actor_id != actor.id:
            return _view(connection, cmd, row, actor)
        refusal = _not_as_shown(seen, shown)
        changes: dict[str, Any] = {"draft": rows.dump(_cut(values)), "refusal": refusal}
        if not refusal:
            sealed = _cut(values) | {"expected_minor": str(seen.total_minor or "")}
            changes |= {
                "state": "running",
                "verb": verb,
                "sealed": rows.dump(sealed),
                "shown": shown,
                "leased_until": clock.now() + LEASE,
            }
        commands.change(connection, row.id, **changes)
    return find_command(cmd, actor) if refusal else _run(cmd, actor)


def finish(cmd: str, actor: Actor) -> Command:
    """Repeat an interrupted command with its sealed values and the same key."""
    with db.begin() as connection:
        row = commands.find(connection, cmd[:40], lock=True)
        mine = row is not None and row.actor_id == actor.id
        if row is None or not mine or not commands.is_interrupted(row, clock.now()):
            return _view(connection, cmd, row, actor)
        commands.change(connection, row.id, leased_until=clock.now() + LEASE)
    return _run(cmd, actor)


def _not_as_shown(seen: VerbPreview, shown: str | None) -> str:
    if seen.problem:
        return seen.problem
    if shown == seen.label:
        return ""
    return (
        f"The amount changed to {seen.total} just as you pressed. "
        "Nothing was sent: check it and press again."
    )


def _run(cmd: str, actor: Actor) -> Command:
    """Call the flow with the command's own key, and store what came of it."""
    with db.read_only() as connection:
        row = commands.find(connection, cmd[:40])
    assert row is not None
    sealed = dict(rows.load(row.sealed))
    try:
        result = _VERBS[row.verb](sealed, actor, row.id)
    except BooksBroken:
        raise
    except SecondPersonNeeded as waits:
        changes = _done({"request": waits.request_id})
    except BillingError as refusal:
        changes = {"state": "draft", "refusal": refusal.sentence, "leased_until": None}
    else:
        changes = _done(result)
    with db.begin() as connection:
        commands.change(connection, row.id, **changes)
    return find_command(cmd, actor)


def _done(result: Values) -> dict[str, Any]:
    return {
        "state": "done",
        "refusal": "",
        "charge_id": result.get("charge"),
        "result": rows.dump(result),
        "leased_until": None,
    }


def _fire(sealed: Values, actor: Actor, key: str) -> Values:
    expected = int(sealed["expected_minor"]) if sealed.get("expected_minor") else None
    fired = fire_charge(command_of(sealed, expected_minor=expected), actor=actor, key=key)
    if fired.charge is None:
        return {"met": "no"}
    replay = "yes" if fired.replay else ""
    return {"charge": fired.charge.id, "replay": replay}


def _void(sealed: Values, actor: Actor, key: str) -> Values:
    reason = sealed.get("reason", "")
    return {"charge": void_charge(sealed["charge"], reason=reason, actor=actor, key=key).id}


def _pay(sealed: Values, actor: Actor, key: str) -> Values:
    paid = record_payment(
        sealed["charge"],
        method=sealed.get("method", ""),
        paid_on=sealed.get("paid_on", ""),
        reference=sealed.get("reference", ""),
        actor=actor,
        key=key,
    )
    return {"charge": paid.id}


def _answer(sealed: Values, actor: Actor, key: str) -> Values:
    words = sealed.get("answer", "")
    return {"charge": answer_changes(sealed["charge"], answer=words, actor=actor, key=key).id}


def _resend(sealed: Values, actor: Actor, key: str) -> Values:
    return {"charge": resend_invoice(sealed["charge"], actor=actor, key=key).id}


def _link(sealed: Values, actor: Actor, key: str) -> Values:
    mint_link(sealed["charge"], actor=actor, key=key)
    return {"charge": sealed["charge"]}


def _revise(sealed: Values, actor: Actor, key: str) -> Values:
    expected = int(sealed["expected_minor"]) if sealed.get("expected_minor") else None
    new = revise_charge(
        sealed["charge"],
        amount=sealed.get("amount", "").strip(),
        description=sealed.get("description", ""),
        answer=sealed.get("answer", ""),
        actor=actor,
        key=key,
        expected_minor=expected,
    )
    return {"charge": new.id, "replaced": sealed["charge"]}


def _retry(sealed: Values, actor: Actor, key: str) -> Values:
    charge = retry_charge(sealed["charge"], actor=actor, key=key)
    return {"charge": charge.id, "outcome": charge.state}


def _refund(sealed: Values, actor: Actor, key: str) -> Values:
    done = refund_charge(
        sealed["charge"],
        amount=sealed.get("amount", "").strip(),
        reason=sealed.get("reason", ""),
        note=sealed.get("note", ""),
        actor=actor,
        key=key,
        expected_minor=int(sealed["expected_minor"]) if sealed.get("expected_minor") else None,
    )
    return {"charge": done.charge_id, "outcome": done.state, "problem": done.problem}


def _approve(sealed: Values, actor: Actor, key: str) -> Values:
    done = approve_request(sealed["request"], actor=actor, key=key)
    return {"charge": done.charge_id or done.result or "", "approved": done.id}


_VERBS: dict[str, Callable[[Values, Actor, str], Values]] = {
    "fire": _fire,
    "void": _void,
    "record_payment": _pay,
    "answer": _answer,
    "resend": _resend,
    "reissue": _resend,
    "new_link": _link,
    "revise": _revise,
    "retry": _retry,
    "refund": _refund,
    "approve_request": _approve,
}
_WITH_LINK = ("fire", "new_link")


def _view(connection: Connection, cmd: str, row: Row[Any] | None, actor: Actor) -> Command:
    if row is None:
        return Command(cmd, "", "draft", {}, {})
    if row.actor_id != actor.id:
        return Command(cmd, "", "foreign", {}, {})
    state = "interrupted" if commands.is_interrupted(row, clock.now()) else row.state
    return Command(
        id=row.id,
        verb=row.verb,
        state=state,
        draft=rows.load(row.draft) or {},
        sealed=rows.load(row.sealed) or {},
        refusal=row.refusal,
        charge_id=row.charge_id,
        label=row.shown,
        result=_result(connection, row),
    )


def _result(connection: Connection, row: Row[Any]) -> Values | None:
    """What came of it, with the link to copy: that is derived, its token is stored nowhere."""
    result: Values | None = rows.load(row.result)
    if result is None or row.verb not in _WITH_LINK or row.charge_id is None:
        return result
    link = links.find_live(connection, row.charge_id)
    return result | {"url": address_of(link) if link else ""}


def _cut(values: Values) -> Values:
    """What is typed, bounded: a paste of a book must not fill the table."""
    return {name[:40]: value[:MOST_TEXT] for name, value in list(values.items())[:20]}
