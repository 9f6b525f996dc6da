"""Secrets in events outlive the change of the key that sealed them."""

import base64

import pytest
from shared.sealing import Sealer

OLD, NEW = (base64.urlsafe_b64encode(letter * 32).decode() for letter in (b"o", b"n"))


def test_what_the_old_key_sealed_opens_while_both_are_named() -> None:
    sealed = Sealer(OLD).seal("token")
    assert Sealer(f"{NEW}, {OLD}").open(sealed) == "token"


def test_the_first_key_seals() -> None:
    sealed = Sealer(f"{NEW},{OLD}").seal("token")
    assert Sealer(NEW).open(sealed) == "token"
    with pytest.raises(ValueError, match="not sealed"):
        Sealer(OLD).open(sealed)


@pytest.mark.parametrize("keys", ["", "short", f"{NEW},", f"{NEW},short"])
def test_what_is_no_key_is_refused(keys: str) -> None:
    with pytest.raises(ValueError):
        Sealer(keys)
