"""Links that accounts get by e-mail: a token, and the event that has notifications write."""

from typing import Any

from shared.contracts.customers import PasswordResetRequested, StaffInvited, VerificationRequested
from shared.db.unit_of_work import UnitOfWork
from shared.sealing import Sealer
from sqlalchemy import Row

from customers.adapters.account_tokens import Issued, issue_another, issue_token
from customers.adapters.repository import staff_state

FIRST_VERSION = 1


class Links:
    """Tokens are in the event for notifications alone, sealed.

    Links that anybody can ask for are sent once a minute and five times an hour at most, and stand beside each other;
    an invitation replaces the one of before.
    """

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def verify_email(self, uow: UnitOfWork, account: Row[Any]) -> None:
        """Asks a customer to confirm the address, unless that was done too often."""
        issued = await issue_another(uow, account.id, "verify_email", account.access_version)
        if issued is None:
            return
        event = VerificationRequested(account_kind="customer", **self._content(account, issued))
        uow.record(event, FIRST_VERSION)

    async def reset_password(self, uow: UnitOfWork, account: Row[Any]) -> None:
        """Lets somebody choose a new password, unless that was done too often; `account` tells its kind."""
        issued = await issue_another(uow, account.id, "reset_password", account.access_version)
        if issued is None:
            return
        event = PasswordResetRequested(account_kind=account.kind, **self._content(account, issued))
        uow.record(event, FIRST_VERSION)

    async def invite(self, uow: UnitOfWork, member: Row[Any]) -> None:
        """Asks a new staff member to choose a password; the caller has raised the account's version."""
        issued = await issue_token(uow, member.id, "invitation", member.access_version)
        sealed = self._sealer.seal(issued.token)
        event = StaffInvited(staff=staff_state(member), token_sealed=sealed, expires_at=issued.expires_at)
        uow.record(event, member.version)

    def _content(self, account: Row[Any], issued: Issued) -> dict[str, Any]:
        return {
            "link_id": issued.id,
            "account_id": account.id,
            "email": account.email,
            "first_name": account.first_name,
            "token_sealed": self._sealer.seal(issued.token),
            "expires_at": issued.expires_at,
        }
