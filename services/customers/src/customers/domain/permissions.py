"""What staff may do, by role and by what was granted or denied to one person."""

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

Role = Literal["viewer", "operator", "manager", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)

_LOOKS = frozenset({"view_bookings", "view_customers", "view_catalog"})
_WORKS_THE_DAY = frozenset({"manage_bookings", "edit_customer_notes"})
_RUNS_THE_BUSINESS = frozenset(
    {"manage_customers", "view_reports", "refund_payments", "override_price", "manage_catalog"}
)
_RUNS_THE_SYSTEM = frozenset({"manage_staff", "manage_operations"})

PERMISSIONS_OF_ROLE: Mapping[Role, frozenset[str]] = {
    "viewer": _LOOKS,
    "operator": _LOOKS | _WORKS_THE_DAY,
    "manager": _LOOKS | _WORKS_THE_DAY | _RUNS_THE_BUSINESS,
    "admin": _LOOKS | _WORKS_THE_DAY | _RUNS_THE_BUSINESS | _RUNS_THE_SYSTEM,
}
"""Operators may write notes about customers (`edit_customer_notes`) but change nothing else about them."""

PERMISSIONS: frozenset[str] = PERMISSIONS_OF_ROLE["admin"]
"""Every permission there is."""


def permissions_of(role: Role, grants: Iterable[str] = (), denials: Iterable[str] = ()) -> frozenset[str]:
    """The final permissions of a staff member; a denial is stronger than a grant, unknown names give nothing."""
    return ((PERMISSIONS_OF_ROLE[role] | frozenset(grants)) - frozenset(denials)) & PERMISSIONS


def permissions_with(role: Role, exceptions: Mapping[str, bool]) -> frozenset[str]:
    """As `permissions_of`, from one map of exceptions: true grants, false denies."""
    granted = [name for name, given in exceptions.items() if given]
    return permissions_of(role, granted, exceptions.keys() - granted)
