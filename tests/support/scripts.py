"""Streamlit's test runner as the product's server: what a script compiled to is kept, no magic.

The runner makes a cache of scripts for each drawing, so that every one would compile all its pages
anew, and it does not find the console's own configuration from a test's folder.
"""

from __future__ import annotations

from streamlit import config
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import local_script_runner

_KEPT = ScriptCache()


def keep() -> None:
    """From now on, in this process."""
    config.set_option("runner.magicEnabled", False)
    setattr(local_script_runner, "ScriptCache", lambda: _KEPT)  # noqa: B010 - mypy refuses the other
