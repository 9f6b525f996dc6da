"""The other side of booking's calls: a small server that answers as payments and as catalog do."""

import asyncio
from typing import Any

from aiohttp import web

from .factories import catalog_document


class OtherServices:
    """Answers over HTTP on a port of its own. `failing` makes payments fail: `error`, `nonsense`, `reset`, `amount`."""

    def __init__(self) -> None:
        self.intents: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        self.failing = ""
        self.catalog: dict[str, Any] | None = catalog_document()
        self.parked: dict[str, int] | None = {"messages": 0, "events": 0}
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/internal/payment-intents", self._intent)
        app.router.add_get("/internal/catalog/snapshot/", self._snapshot)
        app.router.add_get("/internal/parked-events/", self._parked)
        # Whoever is not answered by the end of a test is gone; a connection just opened would be waited for a minute.
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _snapshot(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"].startswith("Bearer ")
        return web.json_response(self.catalog) if self.catalog else web.Response(status=503)

    async def _parked(self, request: web.Request) -> web.Response:
        return web.json_response(self.parked) if self.parked else web.Response(status=503)

    async def _intent(self, request: web.Request) -> web.Response:
        asked = await request.json()
        booking = asked["booking"]
        self.asked.append(booking["id"])
        match self.failing:
            case "error":
                return web.json_response({"error_code": "payment_unavailable"}, status=503)
            case "nonsense":
                return web.json_response({"hello": "world"})
            case "reset":
                assert request.transport is not None
                request.transport.close()
        await asyncio.sleep(0)
        changes = {f"adjustment:{one['number']}": one["amount_cents"] for one in booking["adjustments"]}
        total = changes.get(asked["purpose"], booking["prices"]["total_price_cents"])
        total += self.failing == "amount"
        number = len(self.intents) + 1
        intent = {"payment_id": booking["id"], "payment_intent_id": f"pi_{number}", "amount_cents": total}
        known = self.intents.setdefault(f"{booking['id']} {asked['purpose']} {total}", intent)
        secret = f"{known['payment_intent_id']}_secret_{len(self.asked)}"
        return web.json_response({**known, "client_secret": secret, "status": "requires_payment_method"})
