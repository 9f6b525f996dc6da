"""Tokens that nobody can use any more are forgotten."""

from dataclasses import dataclass

from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import delete

from customers.adapters.secret_tables import account_tokens


@dataclass(frozen=True, slots=True)
class ForgetExpiredTokens:
    """Once in a while."""


async def forget_expired_tokens(_: ForgetExpiredTokens, uow: UnitOfWork) -> None:
    """Rows of tokens that are too old go."""
    await uow.execute(delete(account_tokens).where(account_tokens.c.expires_at <= uow.now))
