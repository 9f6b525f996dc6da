"""The published events: what services tell each other. Contracts only ever grow; a breaking change is a new version."""

from shared.contracts import booking, catalog, customers, notifications, payments
from shared.contracts.base import Contract, Event

_MODULES = (booking, catalog, customers, notifications, payments)

EVENTS: dict[str, type[Event]] = {
    member.type: member
    for module in _MODULES
    for member in vars(module).values()
    if isinstance(member, type) and issubclass(member, Event) and "type" in vars(member)
}
"""Every published event by its type."""

__all__ = ["EVENTS", "Contract", "Event"]
