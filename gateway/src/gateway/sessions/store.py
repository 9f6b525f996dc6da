"""Opens, lists and ends sessions in Valkey.

The cookie's value is never stored: the key is its SHA-256, so a copy of the store lets nobody in.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from shared.ids import new_id

from gateway.refusals import SessionsUnavailable
from gateway.sessions.content import Kind, Vouched
from gateway.valkey import Script, StoreUnavailable, Valkey

TOKEN_BYTES = 32
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
MOST_SESSIONS = 100
KEPT_MS = 60_000
"""Longer than a login may take, so that one that overlaps a change of its account always sees what changed."""

LIFETIMES: dict[Kind, tuple[int, int]] = {"customer": (30 * DAY_MS, 90 * DAY_MS), "staff": (8 * HOUR_MS, DAY_MS)}
"""How long a session may rest, and how long it lives in all, in milliseconds."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}\Z")


def _script(name: str) -> Script:
    return Script((Path(__file__).parent / f"{name}.lua").read_text())


_CREATE, _REFRESH, _END, _END_ACCOUNT, _END_EARLIER, _LIST = map(
    _script, ("create", "refresh", "end", "end_account", "end_earlier", "list")
)


@lru_cache(maxsize=4096)
def session_key(token: str) -> str | None:
    """Where the session of a cookie is kept; null if the value can't be one of ours. Found once for all of a page."""
    if not _TOKEN.match(token):
        return None
    return _key_of(token)


def _key_of(token: str) -> str:
    return f"session:{hashlib.sha256(token.encode()).hexdigest()}"


def _index_key(account_id: UUID) -> str:
    return f"sessions-of:{account_id}"


def _lowest_access_key(account_id: UUID) -> str:
    return f"lowest-access:{account_id}"


def _newest_content_key(account_id: UUID) -> str:
    return f"newest-content:{account_id}"


@dataclass(frozen=True, slots=True)
class Login:
    """From where a login was asked for, and the session that it replaces."""

    client_ip: str
    user_agent: str
    old_session_key: str | None


@dataclass(frozen=True, slots=True)
class ListedSession:
    """A session as its owner sees it."""

    id: str
    device: str
    ip: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class AccessChanged(Exception):
    """The account's access changed while it logged in; logging in anew tells how."""


class Sessions:
    """Every call raises `SessionsUnavailable` when the store is away."""

    def __init__(self, valkey: Valkey) -> None:
        self._valkey = valkey

    async def create(self, account: Vouched, login: Login) -> tuple[str, str]:
        """Opens a session and ends the old one; returns the new cookie's value and key. Raises `AccessChanged`."""
        token, account_id = secrets.token_urlsafe(TOKEN_BYTES), account.account_id
        new = _key_of(token)
        keys = [new, _index_key(account_id), _lowest_access_key(account_id), _newest_content_key(account_id)]
        if login.old_session_key:
            keys.append(login.old_session_key)
        content = (account.raw, account.version, account.access_version)
        details = (login.client_ip, login.user_agent, str(new_id()), MOST_SESSIONS, KEPT_MS)
        if not await self._run(_CREATE, keys, [*content, *LIFETIMES[account.kind], *details]):
            raise AccessChanged()
        return token, new

    async def refresh(self, account: Vouched) -> None:
        """Lets all sessions of the account, those of logins under way as well, say what it is by now."""
        keys = [_index_key(account.account_id), _newest_content_key(account.account_id)]
        await self._run(_REFRESH, keys, [account.raw, account.version, KEPT_MS])

    async def end(self, key: str) -> None:
        """Ends the session with this key, if there is one."""
        await self._run(_END, [key], [])

    async def end_one(self, account_id: UUID, sid: str) -> bool:
        """Ends the account's session with this public name; false if there is none."""
        return bool(await self._run(_END_ACCOUNT, [_index_key(account_id)], [sid]))

    async def end_all(self, account_id: UUID) -> int:
        """Ends all sessions at their owner's wish; returns how many."""
        return int(await self._run(_END_ACCOUNT, [_index_key(account_id)], [""]))

    async def end_earlier(self, account_id: UUID, access_version: int) -> int:
        """Ends all sessions of before the change that led to `access_version`; returns how many.

        Logins that were under way before it open none, and sessions of after it go on.
        """
        keys = [_index_key(account_id), _lowest_access_key(account_id)]
        return int(await self._run(_END_EARLIER, keys, [access_version, KEPT_MS]))

    async def of_account(self, account_id: UUID) -> list[ListedSession]:
        """The account's live sessions, newest first."""
        return [_listed(fields) for fields in await self._run(_LIST, [_index_key(account_id)], [])]

    async def is_up(self) -> bool:
        """Whether the store answers."""
        try:
            return bool(await self._valkey.call("PING"))
        except StoreUnavailable:
            return False

    async def _run(self, script: Script, keys: list[str], arguments: list[str | bytes | int]) -> Any:
        try:
            return await self._valkey.run(script, keys, arguments)
        except StoreUnavailable as error:
            raise SessionsUnavailable() from error


def _listed(fields: list[bytes]) -> ListedSession:
    sid, agent, ip = (field.decode() for field in fields[:3])
    created, seen, idle, until = map(int, fields[3:])
    return ListedSession(sid, agent, ip, _instant(created), _instant(seen), _instant(min(seen + idle, until)))


def _instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
