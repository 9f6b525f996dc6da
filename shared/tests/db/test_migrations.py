"""The migrations make exactly the tables that the code works with."""

from pathlib import Path

from shared.db.migrations import drift, migrate
from sqlalchemy import MetaData


def test_migrating_makes_the_tables_of_the_code_and_repeating_it_does_nothing(database_factory, tmp_path: Path) -> None:
    url = database_factory("empty", lambda _: None)
    first = migrate(url, tmp_path)
    assert first
    assert migrate(url, tmp_path) == []
    assert drift(url, MetaData()) == []
