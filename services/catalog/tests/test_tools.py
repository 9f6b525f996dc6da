import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from catalog.first_data import first_data
from catalog.service import SERVICE
from shared.cli import service_cli
from shared.db.engine import Database
from shared.db.migrations import migrate
from shared.testing.patience import patient
from shared.testing.plugin import DatabaseFactory
from sqlalchemy import text
from typer.testing import CliRunner


@pytest.fixture
def database_url(database_factory: DatabaseFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    url = database_factory("catalog", lambda template: migrate(template, SERVICE.migrations) and None)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("DEBUG", "true")
    with patient():
        yield url


def load(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(service_cli(SERVICE), ["catalog", "load", *arguments])
    return result.exit_code, result.output


def test_an_operator_fills_an_empty_catalogue_from_a_file_once(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "catalog.json"
    content = first_data()
    content["mini_move_packages"][0]["base_price_cents"] = 1234
    file.write_text(json.dumps(content))
    assert load(str(file)) == (0, "The catalogue is loaded.\n")
    assert load() == (0, "There is a catalogue already; nothing was changed.\n")
    assert asyncio.run(_cheapest(database_url)) == 1234


async def _cheapest(url: str) -> int:
    database = Database(url)
    row = await database.fetch_one(text("SELECT min(base_price_cents) FROM mini_move_packages"))
    await database.close()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("content", ["not json", "{}", '{"mini_move_packages": [{"package_type": "tiny"}]}'])
def test_what_is_no_catalogue_is_refused_with_a_sentence(database_url: str, tmp_path: Path, content: str) -> None:
    file = tmp_path / "catalog.json"
    file.write_text(content)
    code, output = load(str(file))
    assert code == 1
    assert "not a catalogue file" in output
