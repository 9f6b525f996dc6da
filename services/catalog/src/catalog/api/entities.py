"""The kinds of things that staff keep in the catalogue, each with what is sent and answered for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, create_model
from shared.money import dollars

from catalog.api import bodies, schemas
from catalog.api.documents import shown
from catalog.api.partial import partial
from catalog.domain import kinds
from catalog.domain.kinds import Kind


class Kept(BaseModel):
    """What staff see beside the thing's own fields; `catalog_version` is the version that a change made."""

    is_active: bool
    created_at: datetime
    updated_at: datetime
    position: int | None = None
    catalog_version: int | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind with its bodies and its answers, `name` being the word for it in the API's document."""

    kind: Kind
    name: str
    fields: type[bodies.EntityFields]
    changes: type[bodies.EntityFields]
    answer: type[BaseModel]
    page: type[BaseModel]

    def present(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row as staff see it: amounts in dollars too."""
        kept = {name: row[name] for name in Kept.model_fields if name in row}
        return shown(self.kind.contract.model_validate(row)) | kept


def _resource(kind: Kind, name: str, fields: type[bodies.EntityFields], answer: type[BaseModel]) -> Resource:
    title = "".join(word.capitalize() for word in name.split("_"))
    staffs: Any = create_model(f"Staff{title}", __base__=(answer, Kept), __doc__=answer.__doc__)
    return Resource(kind, name, fields, partial(fields, f"{title}Change", staffs), staffs, page_of(staffs, title))


def page_of(answer: type[BaseModel], title: str) -> type[BaseModel]:
    """The model of a page of answers."""
    members: dict[str, Any] = {
        "results": (list[answer], ...),  # type: ignore[valid-type]
        "count": (int, ...),
        "next": (str | None, None),
        "previous": (str | None, None),
    }
    return create_model(f"{title}Page", __doc__="A page of a list.", **members)


RESOURCES = (
    _resource(kinds.PACKAGE, "package", bodies.PackageFields, schemas.PackageAnswer),
    _resource(kinds.ORGANIZING, "organizing_service", bodies.OrganizingFields, schemas.OrganizingAnswer),
    _resource(kinds.SPECIALTY, "specialty_item", bodies.SpecialtyFields, schemas.SpecialtyItemAnswer),
    _resource(kinds.DELIVERY, "delivery_config", bodies.DeliveryFields, schemas.StandardDeliveryAnswer),
    _resource(kinds.SURCHARGE, "surcharge", bodies.SurchargeFields, schemas.SurchargeAnswer),
    _resource(kinds.ZONE, "zone", bodies.ZoneFields, schemas.ZoneAnswer),
)


def in_dollars(row: dict[str, Any]) -> dict[str, Any]:
    """A row with each of its amounts in dollars too."""
    amounts = {name: value for name, value in row.items() if name.endswith("_cents")}
    return row | {
        f"{name.removesuffix('_cents')}_dollars": None if value is None else dollars(value)
        for name, value in amounts.items()
    }
