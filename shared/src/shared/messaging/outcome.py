"""What to do with a message whose handling failed: one pure decision."""

from dataclasses import dataclass

from psycopg import InterfaceError, OperationalError
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
_SERVER_IN_TROUBLE = ("08", "25006", "25P03", "28", "3D", "53", "57P", "58")
"""Connections, a read-only or unknown database, a session cut off, resources, shutdown, the system: whatever one of
these ends would not have been better off with other data."""

_LIMIT_OF_THE_PROGRAM = "54"


def decide(error: BaseException, attempt: int) -> Outcome:
    """The fate of a message after its `attempt`th try (from 1) raised `error`.

    Lost infrastructure pauses, bad or refused data parks at once, and anything unknown is tried again after 5 s, 30 s
    and 5 min before it is parked.
    """
    if _is_infrastructure(error):
        return Pause()
    reason = f"{type(error).__name__}: {str(error)[:1000]}"
    if isinstance(error, _DATA) or _sqlstate(error).startswith(_LIMIT_OF_THE_PROGRAM):
        return Park(reason)
    if attempt <= len(RETRY_TIERS):
        return Retry(RETRY_TIERS[attempt - 1], reason)
    return Park(reason)


def _is_infrastructure(error: BaseException) -> bool:
    if isinstance(error, _INFRASTRUCTURE):
        return True
    if state := _sqlstate(error):
        return state.startswith(_SERVER_IN_TROUBLE)
    cause = _cause(error)
    return isinstance(cause, OperationalError) or (isinstance(cause, OSError) and not isinstance(cause, TimeoutError))


def _sqlstate(error: BaseException) -> str:
    """What the server calls the error; empty if it is not the server's."""
    return getattr(_cause(error), "sqlstate", None) or ""


def _cause(error: BaseException) -> BaseException | None:
    return error.orig if isinstance(error, DBAPIError) else error
