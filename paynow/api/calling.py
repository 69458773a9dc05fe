"""One admitted call and its answer: what an act is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from pydantic import BaseModel

from billing_core import clock
from billing_core.errors import FieldsRefused, NotFound
from billing_core.flows.create_key import Caller
from billing_core.reports.company import company
from paynow.api.checking import refused_fields
from paynow.api.parameters import Parameters
from paynow.api.problems import UNNAMED, Problem
from paynow.api.shapes import Shape

B = TypeVar("B", bound=BaseModel)
P = TypeVar("P", bound=Parameters)
LONGEST_ID = 40
#: What stands for an id that nothing can have, where a list is filtered by it.
NOBODY = "none"


@dataclass(frozen=True, slots=True)
class Call(Generic[B, P]):
    """Who calls, under which idempotency key, about what."""

    caller: Caller
    key: str | None
    id: str
    body: B
    parameters: P


@dataclass(frozen=True, slots=True)
class Answer:
    """A shape to send; ``new`` when something was made by this very call."""

    shape: Shape
    new: bool = False


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip to send instead of a shape; ``name`` is what it is saved as."""

    content: bytes
    name: str


def known(text: str, missing: str) -> str:
    """``text`` if it can be an id at all; Problem ``missing`` for what no database can hold."""
    if not 0 < len(text) <= LONGEST_ID or not text.isascii() or not text.isprintable():
        raise Problem(missing, "There is nothing with this id.")
    return text


def filtered(text: str | None) -> str | None:
    """An id to filter by; one that nothing can have finds nothing."""
    if text is None or (len(text) <= LONGEST_ID and text.isascii() and text.isprintable()):
        return text
    return NOBODY


def moment(name: str, text: str | None) -> datetime | None:
    """The moment that a bound in time names; a day begins where the books are cut into days."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        if "T" not in text:
            found = found.replace(tzinfo=clock.zone(company().reporting_zone))
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        sentence = f"{name}: There is no such day or time."
        raise Problem("parameter_invalid", sentence, fields={name: sentence}) from None


@contextmanager
def naming(missing: str) -> Iterator[None]:
    """Inside, a NotFound that does not say what is missing is the Problem ``missing``."""
    try:
        yield
    except NotFound as error:
        if error.code not in UNNAMED:
            raise
        raise Problem(missing, error.sentence) from None


@contextmanager
def renaming(names: dict[str, str]) -> Iterator[None]:
    """Inside, the fields that a flow refuses are named as the API names them."""
    try:
        yield
    except FieldsRefused as refusal:
        told = {names.get(name, name): said for name, said in refusal.problems.items()}
        raise refused_fields(told) from None
