"""The migrations make exactly the tables that the code works with."""

from pathlib import Path

from shared.db.engine import driver_url
from shared.db.migrations import drift, migrate
from sqlalchemy import CheckConstraint, Column, Index, Integer, MetaData, Table, create_engine, text


def test_migrating_makes_the_tables_of_the_code_and_repeating_it_does_nothing(database_factory, tmp_path: Path) -> None:
    url = database_factory("empty", lambda _: None)
    first = migrate(url, tmp_path)
    assert first
    assert migrate(url, tmp_path) == []
    assert drift(url, MetaData()) == []


def test_a_check_or_an_index_that_differs_is_drift(database_factory, tmp_path: Path) -> None:
    url = database_factory("empty", lambda _: None)
    migrate(url, tmp_path)
    with create_engine(driver_url(url)).begin() as connection:
        connection.execute(text("CREATE TABLE fares (cents integer)"))
        connection.execute(text("CREATE INDEX fares_due ON fares (cents)"))
    due = Index("fares_due", "cents", postgresql_where=text("cents > 0"))
    Table("fares", metadata := MetaData(), Column("cents", Integer, CheckConstraint("cents > 0")), due)
    assert [definition.split()[0] for _, definition in drift(url, metadata)] == [
        "CREATE",
        "CREATE",
        "fares_cents_check",
    ]
