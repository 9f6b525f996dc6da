"""The table of everything the sandbox answers."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import balance, charges, customers, disputes, events, intents, payment_methods, refunds, setup_intents
from .api import CORS, Operation, endpoint
from .control import control_routes
from .errors import ApiError
from .sandbox import Sandbox
from .work import new_id

OPERATIONS = [
    Operation("POST", "/v1/payment_intents", intents.create),
    Operation("GET", "/v1/payment_intents", intents.list_all),
    Operation("GET", "/v1/payment_intents/search", intents.search),
    Operation("GET", "/v1/payment_intents/{id}", intents.retrieve, publishable=True),
    Operation("POST", "/v1/payment_intents/{id}", intents.update),
    Operation("POST", "/v1/payment_intents/{id}/confirm", intents.confirm, publishable=True),
    Operation("POST", "/v1/payment_intents/{id}/cancel", intents.cancel),
    Operation("GET", "/v1/charges", charges.list_all),
    Operation("GET", "/v1/charges/{id}", charges.retrieve),
    Operation("POST", "/v1/charges/{id}", charges.update),
    Operation("POST", "/v1/refunds", refunds.create),
    Operation("GET", "/v1/refunds", refunds.list_all),
    Operation("GET", "/v1/refunds/{id}", refunds.retrieve),
    Operation("POST", "/v1/refunds/{id}", refunds.update),
    Operation("POST", "/v1/customers", customers.create),
    Operation("GET", "/v1/customers", customers.list_all),
    Operation("GET", "/v1/customers/{id}", customers.retrieve),
    Operation("POST", "/v1/customers/{id}", customers.update),
    Operation("DELETE", "/v1/customers/{id}", customers.delete),
    Operation("GET", "/v1/customers/{id}/payment_methods", payment_methods.list_of_customer),
    Operation("GET", "/v1/customers/{id}/payment_methods/{method}", payment_methods.retrieve_of_customer),
    Operation("POST", "/v1/payment_methods", payment_methods.create, publishable=True),
    Operation("GET", "/v1/payment_methods", payment_methods.list_all),
    Operation("GET", "/v1/payment_methods/{id}", payment_methods.retrieve),
    Operation("POST", "/v1/payment_methods/{id}", payment_methods.update),
    Operation("POST", "/v1/payment_methods/{id}/attach", payment_methods.attach),
    Operation("POST", "/v1/payment_methods/{id}/detach", payment_methods.detach),
    Operation("POST", "/v1/setup_intents", setup_intents.create),
    Operation("GET", "/v1/setup_intents", setup_intents.list_all),
    Operation("GET", "/v1/setup_intents/{id}", setup_intents.retrieve, publishable=True),
    Operation("POST", "/v1/setup_intents/{id}/confirm", setup_intents.confirm, publishable=True),
    Operation("POST", "/v1/setup_intents/{id}/cancel", setup_intents.cancel),
    Operation("GET", "/v1/disputes", disputes.list_all),
    Operation("GET", "/v1/disputes/{id}", disputes.retrieve),
    Operation("POST", "/v1/disputes/{id}", disputes.update),
    Operation("POST", "/v1/disputes/{id}/close", disputes.close),
    Operation("GET", "/v1/events", events.list_all),
    Operation("GET", "/v1/events/{id}", events.retrieve),
    Operation("GET", "/v1/balance", balance.retrieve_balance),
    Operation("GET", "/v1/balance_transactions", balance.list_transactions),
    Operation("GET", "/v1/balance_transactions/{id}", balance.retrieve_transaction),
    Operation("GET", "/v1/payouts", balance.list_payouts),
]


def build_app(sandbox: Sandbox) -> Starlette:
    """The ASGI application of one sandbox."""
    routes = [
        *(Route(one.path, endpoint(sandbox, one), methods=[one.method]) for one in OPERATIONS),
        *control_routes(sandbox),
        Route("/health/live", _live, methods=["GET"]),
        Route("/v1/{path:path}", _preflight, methods=["OPTIONS"]),
    ]

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with sandbox.running():
            yield

    return Starlette(routes=routes, lifespan=lifespan, exception_handlers={404: _unknown, 405: _unknown})


async def _live(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _preflight(request: Request) -> Response:
    return Response(status_code=204, headers=CORS)


async def _unknown(request: Request, error: Exception) -> Response:
    message = f"Unrecognized request URL ({request.method}: {request.url.path})."
    unknown = ApiError(404, "invalid_request_error", message, code="url_invalid")
    return Response(json.dumps(unknown.body(new_id("req"))), 404, CORS, media_type="application/json")
