"""Links that accounts get by e-mail: a token, and the event that has notifications write."""

from typing import Any

from shared.contracts.customers import PasswordResetRequested, StaffInvited, VerificationRequested
from shared.db.unit_of_work import UnitOfWork
from shared.sealing import Sealer
from sqlalchemy import Row

from customers.adapters.account_tokens import Issued, issue_token
from customers.adapters.repository import staff_state
from customers.domain.tokens import Purpose

FIRST_VERSION = 1


class Links:
    """Each link replaces the one of before. Its token is in the event for notifications alone, sealed."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def verify_email(self, uow: UnitOfWork, account: Row[Any]) -> None:
        """Asks a customer to confirm the address."""
        issued = await self._issue(uow, account, "verify_email")
        event = VerificationRequested(account_kind="customer", **self._content(account, issued))
        uow.record(event, FIRST_VERSION)

    async def reset_password(self, uow: UnitOfWork, account: Row[Any]) -> None:
        """Lets somebody choose a new password; `account` tells its kind."""
        issued = await self._issue(uow, account, "reset_password")
        event = PasswordResetRequested(account_kind=account.kind, **self._content(account, issued))
        uow.record(event, FIRST_VERSION)

    async def invite(self, uow: UnitOfWork, member: Row[Any]) -> None:
        """Asks a new staff member to choose a password; the caller has raised the account's version."""
        issued = await self._issue(uow, member, "invitation")
        sealed = self._sealer.seal(issued.token)
        event = StaffInvited(staff=staff_state(member), token_sealed=sealed, expires_at=issued.expires_at)
        uow.record(event, member.version)

    async def _issue(self, uow: UnitOfWork, account: Row[Any], purpose: Purpose) -> Issued:
        return await issue_token(uow, account.id, purpose, account.access_version)

    def _content(self, account: Row[Any], issued: Issued) -> dict[str, Any]:
        return {
            "link_id": issued.id,
            "account_id": account.id,
            "email": account.email,
            "first_name": account.first_name,
            "token_sealed": self._sealer.seal(issued.token),
            "expires_at": issued.expires_at,
        }
