"""The files a page offers: what a press of each download button would hand over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager

Files = dict[str, Callable[[], bytes]]


@contextmanager
def offered() -> Iterator[Files]:
    """By ending (``csv``, ``parquet``, ``xlsx``), what makes the file of the latest drawing."""
    found: Files = {}
    add = MediaFileManager.add_deferred

    def watched(manager: Any, make: Any, *place: Any, file_name: str = "", **more: Any) -> str:
        found[file_name.rpartition(".")[2]] = make
        return add(manager, make, *place, file_name=file_name, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MediaFileManager, "add_deferred", watched)
        yield found
