"""Reads of tokens, without using them up."""

from typing import Any

from shared.db.engine import Database
from sqlalchemy import Row, Select, bindparam, select

from customers.adapters.account_tokens import IS_GOOD
from customers.adapters.secret_tables import account_tokens
from customers.adapters.tables import accounts
from customers.domain.tokens import Purpose, token_hash

_HOLDER: Select[Any] = (
    select(accounts.c.id, accounts.c.email)
    .select_from(account_tokens.join(accounts, accounts.c.id == account_tokens.c.account_id))
    .where(
        IS_GOOD,
        account_tokens.c.purpose == bindparam("purpose"),
        accounts.c.kind == bindparam("kind"),
    )
)


async def holder_of(database: Database, token: str, purpose: Purpose, kind: str, now: Any) -> Row[Any] | None:
    """(id, email) of the account of this kind whose link it is; nothing if it is not good any more."""
    return await database.fetch_one(
        _HOLDER, {"digest": token_hash(token), "purpose": purpose, "kind": kind, "now": now}
    )
