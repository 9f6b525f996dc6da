"""Whatever is sent, by whomever: an answer that explains, names the very field, and tells nothing from inside."""

import json
from collections.abc import AsyncIterator, Iterable
from typing import Any
from uuid import uuid4

import pytest

from .browser import Browser
from .callers import GUEST, Caller, Sender, caller_of
from .corpus import BODIES, CONTENT_TYPES, KEYS, QUERY_VALUES, UNREADABLE, VALUES, Spoil
from .document import Document, Operation, Path, enlarged, spoiled, without
from .judging import complaints_of
from .shooting import Range
from .test_api_document import whole_document
from .valid_requests import BODILESS, CHANGES_SESSIONS, some_things
from .world import World

ONE_IN = 9
"""Callers who may not do it are refused before their body matters: a sample of it is enough."""


@pytest.fixture
async def shooting(world: World, browser: Browser) -> AsyncIterator[Range]:
    async with Sender(world.stack["gateway_url"]) as sender, Browser(world.stack) as staff:
        document = await whole_document(world, sender)
        yield Range(sender, document, await some_things(world, browser, staff))


def writes(document: Document) -> list[Operation]:
    return [operation for operation in document.operations() if operation.body]


async def test_every_operation_has_a_valid_request_or_needs_none(shooting: Range) -> None:
    for operation in shooting.document.operations():
        shooting.things.path(operation)
        if operation.method != "GET" and operation.body is None:
            assert str(operation) in BODILESS, f"{operation} takes no body: say why"
        for body in shooting.things.bodies(operation):
            assert shooting.document.allows(operation.body or {}, body), f"{operation} has no valid body here"


FRACTIONS = ("float", "whole float")
"""Fine where the document says `number`, such as in a percentage."""


async def test_every_spoiled_field_is_named_by_its_path(shooting: Range) -> None:
    for operation in writes(shooting.document):
        seen: set[Path] = set()
        for body in shooting.things.bodies(operation):
            for path, schema in shooting.document.fields(operation.body or {}, body):
                if path not in seen:
                    seen.add(path)
                    for number, spoil in enumerate(VALUES):
                        _aim_spoiled(shooting, operation, body, path, schema, spoil, number)
    await shooting.fire()


def _aim_spoiled(
    shooting: Range,
    operation: Operation,
    body: dict[str, Any],
    path: Path,
    schema: dict[str, Any],
    spoil: Spoil,
    number: int,
) -> None:
    content, target = spoiled(body, path, spoil), shooting.things.path(operation)
    entitled, field = shooting.things.entitled_to(operation), ".".join(map(str, path))
    if spoil.name in UNREADABLE:
        expected: str | None = "body"
    else:
        is_allowed = shooting.document.allows(schema, spoil.value)
        is_fraction = spoil.name in FRACTIONS and '"number"' in json.dumps(schema)
        is_refused = not is_allowed or (spoil.is_never_valid and not is_fraction)
        expected = field if is_refused else None
    label = f"{operation} with {spoil.name} in {field}"
    shooting.aim(label, lambda: shooting.sender.send(entitled, operation.method, target, content), expected)
    if (number + len(field)) % ONE_IN == 0 and not operation.template.endswith(CHANGES_SESSIONS):
        for caller in shooting.others(entitled):
            shooting.aim(
                f"{label} from {caller.name}",
                lambda caller=caller: shooting.sender.send(caller, operation.method, target, content),
            )


async def test_missing_and_unknown_fields_are_named_by_their_paths(shooting: Range) -> None:
    for operation in writes(shooting.document):
        caller, target = shooting.things.entitled_to(operation), shooting.things.path(operation)
        for body in shooting.things.bodies(operation):
            for path, required in shooting.document.objects(operation.body or {}, body):
                spoils = {(*path, name): without(body, (*path, name)) for name in required}
                spoils[*path, "unknown_field"] = enlarged(body, path)
                for field, content in spoils.items():
                    name = ".".join(map(str, field))
                    shooting.aim(
                        f"{operation} and {name}",
                        lambda content=content, o=operation, c=caller, t=target: shooting.sender.send(
                            c, o.method, t, content
                        ),
                        name,
                    )
    await shooting.fire()


async def test_bodies_that_are_no_bodies(shooting: Range, world: World) -> None:
    for operation in shooting.document.operations():
        if operation.method == "GET":
            continue
        callers, entitled = await _three_callers(shooting, operation, world), shooting.things.entitled_to(operation)
        for number, bad in enumerate(_bad_bodies(shooting.things.bodies(operation))):
            for caller in callers:
                if caller.name == entitled.name or number % ONE_IN == 0:
                    _aim_body(shooting, operation, caller, *bad)
    await shooting.fire()


def _bad_bodies(valid: list[dict[str, Any]]) -> Iterable[tuple[str, bytes, str]]:
    for name, content in BODIES.items():
        yield name, content, "application/json"
    text = json.dumps(valid[0] if valid else {})
    for content_type in CONTENT_TYPES:
        yield f"content type {content_type[:40]!r}", text.encode(), content_type
    name = next(iter(valid[0]), "a") if valid else "a"
    yield "the same name twice", (f'{{"{name}": [[]], ' + text[1:]).encode(), "application/json"
    yield "a megabyte", json.dumps({"a": "x" * 1_000_000}).encode(), "application/json"


def _aim_body(
    shooting: Range, operation: Operation, caller: Caller, label: str, content: bytes, content_type: str
) -> None:
    target = shooting.things.path(operation)
    shooting.aim(
        f"{operation} with {label} from {caller.name}",
        lambda: shooting.sender.send(caller, operation.method, target, content, content_type),
    )


async def _three_callers(shooting: Range, operation: Operation, world: World) -> list[Caller]:
    """The usual ones; for what opens or ends sessions, ones whose sessions nobody needs."""
    if not operation.template.endswith(CHANGES_SESSIONS):
        return [GUEST, shooting.things.customer, shooting.things.admin]
    async with Browser(world.stack) as customer, Browser(world.stack) as staff:
        await customer.register()
        await staff.log_in_as_admin(world.stack)
        return [GUEST, caller_of("customer", customer), caller_of("admin", staff)]


async def test_parameters_and_paths(shooting: Range) -> None:
    for operation in shooting.document.operations():
        if operation.template.endswith(CHANGES_SESSIONS):
            continue
        path, entitled = shooting.things.path(operation), shooting.things.entitled_to(operation)
        body = next(iter(shooting.things.bodies(operation)), None)
        for number, target in enumerate(_bad_targets(operation, path)):
            _aim_target(shooting, operation, entitled, target, body)
            if number % ONE_IN == 0:
                for caller in shooting.others(entitled):
                    _aim_target(shooting, operation, caller, target, body)
    await shooting.fire()


def _bad_targets(operation: Operation, path: str) -> Iterable[str]:
    names = [parameter["name"] for parameter in operation.parameters("query")]
    for value in QUERY_VALUES.values():
        yield from (f"{path}?{name}={value}" for name in names or ["unknown"])
    for name in names:
        yield f"{path}?{name}=1&{name}=2&{name}[]=3&{name}[a]=4"
    yield f"{path}?{'&'.join(f'a{number}={number}' for number in range(200))}"
    if operation.parameters("path"):
        names_in_path = [parameter["name"] for parameter in operation.parameters("path")]
        for wrong in (str(uuid4()), "0", "-1", "TT-20260101-99999", "x" * 300, "%D9%A3", "%00", "..", "%2e%2e", "a;b"):
            yield operation.template.format(**dict.fromkeys(names_in_path, wrong))


def _aim_target(
    shooting: Range, operation: Operation, caller: Caller, target: str, body: dict[str, Any] | None
) -> None:
    content = None if body is None else json.dumps(body).encode()
    shooting.aim(
        f"{operation.method} {target[:150]} from {caller.name}",
        lambda: shooting.sender.send(caller, operation.method, target, content),
    )


async def test_wrong_parameters_are_named(shooting: Range) -> None:
    wrong = {"integer": ("abc", "1.5", "-1", "1" * 30, "%D9%A3"), "date": ("abc", "2027-02-29"), "uuid": ("abc", "1")}
    for operation in shooting.document.operations():
        for parameter in operation.parameters("query"):
            text = json.dumps(parameter["schema"])
            kind = next((kind for kind in wrong if f'"{kind}"' in text), "enum" if '"enum"' in text else "")
            for value in wrong.get(kind, ("abc", "1") if kind else ()):
                target = f"{shooting.things.path(operation)}?{parameter['name']}={value}"
                caller = shooting.things.entitled_to(operation)
                shooting.aim(
                    f"GET {target}", lambda c=caller, t=target: shooting.sender.send(c, "GET", t), parameter["name"]
                )
    await shooting.fire()


async def test_idempotency_keys_that_are_none(shooting: Range) -> None:
    for operation in writes(shooting.document):
        if not any(parameter["name"].lower() == "idempotency-key" for parameter in operation.parameters("header")):
            continue
        content = json.dumps(shooting.things.bodies(operation)[0]).encode()
        caller, target = shooting.things.entitled_to(operation), shooting.things.path(operation)
        for key in KEYS:
            shooting.aim(
                f"{operation} with key {key[:30]!r}",
                lambda k=key, o=operation, c=caller, t=target, b=content: shooting.sender.send(
                    c, o.method, t, b, Idempotency_Key=k
                ),
            )
    await shooting.fire()


async def test_what_belongs_to_others_does_not_exist(shooting: Range, world: World) -> None:
    async with Browser(world.stack) as other:
        await other.register()
        stranger = caller_of("stranger", other)
        for operation in shooting.document.operations():
            if operation.template.startswith("/api/customers/") and operation.parameters("path"):
                body = next(iter(shooting.things.bodies(operation)), None)
                content = None if body is None else json.dumps(body).encode()
                target = shooting.things.path(operation)
                answer = await shooting.sender.send(stranger, operation.method, target, content)
                assert (answer.status, complaints_of(answer)) == (404, []), f"{operation}: {answer.text}"
