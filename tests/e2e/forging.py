"""What liars send: headers that only our own parts may write, and tokens that nobody of ours has signed."""

import time
from uuid import UUID

import jwt
from shared.http.identity import Caller, TokenIssuer, generate_private_key

ADMIN = Caller(
    kind="staff",
    id=UUID("01900000-0000-7000-8000-00000000000a"),
    role="admin",
    permissions=frozenset({"manage_operations", "view_bookings", "view_customers", "refund_payments"}),
    sid="forged",
)
SERVICE = Caller(kind="service", service="booking")


def forged_headers(someone: str) -> list[dict[str, str]]:
    """One lie each, or a few; `someone` is the id of another account."""
    lies = {
        "X-User": someone, "X-User-Id": someone, "X-User-ID": someone, "X-User-Role": "admin", "X-User-Kind": "staff",
        "X-User-Permissions": "manage_operations", "X-Customer-Id": someone, "X-Internal": "true",
        "X-Internal-Token": "1", "X-Internal-User": someone, "X-Identity": someone, "X-Remote-User": "admin",
        "Remote-User": "admin", "X-Authenticated-User": someone, "X-Real-IP": "127.0.0.1", "Forwarded": "for=127.0.0.1",
        "X-Forwarded-User": someone, "X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/internal",
        "X-Original-URL": "/api/staff/bookings/", "X-Rewrite-URL": "/internal/payment-intents",
        "X-HTTP-Method-Override": "DELETE", "X-Request-Deadline-Ms": "1", "X_User_Id": someone, "X_User_Role": "admin",
        "X_Internal": "true", "X_Forwarded_For": "127.0.0.1", "X_Real_IP": "127.0.0.1", "X-Service": "booking",
        "Authorization": "Basic YWRtaW46YWRtaW4=", "Proxy-Authorization": "Bearer x", "Stripe-Signature": "t=1,v1=0",
    }  # fmt: skip
    single = [{name: value} for name, value in lies.items()]
    tokens = [{"Authorization": f"Bearer {token}"} for token in forged_tokens("booking")]
    return [*single, *tokens, lies, {"Connection": "X-Request-ID, Cookie, Authorization"}]


def forged_tokens(audience: str) -> list[str]:
    """Tokens for `audience` that look right and are signed by strangers, by nothing, or by a shared secret."""
    stranger = generate_private_key()
    claims = {
        "iss": "gateway", "aud": audience, "sub": str(ADMIN.id), "kind": "staff", "role": "admin", "jti": "1",
        "iat": int(time.time()), "exp": int(time.time()) + 60, "permissions": sorted(ADMIN.permissions),
    }  # fmt: skip
    kids = ["gateway", "", "../../dev/null"]
    return [
        TokenIssuer("gateway", stranger).issue(ADMIN, audience),
        TokenIssuer("booking", stranger).issue(SERVICE, audience),
        jwt.encode(claims, None, algorithm="none"),
        *(jwt.encode(claims, "a secret of thirty-two characters", algorithm="HS256", headers={"kid": k}) for k in kids),
        "not.a.token",
        "x" * 5000,
    ]


def signed_by_a_stranger(genuine: str) -> list[str]:
    """The same claims and key id as a genuine token's, under other signatures."""
    head, body, signature = genuine.split(".")
    header, claims = jwt.get_unverified_header(genuine), jwt.decode(genuine, options={"verify_signature": False})
    named = {"kid": header["kid"]}
    from_scratch = TokenIssuer("gateway", generate_private_key()).issue(ADMIN, claims["aud"]).split(".")
    return [
        f"{head}.{from_scratch[1]}.{signature}",
        f"{head}.{body}.{from_scratch[2]}",
        f"{head}.{body}.",
        jwt.encode(claims | {"role": "admin", "kind": "staff"}, None, algorithm="none", headers=named),
        jwt.encode(claims, "a secret of thirty-two characters", algorithm="HS256", headers=named),
    ]
