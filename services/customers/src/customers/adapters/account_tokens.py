"""Issues and redeems tokens."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from sqlalchemy import Row, bindparam, delete, text
from sqlalchemy.dialects.postgresql import insert

from customers.adapters.secret_tables import account_tokens
from customers.domain.tokens import LIVES, Purpose, new_token, token_hash

_arriving = insert(account_tokens)
_ISSUE = _arriving.on_conflict_do_update(
    index_elements=["account_id", "purpose"],
    index_where=text("purpose <> 'login'"),
    set_={name: _arriving.excluded[name] for name in ("id", "token_sha256", "access_version", "expires_at")},
)
"""A newer link takes the place of the older one; logins that wait stand beside each other."""

_REDEEM = (
    delete(account_tokens)
    .where(
        account_tokens.c.token_sha256 == bindparam("digest"),
        account_tokens.c.purpose == bindparam("for_purpose"),
        account_tokens.c.expires_at > bindparam("now"),
    )
    .returning(account_tokens.c.account_id, account_tokens.c.access_version)
)
_FORGET = delete(account_tokens).where(
    account_tokens.c.account_id == bindparam("of_account"), account_tokens.c.purpose != "verify_email"
)


@dataclass(frozen=True, slots=True)
class Issued:
    """A token that nobody but its receiver will know in a moment."""

    id: UUID
    token: str = field(repr=False)
    expires_at: datetime


async def issue_token(uow: UnitOfWork, account_id: UUID, purpose: Purpose, access_version: int) -> Issued:
    """A new token, in place of an earlier link for the same purpose."""
    issued = Issued(new_id(), new_token(), uow.now + LIVES[purpose])
    row = {
        "id": issued.id,
        "account_id": account_id,
        "purpose": purpose,
        "token_sha256": token_hash(issued.token),
        "access_version": access_version,
        "expires_at": issued.expires_at,
    }
    await uow.execute(_ISSUE, row)
    return issued


async def redeem_token(uow: UnitOfWork, token: str, purpose: Purpose) -> Row[Any] | None:
    """(account_id, access_version) of a token that was still good, which it no longer is; nothing otherwise."""
    return await uow.fetch_one(_REDEEM, {"digest": token_hash(token), "for_purpose": purpose, "now": uow.now})


async def forget_ways_in(uow: UnitOfWork, account_id: UUID) -> None:
    """Ends all links that lead into an account, and its waiting logins."""
    await uow.execute(_FORGET, {"of_account": account_id})
