"""Erasure: the person is gone from copies, cards, messages and Stripe, stays gone, and the books stay."""

from datetime import timedelta
from hashlib import sha256

from payments.adapters.card_tables import saved_cards, stripe_customers
from payments.adapters.tables import billable_bookings
from payments.commands.keep_cards import KeepCard, RecordStripeCustomer
from payments.domain.facts import CardFacts
from shared.contracts.booking import BookingUpdated
from shared.contracts.customers import CustomerErased, ErasureReported
from shared.ids import new_id
from shared.testing.service import a_customer
from sqlalchemy import select, text

from ..factories import Shop, a_booking, later

EMAIL = "ada@example.com"


def erased(customer_id: object, email: str = EMAIL) -> CustomerErased:
    now = a_booking().created_at
    digest = sha256(email.encode()).hexdigest()
    return CustomerErased(customer_id=customer_id, email_sha256=digest, erased_at=now)  # type: ignore[arg-type]


async def people(shop: Shop) -> list[tuple[str, str]]:
    rows = await shop.service.database.fetch_all(select(billable_bookings.c.email, billable_bookings.c.customer_name))
    return [(row.email, row.customer_name) for row in rows]


async def test_a_customer_is_forgotten_and_the_receipts_stay(shop: Shop) -> None:
    who = a_customer()
    booking = a_booking(customer_id=who.id)
    await shop.paid(booking)
    await shop.issue()
    await shop.service.receive(erased(who.id))
    assert await people(shop) == [("", "")]
    (report,) = await shop.service.events(ErasureReported)
    assert (report.service, report.erased["billable_bookings"]) == ("payments", 1)  # type: ignore[attr-defined]
    assert set(report.kept) == {"receipts", "payments"}  # type: ignore[attr-defined]
    rows = await shop.service.database.fetch_all(text("SELECT content->>'customer_email' FROM receipts"))
    assert [row[0] for row in rows] == [EMAIL]
    rows = await shop.service.database.fetch_all(text("SELECT data::text FROM outbox"))
    assert not any(EMAIL in row[0] for row in rows)
    assert "payments_equal_ledger" not in await shop.broken()


async def test_late_news_do_not_bring_the_person_back(shop: Shop) -> None:
    who = a_customer()
    booking = a_booking(customer_id=who.id)
    await shop.intent(booking)
    await shop.service.receive(erased(who.id))
    await shop.service.receive(BookingUpdated(booking=later(booking)))
    await shop.service.receive(BookingUpdated(booking=a_booking()))
    assert await people(shop) == [("", "")] * 2


async def test_someone_who_comes_back_after_the_erasure_is_known_again(shop: Shop) -> None:
    news = erased(new_id())
    await shop.service.receive(news)
    afterwards = a_booking(created_at=news.erased_at + timedelta(seconds=1))
    await shop.intent(afterwards)
    await shop.service.receive(news.model_copy(update={"customer_id": new_id()}))
    await shop.service.receive(BookingUpdated(booking=later(afterwards)))
    assert await people(shop) == [(EMAIL, "Ada Byron")]


async def test_a_guest_is_found_by_the_address(shop: Shop) -> None:
    contact = a_booking().contact
    for email in ("ADA@Example.com", "other@example.com"):
        await shop.intent(a_booking(contact=contact.model_copy(update={"email": email})))
    await shop.service.receive(erased(new_id()))
    assert sorted(await people(shop)) == [("", ""), ("other@example.com", "Ada Byron")]


async def test_stripe_forgets_the_customer_with_all_cards_and_none_comes_back(shop: Shop) -> None:
    who = a_customer()
    made = await shop.at_stripe("POST", "/v1/customers", description="one of ours")
    await shop.service.commands.execute(RecordStripeCustomer(who.id, made["id"]))
    card = CardFacts("pm_1", made["id"], "visa", "4242", 12, 2030)
    await shop.service.commands.execute(KeepCard(who.id, card))
    await shop.service.receive(erased(who.id))
    shop.sandbox.fault("status", method="DELETE", path="/v1/customers/*", status=500, count=1, cached=False)
    await shop.work()
    shop.later(minutes=1)
    await shop.work()
    assert (await shop.at_stripe("GET", f"/v1/customers/{made['id']}"))["deleted"] is True
    assert await shop.service.commands.execute(KeepCard(who.id, card)) is None
    assert await shop.service.database.fetch_all(select(saved_cards)) == []
    row = await shop.service.database.fetch_one(select(stripe_customers.c.forget_at, stripe_customers.c.forgotten_at))
    assert row is not None
    assert (row.forget_at, row.forgotten_at is not None) == (None, True)


async def test_a_customer_made_at_stripe_while_being_erased_is_forgotten_too(shop: Shop) -> None:
    who = a_customer()
    made = await shop.at_stripe("POST", "/v1/customers", description="one of ours")
    await shop.service.receive(erased(who.id))
    await shop.service.commands.execute(RecordStripeCustomer(who.id, made["id"]))
    await shop.work()
    assert (await shop.at_stripe("GET", f"/v1/customers/{made['id']}"))["deleted"] is True
