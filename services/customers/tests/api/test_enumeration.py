"""Nobody finds out by asking who has an account here."""

import statistics
import time
from typing import Any

import pytest
from argon2 import PasswordHasher
from customers.adapters.tables import staff
from shared.db.sight import noting_round_trips
from shared.testing.service import RunningService
from sqlalchemy import update

from ..factories import hire, log_in, post, register

KNOWN, STAFF, LET_GO, UNKNOWN = "ada@example.com", "sam@totetaxi.test", "lou@totetaxi.test", "nobody@example.com"
NOTICEABLE_SECONDS = 0.015
ROUNDS, ACCOUNTS = 9, 5


@pytest.fixture
def verifications(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A line for every password that was compared, slow as that is."""
    compared: list[str] = []
    verify = PasswordHasher.verify

    def noting(hasher: PasswordHasher, password_hash: Any, password: Any) -> Any:
        compared.append("compared")
        return verify(hasher, password_hash, password)

    monkeypatch.setattr(PasswordHasher, PasswordHasher.verify.__name__, noting)
    return compared


@pytest.mark.parametrize("who", ["customers", "staff"])
async def test_a_failed_login_costs_and_says_the_same_for_every_address(
    service: RunningService, verifications: list[str], who: str
) -> None:
    await register(service)
    await hire(service, STAFF, "operator")
    await hire(service, LET_GO, "viewer")
    async with service.database.transaction() as connection:
        await connection.execute(update(staff).where(staff.c.role == "viewer").values(is_active=False))
    seen = [await cost_of_login(service, verifications, email, who) for email in (KNOWN, STAFF, LET_GO, UNKNOWN)]
    assert all(cost == seen[0] for cost in seen)
    (answer, compared, statements) = seen[0]
    assert (answer["status"], answer["error_code"], compared) == (400, "invalid_credentials", 1)
    assert statements


async def cost_of_login(
    service: RunningService, verifications: list[str], email: str, who: str
) -> tuple[dict[str, Any], int, list[list[str]]]:
    """(the answer without the time, how many passwords were compared, what the database was asked)."""
    verifications.clear()
    with noting_round_trips() as statements:
        answer = await log_in(service, email, "not the one", who)
    return {**answer.json(), "status": answer.status_code, "timestamp": ""}, len(verifications), statements


@pytest.mark.soak
async def test_the_time_of_an_answer_does_not_tell_either(service: RunningService) -> None:
    emails = [f"ada{n}@example.com" for n in range(ACCOUNTS)]
    for email in emails:
        await register(service, email=email)
    took: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for n, email in enumerate(emails):
            for kind, address in (("known", email), ("unknown", f"nobody{n}@example.com")):
                for what in ("login", "password-reset"):
                    took.setdefault(f"{what} {kind}", []).append(await seconds(service, what, address))
    medians = {name: statistics.median(times) for name, times in took.items()}
    for what in ("login", "password-reset"):
        assert abs(medians[f"{what} known"] - medians[f"{what} unknown"]) < NOTICEABLE_SECONDS, medians


async def seconds(service: RunningService, what: str, email: str) -> float:
    body = {"email": email, **({"password": "not the one"} if what == "login" else {})}
    started = time.perf_counter()
    await post(service, f"/api/customers/auth/{what}/", body)
    return time.perf_counter() - started
