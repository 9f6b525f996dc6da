"""What is left of published facts once a person is erased."""

from typing import Any, TypeVar

from pydantic.fields import FieldInfo

from shared.contracts.base import PERSONAL, Contract

C = TypeVar("C", bound=Contract)


def without_person(contract: C) -> C:
    """The same fact with all personal texts blank; ids, amounts, days and states stay."""
    fields = type(contract).model_fields.items()
    return contract.model_copy(update={name: _without(field, getattr(contract, name)) for name, field in fields})


def _without(field: FieldInfo, value: Any) -> Any:
    if isinstance(value, Contract):
        return without_person(value)
    if isinstance(value, tuple):
        return tuple(_without(field, part) for part in value)
    return "" if _is_personal(field) else value


def _is_personal(field: FieldInfo) -> bool:
    extra = field.json_schema_extra
    return isinstance(extra, dict) and bool(extra.get(PERSONAL))
