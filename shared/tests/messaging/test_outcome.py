"""One pure decision about every failure."""

import pytest
from psycopg import OperationalError as LostConnection
from psycopg import errors as pg
from shared.errors import Conflict, Unavailable
from shared.messaging.envelope import BadMessage
from shared.messaging.outcome import Park, Pause, Retry, decide
from shared.messaging.topology import RETRY_TIERS
from sqlalchemy.exc import DataError, IntegrityError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout


def _wrapped(kind: type, original: Exception) -> Exception:
    return kind("statement", {}, original)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(),
        PoolTimeout(),
        Unavailable(),
        LostConnection("gone"),
        _wrapped(OperationalError, LostConnection("gone")),
        _wrapped(OperationalError, pg.AdminShutdown("shutting down")),
        _wrapped(OperationalError, pg.DiskFull("x")),
        _wrapped(OperationalError, pg.InvalidPassword("x")),
        _wrapped(InternalError, pg.ReadOnlySqlTransaction("a replica")),
        _wrapped(InternalError, pg.IdleInTransactionSessionTimeout("cut off")),
    ],
)
def test_lost_infrastructure_pauses_and_costs_no_attempt(error: Exception) -> None:
    assert isinstance(decide(error, attempt=4), Pause)


@pytest.mark.parametrize(
    "error",
    [
        BadMessage("x"),
        Conflict("no"),
        _wrapped(DataError, pg.NumericValueOutOfRange("x")),
        _wrapped(OperationalError, pg.ProgramLimitExceeded("too long for an index")),
    ],
)
def test_bad_or_refused_data_is_parked_at_once(error: Exception) -> None:
    assert isinstance(decide(error, attempt=1), Park)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("bug"),
        TimeoutError(),
        _wrapped(IntegrityError, pg.UniqueViolation("x")),
        _wrapped(OperationalError, pg.LockNotAvailable("x")),
        _wrapped(OperationalError, pg.QueryCanceled("x")),
    ],
)
def test_the_unknown_is_tried_after_each_tier_and_then_parked(error: Exception) -> None:
    outcomes = [decide(error, attempt) for attempt in (1, 2, 3, 4)]
    assert [outcome.tier for outcome in outcomes[:3] if isinstance(outcome, Retry)] == list(RETRY_TIERS)
    assert isinstance(outcomes[3], Park)
