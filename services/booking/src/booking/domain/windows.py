"""What a 1-hour pickup window costs, and who is offered one."""

from shared.contracts.base import PickupTime
from shared.contracts.catalog import CatalogSnapshot

from booking.domain.move import Move, find_package

ONE_HOUR: PickupTime = "morning_specific"


class NotOffered(Exception):
    """The wanted kind of window is not sold for this service."""


def window_fee(move: Move, catalog: CatalogSnapshot) -> int:
    """The fee of the wanted window in cents; raises `NotOffered`. Only 1-hour windows cost anything."""
    policies = catalog.policies
    if move.pickup_time != ONE_HOUR:
        if move.pickup_time not in policies.pickup_windows:
            raise NotOffered
        return 0
    fee = policies.time_window_fees_cents.get(move.service_type)
    if isinstance(fee, dict):
        package = find_package(move, catalog)
        fee = fee.get(package.package_type) if package else 0
    if fee is None:
        raise NotOffered
    return fee
