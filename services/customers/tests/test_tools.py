import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from customers.service import SERVICE
from shared.cli import service_cli
from shared.db.engine import Database
from shared.db.migrations import migrate
from shared.testing.patience import patient
from shared.testing.plugin import DatabaseFactory
from sqlalchemy import text
from typer.testing import CliRunner, Result

from .factories import PASSWORD


def migrated(template: str) -> None:
    migrate(template, SERVICE.migrations)


@pytest.fixture
def database_url(database_factory: DatabaseFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    url = database_factory(SERVICE.name, migrated)
    for name, value in {"DATABASE_URL": url, "DEBUG": "true", "STAFF_PASSWORD": PASSWORD}.items():
        monkeypatch.setenv(name, value)
    with patient():
        yield url


def create(**options: str) -> Result:
    given = {"email": "Admin@ToteTaxi.test", "role": "admin", "first-name": "Ann", "last-name": "Lee", **options}
    words = [word for name, value in given.items() for word in (f"--{name}", value)]
    return CliRunner().invoke(service_cli(SERVICE), ["staff", "create", *words])


def staff(url: str) -> list[Any]:
    async def read() -> list[Any]:
        database = Database(url)
        statement = text("SELECT email, role, employee_id, phone FROM accounts JOIN staff USING (id)")
        rows = await database.fetch_all(statement)
        await database.close()
        return [tuple(row) for row in rows]

    return asyncio.run(read())


def test_it_creates_a_staff_account(database_url: str) -> None:
    done = create(phone="212 555 0199", **{"employee-id": "E-7"})
    assert (done.exit_code, done.output) == (0, "admin@totetaxi.test joined as admin.\n")
    assert staff(database_url) == [("admin@totetaxi.test", "admin", "E-7", "+12125550199")]


def test_a_second_time_it_says_so_and_keeps_the_account(database_url: str) -> None:
    create()
    again = create(role="viewer")
    assert (again.exit_code, again.output) == (0, "admin@totetaxi.test exists already.\n")
    assert staff(database_url) == [("admin@totetaxi.test", "admin", None, "")]


def test_an_employee_id_is_unique(database_url: str) -> None:
    create(**{"employee-id": "E-7"})
    other = create(email="bob@totetaxi.test", **{"employee-id": "E-7"})
    assert (other.exit_code, len(staff(database_url))) == (1, 1)
    assert "employee id" in other.output


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("role", "king", "role"),
        ("email", "nobody", "email"),
        ("phone", "12", "phone"),
        ("employee-id", "E-" + "7" * 19, "employee_id"),
    ],
)
def test_wrong_options_are_named(database_url: str, name: str, value: str, told: str) -> None:
    refused = create(**{name: value})
    assert refused.exit_code == 1
    assert f"{told}: " in refused.output


def test_a_common_password_is_refused(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFF_PASSWORD", "password1")
    refused = create()
    assert (refused.exit_code, staff(database_url)) == (1, [])
    assert "too common" in refused.output


def reset(email: str) -> Result:
    return CliRunner().invoke(service_cli(SERVICE), ["staff", "reset-second-factor", email])


def test_a_second_factor_that_was_lost_is_taken_away(database_url: str) -> None:
    create()
    refused = reset("admin@totetaxi.test")
    assert (refused.exit_code, "No second factor" in refused.output) == (1, True)
    assert reset("nobody@totetaxi.test").exit_code == 1
    sealed = "INSERT INTO second_factors (staff_id, secret_sealed, confirmed_at) SELECT id, 'x', now() FROM staff"
    asyncio.run(execute(database_url, sealed))
    done = reset("Admin@ToteTaxi.test")
    assert (done.exit_code, done.output) == (0, "Admin@ToteTaxi.test logs in with the password alone.\n")
    assert reset("admin@totetaxi.test").exit_code == 1


async def execute(url: str, statement: str) -> None:
    database = Database(url)
    async with database.transaction() as connection:
        await connection.execute(text(statement))
    await database.close()
