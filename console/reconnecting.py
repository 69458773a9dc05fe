"""A tab whose socket was cut comes back to a whole picture.

Streamlit 1.67 goes on sending a running script's drawing to the tab that came back, although its
beginning was lost with the old socket. The browser cannot place such a rest ("Bad delta path
index") and shows an empty page. So what a resumed session draws is held back until a run begins
anew, which the browser asks for by itself. Lives here because Streamlit has no setting for it;
never imports anything of the business.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

_headless: WeakSet[Any] = WeakSet()


def mend() -> None:
    """Put the two guards in; called once, before the server starts."""
    from streamlit.runtime.app_session import AppSession
    from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

    resume = WebsocketSessionManager._resume_stored_session
    enqueue = AppSession._enqueue_forward_msg

    def resume_whole(manager: Any, *place: Any) -> str | None:
        found = resume(manager, *place)
        if found is not None:
            _begin_anew(manager._active_session_info_by_id[found].session)
        return found

    def enqueue_whole(session: Any, message: Any) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            _headless.discard(session)
        if kind != "delta" or session not in _headless:
            enqueue(session, message)

    WebsocketSessionManager._resume_stored_session = resume_whole  # type: ignore[assignment, method-assign]
    AppSession._enqueue_forward_msg = enqueue_whole  # type: ignore[assignment, method-assign]


def _begin_anew(session: Any) -> None:
    """Keep what waits for the tab from the last beginning of a run on; without one, no drawing."""
    waiting = session.flush_browser_queue()
    kinds = [message.WhichOneof("type") for message in waiting]
    _headless.add(session)
    begins = len(kinds) - 1 - kinds[::-1].index("new_session") if "new_session" in kinds else 0
    for message in waiting[begins:]:
        session._enqueue_forward_msg(message)
