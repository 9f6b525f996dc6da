"""The public answers, rendered once a version."""

import hashlib
from typing import Any
from uuid import UUID

import orjson
from fastapi import Request, Response
from fastapi.routing import APIRoute
from shared.contracts.base import Contract
from shared.contracts.catalog import CatalogSnapshot
from shared.money import dollars
from starlette.types import Receive, Scope, Send

CACHE_CONTROL = "public, max-age=0, must-revalidate"
"""Anyone may keep the answer but must ask whether it still holds: a new price is live within a second."""


class Document:
    """A JSON answer with its strong `ETag`, which is a digest of its bytes."""

    def __init__(self, content: Any) -> None:
        self.body = orjson.dumps(content, option=orjson.OPT_UTC_Z)
        self.etag = f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'
        headers = {"ETag": self.etag, "Cache-Control": CACHE_CONTROL}
        self._full = Response(self.body, 200, headers, media_type="application/json")
        self._unchanged = Response(status_code=304, headers=headers)

    def answer(self, request: Request) -> Response:
        """The whole document, or 304 if the client's `If-None-Match` names it."""
        return self._chosen(request.headers.get("if-none-match", ""))

    async def send(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request without building anything for it."""
        known = next((value for name, value in scope["headers"] if name == b"if-none-match"), b"")
        await self._chosen(known.decode("latin-1"))(scope, receive, send)

    def _chosen(self, if_none_match: str) -> Response:
        if not if_none_match:
            return self._full
        known = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
        return self._unchanged if known & {self.etag, "*"} else self._full


class DocumentRoute(APIRoute):
    """A route whose endpoint returns a `Document` and takes no parameters but its rule of access, which is `anyone`.

    It is documented like every route, and answers without the framework's reading of parameters and checking of
    answers, which would cost several times as much as the answer itself.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request."""
        if scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)
            return
        document: Document = self.endpoint()
        await document.send(scope, receive, send)


class Documents:
    """All public answers of one version of the catalogue."""

    def __init__(self, catalog: CatalogSnapshot) -> None:
        self.catalog = catalog
        self.services = Document(_services(catalog))
        self.packages = Document(_packages_with_organizing(catalog))
        self.organizing: dict[UUID, Document] = {
            service.id: Document(sold(service)) for service in catalog.organizing_services
        }


def shown(entity: Contract) -> dict[str, Any]:
    """A part of the catalogue as the API shows it: each amount in cents also in dollars."""
    fields = entity.model_dump(mode="json")
    amounts = {name: value for name, value in fields.items() if name.endswith("_cents") and not isinstance(value, dict)}
    return fields | {
        f"{name.removesuffix('_cents')}_dollars": None if value is None else dollars(value)
        for name, value in amounts.items()
    }


def sold(thing: Contract) -> dict[str, Any]:
    """A thing of the newest catalogue, which holds those alone that are in use."""
    return shown(thing) | {"is_active": True}


def _services(catalog: CatalogSnapshot) -> dict[str, Any]:
    return {
        "mini_move_packages": [sold(package) for package in catalog.mini_move_packages],
        "standard_delivery": sold(catalog.standard_delivery),
        "specialty_items": [sold(item) for item in catalog.specialty_items],
        "organizing_services": [sold(service) for service in catalog.organizing_services],
        "surcharges": [sold(rule) for rule in catalog.surcharge_rules],
        "policies": shown(catalog.policies),
        "catalog_version": catalog.version,
    }


def _packages_with_organizing(catalog: CatalogSnapshot) -> dict[str, Any]:
    by_tier: dict[str, list[dict[str, Any]]] = {"petite": [], "standard": [], "full": []}
    for service in catalog.organizing_services:
        by_tier[service.mini_move_tier].append(sold(service))
    packages = [sold(package) for package in catalog.mini_move_packages]
    return {"packages": packages, "organizing_services_by_tier": by_tier}
