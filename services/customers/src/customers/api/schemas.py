"""Requests of the customers service."""

from typing import Annotated
from unicodedata import category

from pydantic import Field, PlainValidator, StringConstraints
from shared.contracts.base import PickupTime
from shared.http.fields import Body, Email, Flag, Name, Phone, Text, WholeNumber, WrittenAs, example

from customers.domain.passwords import LONGEST


def _as_typed(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("Enter a text.")
    if not 1 <= len(value) <= LONGEST:
        raise ValueError(f"Enter 1 to {LONGEST} characters.")
    if any(category(character) in ("Cc", "Cs") for character in value):
        raise ValueError("Control characters are not allowed.")
    return value


Password = Annotated[
    str, PlainValidator(_as_typed, json_schema_input_type=Annotated[str, Field(min_length=1, max_length=LONGEST)])
]
"""A password exactly as it was typed: blanks at its ends belong to it, unlike those of all other texts."""


class Registration(
    Body,
    json_schema_extra=example(
        {
            "email": "ada@example.com",
            "password": "correct horse battery",
            "first_name": "Ada",
            "last_name": "Byron",
            "phone": "+12125550123",
        }
    ),
):
    """A new customer."""

    email: Email
    password: Password
    first_name: Name
    last_name: Name
    phone: Phone


class Credentials(Body, json_schema_extra=example({"email": "ada@example.com", "password": "correct horse battery"})):
    """A login."""

    email: Email
    password: Password


class PasswordChange(
    Body, json_schema_extra=example({"current_password": "correct horse battery", "new_password": "twelve moving vans"})
):
    """The password in use and the one to use from now on."""

    current_password: Password
    new_password: Password


class NotificationPreferences(
    Body, json_schema_extra=example({"email_notifications": True, "sms_notifications": False})
):
    """Which messages beside the necessary ones the customer wants."""

    email_notifications: Flag | None = None
    sms_notifications: Flag | None = None


class ProfileChange(
    Body,
    json_schema_extra=example(
        {
            "phone": "+12125550199",
            "preferred_pickup_time": "morning",
            "notification_preferences": {"sms_notifications": True},
        }
    ),
):
    """What is given changes, the rest stays. `version` guards against changes by others meanwhile."""

    first_name: Name | None = None
    last_name: Name | None = None
    phone: Phone | None = None
    preferred_pickup_time: PickupTime | None = None
    notification_preferences: NotificationPreferences | None = None
    version: Annotated[WholeNumber, Field(ge=1, le=2_147_483_647)] | None = None


class PreferencesChange(NotificationPreferences):
    """What is given changes, the rest stays."""

    preferred_pickup_time: PickupTime | None = None


Token = Annotated[Text, StringConstraints(min_length=1, max_length=200)]
"""A token as it stands in a link. One that was cut off on its way is told as one that ended: ask for another."""


AppCode = Annotated[str, WrittenAs(r"^[0-9]{6}$", "Enter the six digits that the app shows.")]
"""Six digits that the app shows."""

RecoveryCode = Annotated[str, WrittenAs(r"^[A-Za-z2-7 -]{16,40}$", "Enter a recovery code as it was shown.")]
"""One of the ten codes, with or without its dashes."""


AnyCode = Annotated[
    str, WrittenAs(r"^([0-9]{6}|[A-Za-z2-7 -]{16,40})$", "Enter the six digits that the app shows, or a recovery code.")
]
"""Either of them."""


class SecondStep(
    Body, json_schema_extra=example({"login_token": "q7Zt3uM0sVh2yYx9kLw5eRb8nCj4dPf1gAo6iTvXzKE", "code": "123456"})
):
    """The rest of a login."""

    login_token: Token
    code: AppCode


class Recovery(
    Body,
    json_schema_extra=example(
        {"login_token": "q7Zt3uM0sVh2yYx9kLw5eRb8nCj4dPf1gAo6iTvXzKE", "recovery_code": "ABCD-EFGH-IJKL-MNOP"}
    ),
):
    """The rest of a login without the phone."""

    login_token: Token
    recovery_code: RecoveryCode


class SecondFactorEnrollment(Body, json_schema_extra=example({"password": "correct horse battery"})):
    """The password again, and a code of the second factor in use if there is one."""

    password: Password
    code: AnyCode | None = None


class SecondFactorConfirmation(Body, json_schema_extra=example({"code": "123456"})):
    """What the app shows for the new secret."""

    code: AppCode


class SecondFactorRemoval(Body, json_schema_extra=example({"password": "correct horse battery", "code": "123456"})):
    """The password again, and a code of the app or a recovery code."""

    password: Password
    code: AnyCode


class EmailVerification(Body, json_schema_extra=example({"token": "q7Zt3uM0sVh2yYx9kLw5eRb8nCj4dPf1gAo6iTvXzKE"})):
    """What the link in the e-mail carries."""

    token: Token


class ResetRequest(Body, json_schema_extra=example({"email": "ada@example.com"})):
    """Whose password is forgotten."""

    email: Email


class NewPassword(
    Body,
    json_schema_extra=example(
        {"token": "q7Zt3uM0sVh2yYx9kLw5eRb8nCj4dPf1gAo6iTvXzKE", "new_password": "twelve moving vans"}
    ),
):
    """What the link in the e-mail carries, and the password to use from now on."""

    token: Token
    new_password: Password


class AcceptedInvitation(
    Body,
    json_schema_extra=example(
        {"token": "q7Zt3uM0sVh2yYx9kLw5eRb8nCj4dPf1gAo6iTvXzKE", "password": "correct horse battery"}
    ),
):
    """What the link in the e-mail carries, and the first password."""

    token: Token
    password: Password
