"""Only a fresh token, signed by the right issuer for this service, is believed."""

import base64
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from shared.errors import Unauthenticated
from shared.http.identity import (
    LARGEST_TOKEN,
    Caller,
    TokenIssuer,
    TokenVerifier,
    generate_private_key,
    parse_public_keys,
    public_key_of,
)
from shared.ids import new_id
from shared.testing.service import a_customer, a_service

GATEWAY_KEY, OLD_GATEWAY_KEY, BOOKING_KEY, STRANGER_KEY = (generate_private_key() for _ in range(4))
PUBLIC_KEYS = ",".join(
    f"{issuer}={public_key_of(key)}"
    for issuer, key in (("gateway", GATEWAY_KEY), ("gateway", OLD_GATEWAY_KEY), ("booking", BOOKING_KEY))
)


@pytest.fixture
def verifier() -> TokenVerifier:
    return TokenVerifier("payments", parse_public_keys(PUBLIC_KEYS))


def a_token(issuer: str = "gateway", key: str = GATEWAY_KEY, caller: Caller | None = None, **values: Any) -> str:
    return TokenIssuer(issuer, key).issue(caller or a_customer(), **{"audience": "payments", **values})


def forged(claims: dict[str, Any], key: str = GATEWAY_KEY, **headers: Any) -> str:
    """A token with claims of our choice under the gateway's own key."""
    now = int(time.time())
    whole = {"iss": "gateway", "aud": "payments", "sub": "x", "iat": now, "exp": now + 60, "jti": "1"} | claims
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(key))
    kid = jwt.get_unverified_header(a_token(key=key))["kid"]
    present = {name: value for name, value in whole.items() if value is not None}
    return jwt.encode(present, private, "EdDSA", {"kid": kid, **headers})


def refused(verifier: TokenVerifier, token: str) -> None:
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            verifier.verify(token)


def test_a_caller_arrives_as_it_was_vouched_for(verifier: TokenVerifier) -> None:
    caller = a_customer(permissions=frozenset({"b", "a"}), role="r")
    assert verifier.verify(a_token(caller=caller)) == caller
    assert verifier.verify(a_token(caller=Caller(ip="203.0.113.1"))) == Caller(ip="203.0.113.1")


def test_a_token_for_another_service_is_refused(verifier: TokenVerifier) -> None:
    refused(verifier, a_token(audience="booking"))


@pytest.mark.parametrize("offset", [-120, 120])
def test_a_token_that_has_ended_or_comes_from_the_future_is_refused(verifier: TokenVerifier, offset: int) -> None:
    refused(verifier, a_token(now=time.time() + offset))


def test_a_clock_that_is_a_second_ahead_is_borne_with(verifier: TokenVerifier) -> None:
    assert verifier.verify(a_token(now=time.time() + 1.5)).kind == "customer"


def test_a_token_that_wants_to_live_long_is_refused(verifier: TokenVerifier) -> None:
    refused(verifier, forged({"exp": int(time.time()) + 3600}))


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "exp", "iat", "jti"])
def test_a_token_without_one_of_its_claims_is_refused(verifier: TokenVerifier, claim: str) -> None:
    refused(verifier, forged({claim: None}))


@pytest.mark.parametrize(
    "claims",
    [
        {"kind": "root"},
        {"kind": "customer", "sub": "no id"},
        {"kind": ["customer"]},
        {"kind": "customer", "sub": str(new_id()), "permissions": 7},
        {"exp": float("inf")},
        {"exp": "soon"},
    ],
)
def test_claims_that_make_no_sense_are_refused(verifier: TokenVerifier, claims: dict[str, Any]) -> None:
    refused(verifier, forged(claims))


def test_other_algorithms_are_refused_though_the_key_is_known(verifier: TokenVerifier) -> None:
    headers = {"kid": jwt.get_unverified_header(a_token())["kid"]}
    claims = jwt.decode(a_token(), options={"verify_signature": False})
    secret = base64.b64decode(public_key_of(GATEWAY_KEY))
    refused(verifier, jwt.encode(claims, secret, "HS256", headers))
    refused(verifier, jwt.encode(claims, None, "none", headers))


def test_a_signature_by_a_stranger_is_refused_whatever_key_id_it_names(verifier: TokenVerifier) -> None:
    refused(verifier, a_token(key=STRANGER_KEY))
    known = jwt.get_unverified_header(a_token())["kid"]
    refused(verifier, forged({}, STRANGER_KEY, kid=known))


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "\x00", "é.é.é", "e30.e30.", "." * 10_000])
def test_what_is_no_token_is_refused(verifier: TokenVerifier, token: str) -> None:
    refused(verifier, token)


def test_a_key_id_that_is_no_text_is_refused(verifier: TokenVerifier) -> None:
    header, _, rest = a_token().partition(".")
    for kid in (b"[]", b"{}", b"null", b"1", b"[" * 3000):
        odd = base64.urlsafe_b64encode(b'{"alg":"EdDSA","typ":"JWT","kid":' + kid + b"}").rstrip(b"=").decode()
        refused(verifier, f"{odd}.{rest}")
    assert header


def test_the_gateway_can_not_speak_as_a_service_nor_a_service_for_people(verifier: TokenVerifier) -> None:
    refused(verifier, a_token(caller=a_service("booking")))
    refused(verifier, a_token("booking", BOOKING_KEY, a_customer()))
    refused(verifier, a_token("booking", BOOKING_KEY, Caller()))


def test_a_service_can_not_take_the_name_of_another(verifier: TokenVerifier) -> None:
    refused(verifier, a_token("booking", BOOKING_KEY, a_service("catalog")))
    refused(verifier, a_token("gateway", BOOKING_KEY))
    assert verifier.verify(a_token("booking", BOOKING_KEY, a_service())).service == "booking"


def test_both_keys_of_an_issuer_are_believed_while_one_rotates(verifier: TokenVerifier) -> None:
    assert verifier.verify(a_token(key=OLD_GATEWAY_KEY)).kind == "customer"
    assert verifier.verify(a_token(key=GATEWAY_KEY)).kind == "customer"


def test_a_remembered_token_ends_when_it_says() -> None:
    now = time.time()
    verifier = TokenVerifier("payments", parse_public_keys(PUBLIC_KEYS), lambda: now)
    token = a_token(now=now)
    assert verifier.verify(token)
    now += 59
    assert verifier.verify(token)
    now += 4
    refused(verifier, token)


def test_a_token_of_a_huge_size_is_neither_read_nor_remembered(verifier: TokenVerifier) -> None:
    refused(verifier, a_token(caller=a_customer(email="x" * LARGEST_TOKEN)))
