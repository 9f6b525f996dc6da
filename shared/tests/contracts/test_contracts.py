"""Contracts only ever grow, and everything about them is consistent."""

import inspect
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import orjson
import pytest
from pydantic import BaseModel
from shared.contracts import EVENTS, booking, catalog, customers, notifications, payments
from shared.contracts.base import Contract, Event
from shared.contracts.schemas import SNAPSHOT, current_schemas
from shared.contracts.subscribers import HEARD, SUBSCRIBERS

MODULES = (booking, catalog, customers, notifications, payments)
RENEW = "A published contract changed. If nothing was taken away or narrowed: python -m shared.contracts.schemas"


def contracts(module: ModuleType) -> Iterator[type[Contract]]:
    for member in vars(module).values():
        if inspect.isclass(member) and issubclass(member, Contract) and member.__module__ == module.__name__:
            yield member


ALL = [contract for module in MODULES for contract in contracts(module)]


def test_the_schemas_are_those_of_the_snapshot() -> None:
    assert current_schemas() == orjson.loads(SNAPSHOT.read_bytes()), RENEW


def test_every_event_is_known_under_its_type() -> None:
    declared = {contract for contract in ALL if issubclass(contract, Event) and "type" in vars(contract)}
    assert set(EVENTS.values()) == declared
    assert all(contract.type == event_type for event_type, contract in EVENTS.items())


@pytest.mark.parametrize("event_type", EVENTS)
def test_a_type_is_noun_verbed_and_version_and_says_whose_it_is(event_type: str) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*\.v[1-9][0-9]*", event_type)
    assert EVENTS[event_type].aggregate


@pytest.mark.parametrize("contract", ALL, ids=lambda contract: contract.__name__)
def test_contracts_are_frozen_ignore_what_they_do_not_know_and_explain_themselves(contract: type[Contract]) -> None:
    assert contract.model_config["frozen"] is True
    assert contract.model_config["extra"] == "ignore"
    assert inspect.getdoc(contract)


@pytest.mark.parametrize("contract", ALL, ids=lambda contract: contract.__name__)
def test_contracts_are_made_of_contracts_all_the_way_down(contract: type[Contract]) -> None:
    for field in contract.model_fields.values():
        for model in _models_in(field.annotation):
            assert issubclass(model, Contract), f"{contract.__name__} holds {model.__name__}"


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _models_in(part)


def test_money_is_whole_cents_in_every_contract() -> None:
    floats = {
        f"{contract.__name__}.{name}"
        for contract in ALL
        for name, field in contract.model_fields.items()
        if "float" in str(field.annotation)
    }
    assert not {name for name in floats if "cents" in name or "price" in name or "amount" in name}


def test_everyone_listens_to_known_events_only_and_to_none_twice() -> None:
    assert SUBSCRIBERS.keys() == {"booking", "catalog", "customers", "notifications", "payments"}
    for events in SUBSCRIBERS.values():
        assert set(events) <= set(EVENTS.values())
        assert len(set(events)) == len(events)
    assert EVENTS.keys() >= HEARD
