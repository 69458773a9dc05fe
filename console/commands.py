"""The one safe way to press a money button, for every verb (document 8).

The table of commands decides what is drawn: a form, waiting, or a receipt. The id of a command
stands in the address, in the key of each widget, and is what makes its effect happen once. Nothing
here knows what a verb means: ``charge_now`` and ``money_dialogs`` draw their own fields.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import streamlit as st

from billing_core import clock
from billing_core.flows import commands as flow
from billing_core.flows.commands import Command
from console import access, cache, calm, wording

#: A label drawn less than this many seconds before the press was not read by anybody.
READ_S = 0.4
_ADDRESS = "cmd"


@dataclass(frozen=True, slots=True)
class Screen:
    """How one verb looks: ``form`` draws a draft, ``receipt`` what was done."""

    title: str
    icon: str
    width: int
    form: Callable[[Command], None]
    receipt: Callable[[Command], None]


class Sheet:
    """The fields of one draft, drawn one after another; knows what a press would send."""

    def __init__(self, command: Command, **fixed: str) -> None:
        self.command = command
        self.fixed = fixed
        self.names: list[str] = []
        self._chosen: list[str] = []

    def text(self, name: str, label: str, *, placeholder: str = "") -> str:
        """A line of text; each key stroke is kept."""
        self.names.append(name)
        typed = st.text_input(
            label,
            value=self.command.draft.get(name, ""),
            key=key(self.command.id, name),
            live="0ms",
            placeholder=placeholder,
            on_change=keep,
            args=(self.command.id, self.command.verb, tuple(self.names)),
        )
        return str(typed or "")

    def choice(
        self,
        name: str,
        label: str,
        options: Mapping[str, str],
        *,
        picked: Callable[..., None] | None = None,
        placeholder: str | None = None,
    ) -> str:
        """One of ``options`` (value → words); ``picked`` may rewrite the draft afterwards."""
        self.names.append(name)
        values, now = list(options), self.command.draft.get(name, "")
        chosen = st.selectbox(
            label,
            values,
            index=values.index(now) if now in options else None,
            format_func=lambda value: options.get(value, ""),
            key=key(self.command.id, name),
            placeholder=placeholder,
            on_change=_picked if picked else keep,
            args=(
                *(self.command.id, self.command.verb, tuple(self.names)),
                *((name, picked) if picked else ()),
            ),
        )
        self._chosen.append(str(chosen or ""))
        return str(chosen or "")

    def day(self, name: str, label: str) -> str:
        """A calendar day up to today, kept as its ISO text."""
        self.names.append(name)
        today = clock.today(cache.company().reporting_zone)
        chosen = st.date_input(
            label,
            value=_as_day(self.command.draft.get(name, "")) or today,
            max_value=today,
            format="YYYY-MM-DD",
            key=key(self.command.id, name),
            on_change=keep,
            args=(self.command.id, self.command.verb, tuple(self.names)),
        )
        return _as_text(chosen)

    def switch(self, name: str, label: str) -> bool:
        """A switch; on is kept as ``yes``."""
        self.names.append(name)
        return st.toggle(
            label,
            value=self.command.draft.get(name) == "yes",
            key=key(self.command.id, name),
            on_change=keep,
            args=(self.command.id, self.command.verb, tuple(self.names)),
        )

    def values(self) -> dict[str, str]:
        """What a press would send now. What a reconnect brought along is kept on the way."""
        typed = read(self.command.id, self.names)
        if any(self.command.draft.get(name, "") != value for name, value in typed.items()):
            _keep_values(self.command.id, self.command.verb, typed)
        return {**self.fixed, **typed}

    def refusal(self, values: dict[str, str]) -> str:
        """The sentence of the last press, as long as what was pressed still stands there."""
        pressed = st.session_state.get(f"pressed:{self.command.id}", values)
        return self.command.refusal if pressed == values else ""

    def press_button(self, label: str, *, ready: bool) -> None:
        """The money button. It passes on exactly the label it carries, and since when.

        A choice that changed counts as a new label: the same sum may go to somebody else now.
        """
        cmd = self.command.id
        says = (label, *self._chosen)
        drawn = st.session_state.setdefault(f"drawn:{cmd}", (None, 0.0))
        if drawn[0] != says:
            drawn = st.session_state[f"drawn:{cmd}"] = (says, clock.monotonic_s())
        st.button(
            wording.label(label),
            key=f"press:{cmd}",
            type="primary",
            disabled=not ready,
            on_click=press,
            args=(cmd, self.command.verb, tuple(self.names), self.fixed, label, drawn[1]),
        )


def key(cmd: str, name: str) -> str:
    """The key of field ``name`` of a command; a new generation redraws fields from the draft."""
    return f"{name}:{cmd}:{st.session_state.get(f'generation:{cmd}', 0)}"


def read(cmd: str, names: list[str] | tuple[str, ...]) -> dict[str, str]:
    """What stands in the fields now, as text; a field never drawn is left out."""
    keys = {name: key(cmd, name) for name in names}
    return {n: _as_text(st.session_state[k]) for n, k in keys.items() if k in st.session_state}


@calm.guarded
def keep(cmd: str, verb: str, names: tuple[str, ...]) -> None:
    """Callback of every field: the draft in the table takes what was typed."""
    _keep_values(cmd, verb, read(cmd, names))


@calm.guarded
def _picked(
    cmd: str, verb: str, names: tuple[str, ...], name: str, act: Callable[..., None]
) -> None:
    """Callback of a choice that others follow. A field that was drawn anew meanwhile tells of
    itself once more, late: nothing was picked then, and nothing may follow from it."""
    if read(cmd, names).get(name, "") != flow.find_command(cmd, access.actor()).draft.get(name, ""):
        act(cmd, verb, names)


def redraw(cmd: str, verb: str, values: dict[str, str]) -> None:
    """Put ``values`` into the draft and draw all fields anew from it."""
    _keep_values(cmd, verb, values)
    generation = f"generation:{cmd}"
    st.session_state[generation] = st.session_state.get(generation, 0) + 1


@calm.guarded
def press(
    cmd: str,
    verb: str,
    names: tuple[str, ...],
    fixed: dict[str, str],
    label: str,
    since: float,
) -> None:
    """Callback of the money button: read the fields, then the flow, then nothing."""
    values = {**fixed, **read(cmd, names)}
    st.session_state[f"pressed:{cmd}"] = values
    was_read = clock.monotonic_s() - since > READ_S
    flow.press(cmd, access.actor(), verb, values, shown=label if was_read else None)


@calm.guarded
def opened(verb: str, about: str, start: dict[str, str]) -> None:
    """Callback of ``Charge Now`` and its like: a new command, or the draft kept about the same."""
    kept = st.session_state.get(f"kept:{verb}:{about}", "")
    if not kept or flow.find_command(kept, access.actor()).state != "draft":
        kept = flow.new_id()
        flow.keep_draft(kept, access.actor(), verb, start)
        st.session_state[f"kept:{verb}:{about}"] = kept
    st.query_params[_ADDRESS] = kept


def closed() -> None:
    """Callback inside the dialog: off the address; the draft stays in the table."""
    st.query_params.pop(_ADDRESS, None)
    st.rerun()


def again(verb: str, about: str, start: dict[str, str]) -> None:
    """Callback of ``Charge again`` inside the dialog: another command."""
    opened(verb, about, start)
    st.rerun()


def host(screens: Mapping[str, Screen]) -> None:
    """Draw the dialog of the command in the address; called once, after the page."""
    cmd = str(st.query_params.get(_ADDRESS, ""))
    if not cmd:
        return
    verb = flow.find_command(cmd, access.actor()).verb
    screen = screens.get(verb, _NOTHING)
    dialog = st.dialog(
        screen.title, width=screen.width, dismissible=False, icon=f":material/{screen.icon}:"
    )
    dialog(_draw)(cmd, screen)


def _draw(cmd: str, screen: Screen) -> None:
    with calm.boundary():
        calm.show_kept()
        command = flow.find_command(cmd, access.actor())
        if command.state == "draft":
            screen.form(command)
        elif command.state == "done":
            cache.clear()
            screen.receipt(command)
        else:
            waiting(command)


@st.fragment(run_every=1)
def waiting(command: Command) -> None:
    """Look the command up each second until it is done, or offer to finish it."""
    if flow.find_command(command.id, access.actor()).state != command.state:
        st.rerun()
    st.text(
        {
            "running": "On its way. You can leave this page.",
            "foreign": "This address is another person's charge.",
            "interrupted": "Interrupted. Finishing cannot act twice.",
        }[command.state]
    )
    if command.state == "interrupted":
        st.button(
            "Finish it",
            key=f"finish:{command.id}",
            type="primary",
            on_click=finish,
            args=(command.id,),
        )
    st.button("Close", key=f"wait:{command.id}", on_click=closed)


@calm.guarded
def finish(cmd: str) -> None:
    """Callback of ``Finish it``: the sealed values again, under the same key."""
    flow.finish(cmd, access.actor())


def _keep_values(cmd: str, verb: str, typed: dict[str, str]) -> None:
    draft = flow.find_command(cmd, access.actor()).draft
    flow.keep_draft(cmd, access.actor(), verb, {**draft, **typed})


def _as_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def _nothing(command: Command) -> None:
    st.text("There is nothing under this address. Nothing was sent.")
    st.button("Close", key=f"nothing:{command.id}", on_click=closed)


_NOTHING = Screen("Not found", "search_off", 480, _nothing, _nothing)
