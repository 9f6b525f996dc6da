"""The web application of a service's `api` process."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import FastAPI

from shared.db.migrations import SchemaCheck
from shared.http.errors import install_error_handlers
from shared.http.health import Check, health_routes
from shared.http.identity import TokenVerifier, parse_public_keys
from shared.http.middleware import Identity, RequestContext
from shared.http.operations import operations_routes
from shared.invariants import prover
from shared.service import Parts, Platform, Resource, Service
from shared.telemetry.setup import metrics_enabled, tracing_enabled
from shared.telemetry.vitals import observe_pool


@asynccontextmanager
async def opened(resources: Sequence[Resource]) -> AsyncIterator[None]:
    """Starts the resources in their order and stops them in the opposite one."""
    async with AsyncExitStack() as stack:
        for resource in resources:
            await resource.start()
            stack.push_async_callback(resource.stop)
        yield


def openapi_of(service: Service[Any]) -> dict[str, Any]:
    """The OpenAPI document of a service's `api` process; neither its database nor anything else has to run."""

    async def document() -> dict[str, Any]:
        platform = service.platform(service.settings(debug=True))
        return create_app(service, platform, service.compose(platform)).openapi()

    return asyncio.run(document())


async def _always() -> None:
    return


def create_app(service: Service[Any], platform: Platform[Any], parts: Parts) -> FastAPI:
    """The application with all of the service's routes, error answers, identity check and health."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with opened(parts.resources):
            yield
        await platform.database.close()

    app = FastAPI(
        title=service.title,
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        telemetry={"tracing": False, "logs": False},
    )
    install_error_handlers(app)
    schema = SchemaCheck(platform.database, service.migrations)
    ready: dict[str, Check] = {"database": platform.database.ping, "schema": schema, **parts.ready}
    operations = operations_routes(platform, parts.invariants or prover(platform.database))
    for router in (*parts.routers, health_routes(_always, ready), operations):
        # As included routers each route would be built twice, and looked for twice by each request.
        app.router.routes.extend(router.routes)
    instrument_database(platform)
    app.add_middleware(
        Identity, verifier=TokenVerifier(service.name, parse_public_keys(platform.settings.identity_public_keys))
    )
    app.add_middleware(RequestContext, traced=tracing_enabled())
    return app


def instrument_database(platform: Platform[Any]) -> None:
    """Measures the pool's use, if metrics are exported."""
    database = platform.database
    if metrics_enabled():
        observe_pool(database.connections_in_use, database.waiting_for_connections, database.most_connections)
