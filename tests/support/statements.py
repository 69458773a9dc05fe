"""Statements compiled once for a whole run, where each test has an engine of its own.

SQLAlchemy keeps what it has compiled with the engine, under the engine's dialect. Tests open new
books hundreds of times, and compiling the same statements anew for each was a third of their work.
The product is not touched: each of its processes opens its books once.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event


class _Compiled(dict[Any, Any]):
    """As SQLAlchemy's own cache, but dialects of one kind are one dialect."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_named(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(_named(key), compiled)


_KEPT = _Compiled()


def _named(key: Any) -> Any:
    dialect, *rest = key
    return (dialect.name, dialect.driver, dialect.server_version_info, *rest)


def _keep(connection: Connection) -> None:
    connection.execution_options(compiled_cache=_KEPT)


def keep() -> None:
    """From now on, every engine of this process uses what any of them has compiled."""
    if not event.contains(Engine, "engine_connect", _keep):
        event.listen(Engine, "engine_connect", _keep)
