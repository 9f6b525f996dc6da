"""Bodies of changes, made from the bodies that add: the same fields and rules, but each field may be left out."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from pydantic import BaseModel, Field, create_model, model_validator
from shared.http.fields import Body, Change

B = TypeVar("B", bound=Body)


def partial(fields: type[B], name: str, answer: type[BaseModel]) -> type[B]:
    """A body whose fields may all be left out; `model_dump(exclude_unset=True)` holds those that were sent.

    What `answer` shows beside the fields may be sent back with them, and is passed over.
    """
    shown = frozenset(answer.model_fields) - frozenset(fields.model_fields)
    optional: dict[str, Any] = {
        field: (info.rebuild_annotation(), Field(default_factory=lambda: None))
        for field, info in fields.model_fields.items()
    }
    validators: dict[str, Any] = {"pass_over": model_validator(mode="before")(_passing_over(shown))}
    bases = cast(tuple[type[B], ...], (Change, fields))
    return create_model(name, __base__=bases, __doc__=fields.__doc__, __validators__=validators, **optional)


def _passing_over(shown: frozenset[str]) -> Callable[[Any, Any], Any]:
    def pass_over(cls: Any, body: Any) -> Any:
        """Dollars stand for nothing without the cents beside them: alone they stay, and are refused."""
        if not isinstance(body, dict):
            return body
        alone = {name for name in shown if name.endswith("_dollars") and f"{name[:-8]}_cents" not in body}
        return {name: value for name, value in body.items() if name not in shown or name in alone}

    return pass_over
