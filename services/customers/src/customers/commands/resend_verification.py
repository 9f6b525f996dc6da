"""A customer wants another link to confirm the address."""

from dataclasses import dataclass
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork

from customers.adapters.links import Links
from customers.domain.errors import AlreadyVerified, CustomerNotFound
from customers.queries.accounts import CUSTOMER_BY_ID


@dataclass(frozen=True, slots=True)
class ResendVerification:
    """To the address of this customer."""

    customer_id: UUID


class ResendingVerification:
    """The handler."""

    def __init__(self, links: Links) -> None:
        self._links = links

    async def __call__(self, command: ResendVerification, uow: UnitOfWork) -> None:
        """Nothing is sent that was sent too often. Raises `AlreadyVerified` or `CustomerNotFound`."""
        row = await uow.fetch_one(CUSTOMER_BY_ID, {"id": command.customer_id})
        if row is None:
            raise CustomerNotFound()
        if row.email_verified_at is not None:
            raise AlreadyVerified()
        await self._links.verify_email(uow, row)
