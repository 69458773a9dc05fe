"""API keys: make one, list them, revoke one, and let one in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from billing_core import clock, ids
from billing_core.errors import NotAllowed
from billing_core.records import api_keys, db, organisation
from billing_core.records.api_keys import ApiKey
from billing_core.rules import scopes, texts
from billing_core.rules.nouns import Actor

__all__ = ["ApiKey", "Caller", "NewKey", "admit", "create_key", "list_keys", "revoke_key"]

SHOWN = 12
#: How exact "last used" is: writing at every request would make reading cost a commit.
USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made; ``secret`` is shown once and stored nowhere."""

    key: ApiKey
    secret: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls the API, and what the key allows."""

    actor: Actor
    scopes: tuple[str, ...]


def create_key(name: str, asked: Iterable[str], *, actor: Actor) -> NewKey:
    """Make a key. FieldsRefused for unknown scopes, TextRefused for a bad name."""
    secret = f"csk_{ids.new_secret()}"
    key = ApiKey(
        id=ids.new_id("key"),
        name=texts.check_line(name, "The name", most=80),
        shown=secret[:SHOWN],
        scopes=scopes.check_scopes(asked),
        created_at=clock.now(),
        last_used_at=None,
        revoked_at=None,
    )
    with db.begin() as connection:
        api_keys.append(connection, key, secret, actor.id)
        about = {"key": key.id, "name": key.name, "scopes": list(key.scopes)}
        organisation.note_act(connection, "key.created", about, actor)
    return NewKey(key, secret)


def list_keys() -> tuple[ApiKey, ...]:
    """All keys, newest first, without their secrets."""
    with db.read_only() as connection:
        return tuple(api_keys.search(connection))


def revoke_key(key_id: str, *, actor: Actor) -> ApiKey:
    """End a key at once; revoking twice is harmless. NotFound when there is none."""
    with db.begin() as connection:
        live = [key for key in api_keys.search(connection) if key.revoked_at is None]
        for key in live:
            if key.id == key_id:
                about = {"key": key.id, "name": key.name}
                organisation.note_act(connection, "key.revoked", about, actor)
        return api_keys.revoke(connection, key_id)


def admit(secret: str, needed: str) -> Caller:
    """The caller behind a secret. NotAllowed: INVALID_API_KEY, or SCOPE_MISSING for ``needed``."""
    with db.read_only() as connection:
        key = api_keys.find_by_secret(connection, secret[:200])
    if key is None or key.revoked_at is not None:
        raise NotAllowed("This API key is not valid.", code="INVALID_API_KEY")
    scopes.check_has(key.scopes, needed)
    if key.last_used_at is None or clock.now() - key.last_used_at > USED_EVERY:
        with db.begin() as connection:
            api_keys.touch(connection, key.id)
    return Caller(Actor("key", key.id, key.name), key.scopes)
