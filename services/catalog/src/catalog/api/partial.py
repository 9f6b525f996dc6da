"""Bodies of changes, made from the bodies that add: the same fields and rules, but each field may be left out."""

from typing import Any, TypeVar

from pydantic import Field, create_model
from shared.http.fields import Body

B = TypeVar("B", bound=Body)


def partial(fields: type[B], name: str) -> type[B]:
    """A body whose fields may all be left out; `model_dump(exclude_unset=True)` holds those that were sent."""
    optional: dict[str, Any] = {
        field: (info.rebuild_annotation(), Field(default_factory=lambda: None))
        for field, info in fields.model_fields.items()
    }
    return create_model(name, __base__=fields, __doc__=fields.__doc__, **optional)
