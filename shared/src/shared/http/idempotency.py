"""Idempotency keys: the same request sent twice has one effect and one answer.

A key is claimed in the transaction of the effect itself, so that there is never an effect without its key. Where an
answer needs a further step outside the database, the key stays open until `complete` stores the answer; a lease of 30 s
lets a retry go on from there when the first process died. Answers are stored without secrets: routes add those anew.
"""

import asyncio
import hashlib
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Depends, Header, Request
from psycopg.errors import LockNotAvailable
from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

from shared.clock import utc_now
from shared.db.engine import Database
from shared.db.tables import idempotency_keys as keys
from shared.db.unit_of_work import UnitOfWork
from shared.errors import Conflict, Invalid, Refusal
from shared.http.access import caller_of

LEASE = timedelta(seconds=30)
WAIT_SECONDS = 3.0
FIRST_POLL_SECONDS = 0.05
LONGEST_POLL_SECONDS = 0.4
_KEY = re.compile(r"[\x21-\x7e][\x20-\x7e]{14,253}[\x21-\x7e]")


_CLAIMED = ("scope", "key", "request_hash", "resource_id", "created_at", "leased_until")
_REFUSED = ("scope", "key", "request_hash", "response_status", "response_body", "created_at", "leased_until")
_THIS_KEY = (keys.c.scope == bindparam("of_scope")) & (keys.c.key == bindparam("of_key"))
_LOOKUP = select(keys).where(_THIS_KEY)
_LOCK = _LOOKUP.with_for_update()
_LEASE_AGAIN = update(keys).where(_THIS_KEY).values(leased_until=bindparam("leased_until"))
_COMPLETE = (
    update(keys)
    .where(_THIS_KEY)
    .values(response_status=bindparam("response_status"), response_body=bindparam("response_body"))
)
_RELEASE = update(keys).where(_THIS_KEY, keys.c.response_status.is_(None)).values(leased_until=keys.c.created_at)
_CLAIM = (
    insert(keys).values({name: bindparam(name) for name in _CLAIMED}).on_conflict_do_nothing().returning(keys.c.key)
)
_REFUSE = insert(keys).values({name: bindparam(name) for name in _REFUSED}).on_conflict_do_nothing()


class KeyReused(Refusal):
    """The key came before with another body."""

    code = "idempotency_key_reused"
    message = "This Idempotency-Key was used for a different request."
    status = 422


class KeyInProgress(Conflict):
    """The first request with this key is still being worked on; raised inside and outside of transactions."""

    code = "idempotency_in_progress"
    message = "A request with this Idempotency-Key is still in progress."
    retry_after = 1


class AlreadyAnswered(Exception):
    """Not an error: the key's request was answered before, and this is that answer."""

    def __init__(self, answer: "StoredAnswer") -> None:
        super().__init__("answered before")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A key in its scope (caller, method, route), with the SHA-256 of the canonical body."""

    scope: str
    key: str
    request_hash: str


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer given before: status, body without secrets, and what the request made."""

    status: int
    body: Any
    resource_id: UUID | None


async def read_key(request: Request, idempotency_key: Annotated[str | None, Header()] = None) -> IdempotencyKey | None:
    """The request's key, if it has one; raises `Invalid` for a malformed one."""
    if idempotency_key is None:
        return None
    return key_of(request, idempotency_key, _canonical(await request.body()))


def key_of(request: Request, idempotency_key: str, content: bytes) -> IdempotencyKey:
    """The key of a request whose body, or what stands for it, is `content`; raises `Invalid` for a malformed one."""
    if not _KEY.fullmatch(idempotency_key):
        raise Invalid({"Idempotency-Key": ["Must be 16 to 255 printable ASCII characters."]})
    caller = caller_of(request)
    route = request.scope["route"].path
    path_ids = "/".join(str(value) for value in request.path_params.values())
    return IdempotencyKey(
        scope=f"{caller.kind}:{caller.id or caller.service} {request.method} {route} {path_ids}",
        key=idempotency_key,
        request_hash=hashlib.sha256(content).hexdigest(),
    )


OptionalKey = Annotated[IdempotencyKey | None, Depends(read_key)]
"""A route's parameter for an optional `Idempotency-Key`."""


def _canonical(body: bytes) -> bytes:
    try:
        return orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS) if body else b""
    except (ValueError, TypeError):  # no JSON, or nested too deeply to be written again
        return body


async def claim(uow: UnitOfWork, key: IdempotencyKey | None, resource_id: UUID) -> UUID:
    """Claims `key` for the effect of this transaction, which makes `resource_id`.

    Returns the resource to go on with: `resource_id` itself for a new key, or the one that an earlier try made whose
    process died before it could answer. Raises `AlreadyAnswered`, `KeyReused`, or `KeyInProgress`.
    """
    if key is None:
        return resource_id
    if await _insert(uow, key, resource_id):
        return resource_id
    row = await uow.fetch_one(_LOCK, _named(key))
    if row is None:
        raise KeyInProgress()
    _raise_if_answered(key, row)
    _raise_if_leased(row, uow.now)
    await uow.execute(_LEASE_AGAIN, {**_named(key), "leased_until": uow.now + LEASE})
    return UUID(str(row.resource_id))


async def _insert(uow: UnitOfWork, key: IdempotencyKey, resource_id: UUID) -> bool:
    """Whether the key is new. A twin's uncommitted row is waited for; waiting too long is no failure of ours."""
    row = {
        "scope": key.scope,
        "key": key.key,
        "request_hash": key.request_hash,
        "resource_id": resource_id,
        "created_at": uow.now,
        "leased_until": uow.now + LEASE,
    }
    try:
        return await uow.fetch_one(_CLAIM, row) is not None
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise KeyInProgress() from error
        raise


def _named(key: IdempotencyKey) -> dict[str, str]:
    return {"of_scope": key.scope, "of_key": key.key}


def _raise_if_answered(key: IdempotencyKey, row: Row[Any]) -> None:
    if row.request_hash != key.request_hash:
        raise KeyReused()
    if row.response_status is not None:
        raise AlreadyAnswered(StoredAnswer(row.response_status, row.response_body, row.resource_id))


def _raise_if_leased(row: Row[Any], now: datetime) -> None:
    if row.leased_until > now:
        raise KeyInProgress()


async def complete(database: Database, key: IdempotencyKey | None, status: int, body: Any) -> None:
    """Stores the answer (without secrets) to a key that was claimed."""
    if key is None:
        return
    await database.change(_COMPLETE, {**_named(key), "response_status": status, "response_body": body})


async def release(database: Database, key: IdempotencyKey | None) -> None:
    """Lets a repetition go on at once, because this try ended without an answer that is worth keeping."""
    if key is None:
        return
    await database.change(_RELEASE, _named(key))


async def remember_refusal(database: Database, key: IdempotencyKey | None, status: int, body: Any) -> None:
    """Stores a business refusal (4xx) as the answer to a key, unless a twin has answered meanwhile."""
    if key is None:
        return
    now = utc_now()
    row = {
        "scope": key.scope,
        "key": key.key,
        "request_hash": key.request_hash,
        "response_status": status,
        "response_body": body,
        "created_at": now,
        "leased_until": now,
    }
    await database.change(_REFUSE, row)


async def once(
    database: Database, key: IdempotencyKey | None, work: Callable[[], Awaitable[Any]]
) -> tuple[Any, StoredAnswer | None]:
    """(result of `work`, null), or (null, the stored answer) when the key was answered before.

    `work` executes the command that claims the key. While a twin is in progress this waits up to 3 s without holding a
    connection; then it raises `KeyInProgress`. A route that presents a stored answer adds the header
    `Idempotency-Replayed: true` itself, along with whatever secrets were left out.
    """
    waits_until = time.monotonic() + WAIT_SECONDS
    pause = FIRST_POLL_SECONDS
    while True:
        try:
            await claimed_before(database, key)
            return await work(), None
        except AlreadyAnswered as answered:
            return None, answered.answer
        except KeyInProgress:
            if time.monotonic() >= waits_until:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_POLL_SECONDS)


async def claimed_before(database: Database, key: IdempotencyKey | None) -> UUID | None:
    """What an earlier try with this key made before it broke off; null if there was none. Raises what `claim` raises.

    For work that refuses before it comes to its claim: what was quoted or on offer then may be over by now, and yet the
    effect is there.
    """
    row = None if key is None else await database.fetch_one(_LOOKUP, _named(key))
    if key is None or row is None:
        return None
    _raise_if_answered(key, row)
    _raise_if_leased(row, utc_now())
    return UUID(str(row.resource_id))
