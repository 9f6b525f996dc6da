"""Issues and redeems tokens."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from sqlalchemy import Row, Text, and_, bindparam, cast, delete, func, or_, select, text
from sqlalchemy.dialects.postgresql import array, insert

from customers.adapters.secret_tables import account_tokens
from customers.domain.tokens import LINKS_WITHIN, LIVES, Purpose, may_send_link, new_token, token_hash

_arriving = insert(account_tokens)
_LINK = ("id", "token_sha256", "access_version", "expires_at", "earlier_sha256", "earlier_expires_at")
_ISSUE = _arriving.on_conflict_do_update(
    index_elements=["account_id", "purpose"],
    index_where=text("purpose <> 'login'"),
    set_={name: _arriving.excluded[name] for name in _LINK},
)
"""A newer link takes the place of the older one; logins that wait stand beside each other."""

_ISSUE_ANOTHER = _arriving.on_conflict_do_update(
    index_elements=["account_id", "purpose"],
    index_where=text("purpose <> 'login'"),
    set_={name: _arriving.excluded[name] for name in _LINK},
    where=account_tokens.c.id == bindparam("beside"),
).returning(account_tokens.c.id)
"""Of two that are the first one at once, one is."""

_LINKS = (
    select(account_tokens)
    .where(account_tokens.c.account_id == bindparam("of_account"), account_tokens.c.purpose == bindparam("for_purpose"))
    .with_for_update()
)
_digest = cast(bindparam("digest"), Text)
_earlier_end = account_tokens.c.earlier_expires_at[func.array_position(account_tokens.c.earlier_sha256, _digest)]
IS_GOOD = or_(
    and_(account_tokens.c.token_sha256 == _digest, account_tokens.c.expires_at > bindparam("now")),
    and_(account_tokens.c.earlier_sha256.contains(array([_digest])), _earlier_end > bindparam("now")),
)
"""The row in which a token with this `digest` still counts `now`."""

_REDEEM = (
    delete(account_tokens)
    .where(IS_GOOD, account_tokens.c.purpose == bindparam("for_purpose"))
    .returning(account_tokens.c.account_id, account_tokens.c.access_version)
)
_FORGET = delete(account_tokens).where(
    account_tokens.c.account_id == bindparam("of_account"), account_tokens.c.purpose != "verify_email"
)

_Link = tuple[str, datetime]


@dataclass(frozen=True, slots=True)
class Issued:
    """A token that nobody but its receiver will know in a moment."""

    id: UUID
    token: str = field(repr=False)
    expires_at: datetime


async def issue_token(uow: UnitOfWork, account_id: UUID, purpose: Purpose, access_version: int) -> Issued:
    """A new token, in place of all earlier links for the same purpose."""
    issued = Issued(new_id(), new_token(), uow.now + LIVES[purpose])
    await uow.execute(_ISSUE, _row(issued, account_id, purpose, access_version, ()))
    return issued


async def issue_another(uow: UnitOfWork, account_id: UUID, purpose: Purpose, access_version: int) -> Issued | None:
    """A new token beside the links of the last hour, which stay good; null if the account had enough of them."""
    newest = await uow.fetch_one(_LINKS, {"of_account": account_id, "for_purpose": purpose})
    earlier = [link for link in _links_of(newest) if link[1] - LIVES[purpose] > uow.now - LINKS_WITHIN]
    if not may_send_link([until - LIVES[purpose] for _, until in earlier], uow.now):
        return None
    issued = Issued(new_id(), new_token(), uow.now + LIVES[purpose])
    row = _row(issued, account_id, purpose, access_version, earlier)
    done = await uow.scalar(_ISSUE_ANOTHER, {**row, "beside": newest.id if newest else None})
    return issued if done else None


def _links_of(newest: Row[Any] | None) -> list[_Link]:
    if newest is None:
        return []
    earlier = zip(newest.earlier_sha256, newest.earlier_expires_at, strict=True)
    return [*earlier, (newest.token_sha256, newest.expires_at)]


def _row(
    issued: Issued, account_id: UUID, purpose: Purpose, access_version: int, earlier: Sequence[_Link]
) -> dict[str, Any]:
    return {
        "id": issued.id,
        "account_id": account_id,
        "purpose": purpose,
        "token_sha256": token_hash(issued.token),
        "access_version": access_version,
        "expires_at": issued.expires_at,
        "earlier_sha256": [digest for digest, _ in earlier],
        "earlier_expires_at": [until for _, until in earlier],
    }


async def redeem_token(uow: UnitOfWork, token: str, purpose: Purpose) -> Row[Any] | None:
    """(account_id, access_version) of a token that was still good; it and those beside it end. Else nothing."""
    return await uow.fetch_one(_REDEEM, {"digest": token_hash(token), "for_purpose": purpose, "now": uow.now})


async def forget_ways_in(uow: UnitOfWork, account_id: UUID) -> None:
    """Ends all links that lead into an account, and its waiting logins."""
    await uow.execute(_FORGET, {"of_account": account_id})
