"""What this service does when others tell something: contract → the command that it becomes."""

from collections.abc import Callable
from typing import Any

from shared.contracts.base import Event
from shared.contracts.booking import DiscountRedeemed, DiscountReleased

from catalog.commands.keep_redemption import KeepRedemption

EVENT_HANDLERS: dict[type[Event], Callable[[Any], Any]] = {
    DiscountRedeemed: lambda event: KeepRedemption(event.redemption, released=False),
    DiscountReleased: lambda event: KeepRedemption(event.redemption, released=True),
}
