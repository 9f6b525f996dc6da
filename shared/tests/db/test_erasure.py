"""After an erasure no message of a service tells about the person, and all of them can still be replayed."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pytest
from shared.commands import Commands
from shared.contracts.base import Event
from shared.contracts.booking import BookingCreated
from shared.contracts.booking_state import BookingState
from shared.contracts.customers import AuditRecorded, ContactReceived, CustomerErased, CustomerState, CustomerVerified
from shared.db.engine import Database
from shared.db.erasure import scrub_messages
from shared.db.migrations import migrate
from shared.db.tables import idempotency_keys, outbox
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from shared.messaging.envelope import decode, encode
from shared.messaging.parking import park
from sqlalchemy import insert, text

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CUSTOMER, STRANGER = new_id(), new_id()
EMAIL, PHONE, NAME = "zyxada.o'quill+1@example.com", "+12125550777", 'Zyxada "Zyx" Quillfeather-Ünal'
WORDS = (EMAIL, PHONE, NAME)
EVERYTHING = text(
    "SELECT data::text AS told FROM outbox UNION ALL SELECT encode(body, 'escape') || error FROM parked_messages"
    " UNION ALL SELECT response_body::text FROM idempotency_keys"
)


def _create_schema(url: str) -> None:
    with TemporaryDirectory() as no_migrations:
        migrate(url, Path(no_migrations))


@pytest.fixture
async def database(database_factory: Callable[..., str]) -> AsyncIterator[Database]:
    database = Database(database_factory("machinery", _create_schema))
    yield database
    await database.close()


def a_booking(**values: Any) -> BookingState:
    home = {"address_line_1": "77 Zyxada Lane", "city": "New York", "state": "NY", "zip_code": "10001"}
    contact = {"first_name": "Zyxada", "last_name": "Quillfeather-Ünal", "email": EMAIL, "phone": PHONE}
    defaults = {
        "id": new_id(), "booking_number": "TT-20261122-0001", "version": 1, "status": "pending",
        "customer_id": CUSTOMER, "contact": contact, "service_type": "standard_delivery", "pickup_address": home,
        "delivery_address": home, "pickup_date": date(2026, 12, 1), "pickup_time": "morning", "window_start": NOW,
        "window_end": NOW, "special_instructions": "Zyxada's dog bites.", "prices": {"total_price_cents": 9500},
        "catalog_version": 1, "manage_token_sha256": "0" * 64, "created_at": NOW,
    }  # fmt: skip
    return BookingState.model_validate({**defaults, **values})


async def tell(database: Database, *events: Event) -> None:
    async with database.transaction() as connection:
        uow = UnitOfWork(connection, NOW)
        for event in events:
            uow.record(event, 1)
        await uow.flush()


async def scrub(database: Database, *words: str, ids: Any = (CUSTOMER,)) -> int:
    async with database.transaction() as connection:
        return await scrub_messages(UnitOfWork(connection, NOW), ids, words)


async def told(database: Database) -> str:
    return " ".join(row.told for row in await database.fetch_all(EVERYTHING)).casefold()


async def messages(database: Database) -> list[bytes]:
    rows = await database.fetch_all(text("SELECT *, data::text AS json FROM outbox ORDER BY id"))
    return [encode("booking", {**row._mapping, "data": row.json}) for row in rows]


async def test_published_facts_about_the_person_can_be_replayed_without_the_person(database: Database) -> None:
    await tell(database, BookingCreated(booking=a_booking()))
    assert await scrub(database) == 1
    [message] = await messages(database)
    left = decode(message).event
    assert isinstance(left, BookingCreated)
    assert (left.booking.customer_id, left.booking.total_cents, left.booking.contact.email) == (CUSTOMER, 9500, "")
    assert "zyxada" not in (await told(database))
    assert await scrub(database) == 0


async def test_a_guest_is_found_by_words_in_any_case_and_others_stay_as_they_are(database: Database) -> None:
    other = a_booking(customer_id=STRANGER, contact={**a_booking().contact.model_dump(), "email": "bob@example.com"})
    await tell(database, BookingCreated(booking=a_booking(customer_id=None)), BookingCreated(booking=other))
    assert await scrub(database, EMAIL.upper(), ids=()) == 1
    events = [decode(message).event for message in await messages(database)]
    assert [event.booking.contact.email for event in events] == ["", "bob@example.com"]  # type: ignore[attr-defined]


OTHERS = [
    {"email": f"jo{EMAIL}", "phone": "+12125550888", "first_name": "Jo", "last_name": "Byron"},
    {"email": f"jo.{EMAIL}", "phone": "+12125550888", "first_name": "Jo", "last_name": "Byron"},
    {"email": f"{EMAIL}.au", "phone": "+12125550888", "first_name": "Jo", "last_name": "Byron"},
    {"email": "mother@example.com", "phone": PHONE, "first_name": "Ida", "last_name": "Quillfeather-Ünal"},
    {"email": "name@example.com", "phone": "+12125550999", "first_name": 'Zyxada "Zyx"', "last_name": NAME},
]


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: str(other["email"]))
async def test_who_shares_a_word_with_the_person_stays_whole(database: Database, other: dict[str, str]) -> None:
    state = CustomerState.model_validate({"id": STRANGER, "version": 1, "created_at": NOW, **other})
    wrote = {"name": f"{other['first_name']} {other['last_name']}", "email": other["email"], "phone": other["phone"]}
    contact = ContactReceived.model_validate(
        {"contact_id": new_id(), "customer_id": STRANGER, "message": "Hello", "received_at": NOW, **wrote}
    )
    booking = a_booking(customer_id=STRANGER, contact=other)
    events = (CustomerVerified(customer=state), contact, BookingCreated(booking=booking))
    await tell(database, *events)
    for message in await messages(database):
        await park(database, message, {}, "KeyError", 1)
    assert await scrub(database, *WORDS) == 0
    assert [decode(message).event for message in await messages(database)] == list(events)


async def test_of_a_text_that_somebody_else_wrote_only_the_mention_goes(database: Database) -> None:
    mentions = f"My sister ({EMAIL}) moves too."
    told_by = {"contact_id": new_id(), "name": "Jo Byron", "email": "jo@example.com", "received_at": NOW}
    await tell(database, ContactReceived.model_validate({**told_by, "subject": "Us", "message": mentions}))
    assert await scrub(database, *WORDS) == 1
    left = decode((await messages(database))[0]).event
    assert isinstance(left, ContactReceived)
    assert (left.name, left.email, left.subject, left.message) == ("Jo Byron", "jo@example.com", "Us", "")


async def test_what_names_an_id_of_the_person_is_blank_whatever_it_says(database: Database) -> None:
    booking = new_id()
    asked = {"contact_id": new_id(), "name": "Z", "email": "z@other.example.com", "message": "?", "received_at": NOW}
    await tell(
        database,
        ContactReceived.model_validate({**asked, "customer_id": CUSTOMER}),
        BookingCreated(booking=a_booking(id=booking, customer_id=None)),
    )
    assert await scrub(database, ids=(CUSTOMER, booking)) == 2
    assert "z@other" not in await told(database)
    assert "zyxada" not in await told(database)


@pytest.mark.parametrize("word", WORDS)
async def test_words_are_found_in_texts_that_nobody_marked(database: Database, word: str) -> None:
    entry = {"entry_id": new_id(), "staff_id": STRANGER, "action_type": "customer_updated", "happened_at": NOW}
    noted = AuditRecorded.model_validate({**entry, "description": "Changed", "after": {"note": f"Call {word}!"}})
    await tell(database, noted)
    assert await scrub(database, word, ids=()) == 1
    row = await database.fetch_one(text("SELECT data FROM outbox"))
    assert row is not None
    assert (row.data["after"], row.data["description"]) == ({"note": ""}, "Changed")


async def test_short_words_and_the_order_to_forget_itself_change_nothing(database: Database) -> None:
    order = CustomerErased(customer_id=CUSTOMER, email_sha256="0" * 64, erased_at=NOW)
    await tell(database, order, BookingCreated(booking=a_booking(customer_id=STRANGER)))
    assert await scrub(database, "NY", "") == 0


async def test_parked_messages_stay_replayable_and_unreadable_ones_are_emptied(database: Database) -> None:
    await tell(database, BookingCreated(booking=a_booking()))
    [known] = await messages(database)
    newer = orjson.dumps({"type": "booking.created.v9", "data": {"total": 1, "contact": {"email": EMAIL, "x": NAME}}})
    for body in (known, newer, b"\xff\x00 not JSON: " + EMAIL.encode(), b"about nobody"):
        await park(database, body, {}, f"KeyError: {EMAIL}" if body == newer else "KeyError", 1)
    assert await scrub(database, *WORDS) == 4
    rows = await database.fetch_all(text("SELECT body, error FROM parked_messages ORDER BY id"))
    assert decode(rows[0].body).event.booking.total_cents == 9500  # type: ignore[attr-defined]
    assert orjson.loads(rows[1].body)["data"] == {"total": 1, "contact": {"email": "", "x": ""}}
    assert [(row.body, row.error) for row in rows[2:]] == [(b"", "KeyError"), (b"about nobody", "KeyError")]
    assert rows[1].error == "erased"


async def test_answers_keep_their_shape(database: Database) -> None:
    body = {"booking": {"customer_name": NAME, "id": "1", "stops": [{"city": "New York"}]}, "note": f"for {EMAIL}"}
    key = {"key": "k" * 16, "request_hash": "0" * 64, "response_status": 201, "created_at": NOW, "leased_until": NOW}
    rows = [
        {"scope": f"customer:{CUSTOMER} POST /x", "response_body": body, "resource_id": None, **key},
        {"scope": "anonymous: POST /x", "response_body": {**body, "email": EMAIL}, "resource_id": None, **key},
        {"scope": "anonymous: POST /y", "response_body": {"email": "bob@example.com"}, "resource_id": None, **key},
    ]
    async with database.transaction() as connection:
        await connection.execute(insert(idempotency_keys), rows)
    assert await scrub(database, EMAIL) == 2
    rows_left = await database.fetch_all(text("SELECT response_body FROM idempotency_keys ORDER BY scope"))
    left = [row.response_body for row in rows_left]
    blank = {"booking": {"customer_name": "", "id": "1", "stops": [{"city": ""}]}, "note": ""}
    assert left == [{**blank, "email": ""}, {"email": "bob@example.com"}, blank]


async def test_it_is_part_of_the_use_case_that_erases(database: Database) -> None:
    await tell(database, BookingCreated(booking=a_booking()))

    async def erase(_: object, uow: UnitOfWork) -> None:
        await scrub_messages(uow, [CUSTOMER], WORDS)
        raise RuntimeError("something else of it went wrong")

    with pytest.raises(RuntimeError):
        await Commands(database, {str: erase}).execute("erase")
    assert EMAIL.casefold() in await told(database)
    assert (await database.fetch_one(outbox.select())) is not None
