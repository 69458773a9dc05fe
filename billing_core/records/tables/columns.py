"""Column kinds shared by all tables, for SQLite and PostgreSQL alike.

Ids are text, amounts BIGINT in minor units, times aware UTC, canonical JSON is text (never jsonb,
which would reorder keys). Rules that money rests on are constraints here as well as in ``rules``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    ForeignKey,
    MetaData,
    String,
    Text,
    TypeDecorator,
)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
meta = MetaData(naming_convention=NAMING)


class Utc(TypeDecorator[datetime]):
    """An aware UTC moment; SQLite keeps it as text without a zone, PostgreSQL as timestamptz."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times; hand SQLite a naive UTC one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone reached the database")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        at: datetime = value
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def one_of(column: str, values: tuple[str, ...] | frozenset[str]) -> str:
    """The condition that a column holds one of these words."""
    return f"{column} IN ({', '.join(repr(v) for v in sorted(values))})"


def own_id(name: str = "id") -> Column[str]:
    """A row's own id."""
    return Column(name, String(40), primary_key=True)


def ref(name: str, target: str, *, nullable: bool = False) -> Column[str]:
    """The id of a row elsewhere."""
    return Column(name, String(40), ForeignKey(f"{target}.id"), nullable=nullable, index=True)


def word(name: str, default: str | None = None) -> Column[str]:
    """One short word of ours."""
    return Column(name, String(40), nullable=False, server_default=default)


def line(name: str) -> Column[str]:
    """Text, empty where there is none."""
    return Column(name, Text, nullable=False, server_default="")


def minor(name: str, *, nullable: bool = False) -> Column[int]:
    """An amount in minor units."""
    return Column(name, BigInteger, nullable=nullable)


def moment(name: str, *, nullable: bool = False) -> Column[datetime]:
    """An aware moment."""
    return Column(name, Utc, nullable=nullable)


def flag(name: str, default: ColumnElement[bool] | None = None) -> Column[bool]:
    """A claim that is true or not; ``default`` is what older rows say of it."""
    return Column(name, Boolean(create_constraint=False), nullable=False, server_default=default)
