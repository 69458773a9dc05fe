"""What the operator sees when something fails: one calm sentence with a reference, never a trace.

Refusals of the business say their own sentence. Everything unexpected goes to the log in full.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec

import streamlit as st

from billing_core import ids
from billing_core.errors import BillingError, BooksBroken, Refused

_LOG = logging.getLogger("countersign.console")
_KEPT = "calm:sentence"

P = ParamSpec("P")


@contextmanager
def boundary() -> Iterator[None]:
    """Around a page or a dialog: a failure becomes a sentence in its place."""
    try:
        yield
    except BooksBroken:
        raise  # an invariant does not hold: nothing may go on as if it did
    except Refused as refusal:
        _show(refusal.sentence)
    except Exception as error:
        _show(_sentence(error))


def guarded(callback: Callable[P, None]) -> Callable[P, None]:
    """A widget's callback whose failure is told on the next drawing instead of breaking it.

    Callbacks run before any page is drawn, so nothing may be drawn here.
    """

    @functools.wraps(callback)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            callback(*args, **kwargs)
        except BooksBroken:
            raise
        except Refused as refusal:
            st.session_state[_KEPT] = refusal.sentence
        except Exception as error:
            st.session_state[_KEPT] = _sentence(error)

    return run


def show_kept() -> None:
    """Draw what a guarded callback had to say, once."""
    sentence = st.session_state.pop(_KEPT, "")
    if sentence:
        _show(sentence)


def _sentence(error: Exception) -> str:
    reference = ids.new_id("err")[-8:]
    _LOG.error("%s %s", reference, _facts(error), exc_info=error)
    if isinstance(error, BillingError):
        return f"{error.sentence} (Reference {reference}.)"
    return (
        "Something went wrong on our side. What you entered is kept; please try again. "
        f"If it stays like this, the log has the details under {reference}."
    )


def _facts(error: Exception) -> str:
    return f"{type(error).__name__} {getattr(error, 'facts', {})}"


def _show(sentence: str) -> None:
    with st.container(border=True):
        st.badge("Not done", icon=":material/error:", color="red")
        st.text(sentence)
