"""The other side of the export: a small server that answers as booking, payments and notifications do."""

from typing import Any

from aiohttp import web
from shared.http.personal_data import PATH

EVERYTHING: dict[str, list[dict[str, Any]]] = {
    "moves": [{"booking_number": "TT-20261101-0001", "pickup_address": {"address_line_1": "1 Main St"}}],
    "ratings": [{"rating": 5, "text": "Careful."}],
    "documents": [],
    "crew_notes": [],
    "saved_cards": [{"brand": "visa", "last_four": "4242"}],
    "receipts": [{"number": "R-2026-000001"}],
    "messages": [{"kind": "welcome", "recipient": "ada@example.com"}],
}
_OWNERS = {
    "booking": ("moves", "ratings", "documents", "crew_notes"),
    "payments": ("saved_cards", "receipts"),
    "notifications": ("messages",),
}


class OtherServices:
    """Answers over HTTP on a port of its own, each service below its name. `away` are those that can't."""

    def __init__(self) -> None:
        self.asked: set[str] = set()
        self.away: set[str] = set()
        self.settings: dict[str, str] = {}
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/{service}" + PATH, self._data)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.settings = {f"{name}_url": f"{base}/{name}" for name in _OWNERS}

    async def stop(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _data(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"].startswith("Bearer ")
        name = request.match_info["service"]
        self.asked.add(request.match_info["customer_id"])
        if name in self.away:
            return web.Response(status=503)
        return web.json_response({"lists": {one: EVERYTHING[one] for one in _OWNERS[name]}})
