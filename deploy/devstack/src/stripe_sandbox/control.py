"""The endpoints under `/_sandbox/`: faults, webhooks, the buyer's part, and what the sandbox has seen. JSON, no key."""

import json
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from html import escape
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from . import balance, confirming, disputes, setup_intents
from .controls import check_known, number, one_of
from .errors import ApiError, Json, bad_parameter, refused
from .inspection import find_objects, state
from .sandbox import Sandbox
from .webhooks import WebhookPolicy
from .work import Work, new_id

_LOOPBACK = {"127.0.0.1", "::1"}

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>3-D Secure sandbox</title>
<body style="font-family: sans-serif; max-width: 30rem; margin: 4rem auto">
<h1>Is it you who pays?</h1><p>{text}</p>
<form method="post"><button name="outcome" value="succeed">Complete</button>
<button name="outcome" value="fail">Fail</button></form></body></html>"""


def control_routes(sandbox: Sandbox) -> list[Route]:
    """The routes, for the sandbox's own machine only."""
    control = Control(sandbox)
    table: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
        ("GET", "/state", control.state),
        ("POST", "/reset", control.reset),
        ("GET", "/faults", control.faults),
        ("POST", "/faults", control.add_fault),
        ("DELETE", "/faults", control.remove_faults),
        ("DELETE", "/faults/{id:int}", control.remove_faults),
        ("GET", "/webhooks", control.webhooks),
        ("POST", "/webhooks", control.set_webhooks),
        ("POST", "/webhooks/replay", control.replay),
        ("POST", "/settling", control.set_settling),
        ("POST", "/settle", control.settle_all),
        ("GET", "/{kind}/{id}/authenticate", control.challenge_page),
        ("POST", "/{kind}/{id}/authenticate", control.authenticate),
        ("POST", "/payment_intents/{id}/settle", control.settle),
        ("POST", "/payment_intents/{id}/dispute", control.dispute),
        ("POST", "/disputes/{id}/decide", control.decide),
        ("POST", "/payouts", control.pay_out),
        ("GET", "/{kind}", control.inspect),
    ]
    return [Route(f"/_sandbox{path}", _guarded(handler), methods=[method]) for method, path, handler in table]


def _guarded(handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        if request.client is None or request.client.host not in _LOOPBACK:
            return JSONResponse({"error": {"message": "The controls answer this machine only."}}, 403)
        try:
            return await handler(request)
        except ApiError as error:
            return JSONResponse(error.body(new_id("req")), error.status)

    return handle


async def _json(request: Request) -> Json:
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        raise bad_parameter("The body must be JSON.", "") from None
    if not isinstance(body, dict):
        raise bad_parameter("The body must be a JSON object.", "")
    return body


class Control:
    """One method per endpoint."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def state(self, request: Request) -> Response:
        return JSONResponse(state(self._sandbox.store))

    async def inspect(self, request: Request) -> Response:
        found = find_objects(self._sandbox.store, request.path_params["kind"], request.query_params.multi_items())
        return JSONResponse({"data": found})

    async def reset(self, request: Request) -> Response:
        self._sandbox.reset()
        return JSONResponse({})

    async def faults(self, request: Request) -> Response:
        return JSONResponse({"data": self._sandbox.faults.listed()})

    async def add_fault(self, request: Request) -> Response:
        return JSONResponse(self._sandbox.faults.add(await _json(request)))

    async def remove_faults(self, request: Request) -> Response:
        self._sandbox.faults.remove(request.path_params.get("id"))
        return await self.faults(request)

    async def webhooks(self, request: Request) -> Response:
        return JSONResponse(asdict(self._sandbox.policy))

    async def set_webhooks(self, request: Request) -> Response:
        self._sandbox.policy.change(self._sandbox.store, await _json(request))
        self._sandbox.wake()
        return await self.webhooks(request)

    async def replay(self, request: Request) -> Response:
        """Send one event again, or all of them without `event`: `times` copies each, within `shuffle_seconds`."""
        given = await _json(request)
        check_known(given, {"event", "times", "shuffle_seconds"})
        store = self._sandbox.store
        where, values = ("id = ?", (str(given["event"]),)) if "event" in given else ("1 = 1", ())
        events = store.rows(f"SELECT id FROM objects WHERE kind = 'event' AND {where} ORDER BY seq", *values)
        times = int(number(given, "times", 1, highest=100))
        shuffle = number(given, "shuffle_seconds", 0, highest=3600)
        policy = WebhookPolicy(self._sandbox.policy.url, duplicates=times - 1, shuffle_seconds=shuffle)
        with store.transaction():
            for (event_id,) in events:
                policy.enqueue(store, event_id, time.time())
        self._sandbox.wake()
        return JSONResponse({"events": len(events)})

    async def set_settling(self, request: Request) -> Response:
        return JSONResponse(self._sandbox.set_settling(await _json(request)))

    async def settle_all(self, request: Request) -> Response:
        """Let every waiting consequence happen now."""
        return JSONResponse({"carried_out": self._sandbox.consequences.carry_out(until=math.inf)})

    async def settle(self, request: Request) -> Response:
        succeed = _succeeds(await _json(request))
        with self._sandbox.store.transaction():
            work = self._sandbox.open_work()
            intent = work.get("payment_intent", request.path_params["id"])
            if intent["status"] != "processing":
                raise refused(f"The intent is {intent['status']}, not processing.")
            confirming.settle(work, intent, succeed=succeed)
        self._sandbox.wake()
        return JSONResponse(intent)

    async def dispute(self, request: Request) -> Response:
        """The bank of a paid intent's buyer takes the money back, now."""
        with self._sandbox.store.transaction():
            work = self._sandbox.open_work()
            intent = work.get("payment_intent", request.path_params["id"])
            if intent["status"] != "succeeded":
                raise refused(f"The intent is {intent['status']}, not succeeded.")
            dispute = disputes.open_for(work, intent["latest_charge"])
        self._sandbox.wake()
        return JSONResponse(dispute)

    async def decide(self, request: Request) -> Response:
        """The bank decides a dispute for us (`win`) or for the buyer (`lose`)."""
        outcome = one_of(await _json(request), "outcome", "", {"win", "lose"})
        with self._sandbox.store.transaction():
            work = self._sandbox.open_work()
            dispute = work.get("dispute", request.path_params["id"])
            disputes.decide(work, dispute, won=outcome == "win")
        self._sandbox.wake()
        return JSONResponse(dispute)

    async def pay_out(self, request: Request) -> Response:
        """Pay `amount` cents out to the bank account."""
        amount = int(number(await _json(request), "amount", 0))
        with self._sandbox.store.transaction():
            payout = balance.pay_out(self._sandbox.open_work(), amount)
        self._sandbox.wake()
        return JSONResponse(payout)

    async def challenge_page(self, request: Request) -> Response:
        intent = _intent(self._sandbox.open_work(), request)
        amount = f"${intent['amount'] / 100:,.2f}" if "amount" in intent else "A card to save"
        return HTMLResponse(_PAGE.format(text=escape(f"{amount} · {intent['status']}")))

    async def authenticate(self, request: Request) -> Response:
        """The buyer's answer to 3-D Secure: JSON from a test, or the page's form, which leads back to the shop."""
        form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        given = {"outcome": (await request.body()).decode().removeprefix("outcome=")} if form else await _json(request)
        succeed = _succeeds(given)
        with self._sandbox.store.transaction():
            work = self._sandbox.open_work()
            intent = _intent(work, request)
            if intent["status"] != "requires_action":
                raise refused(f"The intent is {intent['status']} and asks for nothing.")
            back = (intent["next_action"].get("redirect_to_url") or {}).get("return_url")
            answer = confirming.authenticate if intent["object"] == "payment_intent" else setup_intents.authenticate
            answer(work, intent, succeed=succeed)
        self._sandbox.wake()
        return RedirectResponse(_way_back(back, intent, succeed), 303) if form and back else JSONResponse(intent)


def _succeeds(given: Json) -> bool:
    outcome = given.get("outcome")
    if outcome not in {"succeed", "fail"}:
        raise bad_parameter("outcome must be succeed or fail.", "outcome")
    return bool(outcome == "succeed")


def _intent(work: Work, request: Request) -> Json:
    kind = request.path_params["kind"].removesuffix("s")
    if kind not in {"payment_intent", "setup_intent"}:
        raise refused(f"Nothing to authenticate in {kind}.")
    return work.get(kind, request.path_params["id"])


def _way_back(url: str, intent: Json, succeed: bool) -> str:
    kind = intent["object"]
    query = {
        kind: intent["id"],
        f"{kind}_client_secret": intent["client_secret"],
        "redirect_status": "succeeded" if succeed else "failed",
    }
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"
