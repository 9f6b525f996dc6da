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


@dataclass(frozen=True, slots=True)
class Vouched:
    """An account as the customers service vouches for it; `raw` is what the store keeps in each of its sessions.

    `version` grows with every change of the account, `access_version` when its earlier sessions are to end.
    """

    raw: bytes
    kind: Kind
    account_id: UUID
    version: int
    access_version: int


def vouched_account(session: Mapping[str, Any]) -> Vouched:
    """The account in a `session` member; raises ValueError, KeyError or TypeError if there is none."""
    kind, account_id = session["kind"], UUID(session["account_id"])
    if kind not in ("customer", "staff"):
        raise ValueError(kind)
    content = {
        "kind": kind,
        "account_id": str(account_id),
        "permissions": sorted(map(str, session.get("permissions") or ())),
        **{name: str(session.get(name) or "") for name in _TEXTS},
    }
    return Vouched(orjson.dumps(content), kind, account_id, int(session["version"]), int(session["access_version"]))


@dataclass(frozen=True, slots=True, eq=False)
class SessionContent:
    """A session's owner. `raw` is what the store holds; `sid` is the session's public name."""

    raw: bytes
    sid: str
    kind: Kind
    account_id: UUID
    owner: Caller

    @classmethod
    def of(cls, raw: bytes, sid: bytes) -> "SessionContent":
        """Reads what the store holds; the same content is read once."""
        return _read(raw, sid)


@lru_cache(maxsize=4096)
def _read(raw: bytes, sid: bytes) -> SessionContent:
    values = orjson.loads(raw)
    account_id, public_name = UUID(values["account_id"]), sid.decode()
    owner = Caller(
        kind=values["kind"],
        id=account_id,
        permissions=frozenset(values["permissions"]),
        sid=public_name,
        **{name: values[name] for name in _TEXTS},
    )
    return SessionContent(raw, public_name, values["kind"], account_id, owner)
