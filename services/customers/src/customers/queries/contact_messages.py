"""Reads of messages to the office."""

from typing import Any

from shared.db.engine import Database
from shared.http.paging import Page
from sqlalchemy import Row, func, select

from customers.adapters.people_tables import contact_messages


async def messages_page(database: Database, handled: bool | None, page: Page) -> tuple[list[Row[Any]], int]:
    """(the page's messages, newest first, the number of all): handled ones, open ones, or all."""
    wanted = []
    if handled is not None:
        done = contact_messages.c.handled_at
        wanted = [done.is_not(None) if handled else done.is_(None)]
    newest_first = select(contact_messages).where(*wanted)
    newest_first = newest_first.order_by(contact_messages.c.received_at.desc(), contact_messages.c.id.desc())
    async with database.reading() as connection:
        count = await connection.scalar(select(func.count()).select_from(contact_messages).where(*wanted))
        rows = (await connection.execute(newest_first.limit(page.size).offset(page.offset))).all()
    return list(rows), count or 0
