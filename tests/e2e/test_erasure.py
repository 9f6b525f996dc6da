"""A canary with an unmistakable name books, pays, writes, is erased, and is nowhere any more."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from devstack.testing import RunningStack
from gateway.valkey import StoreUnavailable, Valkey
from shared.testing.collector import Collector, collecting
from shared.testing.looking import rows_with

from .browser import PASSWORD, Booked, Browser, a_move
from .test_accounts import put, token_for, worked
from .test_day_of_moving import PDF
from .test_money_soak import held_at_stripe
from .world import SERVICES, World

PATIENCE = 90.0
KEPT_BY_LAW = {"payments.receipts"}
"""Receipts and credit notes stay as they were issued, which the report says."""


@dataclass(frozen=True)
class Canary:
    """Somebody whose every word is found wherever it went."""

    mark: str = field(default_factory=lambda: uuid4().hex[:8])

    @property
    def person(self) -> dict[str, str]:
        email = f"zyxada.{self.mark}@canary.example.com"
        return {"first_name": "Zyxada", "last_name": f"Quill{self.mark}", "email": email, "phone": "+12125557391"}

    @property
    def street(self) -> str:
        return f"77 Kestrel{self.mark} Lane"

    @property
    def zip_code(self) -> str:
        """As precise as a street."""
        return "10001-7391"

    @property
    def words(self) -> list[str]:
        """In whatever way they may have been written."""
        return [
            self.person["email"],
            self.person["last_name"],
            "2125557391",
            f"Kestrel{self.mark}",
            f"Piano{self.mark}",
            self.zip_code,
        ]

    @property
    def look_alike(self) -> dict[str, str]:
        """Somebody else, with the same names and phone, whose address ends with the canary's."""
        return {**self.person, "email": f"jo.{self.person['email']}"}

    def move(self) -> dict[str, Any]:
        """The body of a booking."""
        body = a_move()
        body["addresses"]["pickup"]["zip_code"] = self.zip_code
        body["addresses"]["pickup"]["address_line_1"] = self.street
        wish = f"Zyxada Quill{self.mark} has a Piano{self.mark}."
        return {**body, "customer_info": self.person, "special_instructions": wish}


@dataclass(frozen=True)
class Stage:
    """A stack of its own, whose spans all come to one collector."""

    world: World
    collector: Collector

    @property
    def folder(self) -> Path:
        return self.world.running.folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where the stack runs; other system users may enter it."""
    made = Path(tempfile.mkdtemp(prefix="totetaxi-canary-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
async def stage(folder: Path) -> AsyncIterator[Stage]:
    with collecting() as collector:
        exports = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_METRICS_EXPORTER": "none"}
        running = RunningStack(folder, {"TRUSTED_PROXIES": "127.0.0.0/8", "OTEL_BSP_SCHEDULE_DELAY": "200", **exports})
        try:
            await asyncio.to_thread(running.start)
            yield Stage(World(running), collector)
        finally:
            await asyncio.to_thread(running.stop)


async def test_an_erased_canary_is_nowhere_any_more(stage: Stage) -> None:
    canary, world = Canary(), stage.world
    async with Browser(world.stack) as browser, Browser(world.stack) as staff:
        other_id = await _registered(canary.look_alike, Browser(world.stack), world)
        customer_id, ahead = await _live(canary, browser, staff, world)
        assert await asyncio.to_thread(databases_with, stage, canary.person["email"])
        refused = await browser.post("/api/customers/erase/", {"password": "not the one"})
        assert refused.json()["error_code"] == "invalid_credentials"
        erased = worked(await staff.post(f"/api/staff/customers/{customer_id}/erase/"))
        assert erased["cancelled_bookings"] == [ahead.number]
        reports = await _until_all_have_reported(customer_id, staff, world)
        await world.until_quiet(PATIENCE)
        await _went_back(ahead, world)
        await _is_whole(canary.look_alike, other_id, world)
        assert (await staff.post(f"/api/staff/customers/{other_id}/erase/")).status_code == 200
        await _until_all_have_reported(other_id, staff, world)
    assert {f"{name}.{table}" for name, kept in reports.items() for table in kept if table == "receipts"} == KEPT_BY_LAW
    await world.until_quiet(PATIENCE)
    assert await world.parked() == 0
    for word in canary.words:
        assert await asyncio.to_thread(databases_with, stage, word) <= KEPT_BY_LAW, word
        assert await asyncio.to_thread(files_with, stage, word) == [], word
        await world.until(lambda word=word: _forgotten_by_sessions(stage, word), f"sessions to forget {word}", PATIENCE)
        assert word.encode() not in stage.collector.raw, word


async def _live(canary: Canary, browser: Browser, staff: Browser, world: World) -> tuple[str, Booked]:
    """Books as a guest and twice as a customer, pays all, writes to the office; one is cancelled, one is completed.

    Returns the customer's id and the paid booking that is still ahead.
    """
    await staff.log_in_as_admin(world.stack)
    guests = await _paid(await browser.book(canary.move()), browser, world)
    customer_id = await _registered(canary.person, browser, world)
    wanted = {"email_notifications": True, "sms_notifications": True}
    worked(await put(browser, "/api/customers/profile/", notification_preferences=wanted))
    own = {name: value for name, value in canary.move().items() if name != "customer_info"}
    own["addresses"]["pickup"]["save_as"] = f"Kestrel{canary.mark}"
    booked, ahead = [await _own_paid(own, browser, world) for _ in range(2)]
    file: Any = {"files": {"file": (f"Piano{canary.mark}.pdf", PDF)}, "data": {"kind": "other"}}
    papers = f"/api/staff/bookings/{booked.id}/documents/"
    worked(await staff.http.post(papers, **file, headers={"X-CSRFToken": staff.csrf_token}), 201)
    wrote = {"name": f"Zyxada Quill{canary.mark}", "email": canary.person["email"], "message": f"Piano{canary.mark}?"}
    assert (await browser.post("/api/customers/contact/", wrote)).status_code == 201
    await _change(staff, guests, status="cancelled", reason=f"Quill{canary.mark} moved out")
    await _change(staff, booked, status="in_progress")
    await _change(staff, booked, status="completed", internal_notes=f"Mind the Piano{canary.mark}.")
    await world.until_quiet(PATIENCE)
    return customer_id, ahead


async def _own_paid(move: dict[str, Any], browser: Browser, world: World) -> Booked:
    answer = await browser.post("/api/customers/bookings/create/", move, **{"Idempotency-Key": uuid4().hex})
    return await _paid(Booked(worked(answer, 201)), browser, world)


async def _went_back(booked: Booked, world: World) -> None:
    """The booking is cancelled, and all that was paid for it is with the customer again, by the books and at Stripe."""
    await world.until_status(booked, "cancelled", timeout=PATIENCE)
    sums = "SELECT array[captured_cents, refunded_cents] FROM payments WHERE booking_id = %s"

    async def is_refunded() -> bool:
        # Stripe is asked after the event that announces the refund, which may be handled before the money has moved.
        return bool(await world.value("payments", sums, booked.id) == [booked.total_cents] * 2)

    await world.until(is_refunded, f"{booked.number} to be refunded in full", PATIENCE)
    assert (await held_at_stripe(world))[booked.id] == 0


async def _registered(person: dict[str, str], browser: Browser, world: World) -> str:
    """The id of the person's account, whose address is confirmed."""
    account = worked(await browser.post("/api/customers/auth/register/", {**person, "password": PASSWORD}), 201)
    browser.csrf_token = account["csrf_token"]
    token = await token_for(world, person["email"], "verify-email")
    worked(await browser.post("/api/customers/auth/verify-email/", {"token": token}))
    return str(account["user"]["id"])


async def _is_whole(person: dict[str, str], customer_id: str, world: World) -> None:
    """Everybody who knew the person still does."""
    known = "SELECT concat_ws(' ', first_name, last_name, email, phone) FROM customers WHERE id = %s"
    told = [await world.value("customers", known.replace("customers", "accounts"), customer_id)]
    told += [await world.value(service, known, customer_id) for service in ("booking", "notifications")]
    assert told == [" ".join(person[name] for name in ("first_name", "last_name", "email", "phone"))] * 3


async def _paid(booked: Booked, browser: Browser, world: World) -> Booked:
    await browser.pay(booked.intent)
    await browser.confirm(booked.intent)
    await world.until_status(booked, "paid", timeout=PATIENCE)
    return booked


async def _change(staff: Browser, booked: Booked, **change: str) -> None:
    """Tries again when the booking changed in between, as people do."""
    path = f"/api/staff/bookings/{booked.id}/"
    for _ in range(5):
        seen = (await staff.http.get(path)).json()
        body = {**change, "version": seen["complete_booking_details"]["version"]}
        answer = await staff.http.put(path, json=body, headers={"X-CSRFToken": staff.csrf_token})
        if answer.status_code != 409 or answer.json()["error_code"] != "stale_version":
            break
    assert answer.status_code == 200, answer.text


async def _until_all_have_reported(customer_id: str, staff: Browser, world: World) -> dict[str, Any]:
    """What each service keeps, with the reason."""

    async def complete() -> list[dict[str, Any]] | None:
        progress = (await staff.http.get(f"/api/staff/customers/erasures/{customer_id}/")).json()
        return list(progress["reports"]) if progress["complete"] else None

    reports = await world.until(complete, "all services to have reported", PATIENCE)
    return {report["service"]: report["kept"] for report in reports}


def databases_with(stage: Stage, word: str) -> set[str]:
    """Tables with the word, in any of the five databases."""
    urls = stage.world.stack["databases"]
    return {f"{service}.{table}" for service in SERVICES for table in rows_with(urls[service], word)}


def files_with(stage: Stage, word: str) -> list[str]:
    """Logs of all processes and messages in the mailbox with the word. Receipts stay as they were given."""
    paths = [path for kind in ("*.log", "*.eml", "*.sms") for path in stage.folder.rglob(kind)]
    assert [path for path in paths if path.suffix == ".log"]
    return [str(path.relative_to(stage.folder)) for path in paths if word.lower().encode() in path.read_bytes().lower()]


async def _forgotten_by_sessions(stage: Stage, word: str) -> bool:
    """What an account was last, is kept for a minute, for logins that were under way."""
    try:
        return await sessions_with(stage, word) == []
    except StoreUnavailable:
        return False


async def sessions_with(stage: Stage, word: str) -> list[str]:
    """Keys of the gateway's store with the word in their values."""
    store = Valkey(stage.world.stack["infrastructure"]["redis"]["url"])
    try:
        keys = await store.call("KEYS", "*")
        return [str(key) for key in keys if word.encode() in (await store.call("DUMP", key) or b"")]
    finally:
        await store.close()
