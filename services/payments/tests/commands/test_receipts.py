"""Receipts, credit notes and invoices: numbered without gaps, never changed, told of once their files are stored."""

import asyncio
import hashlib
import io
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from payments.adapters.receipt_pdf import receipt_pdf
from payments.adapters.receipt_tables import receipt_files, receipts
from payments.adapters.tables import billable_bookings
from payments.commands.issue_receipt import COLUMNS, IssueReceipt, receipt_of
from pypdf import PdfReader
from shared.contracts.booking import BookingConfirmed, BookingUpdated
from shared.contracts.booking_state import Adjustment, PriceLines
from shared.contracts.payments import ReceiptIssued
from shared.testing.service import MovableClock, a_customer, a_staff_member
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from ..factories import MANAGE_TOKEN, TOTAL_CENTS, Shop, a_booking, later

PRICES = PriceLines(
    base_price_cents=20_000, organizing_tax_cents=3_400, surcharge_cents=2_000, discount_cents=500,
    total_price_cents=TOTAL_CENTS,
)  # fmt: skip


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


async def listed(shop: Shop, booking: Any) -> list[dict[str, Any]]:
    async with shop.service.as_caller() as client:
        answer = await client.get(f"/api/payments/receipts/{booking.booking_number}/?token={MANAGE_TOKEN}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["results"])


async def download(shop: Shop, receipt: dict[str, Any]) -> httpx.Response:
    async with shop.service.as_caller() as client:
        return await client.get(httpx.URL(receipt["download_url"]).raw_path.decode())


async def numbers(shop: Shop) -> list[str]:
    rows = await shop.service.database.fetch_all(select(receipts.c.number).order_by(receipts.c.number))
    return [row.number for row in rows]


def business_year(shop: Shop) -> int:
    platform = shop.service.platform
    return platform.clock().astimezone(platform.settings.timezone).year


async def test_a_payment_gets_a_receipt_that_its_holder_can_download(shop: Shop) -> None:
    booking = a_booking(prices=PRICES)
    payment = await shop.paid(booking)
    await shop.issue()
    (receipt,) = await listed(shop, booking)
    assert (receipt["kind"], receipt["amount_cents"], receipt["payment_id"]) == (
        "receipt",
        TOTAL_CENTS,
        str(payment.id),
    )
    pdf = await download(shop, receipt)
    assert (pdf.status_code, pdf.headers["content-type"]) == (200, "application/pdf")
    text = text_of(pdf.content)
    for expected in (
        f"Receipt {receipt['number']}", "Tote Taxi", "1 Bay Ave, New York", booking.booking_number, "Ada Byron",
        "Sales tax on packing and unpacking", "$34.00", "Discount", "-$5.00", "Total", "$249.00", "Paid by card",
    ):  # fmt: skip
        assert expected in text
    (told,) = await shop.service.events(ReceiptIssued)
    assert (told.number, told.storage_key) == (  # type: ignore[attr-defined]
        receipt["number"],
        f"receipts/{receipt['number'].split('-')[1]}/{receipt['number']}.pdf",
    )


async def test_the_same_row_makes_the_same_bytes(shop: Shop) -> None:
    await shop.paid(a_booking(prices=PRICES))
    await shop.issue()
    row = await shop.service.database.fetch_one(select(*COLUMNS))
    file = await shop.service.database.fetch_one(select(receipt_files.c.sha256))
    assert file is not None
    zone = shop.service.platform.settings.timezone
    made = {hashlib.sha256(receipt_pdf(receipt_of(row), zone)).hexdigest() for _ in range(2)}
    assert made == {file.sha256}


async def test_names_of_all_scripts_are_printed(shop: Shop) -> None:
    contact = a_booking().contact.model_copy(update={"first_name": "Łukasz", "last_name": "Müller 李"})
    booking = a_booking(contact=contact)
    await shop.paid(booking)
    await shop.issue()
    text = text_of((await download(shop, (await listed(shop, booking))[0])).content)
    assert "Customer: Lukasz Müller ?" in text


async def test_every_refund_makes_a_credit_note_that_names_its_receipt(shop: Shop) -> None:
    booking = a_booking()
    payment = await shop.paid(booking)
    for cents in (1_000, 2_000):
        await shop.request_refund(payment.id, cents)
        shop.later(seconds=1)
    await shop.work()
    await shop.issue()
    found = await listed(shop, booking)
    notes = sorted(one["amount_cents"] for one in found if one["kind"] == "credit_note")
    assert notes == [-2_000, -1_000]
    (receipt,) = [one for one in found if one["kind"] == "receipt"]
    text = text_of((await download(shop, next(one for one in found if one["amount_cents"] == -1_000))).content)
    assert f"Refund of receipt {receipt['number']}" in text
    assert "-$10.00" in text


async def test_a_refund_that_comes_back_reverses_its_credit_note(shop: Shop) -> None:
    shop.sandbox.control("POST", "/settling", {"after_seconds": None})
    booking = a_booking()
    payment = await shop.paid(booking, "pm_card_refundFail")
    await shop.request_refund(payment.id)
    await shop.work()
    await shop.issue()
    shop.sandbox.control("POST", "/settle")
    await shop.deliver(shop.webhooks("refund.failed")[0])
    await shop.work()
    await asyncio.gather(shop.issue(), shop.issue())
    year = business_year(shop)
    assert await numbers(shop) == [f"C-{year}-000001", f"CR-{year}-000001", f"R-{year}-000001"]
    reversal = (await listed(shop, booking))[0]
    assert (reversal["kind"], reversal["amount_cents"]) == ("credit_note_reversal", TOTAL_CENTS)
    text = text_of((await download(shop, reversal)).content)
    assert f"Reversal of credit note C-{year}-000001" in text
    shop.later(seconds=1)
    await shop.request_refund(payment.id)
    await shop.work()
    await shop.issue()
    assert sum(one["amount_cents"] for one in await listed(shop, booking)) == 0
    assert await shop.broken() == []


async def test_a_refund_that_fails_before_its_credit_note_has_no_documents(shop: Shop) -> None:
    shop.sandbox.control("POST", "/settling", {"after_seconds": None})
    await shop.request_refund((await shop.paid(a_booking(), "pm_card_refundFail")).id)
    await shop.work()
    shop.sandbox.control("POST", "/settle")
    await shop.deliver(shop.webhooks("refund.failed")[0])
    await shop.work()
    await shop.issue()
    assert await numbers(shop) == [f"R-{business_year(shop)}-000001"]


async def test_a_document_of_a_payment_waits_for_nobody_who_holds_its_booking(shop: Shop) -> None:
    payment = await shop.paid(a_booking())
    async with shop.service.database.transaction() as connection:
        await connection.execute(select(billable_bookings.c.id).with_for_update(key_share=True))
        assert await shop.service.commands.execute(IssueReceipt(payment.id)) is not None


async def test_racing_issuers_leave_no_gap_and_no_double(shop: Shop) -> None:
    payments = [await shop.paid(a_booking()) for _ in range(6)]
    await asyncio.gather(*(shop.service.commands.execute(IssueReceipt(one.id)) for one in payments * 3), shop.issue())
    year = business_year(shop)
    assert await numbers(shop) == [f"R-{year}-{count:06d}" for count in range(1, 7)]
    await shop.issue()
    assert len(await shop.service.events(ReceiptIssued)) == 6


async def test_a_series_begins_anew_with_the_year_of_the_business(shop: Shop, clock: MovableClock) -> None:
    for now in (datetime(2027, 1, 1, 4, tzinfo=UTC), datetime(2027, 1, 1, 6, tzinfo=UTC)):
        clock.now = now
        await shop.paid(a_booking())
        await shop.issue()
    assert await numbers(shop) == ["R-2026-000001", "R-2027-000001"]


async def test_money_that_goes_back_by_itself_has_no_documents(shop: Shop) -> None:
    booking = a_booking()
    intent = await shop.intent(booking)
    await shop.at_stripe("POST", f"/v1/payment_intents/{intent['payment_intent_id']}", amount="100")
    await shop.pay(intent)
    await shop.confirm(intent)
    await shop.issue()
    assert await numbers(shop) == []


@pytest.mark.parametrize("change", [update(receipts).values(amount_cents=1), delete(receipts)])
async def test_what_was_issued_can_not_be_changed(shop: Shop, change: Any) -> None:
    await shop.paid(a_booking())
    await shop.issue()
    with pytest.raises(DBAPIError, match="only ever added to"):
        async with shop.service.database.transaction() as connection:
            await connection.execute(change)


async def test_a_store_that_is_down_is_tried_again_and_nothing_is_told_before(shop: Shop) -> None:
    booking = a_booking()
    await shop.paid(booking)
    folder = shop.service.platform.settings.documents_dir
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way")
    await shop.issue()
    assert [one["download_url"] for one in await listed(shop, booking)] == [None]
    assert await shop.service.events(ReceiptIssued) == []
    folder.unlink()
    shop.later(minutes=1)
    await shop.issue()
    assert (await download(shop, (await listed(shop, booking))[0])).status_code == 200
    assert len(await shop.service.events(ReceiptIssued)) == 1


async def test_documents_are_for_those_alone_whose_they_are(shop: Shop) -> None:
    who = a_customer()
    booking = a_booking(customer_id=who.id)
    payment = await shop.paid(booking)
    await shop.issue()
    own, staffs = f"/api/customers/bookings/{booking.id}/receipts/", f"/api/staff/payments/{payment.id}/receipts/"
    public = f"/api/payments/receipts/{booking.booking_number}/"
    for caller, path, status in (
        (who, own, 200), (a_customer(), own, 404), (who, public, 200), (a_customer(), public, 404),
        (a_staff_member("view_bookings"), staffs, 200), (a_staff_member(), staffs, 403), (a_customer(), staffs, 403),
    ):  # fmt: skip
        async with shop.service.as_caller(caller) as client:
            assert (await client.get(path)).status_code == status, path
    async with shop.service.as_caller() as client:
        assert (await client.get(f"{public}?token=wrong")).status_code == 404
        assert (await client.get("/api/payments/files/?key=eA&expires=1&filename=a&signature=b")).status_code == 404


async def invoice(shop: Shop, booking: Any, **headers: str) -> httpx.Response:
    async with shop.service.as_caller(a_staff_member("manage_bookings")) as client:
        return await client.post("/api/staff/payments/invoices/", json={"booking_id": str(booking.id)}, headers=headers)


async def test_a_confirmed_booking_is_invoiced_once_until_it_changes(shop: Shop) -> None:
    booking = a_booking(prices=PRICES, status="confirmed")
    await shop.service.receive(BookingConfirmed(booking=booking))
    first = await invoice(shop, booking)
    assert (first.status_code, first.json()["kind"], first.json()["amount_cents"]) == (201, "invoice", TOTAL_CENTS)
    assert (await invoice(shop, booking)).json()["number"] == first.json()["number"]
    dearer = PRICES.model_copy(update={"base_price_cents": 21_000, "total_price_cents": TOTAL_CENTS + 1_000})
    await shop.service.receive(BookingConfirmed(booking=later(booking, prices=dearer)))
    assert (await invoice(shop, booking)).json()["amount_cents"] == TOTAL_CENTS + 1_000
    await shop.issue()
    assert "Please pay by the day" in text_of((await download(shop, (await listed(shop, booking))[0])).content)


async def test_what_a_change_costs_is_still_to_be_paid_by_the_invoice(shop: Shop) -> None:
    booking = a_booking(prices=PRICES)
    await shop.paid(booking)
    owed = Adjustment(number=1, amount_cents=5_000)
    # It had become cheaper by as much before, so what was paid in all is as much as the price.
    moved = later(booking, status="paid", paid_cents=TOTAL_CENTS, adjustments=(owed,))
    await shop.service.receive(BookingUpdated(booking=moved))
    assert (await invoice(shop, booking)).json()["amount_cents"] == TOTAL_CENTS
    await shop.issue()
    [found] = [one for one in await listed(shop, booking) if one["kind"] == "invoice"]
    assert "Paid in full" not in text_of((await download(shop, found)).content)


async def test_an_unpaid_booking_is_not_invoiced(shop: Shop) -> None:
    booking = a_booking()
    await shop.intent(booking)
    answer = await invoice(shop, booking, **{"Idempotency-Key": "a-key-of-enough-characters"})
    assert (answer.status_code, answer.json()["error_code"]) == (409, "nothing_to_invoice")
