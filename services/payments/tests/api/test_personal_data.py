"""What payments tells about a customer to the service that gives customers all of their data."""

from payments.commands.keep_cards import KeepCard, RecordStripeCustomer
from payments.domain.facts import CardFacts
from shared.testing.service import a_customer, a_service

from ..factories import Shop, a_booking


async def test_cards_and_receipts_of_the_customer_are_told(shop: Shop) -> None:
    who = a_customer()
    await shop.paid(a_booking(customer_id=who.id))
    await shop.issue()
    await shop.service.commands.execute(RecordStripeCustomer(who.id, "cus_1"))
    await shop.service.commands.execute(KeepCard(who.id, CardFacts("pm_1", "cus_1", "visa", "4242", 12, 2030)))
    async with shop.service.as_caller(a_service("customers")) as client:
        told = (await client.get(f"/internal/customers/{who.id}/data/")).json()["lists"]
        nothing = (await client.get(f"/internal/customers/{a_customer().id}/data/")).json()["lists"]
    assert [(card["brand"], card["last_four"]) for card in told["saved_cards"]] == [("visa", "4242")]
    assert [receipt["content"]["customer_email"] for receipt in told["receipts"]] == ["ada@example.com"]
    assert nothing == {"saved_cards": [], "receipts": []}
