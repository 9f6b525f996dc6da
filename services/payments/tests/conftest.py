"""The payments service under test, on a database of each test's own, beside a Stripe sandbox that it talks to."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from payments.adapters import stripe_calls
from payments.errands import together
from payments.service import SERVICE
from shared.testing.plugin import DatabaseFactory
from shared.testing.service import MovableClock, RunningService, running
from stripe_sandbox.receiver import WebhookReceiver
from stripe_sandbox.testing import RunningSandbox

from .factories import PATIENCE_SECONDS, Shop


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    """Where Stripe sends its webhooks; tests hand them on as they please."""
    with WebhookReceiver() as receiver:
        yield receiver


@pytest.fixture(scope="session")
def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with RunningSandbox(tmp_path_factory.mktemp("stripe")) as sandbox:
        yield sandbox


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Stripe beside the tests on a busy machine may take longer than a buyer would wait."""
    monkeypatch.setattr(stripe_calls, "CONNECT_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr(stripe_calls, "LONGEST_CALL_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr(together, "LONGEST_ERRAND_SECONDS", 2 * PATIENCE_SECONDS)


@pytest.fixture
def sandbox(shared_sandbox: RunningSandbox, receiver: WebhookReceiver, patience: None) -> RunningSandbox:
    """Stripe, empty and without faults."""
    shared_sandbox.control("POST", "/reset")
    shared_sandbox.webhooks(url=receiver.url)
    return shared_sandbox


@pytest.fixture
def clock() -> MovableClock:
    """The service's clock; it stands still until a test moves it."""
    return MovableClock()


@pytest.fixture
async def service(
    database_factory: DatabaseFactory, clock: MovableClock, sandbox: RunningSandbox, tmp_path: Path
) -> AsyncIterator[RunningService]:
    """The running service, with Stripe at hand."""
    stripe = {
        "stripe_api_base": sandbox.api_base,
        "stripe_secret_key": sandbox.secret_key,
        "documents_dir": tmp_path / "documents",
        "company_address": "1 Bay Ave, New York",
        "stripe_webhook_secret": f"whsec_of_last_year, {sandbox.webhook_secret}",
    }
    async with running(SERVICE, database_factory, clock, **stripe) as service:
        yield service


@pytest.fixture
def shop(service: RunningService, sandbox: RunningSandbox, receiver: WebhookReceiver) -> Shop:
    """The service and all who deal with it."""
    return Shop(service, sandbox, receiver)
