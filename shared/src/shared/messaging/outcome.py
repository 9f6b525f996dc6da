"""What to do with a message whose handling failed: one pure decision."""

from dataclasses import dataclass

from psycopg import InterfaceError, OperationalError
from psycopg import errors as pg
from pydantic import ValidationError
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.errors import Refusal, Unavailable
from shared.messaging.envelope import BadMessage
from shared.messaging.topology import RETRY_TIERS, RetryTier


@dataclass(frozen=True, slots=True)
class Pause:
    """Our own infrastructure is down: the message goes back uncounted, and consuming stops until it answers again."""


@dataclass(frozen=True, slots=True)
class Park:
    """The message can't be handled; people look at it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Perhaps it works later."""

    tier: RetryTier
    reason: str


Outcome = Pause | Park | Retry

_INFRASTRUCTURE = (ConnectionError, PoolTimeout, InterfaceError, Unavailable)
_DATA = (BadMessage, ValidationError, DataError, UnicodeDecodeError, Refusal)
_NOT_A_LOST_CONNECTION = (pg.QueryCanceled, pg.LockNotAvailable, pg.DeadlockDetected, pg.SerializationFailure)


def decide(error: BaseException, attempt: int) -> Outcome:
    """The fate of a message after its `attempt`th try (from 1) raised `error`.

    Lost infrastructure pauses, bad or refused data parks at once, and anything unknown is tried again after 5 s, 30 s
    and 5 min before it is parked.
    """
    if _is_infrastructure(error):
        return Pause()
    reason = f"{type(error).__name__}: {str(error)[:1000]}"
    if isinstance(error, _DATA):
        return Park(reason)
    if attempt <= len(RETRY_TIERS):
        return Retry(RETRY_TIERS[attempt - 1], reason)
    return Park(reason)


def _is_infrastructure(error: BaseException) -> bool:
    if isinstance(error, _INFRASTRUCTURE):
        return True
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, OperationalError):
        return not isinstance(cause, _NOT_A_LOST_CONNECTION)
    return isinstance(cause, OSError) and not isinstance(cause, TimeoutError)
