import pytest
from notifications.adapters.mailbox import Mailbox
from notifications.adapters.ses import Ses
from notifications.adapters.tables import metadata
from notifications.service import email_backend
from notifications.settings import Settings
from pydantic import ValidationError
from shared.db.migrations import drift
from shared.testing.service import RunningService


async def test_the_migrations_make_the_tables_of_the_code(service: RunningService) -> None:
    assert drift(service.database.url, metadata) == []


def test_the_setting_decides_who_carries_email() -> None:
    assert isinstance(email_backend(Settings(debug=True)), Mailbox)
    assert isinstance(email_backend(Settings(debug=True, email_backend="ses")), Ses)


def test_outside_development_a_local_mailbox_stops_the_start() -> None:
    with pytest.raises(ValidationError, match="EMAIL_BACKEND=mailbox sends nothing"):
        Settings(debug=False)


@pytest.mark.parametrize("sender", ["", "Tote Taxi", "Tote Taxi <hello>", "a@b@c <x"])
def test_a_sender_that_is_no_address_stops_the_start(sender: str) -> None:
    with pytest.raises(ValidationError, match="must be an address"):
        Settings(debug=True, default_from_email=sender)
