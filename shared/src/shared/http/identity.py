"""Who is calling: short-lived signed identity tokens between the gateway and the services, and between services.

The gateway looks a session up and sends a token of 60 s, signed with EdDSA; a service verifies signature, audience and
time, and then authorizes by itself. Each issuer holds its own private key. Only the gateway may speak for people and
only a service may speak as `kind: service`, so a stolen key of one can't be used as the other.
"""

import base64
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.errors import Forbidden, Unauthenticated
from shared.ids import new_id

ALGORITHM = "EdDSA"
LIFETIME_SECONDS = 60
GATEWAY = "gateway"
CACHE_SIZE = 4096
MOST_HEADERS = 64
LARGEST_TOKEN = 8192
"""Characters; no session needs more, and thousands of tokens are remembered."""

CLOCK_SKEW_SECONDS = 2
"""How far the clocks of two machines may be apart."""

_CHECKED: Any = {
    "require": ["iss", "aud", "sub", "iat", "exp", "jti"], "verify_exp": False, "verify_iat": False
}  # fmt: skip
"""The two times are checked here: with the clocks' skew, and against the longest life."""

CallerKind = Literal["anonymous", "customer", "staff", "service"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request comes from, as the gateway vouches for it.

    `id` is the account's id (null for anonymous callers), `ip` the real client's address, `sid` a public name of the
    session (never the cookie's value). `permissions` is final: role, grants and denials are worked out by the issuer.
    """

    kind: CallerKind = "anonymous"
    id: UUID | None = None
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    role: str = ""
    permissions: frozenset[str] = frozenset()
    sid: str = ""
    ip: str = ""
    ua: str = ""
    service: str = ""

    def require_customer(self) -> UUID:
        """The customer's id; raises `Unauthenticated` for the anonymous and `Forbidden` for others."""
        if self.kind == "anonymous":
            raise Unauthenticated()
        if self.kind != "customer" or self.id is None:
            raise Forbidden("This is for customers only.")
        return self.id

    def require_staff(self, permission: str | None = None) -> UUID:
        """The staff account's id, if it has `permission`; raises `Unauthenticated` or `Forbidden` otherwise."""
        if self.kind == "anonymous":
            raise Unauthenticated()
        if self.kind != "staff" or self.id is None:
            raise Forbidden("This is for staff only.")
        if permission is not None and permission not in self.permissions:
            raise Forbidden(permission=permission)
        return self.id

    def require_service(self, name: str) -> None:
        """Raises `Forbidden` for anyone but the service called `name`."""
        if self.kind != "service" or self.service != name:
            raise Forbidden("This is for another service.")


_TEXTS = tuple(field.name for field in fields(Caller) if field.name not in ("id", "permissions"))


def encode_key(raw: bytes) -> str:
    """A key's 32 raw bytes as settings carry them: base64."""
    return base64.b64encode(raw).decode()


def generate_private_key() -> str:
    """A new Ed25519 private key, base64 of its 32 raw bytes."""
    return encode_key(Ed25519PrivateKey.generate().private_bytes_raw())


def public_key_of(private_key: str) -> str:
    """The public key that belongs to `private_key`, both base64 of 32 raw bytes."""
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(private_key))
    return encode_key(key.public_key().public_bytes_raw())


def _key_id(issuer: str, public_key: str) -> str:
    return f"{issuer}.{hashlib.sha256(base64.b64decode(public_key)).hexdigest()[:12]}"


def parse_public_keys(text: str) -> dict[str, tuple[str, Ed25519PublicKey]]:
    """`issuer=base64,issuer=base64` → key id → (issuer, key). An issuer may have two live keys while one rotates."""
    keys: dict[str, tuple[str, Ed25519PublicKey]] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        issuer, _, encoded = part.partition("=")
        raw = base64.b64decode(encoded, validate=True)
        keys[_key_id(issuer, encoded)] = (issuer, Ed25519PublicKey.from_public_bytes(raw))
    return keys


class TokenIssuer:
    """Signs tokens for one issuer."""

    def __init__(self, issuer: str, private_key: str) -> None:
        self._issuer = issuer
        self._key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(private_key))
        self._key_id = _key_id(issuer, public_key_of(private_key))

    def issue(self, caller: Caller, audience: str, now: float | None = None) -> str:
        """A token by which `caller` is known to the service `audience` for 60 s."""
        issued_at = int(now if now is not None else time.time())
        claims: dict[str, Any] = {name: value for name in _TEXTS if (value := getattr(caller, name))}
        if caller.permissions:
            claims["permissions"] = sorted(caller.permissions)
        claims |= {
            "iss": self._issuer,
            "aud": audience,
            "sub": str(caller.id) if caller.id else caller.kind,
            "iat": issued_at,
            "exp": issued_at + LIFETIME_SECONDS,
            "jti": new_id().hex,
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM, headers={"kid": self._key_id})


class TokenVerifier:
    """Verifies tokens for one audience and remembers each until it ends. `now` gives seconds since 1970."""

    def __init__(
        self,
        audience: str,
        public_keys: Mapping[str, tuple[str, Ed25519PublicKey]],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._audience = audience
        self._keys = public_keys
        self._now = now
        self._verified: OrderedDict[str, tuple[float, Caller]] = OrderedDict()
        self._headers: dict[str, tuple[str, Ed25519PublicKey]] = {}

    def verify(self, token: str) -> Caller:
        """The caller that the token vouches for; raises `Unauthenticated` when it is wrong or has ended."""
        remembered = self._verified.get(token)
        if remembered is not None and remembered[0] > self._now():
            return remembered[1]
        if len(token) > LARGEST_TOKEN:
            raise Unauthenticated("The identity token is too large.")
        expires, caller = self._decode(token)
        self._verified[token] = (expires, caller)
        if len(self._verified) > CACHE_SIZE:
            self._verified.popitem(last=False)
        return caller

    def _decode(self, token: str) -> tuple[float, Caller]:
        try:
            issuer, key = self._key_named_by(token)
            claims = jwt.decode(
                token, key, algorithms=[ALGORITHM], audience=self._audience, issuer=issuer, options=_CHECKED
            )
            expires = self._expiry_of(claims)
            caller = _caller_of(claims)
        except (jwt.PyJWTError, KeyError, ValueError, TypeError, RecursionError) as error:
            raise Unauthenticated("The identity token is not valid.") from error
        if (caller.kind == "service") == (issuer == GATEWAY):
            raise Unauthenticated("The identity token's issuer may not vouch for this kind of caller.")
        if caller.kind == "service" and caller.service != issuer:
            raise Unauthenticated("The identity token names another service.")
        return expires, caller

    def _key_named_by(self, token: str) -> tuple[str, Ed25519PublicKey]:
        # All tokens of one key begin with the same header, which is read once.
        header = token.partition(".")[0]
        known = self._headers.get(header)
        if known is None:
            known = self._keys[jwt.get_unverified_header(token)["kid"]]
            if len(self._headers) < MOST_HEADERS:
                self._headers[header] = known
        return known

    def _expiry_of(self, claims: Mapping[str, Any]) -> float:
        """When the token ends, clock skew included; raises `ValueError` unless it lives now and 60 s at most."""
        issued_at, expires = float(claims["iat"]), float(claims["exp"])
        lives_now = issued_at - CLOCK_SKEW_SECONDS <= self._now() < expires + CLOCK_SKEW_SECONDS
        if not lives_now or expires - issued_at > LIFETIME_SECONDS:
            raise ValueError("not the token's time")
        return expires + CLOCK_SKEW_SECONDS


def _caller_of(claims: Mapping[str, Any]) -> Caller:
    kind = claims.get("kind", "anonymous")
    if kind not in ("anonymous", "customer", "staff", "service"):
        raise ValueError(kind)
    return Caller(
        kind=kind,
        id=UUID(claims["sub"]) if kind in ("customer", "staff") else None,
        email=claims.get("email", ""),
        first_name=claims.get("first_name", ""),
        last_name=claims.get("last_name", ""),
        phone=claims.get("phone", ""),
        role=claims.get("role", ""),
        permissions=frozenset(claims.get("permissions", ())),
        sid=claims.get("sid", ""),
        ip=claims.get("ip", ""),
        ua=claims.get("ua", ""),
        service=claims.get("service", ""),
    )
