"""`countersign keys`: the secret is shown once, lists never show it, a revoked key is dead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

import pytest

from billing_core.errors import NotAllowed
from billing_core.flows.create_key import admit
from tests.cli.shell import Done
from tests.conftest import Clock
from tests.flows.watching import everything, rows

Countersign = Callable[..., Done]
SHAPE = {"id", "name", "shown", "scopes", "created_at", "last_used_at", "revoked_at"}


def create(countersign: Countersign, name: str = "Zapier", *scopes: str) -> Done:
    words = [word for scope in scopes or ("fire", "read") for word in ("--scope", scope)]
    return countersign("keys", "create", "--name", name, *words, "--json")


def test_a_key_is_made_admitted_and_shown_this_once(
    database: str, countersign: Countersign
) -> None:
    done = create(countersign, "Zapier", "read", "fire", "read")
    assert (done.code, done.err) == (0, "")
    assert set(done.json) == {"id", "key", "scopes"}
    assert done.json["scopes"] == ["fire", "read"]
    secret = done.json["key"]
    caller = admit(secret, "fire")
    assert (caller.actor.id, caller.actor.name) == (done.json["id"], "Zapier")
    with pytest.raises(NotAllowed):
        admit(secret, "refund")
    assert secret not in repr(everything())
    for words in (("keys", "list"), ("keys", "list", "--json")):
        shown = countersign(*words)
        assert shown.code == 0
        assert done.json["id"] in shown.out
        assert secret not in shown.out


def test_for_people_the_secret_stands_alone_on_its_line(
    books: str, countersign: Countersign
) -> None:
    said = countersign("keys", "create", "--name", "N", "--scope", "links").out.splitlines()
    assert admit(said[0], "links").scopes == ("links",)
    assert said[1].endswith("may links. This is shown once: keep it now.")


def test_the_list_has_one_shape_newest_first(
    books: str, countersign: Countersign, driven_clock: Clock
) -> None:
    assert (countersign("keys", "list", "--json").json) == []
    assert countersign("keys", "list").out.startswith("There is no key yet")
    first = create(countersign, "first").json
    used_at = driven_clock.advance(minutes=1)
    admit(first["key"], "read")
    driven_clock.advance(minutes=1)
    second = create(countersign, "second").json
    told = countersign("keys", "list", "--json").json
    assert [key["id"] for key in told] == [second["id"], first["id"]]
    assert all(set(key) == SHAPE for key in told)
    assert told[1]["last_used_at"] == f"{used_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
    assert told[0]["last_used_at"] is told[0]["revoked_at"] is None
    assert first["key"].startswith(told[1]["shown"])


def test_a_revoked_key_is_dead_and_revoking_twice_is_harmless(
    database: str, countersign: Countersign
) -> None:
    made = create(countersign).json
    done = countersign("keys", "revoke", made["id"])
    assert (done.code, done.out) == (0, f"{made['id']} (Zapier) is revoked.\n")
    with pytest.raises(NotAllowed, match="not valid"):
        admit(made["key"], "read")
    again = countersign("keys", "revoke", made["id"], "--json")
    assert again.code == 0
    (listed,) = countersign("keys", "list", "--json").json
    assert again.json == listed
    assert listed["revoked_at"] is not None


@pytest.mark.parametrize("key", ["key_nobody", "", "%", "ä", "x" * 9000])
def test_revoking_nothing_is_one_sentence(
    database: str, countersign: Countersign, key: str
) -> None:
    countersign("keys", "revoke", key).says_only("There is no such key.", code=1)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("x" * 81, "The name is too long"),
        ("two\nlines", "The name contains a character"),
        ("back\u202ewards", "The name contains a character"),
        ("\u200b", "The name is missing."),
    ],
)
def test_a_hostile_name_makes_no_key(
    books: str, countersign: Countersign, name: str, sentence: str
) -> None:
    done = countersign("keys", "create", "--name", name, "--scope", "read")
    done.says_only(sentence, code=1)
    assert not rows("api_keys")
