"""Takes a person out of a service's messages: its outbox, its parked messages and its answers to idempotency keys.

Published events are kept for a week to be replayed, answers for a day to be repeated. Both go on working afterwards:
ids, amounts, days and states stay, and only the texts about the person are blank.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import bindparam, text, update

from shared.contracts import EVENTS
from shared.contracts.personal import without_person
from shared.db.tables import idempotency_keys, outbox, parked_messages
from shared.db.unit_of_work import UnitOfWork
from shared.messaging.envelope import BadMessage, UnknownEvent, decode

log = logging.getLogger(__name__)

SHORTEST_WORD = 4
"""Shorter words would be found in texts that have nothing to do with the person."""

PERSONAL_MEMBERS = frozenset(
    [
        "address_line_1",
        "address_line_2",
        "city",
        "customer_email",
        "customer_name",
        "customer_phone",
        "delivery_instructions",
        "email",
        "first_name",
        "formatted_address",
        "full_name",
        "internal_notes",
        "item_description",
        "last_name",
        "manage_token_sealed",
        "nickname",
        "notes",
        "phone",
        "special_instructions",
        "zip_code",
    ]
)
"""Members of answers, and of messages of unknown kinds, that tell about people."""

_PATIENCE = text("SET LOCAL statement_timeout = '15s'")
"""All messages of a week are read through, so this may take longer than what requests wait for."""

_OUTBOX = text("SELECT id, type, data FROM outbox WHERE aggregate_id = ANY(:ids) OR data::text ILIKE ANY(:patterns)")
_PARKED = text("SELECT id, body, error FROM parked_messages WHERE encode(body, 'escape') ILIKE ANY(:escaped)")
_ANSWERS = text(
    "SELECT scope, key, response_body FROM idempotency_keys WHERE response_body IS NOT NULL"
    " AND (resource_id = ANY(:ids) OR scope ILIKE ANY(:patterns) OR response_body::text ILIKE ANY(:patterns))"
)
_RETELL = update(outbox).where(outbox.c.id == bindparam("of_id")).values(data=bindparam("data"))
_REPARK = (
    update(parked_messages)
    .where(parked_messages.c.id == bindparam("of_id"))
    .values(body=bindparam("body"), error=bindparam("error"))
)
_ANSWER_ANEW = (
    update(idempotency_keys)
    .where(idempotency_keys.c.scope == bindparam("of_scope"), idempotency_keys.c.key == bindparam("of_key"))
    .values(response_body=bindparam("response_body"))
)


@dataclass(frozen=True, slots=True)
class _Person:
    """Whom to forget: the ids of what is theirs, and words by which they would be recognised."""

    ids: list[UUID]
    words: tuple[str, ...]

    @property
    def search(self) -> dict[str, Any]:
        """Parameters of the statements that find rows."""
        sought = [*map(str, self.ids), *self.words]
        return {
            "ids": self.ids,
            "patterns": [_pattern(orjson.dumps(word).decode()[1:-1]) for word in sought],
            "escaped": [_pattern(_as_escaped(orjson.dumps(word)[1:-1])) for word in sought],
        }

    def is_named_in(self, value: str) -> bool:
        """Whether the text has one of the words."""
        folded = value.casefold()
        return any(word in folded for word in self.words)


def _pattern(sought: str) -> str:
    for special in ("\\", "%", "_"):
        sought = sought.replace(special, f"\\{special}")
    return f"%{sought}%"


def _as_escaped(raw: bytes) -> str:
    """Bytes as PostgreSQL's `encode(…, 'escape')` writes them."""
    return "".join(chr(byte) if byte < 128 else f"\\{byte:03o}" for byte in raw.replace(b"\\", b"\\\\"))


async def scrub_messages(uow: UnitOfWork, subject_ids: Iterable[UUID], words: Iterable[str]) -> int:
    """Blanks what messages tell about a person; returns how many rows changed.

    A row is about the person if it is of or names one of `subject_ids` (the customer, their bookings, their payments),
    or if one of `words` (e-mail address, phone, full name; at least 4 characters, any case) is in it. Doing it again
    changes nothing.
    """
    sought = tuple({word.casefold() for word in words if len(word) >= SHORTEST_WORD})
    person = _Person(list(subject_ids), sought)
    await uow.execute(_PATIENCE)
    scrubbed = await _scrub_outbox(uow, person) + await _scrub_parked(uow, person) + await _scrub_answers(uow, person)
    log.info("messages scrubbed", extra={"rows": scrubbed})
    return scrubbed


async def _scrub_outbox(uow: UnitOfWork, person: _Person) -> int:
    changed = 0
    for row in await uow.fetch_all(_OUTBOX, person.search):
        data = _fact_without(row.type, row.data, person)
        if data != row.data:
            await uow.execute(_RETELL, {"of_id": row.id, "data": data})
            changed += 1
    return changed


async def _scrub_parked(uow: UnitOfWork, person: _Person) -> int:
    changed = 0
    for row in await uow.fetch_all(_PARKED, person.search):
        body = _message_without(row.body, person)
        error = "erased" if person.is_named_in(row.error) else row.error
        if (body, error) != (row.body, row.error):
            await uow.execute(_REPARK, {"of_id": row.id, "body": body, "error": error})
            changed += 1
    return changed


async def _scrub_answers(uow: UnitOfWork, person: _Person) -> int:
    changed = 0
    for row in await uow.fetch_all(_ANSWERS, person.search):
        body = _without_words(_without_members(row.response_body), person)
        if body != row.response_body:
            await uow.execute(_ANSWER_ANEW, {"of_scope": row.scope, "of_key": row.key, "response_body": body})
            changed += 1
    return changed


def _fact_without(event_type: str, data: Any, person: _Person) -> Any:
    contract = EVENTS.get(event_type)
    if contract is None:
        return _without_words(_without_members(data), person)
    return _without_words(without_person(contract.model_validate(data)).model_dump(mode="json"), person)


def _message_without(body: bytes, person: _Person) -> bytes:
    """The message as it may be replayed; nothing is left of one that nobody can read."""
    try:
        envelope = orjson.loads(body)
    except ValueError:
        return b""
    try:
        data = _fact_without(decode(body).type, envelope["data"], person)
    except (BadMessage, UnknownEvent):
        return orjson.dumps(_without_words(_without_members(envelope), person))
    return orjson.dumps({**envelope, "data": data})


def _without_members(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _blank_if_personal(name, _without_members(member)) for name, member in value.items()}
    return [_without_members(part) for part in value] if isinstance(value, list) else value


def _blank_if_personal(name: str, value: Any) -> Any:
    return "" if isinstance(value, str) and name in PERSONAL_MEMBERS else value


def _without_words(value: Any, person: _Person) -> Any:
    match value:
        case dict():
            return {name: _without_words(member, person) for name, member in value.items()}
        case list():
            return [_without_words(part, person) for part in value]
        case str() if person.is_named_in(value):
            return ""
    return value
