"""Staff change the terms of business."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.contracts.catalog import Policies
from shared.db.unit_of_work import UnitOfWork
from shared.http.identity import Caller

from catalog.adapters import repository
from catalog.commands.history import Change, changed_fields, record_change
from catalog.commands.publish_catalog import publish_catalog
from catalog.domain.policies import check_policies, merge_policies


@dataclass(frozen=True, slots=True)
class ChangePolicies:
    """`changes` holds only the settings that change."""

    changes: Mapping[str, Any]
    by: Caller


async def change_policies(command: ChangePolicies, uow: UnitOfWork) -> tuple[Policies, int]:
    """The policies as they are now, and the catalogue version that has them. Raises `Invalid`.

    Bookings already made keep the policies of the version that they were made with.
    """
    version = await repository.raise_version(uow)
    before = await repository.get_policies(uow)
    after = merge_policies(before, command.changes)
    check_policies(after)
    await repository.change_policies(uow, after)
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    sentence = f"Policies: {changed_fields(old, new)}"
    await record_change(uow, Change("policies", "changed", sentence, version, None, old, new), command.by)
    await publish_catalog(uow, version, sentence, command.by.id)
    return after, version
