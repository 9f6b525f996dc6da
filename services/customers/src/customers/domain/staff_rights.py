"""Who may give and take which rights."""

from collections.abc import Mapping
from typing import Any

from customers.domain.errors import BeyondOwnRights, OwnAccount
from customers.domain.permissions import permissions_with

DECIDES_WHO_GETS_IN = ("role", "permissions", "is_active")
ENDS_SESSIONS = (*DECIDES_WHO_GETS_IN, "email")


def rights_in(member: Mapping[str, Any]) -> frozenset[str]:
    """What a staff member with this role and these exceptions may do."""
    return permissions_with(member["role"], member["permissions"])


def needs_second_factor(member: Mapping[str, Any]) -> bool:
    """Whether a stolen password would be too much: administrators, and whoever else may manage staff."""
    return member["role"] == "admin" or "manage_staff" in rights_in(member)


def is_administrator(member: Mapping[str, Any]) -> bool:
    """Whether the member is there to let others in: an active administrator who may manage staff."""
    return member["role"] == "admin" and member["is_active"] and "manage_staff" in rights_in(member)


def require_within_rights(own: frozenset[str], *members: Mapping[str, Any]) -> None:
    """Raises `BeyondOwnRights` unless all that `members` may do is within one's `own` rights.

    Otherwise whoever may manage staff could make themselves an administrator by way of another account.
    """
    if any(not rights_in(member) <= own for member in members):
        raise BeyondOwnRights()


def require_others(changed: Mapping[str, Any]) -> None:
    """Raises `OwnAccount` if a change of one's own account is one of rights."""
    if any(name in changed for name in DECIDES_WHO_GETS_IN):
        raise OwnAccount()
