"""What an API key may do. A key does what its scopes name, and nothing else (I15)."""

from __future__ import annotations

from collections.abc import Iterable

from billing_core.errors import FieldsRefused, NotAllowed

SCOPES = ("fire", "read", "manage", "refund", "links")


def check_scopes(asked: Iterable[str]) -> tuple[str, ...]:
    """The asked scopes in their order, each once; FieldsRefused for none or unknown ones."""
    wanted = set(asked)
    unknown = sorted(wanted - set(SCOPES))
    if unknown or not wanted:
        what = f"{', '.join(unknown)}: there is no such scope. " if unknown else ""
        raise FieldsRefused({"scope": f"{what}Choose from {', '.join(SCOPES)}."})
    return tuple(scope for scope in SCOPES if scope in wanted)


def check_has(held: Iterable[str], needed: str) -> None:
    """NotAllowed with code SCOPE_MISSING unless ``needed`` is held."""
    if needed not in held:
        raise NotAllowed(f"This key lacks the scope “{needed}”.", code="SCOPE_MISSING")
