"""How the fake reads requests and writes answers: bracketed forms, expansion, lists, errors."""

from __future__ import annotations

import copy
import re
from typing import Any
from urllib.parse import parse_qsl

from tests.stripe_fake.company import Company, Obj, Refusal

_PART = re.compile(r"\[([^\]]*)\]")


def read_form(text: str) -> Obj:
    """``a[b][0]=c`` as nested dictionaries; lists become lists."""
    found: Obj = {}
    for name, value in parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text)):
        head = name.partition("[")[0]
        place, path = found, [head, *_PART.findall(name)]
        for step in path[:-1]:
            place = place.setdefault(step, {})
            if not isinstance(place, dict):
                raise Refusal(f"Invalid parameter: {name}", validation=True)
        last = path[-1]
        place[str(len(place)) if last == "" else last] = value
    return {name: _listed(value) for name, value in found.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(part) for name, part in value.items()}
    numbered = list(inner) == [str(n) for n in range(len(inner))]
    return list(inner.values()) if inner and numbered else inner


class Asked:
    """The parameters of one request; every one of them must be known to the endpoint."""

    def __init__(self, given: Obj) -> None:
        self.given = given
        self._read = {"expand"}

    def text(self, name: str, *, required: bool = False, default: Any = None) -> Any:
        self._read.add(name)
        value = self.given.get(name, default)
        if required and value in (None, ""):
            raise Refusal(
                f"Missing required param: {name}.", code="parameter_missing", param=name,
                validation=True,
            )  # fmt: skip
        return value

    def number(self, name: str, *, required: bool = False, least: int | None = None) -> int | None:
        value = self.text(name, required=required)
        if value is None:
            return None
        if not re.fullmatch(r"-?\d{1,18}", str(value)):
            raise Refusal(f"Invalid integer: {value}", code="parameter_invalid_integer",
                          param=name, validation=True)  # fmt: skip
        if least is not None and int(value) < least:
            said = "This value must be greater than or equal to 1."
            code = "parameter_invalid_integer"
            raise Refusal(said, code=code, param=name, validation=True)
        return int(value)

    def flag(self, name: str) -> bool:
        value = self.text(name, default="false")
        if value not in ("true", "false"):
            raise Refusal(f"Invalid boolean: {value}", param=name, validation=True)
        return bool(value == "true")

    def mapping(self, name: str) -> Obj:
        value = self.text(name, default={})
        if not isinstance(value, dict):
            raise Refusal(f"Invalid object: {name}", param=name, validation=True)
        return value

    def metadata(self) -> Obj:
        found = self.mapping("metadata")
        if len(found) > 50 or any(len(k) > 40 or len(str(v)) > 500 for k, v in found.items()):
            raise Refusal("Metadata is too large.", param="metadata", validation=True)
        return found

    def check_all_read(self) -> None:
        strange = sorted(set(self.given) - self._read)
        if strange:
            raise Refusal(
                f"Received unknown parameter: {strange[0]}", code="parameter_unknown",
                param=strange[0], validation=True,
            )  # fmt: skip


def answer(company: Company, made: Obj, expand: list[str]) -> Obj:
    """A copy of ``made`` with what was asked for expanded, and nothing of our own in it."""
    copied = _public(made)
    for path in expand:
        _expand(company, copied, path.split("."))
    return copied


def _public(made: Any) -> Any:
    if isinstance(made, dict):
        hidden = ("undelivered", "does", "private")
        return {k: _public(v) for k, v in made.items() if k not in hidden}
    return [_public(part) for part in made] if isinstance(made, list) else copy.copy(made)


def _expand(company: Company, place: Any, path: list[str]) -> None:
    if isinstance(place, list):
        for part in place:
            _expand(company, part, path)
        return
    if not isinstance(place, dict) or place.get(path[0]) is None:
        return
    held = place[path[0]]
    if isinstance(held, str) and held in company.objects:
        place[path[0]] = _public(company.objects[held])
    if len(path) > 1:
        _expand(company, place[path[0]], path[1:])


def listed(asked: Asked, found: list[Obj], url: str) -> Obj:
    """One page of a list, newest first."""
    limit = asked.number("limit") or 10
    created = asked.text("created", default={})
    after, before = asked.text("starting_after"), asked.text("ending_before")
    asked.check_all_read()
    if isinstance(created, dict):
        for name, keep in (("gte", int.__ge__), ("gt", int.__gt__),
                           ("lte", int.__le__), ("lt", int.__lt__)):  # fmt: skip
            if name in created:
                found = [o for o in found if keep(o["created"], int(created[name]))]
    ids = [o["id"] for o in found]
    if after:
        found = found[ids.index(after) + 1 :] if after in ids else []
    if before:
        found = found[: ids.index(before)] if before in ids else []
    page = found[: min(limit, 100)]
    return {"object": "list", "url": url, "has_more": len(found) > len(page), "data": page}
