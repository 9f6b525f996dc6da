"""Shapes of the answers about staff accounts and second factors."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from customers.api.answers import PasswordChanged, StaffLogin


class SecondFactorWanted(BaseModel):
    """The password was right; `login_token` (5 minutes, once) and a code of the app complete the login."""

    totp_required: bool
    login_token: str


class RecoveredLogin(StaffLogin):
    """As a login; so many recovery codes are left."""

    recovery_codes_left: int


class SecondFactorSecret(BaseModel):
    """For the app on the phone: by hand, or as a QR code of `provisioning_uri`. It counts once it is confirmed."""

    secret: str
    provisioning_uri: str


class SecondFactorConfirmed(PasswordChanged):
    """The second factor counts from now on. The recovery codes are shown this once."""

    recovery_codes: list[str]


class StaffAccount(BaseModel):
    """A staff account as those see it who manage staff.

    `permissions` are the exceptions from the role, `effective_permissions` what both come to. Whoever `is_invited` has
    not chosen a password yet. `version` grows with every change.
    """

    id: UUID
    email: str
    first_name: str
    last_name: str
    full_name: str
    role: str
    employee_id: str | None
    phone: str
    hire_date: date
    permissions: dict[str, bool]
    effective_permissions: list[str]
    is_active: bool
    is_invited: bool
    totp_enabled: bool
    date_joined: datetime
    version: int


class StaffAccountPage(BaseModel):
    """A page of staff accounts."""

    results: list[StaffAccount]
    count: int
    next: str | None
    previous: str | None
