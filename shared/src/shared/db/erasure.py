"""Takes a person out of a service's messages: its outbox, its parked messages and its answers to idempotency keys.

Published events are kept for a week to be replayed, answers for a day to be repeated. Both go on working afterwards:
ids, amounts, days and states stay, and only the texts about the person are blank. What is about other people keeps
their data, also where it happens to mention the person.
"""

import logging
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel
from sqlalchemy import bindparam, text, update

from shared.contracts import EVENTS
from shared.contracts.personal import without_person
from shared.db.person import Person, without_personal_members
from shared.db.tables import idempotency_keys, outbox, parked_messages
from shared.db.unit_of_work import UnitOfWork
from shared.messaging.envelope import BadMessage, UnknownEvent, decode

log = logging.getLogger(__name__)

BATCH = 500
_SUBJECTS = frozenset(["customer_id", "account_id", "staff_id", "booking_id", "payment_id"])

_PATIENCE = text("SET LOCAL statement_timeout = '15s'")
"""All messages of a week are read through, so this may take longer than what requests wait for."""


def _references(model: type[BaseModel], above: str = "") -> Iterator[str]:
    """Where facts name whom or what they are about, beside their aggregate."""
    for name, member in model.model_fields.items():
        if name in _SUBJECTS:
            yield f"{above}{name}"
        elif isinstance(member.annotation, type) and issubclass(member.annotation, BaseModel):
            yield from _references(member.annotation, f"{above}{name},")


# Only names of the contracts' own members become a part of the statement.
_NAMED = [
    f"data #>> '{{{path}}}'" for path in sorted({path for event in EVENTS.values() for path in _references(event)})
]
_FOUND = [
    *(f"{name} = ANY(:names)" for name in _NAMED),
    "aggregate_id = ANY(:ids)",
    "lower(data::text) LIKE ANY(:like)",
]
_OUTBOX = text("SELECT id, type, data FROM outbox WHERE " + " OR ".join(_FOUND))  # noqa: S608
"""One pass over the week: however many ids there are, each message is looked up in them once."""

_PARKED = text("SELECT id, body, error FROM parked_messages WHERE id > :id ORDER BY id LIMIT :batch")
_ANSWERS = text(
    "SELECT scope, key, resource_id, response_body FROM idempotency_keys"
    " WHERE response_body IS NOT NULL AND (scope, key) > (:scope, :key) ORDER BY scope, key LIMIT :batch"
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


async def scrub_messages(uow: UnitOfWork, subject_ids: Iterable[UUID], words: Iterable[str]) -> int:
    """Blanks what messages tell about a person; returns how many rows changed.

    A message is about the person, and loses all personal texts, if it is of or names one of `subject_ids` (the
    customer, their bookings, their payments), or if the e-mail address in it is one of `words` (e-mail address, phone,
    full name; at least 4 characters, any case). Any other loses only the texts that mention one of the words. Doing it
    again changes nothing.
    """
    person = Person.of(subject_ids, words)
    await uow.execute(_PATIENCE)
    scrubbed = await _scrub_outbox(uow, person) + await _scrub_parked(uow, person) + await _scrub_answers(uow, person)
    log.info("messages scrubbed", extra={"rows": scrubbed})
    return scrubbed


async def _scrub_outbox(uow: UnitOfWork, person: Person) -> int:
    changed = 0
    patterns = [_pattern(orjson.dumps(word.lower()).decode()[1:-1]) for word in person.words.values()]
    names = sorted(person.ids)
    for row in await uow.fetch_all(_OUTBOX, {"ids": list(map(UUID, names)), "names": names, "like": patterns}):
        data = _fact_without(row.type, row.data, person)
        if data != row.data:
            await uow.execute(_RETELL, {"of_id": row.id, "data": data})
            changed += 1
    return changed


async def _scrub_parked(uow: UnitOfWork, person: Person) -> int:
    changed, last = 0, UUID(int=0)
    while rows := await uow.fetch_all(_PARKED, {"id": last, "batch": BATCH}):
        last = rows[-1].id
        for row in rows:
            body = _message_without(row.body, person)
            error = "erased" if person.is_mentioned_in(row.error) else row.error
            if (body, error) != (row.body, row.error):
                await uow.execute(_REPARK, {"of_id": row.id, "body": body, "error": error})
                changed += 1
    return changed


async def _scrub_answers(uow: UnitOfWork, person: Person) -> int:
    changed, last = 0, {"scope": "", "key": ""}
    while rows := await uow.fetch_all(_ANSWERS, {**last, "batch": BATCH}):
        last = {"scope": rows[-1].scope, "key": rows[-1].key}
        for row in rows:
            theirs = str(row.resource_id) in person.ids or person.owns_an_id_in(row.scope)
            body = _document_without(row.response_body, person, theirs)
            if body != row.response_body:
                await uow.execute(_ANSWER_ANEW, {"of_scope": row.scope, "of_key": row.key, "response_body": body})
                changed += 1
    return changed


def _pattern(sought: str) -> str:
    for special in ("\\", "%", "_"):
        sought = sought.replace(special, f"\\{special}")
    return f"%{sought}%"


def _document_without(document: Any, person: Person, theirs: bool = False) -> Any:
    if theirs or person.is_subject_of(document):
        document = without_personal_members(document)
    return person.without_mentions(document)


def _fact_without(event_type: str, data: Any, person: Person) -> Any:
    contract = EVENTS.get(event_type)
    if contract is None:
        return _document_without(data, person)
    if person.is_subject_of(data):
        data = without_person(contract.model_validate(data)).model_dump(mode="json")
    return person.without_mentions(data)


def _message_without(body: bytes, person: Person) -> bytes:
    """The message as it may be replayed; nothing is left of one that nobody can read and that mentions the person."""
    try:
        envelope = orjson.loads(body)
    except ValueError:
        raw = body.decode("utf-8", "replace")
        return b"" if person.is_mentioned_in(raw) or person.owns_an_id_in(raw) else body
    try:
        data = _fact_without(decode(body).type, envelope["data"], person)
        left = {**envelope, "data": data}
    except (BadMessage, UnknownEvent):
        left = _document_without(envelope, person)
    return body if left == envelope else orjson.dumps(left)
