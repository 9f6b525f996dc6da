"""What operators type."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from shared.cli import service_cli
from shared.service import Parts, Platform, Service
from shared.settings import ServiceSettings
from shared.testing.patience import patient
from shared.testing.servers import PostgresServer
from typer.testing import CliRunner

from .conftest import BIN, content

Run = Callable[..., str]


def unused(_: Platform[ServiceSettings]) -> Parts:
    raise AssertionError("Commands about the database need none of the service's parts.")


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command of a service that lives in `database_url`; what it prints."""
    given = {"DATABASE_URL": database_url, "BACKUP_DIR": str(tmp_path), "POSTGRES_BIN": BIN, "DEBUG": "true"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    service = Service("booking", "Probe", ServiceSettings, unused, tmp_path / "none")

    def run(*arguments: str) -> str:
        with patient():
            result = CliRunner().invoke(service_cli(service), ["db", *arguments])
        assert result.exit_code == 0, result.output
        return result.output

    return run


@pytest.fixture
def tried(database_url: str, postgres_server: PostgresServer) -> Iterator[str]:
    """An empty database of the same server and role, as operators make one to try a backup in."""
    name, role = f"tried_{uuid4().hex[:12]}", urlsplit(database_url).username or ""
    postgres_server.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(role)))
    yield name
    postgres_server.drop(name)


def test_a_backup_is_tried_beside_the_service_that_goes_on(run: Run, database_url: str, tried: str) -> None:
    before = content(database_url)
    run("backup")
    with psycopg.connect(database_url):
        run("restore", "latest", "--database", tried)
        assert "nothing to migrate" in run("migrate", "--no-broker", "--database", tried)
    assert content(f"{database_url.rpartition('/')[0]}/{tried}") == content(database_url) == before
