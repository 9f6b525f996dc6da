import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from customers.adapters.people_tables import erasure_reports
from customers.adapters.tables import booking_facts
from customers.queries.erasures import SERVICES
from customers.service import SERVICE
from shared.cli import service_cli
from shared.db.engine import Database
from shared.db.migrations import migrate
from shared.ids import new_id
from shared.testing.looking import rows_with
from shared.testing.patience import patient
from shared.testing.plugin import DatabaseFactory
from sqlalchemy import insert, text
from typer.testing import CliRunner, Result

from .factories import BOOKED_AT

EMAIL = "zyxada@quillfeather.example"


def migrated(template: str) -> None:
    migrate(template, SERVICE.migrations)


@pytest.fixture
def database_url(database_factory: DatabaseFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    url = database_factory(SERVICE.name, migrated)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("DEBUG", "true")
    with patient():
        yield url


def on(url: str, work: Callable[[Database], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        database = Database(url)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


def a_guest(url: str, status: str = "completed") -> None:
    row = {
        "booking_id": new_id(), "booking_number": "TT-20261101-0001", "contact_email": EMAIL, "status": status,
        "contact_name": "Zyxada Quillfeather", "service_type": "mini_move", "pickup_date": BOOKED_AT.date(),
        "total_cents": 100, "version": 1, "created_at": BOOKED_AT,
    }  # fmt: skip

    async def put(database: Database) -> None:
        async with database.transaction() as connection:
            await connection.execute(insert(booking_facts), row)

    on(url, put)


def erase(*words: str) -> Result:
    return CliRunner().invoke(service_cli(SERVICE), ["accounts", "erase", *words])


def test_a_dry_run_tells_and_changes_nothing(database_url: str) -> None:
    a_guest(database_url)
    told = erase(EMAIL.upper(), "--dry-run")
    assert told.exit_code == 0, told.output
    assert "customers: would erase 1 in booking_facts" in told.output
    assert all(f"{name}: would be told" in told.output for name in SERVICES - {"customers"})
    assert rows_with(database_url, EMAIL) == {"booking_facts": 1}


def test_it_fails_when_services_do_not_report_in_time_and_says_which(database_url: str) -> None:
    a_guest(database_url)
    told = erase(EMAIL, "--wait", "0")
    assert told.exit_code == (1 if SERVICES - {"customers"} else 0)
    assert "customers: erased 1 in booking_facts" in told.output
    assert all(name in told.output for name in SERVICES)
    assert rows_with(database_url, EMAIL) == {}


def test_it_tells_what_each_service_reported(database_url: str) -> None:
    async def report_all(database: Database) -> None:
        names = ", ".join(f"('{name}')" for name in sorted(SERVICES - {"customers"}))
        async with database.transaction() as connection:
            await connection.execute(
                text(
                    "CREATE FUNCTION report() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                    f" INSERT INTO erasure_reports SELECT NEW.id, name, '{{\"things\": 7}}', '{{}}', now()"
                    f" FROM (VALUES {names}) AS services (name); RETURN NEW; END $$"
                )
            )
            await connection.execute(
                text("CREATE TRIGGER report AFTER INSERT ON erasures FOR EACH ROW EXECUTE FUNCTION report()")
            )

    a_guest(database_url)
    on(database_url, report_all)
    told = erase(EMAIL, "--wait", "0")
    assert told.exit_code == 0, told.output
    assert all(f"{name}: erased 7 in things" in told.output for name in SERVICES - {"customers"})
    reports = on(database_url, lambda database: database.fetch_all(erasure_reports.select()))
    assert len(reports) == len(SERVICES)


@pytest.mark.parametrize(
    ("email", "status", "sentence"),
    [("nobody@example.com", "completed", "neither an account nor a guest"), (EMAIL, "in_progress", "TT-20261101-0001")],
)
def test_a_refusal_exits_with_a_sentence(database_url: str, email: str, status: str, sentence: str) -> None:
    a_guest(database_url, status)
    refused = erase(email)
    assert refused.exit_code == 1
    assert sentence in refused.output
    assert rows_with(database_url, EMAIL) == {"booking_facts": 1}
