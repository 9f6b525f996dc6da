import pytest
from notifications.adapters.aws import Ses, Sns
from notifications.adapters.mailbox import Mailbox, Phone
from notifications.adapters.smtp import Smtp
from notifications.adapters.tables import messages, metadata
from notifications.commands.write_message import WriteMessage
from notifications.domain.kinds import Kind
from notifications.service import SERVICE, email_carrier, sms_carrier
from notifications.settings import Settings
from pydantic import ValidationError
from shared.db.migrations import drift
from shared.db.tables import outbox
from shared.ids import new_id
from shared.testing.migrations import migrate_again
from shared.testing.service import RunningService
from sqlalchemy import select


async def test_the_migrations_make_the_tables_of_the_code(service: RunningService) -> None:
    assert drift(service.database.url, metadata) == []


def test_the_settings_decide_who_carries() -> None:
    assert isinstance(email_carrier(Settings(debug=True)), Mailbox)
    assert isinstance(email_carrier(Settings(debug=True, email_backend="ses")), Ses)
    assert isinstance(email_carrier(Settings(debug=True, email_backend="smtp")), Smtp)
    assert isinstance(sms_carrier(Settings(debug=True)), Phone)
    assert isinstance(sms_carrier(Settings(debug=True, sms_backend="sns")), Sns)


def test_outside_development_a_local_mailbox_stops_the_start() -> None:
    with pytest.raises(
        ValidationError, match=r"EMAIL_BACKEND=mailbox sends nothing.*SMS_BACKEND=mailbox.*OFFICE_EMAIL"
    ):
        Settings(debug=False)


@pytest.mark.parametrize("sender", ["", "Tote Taxi", "Tote Taxi <hello>", "a@b@c <x"])
def test_a_sender_that_is_no_address_stops_the_start(sender: str) -> None:
    with pytest.raises(ValidationError, match="must be an address"):
        Settings(debug=True, default_from_email=sender)


async def test_texts_of_sms_and_subjects_with_links_become_titles(service: RunningService) -> None:
    spoken = "Tote Taxi: https://totetaxi.example/bookings/TT-1?token=secret"
    await service.commands.execute(WriteMessage(Kind.REMINDER, "it", recipient="ada@example.com"))
    async with service.database.transaction() as connection:
        await connection.execute(messages.update().values(channel="sms", subject=spoken))
        state = {"kind": "password_reset", "channel": "email", "subject": spoken}
        about = {"aggregate_type": "message", "aggregate_version": 1, "ordinal": 0, "type": "message.sent.v1"}
        ids = {"event_id": new_id(), "aggregate_id": new_id()}
        told = {"time": service.platform.clock(), "data": {"message": state}, "trace_context": {}}
        await connection.execute(outbox.insert(), {**ids, **about, **told})
    await migrate_again(service.database.url, SERVICE.migrations, "titles_instead_of_secrets")
    assert [row.subject for row in await service.database.fetch_all(select(messages))] == ["The move is tomorrow"]
    (row,) = await service.database.fetch_all(select(outbox))
    assert row.data["message"] == {**state, "subject": "Choose a new password"}
