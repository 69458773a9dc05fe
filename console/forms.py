"""Ordinary forms (no money moves): fields, one sentence per wrong field, nothing typed lost.

A form has a name; its widgets keep their values until it is saved. What is right or wrong is for
the flow to say: a refusal comes back per field and is shown under it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from billing_core.errors import FieldsRefused, Refused
from billing_core.flows.commands import new_id
from console import cache, calm, widgets

Values = dict[str, str | bool]

#: Under this name stands a refusal that is about no single field.
_WHOLE = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``kind`` is line, area, choice, switch or day; ``options`` is value → words."""

    name: str
    label: str
    kind: str = "line"
    options: Mapping[str, str] = field(default_factory=dict)
    placeholder: str = ""
    help: str | None = None
    half: bool = False


def draw(form: str, fields: Sequence[Field], now: Mapping[str, Any]) -> None:
    """Draw ``fields`` of ``form``, filled from ``now`` the first time; problems stand beneath."""
    problems: dict[str, str] = st.session_state.get(f"problems:{form}", {})
    pair: list[Any] = []
    for each in fields:
        if each.half:
            pair = pair or list(st.columns(2))
            place = pair.pop(0)
        else:
            place, pair = st.container(gap="xxsmall"), []
        with place:
            _widget(form, each, now.get(each.name, ""))
            widgets.problem(problems.get(each.name, ""))
    if _WHOLE in problems and fields:
        widgets.problem(problems[_WHOLE])


def read(form: str, fields: Sequence[Field]) -> Values:
    """What stands in the form, as the flows take it: text, or True and False for switches."""
    values: Values = {}
    for each in fields:
        value = st.session_state.get(_key(form, each.name))
        values[each.name] = value if isinstance(value, bool) else _text(value)
    return values


@calm.guarded
def save(
    form: str,
    fields: Sequence[Field],
    write: Callable[[Values, str], Any],
    after: Callable[[Any], None] | None = None,
    fixed: Mapping[str, str | bool] | None = None,
) -> None:
    """Callback of a form's button: ``write(values, key)``; refusals stay with the form."""
    values = {**read(form, fields), **(fixed or {})}
    slot = f"key:{form}"
    mark = str(st.session_state.setdefault(slot, new_id()))
    try:
        done = write(values, mark)
    except FieldsRefused as refusal:
        st.session_state[f"problems:{form}"] = refusal.problems
        return
    except Refused as refusal:
        st.session_state[f"problems:{form}"] = {_WHOLE: refusal.sentence}
        return
    forget(form)
    cache.clear()
    if after:
        after(done)


def forget(form: str) -> None:
    """Drop a form's values and problems: the next drawing starts anew."""
    mine = [name for name in st.session_state if str(name).startswith(f"{form}/")]
    for name in (*mine, f"problems:{form}", f"key:{form}"):
        st.session_state.pop(name, None)


def _widget(form: str, each: Field, now: Any) -> None:
    key = _key(form, each.name)
    common: dict[str, Any] = {"key": key, "help": each.help}
    if each.kind == "switch":
        st.toggle(each.label, value=bool(now), **common)
    elif each.kind == "choice":
        values = list(each.options)
        st.selectbox(
            each.label,
            values,
            index=values.index(now) if now in each.options else 0,
            format_func=lambda value: each.options.get(value, value),
            **common,
        )
    elif each.kind == "area":
        st.text_area(each.label, value=str(now), height=96, **common)
    elif each.kind == "day":
        st.date_input(each.label, value=now or None, format="YYYY-MM-DD", **common)
    else:
        st.text_input(
            each.label,
            value=str(now),
            placeholder=each.placeholder,
            **common,
        )


def _key(form: str, name: str) -> str:
    return f"{form}/{name}"


def _text(value: Any) -> str:
    return "" if value is None else str(value)
