"""From fields as they came to a shape, or to one Problem that names every field at fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from paynow.api.bodies import MONEY_FIELDS
from paynow.api.problems import Problem

M = TypeVar("M", bound=BaseModel)

_MOST_NAMED = 20
KEY_BEGINS = "csk_"
_EMPTY = frozenset({"missing", "string_too_short"})
_WHO_AND_WHAT = {
    "item": "missing_item",
    "billable_item_id": "missing_item",
    "customer": "missing_customer",
    "billing_customer_id": "missing_customer",
    "contact_id": "missing_contact",
}
_SENTENCES = {
    "missing": "This field is missing.",
    "extra_forbidden": "There is no such field.",
    "string_type": "This must be text.",
    "int_type": "This must be a whole number.",
    "bool_type": "This must be true or false.",
    "list_type": "This must be a list.",
    "model_type": "This must be an object.",
    "string_too_short": "This must not be empty.",
    "string_too_long": "This is too long: {max_length} characters at most.",
    "too_long": "This is too long: {max_length} at most.",
    "greater_than_equal": "This must be {ge} or more.",
    "less_than_equal": "This must be {le} or less.",
    "literal_error": "Choose one of {expected}.",
    "string_pattern_mismatch": "This is not of the form {pattern}.",
}
_MONEY = 'Write the amount as text, for example "4500.00", or send it in whole minor units.'


def checked(shape: type[M], values: Mapping[str, Any]) -> M:
    """``values`` as a ``shape``; Problem with the code of what is wrong."""
    try:
        return shape.model_validate(values)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=True)
        raise fields_problem(found) from None


def checked_parameters(shape: type[M], values: Mapping[str, str]) -> M:
    """As ``checked``, for the parameters of an address."""
    try:
        return shape.model_validate(values)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=True)
        named = sentences(found)
        raise Problem("parameter_invalid", _all(named), fields=named) from None


def fields_problem(found: list[ErrorDetails]) -> Problem:
    """One Problem for everything a shape found wrong."""
    named = sentences(found)
    return Problem(_code(found, named), _all(named), fields=named)


def sentences(found: list[ErrorDetails]) -> dict[str, str]:
    """Field name → sentence; nested fields with a point between their names."""
    told = {}
    for error in found[:_MOST_NAMED]:
        name = _name(".".join(str(part) for part in error["loc"]))
        kind = error["type"]
        if name in MONEY_FIELDS and kind == "string_type":
            told[name] = _MONEY
        else:
            told[name] = _SENTENCES.get(kind, error["msg"]).format(**error.get("ctx", {}))
    return told


def _name(sent: str) -> str:
    """A field's name as it is told; a caller who put the key there is not shown it again."""
    return "(an API key)" if KEY_BEGINS in sent else sent[:100]


def refused_fields(problems: Mapping[str, str]) -> Problem:
    """The Problem of fields that a rule refused."""
    code = "amount_invalid" if problems.keys() <= MONEY_FIELDS else "fields_invalid"
    return Problem(code, _all(problems), fields=problems)


def _code(found: list[ErrorDetails], named: Mapping[str, str]) -> str:
    empty = {error["loc"][0] for error in found if error["loc"] and error["type"] in _EMPTY}
    for name, code in _WHO_AND_WHAT.items():
        if name in empty:
            return code
    if named.keys() <= MONEY_FIELDS:
        return "amount_invalid"
    return "metric_invalid" if named.keys() == {"metric_value"} else "fields_invalid"


def _all(named: Mapping[str, str]) -> str:
    return " ".join(f"{name}: {sentence}" for name, sentence in named.items())
