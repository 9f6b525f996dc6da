"""What a session says about its owner."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

import orjson
from shared.http.identity import Caller

Kind = Literal["customer", "staff"]
_TEXTS = ("email", "first_name", "last_name", "phone", "role")


@dataclass(frozen=True, slots=True, eq=False)
class SessionContent:
    """A session's owner, as the customers service vouched for them at login. `sid` is the session's public name."""

    raw: bytes
    sid: str
    kind: Kind
    account_id: UUID
    owner: Caller

    @classmethod
    def of(cls, raw: bytes) -> "SessionContent":
        """Reads what the store holds; the same content is read once."""
        return _read(raw)


@lru_cache(maxsize=4096)
def _read(raw: bytes) -> SessionContent:
    values = orjson.loads(raw)
    account_id = UUID(values["account_id"])
    owner = Caller(
        kind=values["kind"],
        id=account_id,
        permissions=frozenset(values["permissions"]),
        sid=values["sid"],
        **{name: values[name] for name in _TEXTS},
    )
    return SessionContent(raw, values["sid"], values["kind"], account_id, owner)


def new_content(vouched: Mapping[str, Any], sid: UUID) -> SessionContent:
    """A new session's content from what the customers service vouches for at login.

    Raises ValueError, KeyError or TypeError if that is not an account.
    """
    if vouched["kind"] not in ("customer", "staff"):
        raise ValueError(vouched["kind"])
    texts = {name: str(vouched.get(name) or "") for name in _TEXTS}
    content = {
        "sid": str(sid),
        "kind": vouched["kind"],
        "account_id": str(UUID(vouched["account_id"])),
        "permissions": sorted(map(str, vouched.get("permissions") or ())),
        **texts,
    }
    return SessionContent.of(orjson.dumps(content))
