"""Erasures outlive the databases: their list is kept apart, and applied again to what was restored."""

from pathlib import Path

from customers.adapters.people_tables import erasure_reports, erasures
from customers.adapters.tables import booking_facts
from customers.domain.forgetting import fingerprint
from customers.service import SERVICE
from shared.cli import service_cli
from shared.contracts.customers import CustomerErased
from shared.db.tables import outbox
from shared.testing.looking import rows_with
from sqlalchemy import delete, select, update
from typer.testing import CliRunner

from .test_erasing_tools import EMAIL, a_guest, database_url, erase, on  # noqa: F401 - a fixture


def erasure_list(*words: str) -> str:
    done = CliRunner().invoke(service_cli(SERVICE), ["erasures", *words])
    assert done.exit_code == 0, done.output
    return done.output


def told(url: str) -> list[tuple[str, str, int]]:
    wanted = select(outbox).where(outbox.c.type == CustomerErased.type).order_by(outbox.c.id)
    rows = on(url, lambda database: database.fetch_all(wanted))
    return [(row.data["customer_id"], row.data["email_sha256"], row.aggregate_version) for row in rows]


def restore_from_before(url: str) -> None:
    """As if the database came from a dump that is older than the erasure."""

    async def put(database: object) -> None:
        async with database.transaction() as connection:  # type: ignore[attr-defined]
            for table in (erasure_reports, erasures, outbox):
                await connection.execute(delete(table))
            await connection.execute(update(booking_facts).values(contact_email=EMAIL, contact_name="Zyxada"))

    on(url, put)


def test_erasures_are_told_again_and_change_nothing_here(database_url: str) -> None:  # noqa: F811
    a_guest(database_url)
    erase(EMAIL, "--wait", "0")
    assert "1 erasures are told to all services; 0 were not known" in erasure_list("apply")
    (first, sha256, _), again = told(database_url)
    assert sha256 == fingerprint(EMAIL)
    assert again == (first, sha256, 2)


def test_what_was_restored_from_before_an_erasure_is_erased_again(database_url: str, tmp_path: Path) -> None:  # noqa: F811
    a_guest(database_url)
    erase(EMAIL, "--wait", "0")
    kept = tmp_path / "erasures.jsonl"
    assert "1 erasures are in" in erasure_list("export", str(kept))
    assert EMAIL not in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0
    [(id, sha256, _)] = told(database_url)
    before = on(database_url, lambda database: database.fetch_all(select(erasures)))
    restore_from_before(database_url)
    assert "1 were not known here" in erasure_list("apply", str(kept))
    assert "0 were not known here" in erasure_list("apply", str(kept))
    assert rows_with(database_url, EMAIL) == {}
    assert told(database_url) == [(id, sha256, 1), (id, sha256, 2)]
    assert on(database_url, lambda database: database.fetch_all(select(erasures))) == before
