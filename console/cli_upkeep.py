"""The verbs that keep an installation: schema, API keys, doctor, backup, restore.

Reads arguments, calls a flow, prints the answer; no rule, no SQL, nothing heavy at import.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.terminal import (
    Column,
    Json,
    Misused,
    check_given,
    path_from_here,
    say,
    say_json,
    say_table,
)

if TYPE_CHECKING:
    from datetime import datetime

    from billing_core.records.api_keys import ApiKey

db = typer.Typer(help="The books' schema.", no_args_is_help=True, rich_markup_mode=None)
keys = typer.Typer(help="API keys.", no_args_is_help=True, rich_markup_mode=None)

File = Annotated[Path, typer.Argument(metavar="FILE")]


@db.command()
def upgrade() -> None:
    """Bring the schema up to date; safe to repeat."""
    from billing_core.flows.upgrade_db import upgrade_db

    say(f"The books are at revision {upgrade_db()}.")


@keys.command()
def create(
    *,
    name: Annotated[str, typer.Option(metavar="NAME", help="Who or what will use it.")],
    scope: Annotated[list[str], typer.Option(help="fire, read, manage, refund, links; repeat it.")],
    as_json: Json = False,
) -> None:
    """Make an API key; it is shown this once and stored nowhere."""
    check_given(name=name)
    for each in scope:
        check_given(scope=each)
    from billing_core.errors import FieldsRefused
    from billing_core.flows.create_key import create_key
    from billing_core.flows.who import local_actor

    try:
        made = create_key(name, scope, actor=local_actor())
    except FieldsRefused as refusal:
        raise Misused(refusal.sentence) from None
    if as_json:
        say_json({"id": made.key.id, "key": made.secret, "scopes": list(made.key.scopes)})
    else:
        say(made.secret)
        say(f"{made.key.id} may {', '.join(made.key.scopes)}. This is shown once: keep it now.")


@keys.command("list")
def list_keys(as_json: Json = False) -> None:
    """List API keys, newest first, by the beginning of each."""
    from billing_core.flows import create_key

    found = create_key.list_keys()
    if as_json:
        say_json([_key_json(key) for key in found])
    elif not found:
        say("There is no key yet: countersign keys create --name N --scope read")
    else:
        names = ("id", "name", "begins", "scopes", "made", "last used", "revoked")
        say_table([Column(name) for name in names], [_key_row(key) for key in found])


@keys.command()
def revoke(key: Annotated[str, typer.Argument(metavar="key_…")], as_json: Json = False) -> None:
    """End an API key at once, for good; safe to repeat."""
    from billing_core.flows.create_key import revoke_key
    from billing_core.flows.who import local_actor

    ended = revoke_key(key, actor=local_actor())
    if as_json:
        say_json(_key_json(ended))
    else:
        say(f"{ended.id} ({ended.name}) is revoked.")


def doctor(as_json: Json = False) -> None:
    """Say what is configured, missing or unsafe; exit 1 when something is bad."""
    from billing_core.flows.examine import examine

    findings = examine()
    sound = all(finding.grade != "bad" for finding in findings)
    if as_json:
        told = [
            {"name": f.name, "grade": f.grade, "sentence": f.sentence, "cure": f.cure}
            for f in findings
        ]
        say_json({"findings": told, "ok": sound})
    else:
        for finding in findings:
            say(f"{finding.grade:<4}  {finding.name:<15}  {finding.sentence}")
            if finding.cure:
                say(f"{'':<23}→ {finding.cure}")
    if not sound:
        raise typer.Exit(1)


def backup(file: File, as_json: Json = False) -> None:
    """Write the whole state into FILE, checked; also while everything is in use."""
    from billing_core.flows.back_up import back_up

    made = back_up(path_from_here(file))
    if as_json:
        rows = sum(made.rows.values())
        say_json({"file": str(made.file), "rows": rows, "tables": made.rows, "key": made.has_key})
        return
    say(f"{made.file}: {_count(sum(made.rows.values()), 'row')}, written and checked.")
    if made.has_key:
        say("The key is in it: whoever has this file can open every invoice.")
    else:
        say("The key is not in it: keep COUNTERSIGN_SECRET_KEY as well, apart from it.")


def restore(file: File, as_json: Json = False) -> None:
    """Fill empty books from a backup; ledger and evidence are checked before it counts."""
    path = path_from_here(file)
    if not path.is_file():
        raise Misused(f"There is no file {path}.")
    from billing_core.flows import restore as restoring

    back = restoring.restore(path)
    rows = sum(back.rows.values())
    if as_json:
        say_json({
            "rows": rows, "tables": back.rows, "chains": back.chains, "key": back.has_key,
            "same_key": back.is_same_key,
        })  # fmt: skip
        return
    say(
        f"{_count(rows, 'row')} restored, the ledger balances, {_count(back.chains, 'chain')} hold."
    )
    if back.has_key:
        say("The key came with it.")
    elif back.is_same_key:
        say("The key was not in it; the one here is the same.")
    else:
        say(
            "The key was not in it, and the one here is another: links in reminders will not open. "
            "Set COUNTERSIGN_SECRET_KEY as it was, or send new links."
        )


def _key_json(key: ApiKey) -> dict[str, Any]:
    from billing_core import clock

    def stamp(at: datetime | None) -> str | None:
        return clock.stamp(at) if at else None

    return {
        "id": key.id,
        "name": key.name,
        "shown": key.shown,
        "scopes": list(key.scopes),
        "created_at": stamp(key.created_at),
        "last_used_at": stamp(key.last_used_at),
        "revoked_at": stamp(key.revoked_at),
    }


def _key_row(key: ApiKey) -> list[str]:
    moments = (key.created_at, key.last_used_at, key.revoked_at)
    shown = [f"{at:%Y-%m-%d %H:%M}Z" if at else "" for at in moments]
    return [key.id, key.name, f"{key.shown}…", " ".join(key.scopes), *shown]


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
