"""Between bytes and values: JSON read strictly, JSON written exactly. No meaning is known here.

Numbers with a point are read as Decimal and written from Decimal: no amount is ever a float.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from paynow.api.problems import Problem

MOST_DEEP = 16
_SURROGATE = re.compile("[\ud800-\udfff]")
#: Beyond this a number is no amount and no metric, and writing it out would fill the memory.
_FURTHEST = 40


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object in ``body``. Problem body_invalid says what is wrong with it."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise _invalid("The body is not valid text (UTF-8).") from None
    try:
        value = json.loads(
            text,
            parse_float=Decimal,
            parse_constant=_no_constant,
            object_pairs_hook=_each_once,
        )
    except RecursionError:
        raise _invalid("The body is nested too deeply.") from None
    except (ValueError, ArithmeticError) as error:
        said = error.args[0] if isinstance(error, _Said) else "The body is not valid JSON."
        raise _invalid(said) from None
    if not isinstance(value, dict):
        raise _invalid("The body must be a JSON object.")
    _check(value, MOST_DEEP)
    return value


def write(value: object) -> bytes:
    """``value`` as JSON; a Decimal becomes a number with exactly its own decimals."""
    return _text(value).encode("utf-8")


def pretty(value: object, margin: str = "") -> str:
    """``value`` as JSON over several lines, for people; numbers as exact as they are sent."""
    deeper = f"{margin}  "
    if isinstance(value, dict) and value:
        lines = [f"{deeper}{json.dumps(k)}: {pretty(v, deeper)}" for k, v in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{margin}}}"
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"{deeper}{pretty(v, deeper)}" for v in value) + f"\n{margin}]"
    return _text(value)


def number_text(value: object) -> object:
    """A JSON number as plain decimal text; whatever else it is stays as it is."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return str(value) if abs(value) < 10**_FURTHEST else "out of range"
    if isinstance(value, Decimal):
        near = -_FURTHEST < value.adjusted() < _FURTHEST and len(value.as_tuple().digits) < 99
        return f"{value:f}" if near else "out of range"
    return value


class _Said(ValueError):
    """A refusal of our own, raised from inside the JSON parser."""


def _invalid(sentence: str) -> Problem:
    return Problem("body_invalid", sentence)


def _no_constant(name: str) -> None:
    raise _Said(f"{name} is not a JSON number.")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Said("The body names a field twice.")
    return found


def _check(value: object, deeper: int) -> None:
    """No deeper than we look, and no half of a character that nothing could store."""
    if deeper == 0:
        raise _invalid("The body is nested too deeply.")
    if isinstance(value, str):
        if _SURROGATE.search(value):
            raise _invalid("The body is not valid text (an unpaired surrogate).")
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check(name, deeper)
            _check(inner, deeper - 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, deeper - 1)


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict):
        pairs = (f"{json.dumps(str(name))}:{_text(inner)}" for name, inner in value.items())
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_text, value)) + "]"
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
