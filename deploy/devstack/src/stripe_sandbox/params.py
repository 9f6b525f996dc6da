"""Form bodies with nested brackets (`card[number]=…&expand[]=…`), and the checks on what they hold."""

from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qsl

from .errors import ApiError, bad_parameter

_ALWAYS_KNOWN = {"expand", "key", "client_secret", "_stripe_account", "_stripe_version", "client_attribution_metadata"}
_MAX_METADATA_KEYS, _MAX_METADATA_KEY, _MAX_METADATA_VALUE = 50, 40, 500


class Params:
    """One request's parameters. An empty string means "unset", as everywhere in Stripe's API."""

    def __init__(self, values: dict[str, Any], path: str = "") -> None:
        self.values = values
        self._path = path

    @classmethod
    def parse(cls, encoded: bytes) -> "Params":
        """Raises ApiError for bytes that aren't UTF-8 form data or brackets that don't nest."""
        try:
            pairs = parse_qsl(encoded.decode(), keep_blank_values=True, errors="strict", max_num_fields=1000)
        except ValueError:
            raise bad_parameter("Invalid request body: it is not form-encoded UTF-8.", "") from None
        values: dict[str, Any] = {}
        for name, value in pairs:
            _place(values, name, value)
        return cls(values)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def only(self, names: Collection[str]) -> None:
        """Refuse every parameter that the call doesn't know."""
        for name in self.values:
            if name not in names and name not in _ALWAYS_KNOWN:
                raise bad_parameter(f"Received unknown parameter: {name}", name, "parameter_unknown")

    def text(self, name: str, *, limit: int = 5000) -> str | None:
        value = self.values.get(name)
        if value is not None and not isinstance(value, str):
            raise bad_parameter(f"Invalid string: {self._name(name)}", self._name(name))
        if value and len(value) > limit:
            raise bad_parameter(f"Invalid string: must be at most {limit} characters", self._name(name))
        return value or None

    def required(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            shown = self._name(name)
            raise bad_parameter(f"Missing required param: {shown}.", shown, "parameter_missing")
        return value

    def integer(self, name: str) -> int | None:
        value = self.text(name)
        if value is None:
            return None
        digits = value.removeprefix("-")
        if not digits.isascii() or not digits.isdigit() or len(digits) > 15:
            raise bad_parameter(f"Invalid integer: {value}", self._name(name), "parameter_invalid_integer")
        return int(value)

    def flag(self, name: str) -> bool:
        value = self.text(name)
        if value not in {None, "true", "false"}:
            raise bad_parameter(f"Invalid boolean: {value}", self._name(name))
        return value == "true"

    def choice(self, name: str, allowed: Collection[str]) -> str | None:
        value = self.text(name)
        if value is not None and value not in allowed:
            raise bad_parameter(f"Invalid {name}: must be one of {', '.join(allowed)}", self._name(name))
        return value

    def nested(self, name: str) -> "Params":
        value = self.values.get(name) or {}
        if not isinstance(value, dict):
            raise bad_parameter("Invalid object", self._name(name))
        return Params(value, self._name(name))

    def strings(self, name: str) -> list[str]:
        value = self.values.get(name) or {}
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise bad_parameter("Invalid array", self._name(name))
        return list(value.values())

    def metadata(self, current: dict[str, str]) -> dict[str, str]:
        """`current` with the given keys laid over it; an empty value removes its key, `metadata=` removes all."""
        if self.values.get("metadata") == "":
            return {}
        given = self.nested("metadata").values
        merged = {k: v for k, v in (current | given).items() if v != ""}
        if len(merged) > _MAX_METADATA_KEYS or not all(_fits(k, v) for k, v in merged.items()):
            raise bad_parameter("Invalid metadata: at most 50 keys of 40 characters, values of 500", "metadata")
        return merged

    def _name(self, name: str) -> str:
        return f"{self._path}[{name}]" if self._path else name


def _fits(key: str, value: Any) -> bool:
    return len(key) <= _MAX_METADATA_KEY and isinstance(value, str) and len(value) <= _MAX_METADATA_VALUE


def _place(values: dict[str, Any], name: str, value: str) -> None:
    steps = name.replace("]", "").split("[")
    for step in steps[:-1]:
        values = values.setdefault(step or str(len(values)), {})
        if not isinstance(values, dict):
            raise _not_nesting(name)
    last = steps[-1] or str(len(values))
    if isinstance(values.get(last), dict):
        raise _not_nesting(name)
    values[last] = value


def _not_nesting(name: str) -> ApiError:
    return bad_parameter(f"Invalid request body: {name} is both a value and an object.", name)
