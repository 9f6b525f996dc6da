"""What staff change."""

from uuid import UUID

from fastapi import APIRouter
from shared.commands import Commands
from shared.http import access
from shared.http.identity import Caller

from catalog.api.schemas import PackageChange, StaffPackageAnswer
from catalog.commands.change_package import ChangePackage


def routes(commands: Commands) -> APIRouter:
    """Changes of the catalogue; each makes a new version and an entry in the audit log."""
    router = APIRouter(prefix="/api/staff/catalog", tags=["staff catalogue"])

    @router.put(
        "/packages/{id}/",
        response_model=StaffPackageAnswer,
        operation_id="change_package",
        summary="Change a mini move package",
    )
    async def change_package(
        id: UUID, body: PackageChange, caller: Caller = access.staff("manage_catalog")
    ) -> StaffPackageAnswer:
        row = await commands.execute(ChangePackage(id, body.model_dump(exclude_unset=True), caller))
        return StaffPackageAnswer.of(row)

    return router
