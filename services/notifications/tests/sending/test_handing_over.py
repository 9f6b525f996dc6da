"""How often a mail server is handed the same e-mail, whatever fails around it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from notifications.adapters import smtp
from notifications.adapters.smtp import Server, Smtp
from notifications.adapters.tables import bookings, messages
from notifications.sending.post import PostOffice
from notifications.sending.sender import AT_ONCE, Bell, Sender
from notifications.service import post_office
from shared.contracts.booking import BookingCreated, BookingPaid
from shared.testing.service import MovableClock, RunningService
from shared.testing.waiting import wait_until_async
from sqlalchemy import select, text

Make = Callable[..., Any]
LONG = timedelta(seconds=61)


class MailServer:
    """Counts every e-mail that it takes, and takes none while it is shut; says `leave` to QUIT, or nothing."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.waiting = 0
        self.open = asyncio.Event()
        self.open.set()
        self.leave = b"221 Bye\r\n"

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            match line.strip().upper():
                case b"DATA":
                    await self._take(reader, writer)
                case b"QUIT":
                    writer.write(self.leave)
                case _:
                    writer.write(b"250 OK\r\n")
        writer.close()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"354 go\r\n")
        content = await reader.readuntil(b"\r\n.\r\n")
        self.waiting += 1
        await self.open.wait()
        self.taken.append(content)
        writer.write(b"250 OK\r\n")


@pytest.fixture
async def mail_server() -> MailServer:
    return MailServer()


@pytest.fixture
async def carrier(mail_server: MailServer, patience: float) -> AsyncIterator[Smtp]:
    async with await asyncio.start_server(mail_server.talk, "127.0.0.1", 0) as server:
        yield Smtp(Server("127.0.0.1", server.sockets[0].getsockname()[1], seconds=patience))


def a_sender(service: RunningService, carrier: Any) -> Sender:
    return Sender(service.commands, post_office(service.platform, carrier, carrier), Bell())


async def booked(service: RunningService, a_booking: Make, count: int) -> None:
    await asyncio.gather(*(service.receive(BookingCreated(booking=a_booking())) for _ in range(count)))


async def statuses(service: RunningService) -> list[tuple[str, int]]:
    rows = await service.database.fetch_all(select(messages.c.status, messages.c.attempts).order_by(messages.c.id))
    return sorted((row.status, row.attempts) for row in rows)


async def test_a_connection_that_is_lost_while_writing_down_sends_nothing_twice(
    service: RunningService, clock: MovableClock, a_booking: Make, mail_server: MailServer, carrier: Smtp
) -> None:
    await booked(service, a_booking, 12)
    sender = a_sender(service, carrier)
    mail_server.open.clear()
    sending = asyncio.create_task(sender.send_batch())
    await wait_until_async(lambda: _is(mail_server.waiting == AT_ONCE), what="five e-mails at the server")
    async with service.database.transaction() as connection:
        await connection.execute(text("SELECT id FROM messages FOR UPDATE"))
        mail_server.open.set()
        await wait_until_async(lambda: _ended_blocked(service), what="the end of who writes down")
    await sending
    clock.now += LONG
    assert await sender.send_batch() == 0
    assert len(mail_server.taken) == 12
    assert await statuses(service) == [("sent", 1)] * 12


async def _is(condition: bool) -> bool:
    return condition


async def _ended_blocked(service: RunningService) -> bool:
    end = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0"
    )
    return bool(await service.database.fetch_all(end))


async def test_who_is_told_to_stop_finishes_what_the_server_has_and_gives_the_rest_back(
    service: RunningService, a_booking: Make, mail_server: MailServer, carrier: Smtp
) -> None:
    await booked(service, a_booking, 12)
    sender = a_sender(service, carrier)
    mail_server.open.clear()
    running = asyncio.create_task(sender.run())
    await wait_until_async(lambda: _is(mail_server.waiting == AT_ONCE), what="five e-mails at the server")
    sender.stop()
    mail_server.open.set()
    await running
    assert await statuses(service) == [("pending", 0)] * 7 + [("sent", 1)] * 5
    while await a_sender(service, carrier).send_batch():
        pass
    assert len(mail_server.taken) == 12


def _with_a_moment_left(take_leave: Callable[[Any], None]) -> Callable[[Any], None]:
    """What is left of a conversation's time at its end: the e-mail itself had all the time that it took."""

    def hurried(connection: Any) -> None:
        connection._ends_at = time.monotonic() + 0.3
        take_leave(connection)

    return hurried


@pytest.mark.parametrize("leave", [b"", b"500 What?\r\n"])
async def test_an_email_that_was_taken_is_sent_whatever_the_server_says_at_the_end(
    service: RunningService, clock: MovableClock, a_booking: Make, mail_server: MailServer, carrier: Smtp, leave: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    await booked(service, a_booking, 1)
    mail_server.leave = leave
    if not leave:
        monkeypatch.setattr(smtp, "_take_leave", _with_a_moment_left(smtp._take_leave))
    for _ in range(2):
        await a_sender(service, carrier).send_batch()
        clock.now += LONG
    assert (len(mail_server.taken), await statuses(service)) == (1, [("sent", 1)])


async def test_a_store_that_never_answers_does_not_outlast_the_lease(
    service: RunningService, a_booking: Make, mail_server: MailServer, carrier: Smtp
) -> None:
    await booked(service, a_booking, 1)

    class Stuck:
        async def email(self, message: Any) -> Any:
            await asyncio.Event().wait()

    platform = service.platform
    post = PostOffice(Stuck(), carrier, carrier, platform.settings.timezone, platform.clock, 0.05)  # type: ignore[arg-type]
    await Sender(service.commands, post, Bell()).send_batch()
    assert await statuses(service) == [("pending", 1)]
    assert mail_server.taken == []


async def test_a_copy_that_can_not_be_read_holds_back_its_own_message_alone(
    service: RunningService, a_booking: Make, mail_server: MailServer, carrier: Smtp
) -> None:
    broken, whole = a_booking(), a_booking(status="paid")
    await service.receive(BookingCreated(booking=broken))
    await service.receive(BookingPaid(booking=whole, paid_cents=100))
    async with service.database.transaction() as connection:
        await connection.execute(bookings.update().where(bookings.c.id == broken.id).values(state={"id": "x"}))
    await a_sender(service, carrier).send_batch()
    rows = await service.database.fetch_all(select(messages).where(messages.c.booking_id == broken.id))
    assert [(row.status, row.failure_reason) for row in rows] == [("pending", "The copy of its booking can't be read.")]
    assert len(mail_server.taken) == 2
