"""Statements mean to the driver what they mean to SQLAlchemy."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from shared.db.engine import Database
from shared.ids import new_id
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    bindparam,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import InvalidRequestError, StatementError

THINGS = Table(
    "things",
    MetaData(),
    Column("id", UUID, primary_key=True),
    Column("name", Text),
    Column("amount", Numeric(8, 2)),
    Column("count", BigInteger),
    Column("day", Date),
    Column("at", DateTime(timezone=True)),
    Column("is_new", Boolean),
    Column("tags", ARRAY(Text)),
    Column("document", JSONB),
    Column("bytes", LargeBinary),
)
THING: dict[str, Any] = {
    "id": new_id(),
    "name": "100 % Ada's $1 :name",
    "amount": Decimal("12.50"),
    "count": 2**40,
    "day": date(2026, 11, 23),
    "at": datetime(2026, 11, 23, 5, 4, 3, 21, tzinfo=UTC),
    "is_new": True,
    "tags": ["a", "{b}", 'c"'],
    "document": {"lines": [1, 2.5, None, "é"], "none": None},
    "bytes": b"\x00\xff",
}
ADD = insert(THINGS)
ALL = select(THINGS).order_by(THINGS.c.count, THINGS.c.name)


async def add(things: Database, *rows: dict[str, Any]) -> None:
    async with things.transaction() as connection:
        for row in rows:
            connection.send(ADD, row)


def named(*names: str) -> list[dict[str, Any]]:
    return [{"id": new_id(), "name": name} for name in names]


async def test_every_type_comes_back_as_it_went(things: Database) -> None:
    await add(things, THING)
    row = await things.fetch_one(select(THINGS).where(THINGS.c.tags == THING["tags"], THINGS.c.at == THING["at"]))
    assert row is not None
    assert dict(row._mapping) == THING
    assert {name: type(value) for name, value in row._mapping.items()} == {
        name: type(value) for name, value in THING.items()
    }


async def test_what_is_missing_is_null_in_every_type(things: Database) -> None:
    nothing = {**dict.fromkeys(THING), "id": THING["id"]}
    del nothing["document"]
    await add(things, nothing)
    assert [tuple(row) for row in await things.fetch_all(ALL)] == [(THING["id"], *[None] * 9)]


async def test_rows_are_read_by_name_by_place_and_unpacked(things: Database) -> None:
    row = await things.fetch_one(select(literal(7).label("seven"), literal("x")))
    assert row is not None
    number, word = row
    assert (row.seven, row[1], number, word, row._mapping["seven"]) == (7, "x", 7, "x", 7)


async def test_answers_can_be_asked_in_all_the_usual_ways(things: Database) -> None:
    await add(things, *named("a", "b"))
    names = select(THINGS.c.name).order_by(THINGS.c.name)
    async with things.transaction() as connection:
        assert (await connection.execute(names)).scalars().all() == ["a", "b"]
        assert (await connection.execute(names)).mappings().first() == {"name": "a"}
        assert (await connection.execute(names.where(THINGS.c.name == "c"))).one_or_none() is None
        assert await connection.scalar(names) == "a"
        assert (await connection.execute(update(THINGS).values(count=1))).rowcount == 2
        raised = update(THINGS).values(count=THINGS.c.count + 1).returning(THINGS.c.count)
        assert [row.count for row in await connection.execute(raised)] == [2, 2]


async def test_lists_may_have_any_length(things: Database) -> None:
    await add(things, *named("a", "b", "c"))
    wanted = select(func.count()).where(THINGS.c.name.in_(bindparam("names", expanding=True)))
    for names, found in ((["a"], 1), (["a", "b", "x"], 2), ([], 0), (["c"], 1)):
        row = await things.fetch_one(wanted, {"names": names})
        assert row is not None
        assert row[0] == found


async def test_lists_that_are_part_of_a_statement_stand_beside_its_parameters(things: Database) -> None:
    await add(things, *named("a", "b", "c"))
    among = select(func.count()).where(
        THINGS.c.name.in_(["a", "b"]), THINGS.c.name != bindparam("wrong"), THINGS.c.name.not_in(["c", "d"])
    )
    for wrong, found in (("a", 1), ("c", 2), ("b", 1)):
        row = await things.fetch_one(among, {"wrong": wrong})
        assert row is not None
        assert row[0] == found


async def test_statements_built_anew_keep_their_own_values(things: Database) -> None:
    await add(things, *named("a", "b"))
    for name in ("a", "b", "a"):
        row = await things.fetch_one(select(THINGS).where(THINGS.c.name == name))
        assert row is not None
        assert row.name == name


async def test_a_value_given_beats_the_one_in_the_statement(things: Database) -> None:
    wanted = select(bindparam("word", "own", type_=Text).label("word"))
    rows = [await things.fetch_one(wanted, parameters) for parameters in ({}, {"word": "given"}, {})]
    assert [row.word for row in rows if row] == ["own", "given", "own"]


async def test_a_parameter_of_a_text_that_is_named_twice_is_one(things: Database) -> None:
    statement = text("SELECT CAST(:day AS date) IS NULL OR :day > DATE '2026-01-01', '50 %', '12:30'::text")
    row = await things.fetch_one(statement, {"day": date(2026, 11, 23)})
    assert tuple(row or ()) == (True, "50 %", "12:30")


async def test_one_statement_for_many_rows_counts_them_all(things: Database) -> None:
    rows = named("a", "b", "c")
    once = upsert(THINGS).on_conflict_do_nothing()
    async with things.transaction() as connection:
        assert (await connection.execute(once, rows)).rowcount == 3
        assert (await connection.execute(once, [*rows, *named("d")])).rowcount == 1
        assert (await connection.execute(once, [])).rowcount == 0


async def test_a_text_that_reads_all_columns_sees_a_new_one(things: Database) -> None:
    everything = text("SELECT * FROM slots")
    await things.change(text("INSERT INTO slots VALUES (:number)"), {"number": 1})
    assert [row._fields for row in await things.fetch_all(everything)] == [("number", "holder")]
    await things.change(text("ALTER TABLE slots ADD COLUMN since date"), {})
    assert [row._fields for row in await things.fetch_all(everything)] == [("number", "holder", "since")]


async def test_a_value_that_is_missing_is_named(things: Database) -> None:
    with pytest.raises((StatementError, InvalidRequestError), match="wanted"):
        await things.fetch_one(select(THINGS).where(THINGS.c.name == bindparam("wanted")))


async def test_defaults_that_python_would_compute_are_refused_and_not_forgotten(things: Database) -> None:
    slots = Table("slots", MetaData(), Column("number", BigInteger), Column("holder", Text, default=lambda: "nobody"))
    with pytest.raises(NotImplementedError):
        await things.change(insert(slots), {"number": 1})
