"""A staff member's password was right; the login waits for the second factor."""

from dataclasses import dataclass
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork

from customers.adapters.account_tokens import issue_token


@dataclass(frozen=True, slots=True)
class AwaitSecondFactor:
    """`access_version` belongs to the password that was right."""

    staff_id: UUID
    access_version: int


async def await_second_factor(command: AwaitSecondFactor, uow: UnitOfWork) -> str:
    """The token by which the login goes on."""
    return (await issue_token(uow, command.staff_id, "login", command.access_version)).token
