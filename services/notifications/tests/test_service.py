import pytest
from notifications.adapters.aws import Ses, Sns
from notifications.adapters.mailbox import Mailbox, Phone
from notifications.adapters.smtp import Smtp
from notifications.adapters.tables import metadata
from notifications.service import email_carrier, sms_carrier
from notifications.settings import Settings
from pydantic import ValidationError
from shared.db.migrations import drift
from shared.testing.service import RunningService


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
