"""What the catalogue's tables are made of: their metadata and the kinds of columns that they share."""

from typing import Any

from shared.money import MAXIMUM_CENTS
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Constraint,
    DateTime,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

NAMES = {"ck": "%(table_name)s_%(constraint_name)s", "uq": "%(table_name)s_%(column_0_N_name)s_key"}

metadata = MetaData(naming_convention=NAMES)


def text_column(name: str, **options: Any) -> Column[Any]:
    """A text, never null."""
    return Column(name, Text, nullable=False, **options)


def flag(name: str) -> Column[Any]:
    """Yes or no."""
    return Column(name, Boolean, nullable=False)


def between(name: str, least: int, most: int, nullable: bool = False) -> tuple[Column[Any], CheckConstraint]:
    """A whole number within bounds that the database keeps."""
    check = CheckConstraint(f"{name} BETWEEN {least} AND {most}", name=name)
    return Column(name, Integer, nullable=nullable), check


def cents(name: str, nullable: bool = False) -> tuple[Column[Any], CheckConstraint]:
    """An amount of money in cents."""
    return between(name, 0, MAXIMUM_CENTS, nullable)


def count(name: str, nullable: bool = False) -> tuple[Column[Any], CheckConstraint]:
    """A number of things, from 1."""
    return between(name, 1, 1_000_000, nullable)


def one_row() -> tuple[Column[Any], CheckConstraint]:
    """The key of a table that has one row."""
    return Column("id", SmallInteger, primary_key=True, autoincrement=False), CheckConstraint("id = 1", name="one_row")


def entity(name: str, *parts: Column[Any] | Constraint | tuple[Column[Any], CheckConstraint]) -> Table:
    """A table of things that staff keep: they are taken out of use, never deleted."""
    flat = [item for part in parts for item in (part if isinstance(part, tuple) else (part,))]
    return Table(
        name,
        metadata,
        Column("id", UUID, primary_key=True),
        *flat,
        Column("is_active", Boolean, nullable=False, server_default=text("true")),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("updated_at", DateTime(timezone=True), nullable=False),
    )
