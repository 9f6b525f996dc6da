"""Somebody who holds a link chooses a password: instead of a forgotten one, or the first one after an invitation."""

from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from shared.audit import StaffMember
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import Row, bindparam, delete, update

from customers.adapters.account_tokens import forget_ways_in, redeem_token
from customers.adapters.audit_log import log_staff_action
from customers.adapters.sessions import end_sessions
from customers.adapters.tables import accounts, login_failures, staff
from customers.domain.errors import InvalidToken
from customers.domain.lockout import login_key
from customers.domain.tokens import Purpose

_SET = (
    update(accounts)
    .where(accounts.c.id == bindparam("account"), accounts.c.kind == bindparam("of_kind"))
    .values(
        password_hash=bindparam("new_hash"),
        version=accounts.c.version + 1,
        access_version=accounts.c.access_version + 1,
        updated_at=bindparam("now"),
    )
    .returning(accounts.c.id, accounts.c.email, accounts.c.version, accounts.c.access_version)
)
_JOIN = (
    update(staff)
    .where(staff.c.id == bindparam("account"), staff.c.is_active)
    .values(is_invited=False)
    .returning(staff.c.id)
)
_UNLOCK = delete(login_failures).where(login_failures.c.login_key == bindparam("of_login"))


@dataclass(frozen=True, slots=True)
class ChoosePassword:
    """`token` is a link's for this purpose, of an account of this kind; the client is for the audit log."""

    token: str = field(repr=False)
    purpose: Purpose
    kind: Literal["customer", "staff"]
    new_hash: str = field(repr=False)
    ip_address: str = ""
    user_agent: str = ""


async def choose_password(command: ChoosePassword, uow: UnitOfWork) -> Row[Any]:
    """(id, email, version, access_version). Ends all sessions, other links, and a lock of the login.

    Raises `InvalidToken`.
    """
    redeemed = await redeem_token(uow, command.token, command.purpose)
    if redeemed is None:
        raise InvalidToken()
    who = {"account": redeemed.account_id, "of_kind": command.kind, "new_hash": command.new_hash, "now": uow.now}
    changed = await uow.fetch_one(_SET, who)
    if changed is None:
        raise InvalidToken()
    if command.kind == "staff":
        await _join(command, changed.id, uow)
    await uow.execute(_UNLOCK, {"of_login": login_key(changed.email)})
    await forget_ways_in(uow, changed.id)
    await end_sessions(uow, changed.id, changed.version, changed.access_version, "password_reset")
    return changed


async def _join(command: ChoosePassword, staff_id: UUID, uow: UnitOfWork) -> None:
    """Whoever was let go meanwhile stays out."""
    if await uow.scalar(_JOIN, {"account": staff_id}) is None:
        raise InvalidToken()
    what = "Invitation accepted" if command.purpose == "invitation" else "Password reset by e-mail"
    member = StaffMember(staff_id, command.ip_address, command.user_agent)
    await log_staff_action(uow, member, "staff_updated", what)
