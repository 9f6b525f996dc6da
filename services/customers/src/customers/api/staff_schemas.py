"""Requests about staff accounts."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints
from shared.http.fields import Body, Day, Email, Flag, Name, Phone, PhoneIfAny, WholeNumber, example

from customers.domain.permissions import PERMISSIONS, Role


def _known(exceptions: dict[str, bool]) -> dict[str, bool]:
    unknown = sorted(exceptions.keys() - PERMISSIONS)
    if unknown:
        raise ValueError(f"There is no permission called {', '.join(unknown)}.")
    return exceptions


EmployeeId = Annotated[Name, StringConstraints(max_length=20)]
Exceptions = Annotated[dict[str, Flag], Field(max_length=len(PERMISSIONS)), AfterValidator(_known)]
"""Single permissions on top of the role: true grants, false denies."""


class NewStaffAccount(
    Body,
    json_schema_extra=example(
        {
            "email": "kim@totetaxi.com",
            "first_name": "Kim",
            "last_name": "Lee",
            "role": "operator",
            "employee_id": "TT-17",
        }
    ),
):
    """Who joins the staff; the date of hiring is today unless another one is given."""

    email: Email
    first_name: Name
    last_name: Name
    role: Role = "operator"
    employee_id: EmployeeId | None = None
    phone: Phone | None = None
    hire_date: Day | None = None
    permissions: Exceptions = {}
    is_active: Flag = True


class StaffAccountChange(
    Body, json_schema_extra=example({"role": "manager", "permissions": {"refund_payments": False}, "version": 2})
):
    """What is given changes, the rest stays; an `employee_id` of null and an empty `phone` are taken away.

    `version` guards against changes by others meanwhile. An account as it was shown can be sent back with a change.
    """

    shown_beside = frozenset({"id", "full_name", "effective_permissions", "is_invited", "totp_enabled", "date_joined"})

    email: Email | None = None
    first_name: Name | None = None
    last_name: Name | None = None
    role: Role | None = None
    employee_id: EmployeeId | None = None
    phone: PhoneIfAny | None = None
    hire_date: Day | None = None
    permissions: Exceptions | None = None
    is_active: Flag | None = None
    version: Annotated[WholeNumber, Field(ge=1, le=2_147_483_647)] | None = None

    def changes(self) -> dict[str, Any]:
        """Field → what it is to be."""
        given = self.model_dump(exclude_none=True, exclude={"version"})
        if "employee_id" in self.model_fields_set:
            given["employee_id"] = self.employee_id
        return given
