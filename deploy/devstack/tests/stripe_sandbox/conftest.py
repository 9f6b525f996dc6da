"""A sandbox process, the official library as its client, and a receiver of its webhooks."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import stripe
from stripe_sandbox.receiver import WebhookReceiver
from stripe_sandbox.testing import RunningSandbox


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as running:
        yield running


@pytest.fixture(scope="session")
def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with RunningSandbox(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared_sandbox: RunningSandbox, receiver: WebhookReceiver) -> RunningSandbox:
    shared_sandbox.control("POST", "/reset")
    shared_sandbox.webhooks(url=receiver.url)
    return shared_sandbox


@pytest.fixture
def own_sandbox(tmp_path: Path, receiver: WebhookReceiver) -> Iterator[RunningSandbox]:
    """One that a test may kill."""
    with RunningSandbox(tmp_path, receiver.url) as sandbox:
        yield sandbox


@pytest.fixture
def connect() -> Callable[..., stripe.StripeClient]:
    def open_client(sandbox: RunningSandbox, key: str | None = None, timeout: float = 60) -> stripe.StripeClient:
        return stripe.StripeClient(
            key or sandbox.secret_key,
            base_addresses={"api": sandbox.api_base},
            http_client=stripe.RequestsClient(timeout=timeout),
            max_network_retries=0,
        )

    return open_client


@pytest.fixture
def client(connect: Callable[..., stripe.StripeClient], sandbox: RunningSandbox) -> stripe.StripeClient:
    return connect(sandbox)


@pytest.fixture
def browser(connect: Callable[..., stripe.StripeClient], sandbox: RunningSandbox) -> stripe.StripeClient:
    """What Stripe.js can do: the publishable key only."""
    return connect(sandbox, sandbox.publishable_key)


@pytest.fixture
def pay(client: stripe.StripeClient) -> Callable[..., stripe.PaymentIntent]:
    """An intent of 100 dollars, confirmed at once with a card."""

    def confirmed(card: str = "pm_card_visa", **more: object) -> stripe.PaymentIntent:
        params = {"amount": 10_000, "currency": "usd", "payment_method": card, "confirm": True, **more}
        return client.v1.payment_intents.create(params)

    return confirmed
