"""Tables for spreadsheets: CSV in UTF-8, sent row by row so that a long one needs no memory."""

import csv
import io
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from fastapi import Response
from fastapi.responses import StreamingResponse

Cell = str | int | float | bool | Decimal | date | datetime | UUID | None
"""What a cell may hold. Texts are escaped, numbers stay numbers, null is empty, instants are RFC 3339."""

CSV = "text/csv; charset=utf-8"
AS_CSV_TOO: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
"""A route's `responses` when its answer can be had as CSV as well."""

CHUNK_CHARACTERS = 32 * 1024

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a text that begins so for a formula and would carry it out."""


async def csv_answer(filename: str, columns: Sequence[str], rows: AsyncIterable[Sequence[Cell]]) -> Response:
    """`rows` under their `columns` as a download called `filename` (ASCII letters, digits, `.`, `-`, `_` alone).

    The first rows are fetched before anything is sent, so what is wrong with the request is still told as a problem.
    """
    chunks = csv_chunks(columns, rows)
    first = await anext(chunks)
    return StreamingResponse(
        _with_first(first, chunks),
        media_type=CSV,
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


async def csv_chunks(columns: Sequence[str], rows: AsyncIterable[Sequence[Cell]]) -> AsyncGenerator[str, None]:
    """The table as pieces of text of some 32 KiB, the names of the columns first."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(columns)
    async for row in rows:
        writer.writerow(map(csv_cell, row))
        if buffer.tell() >= CHUNK_CHARACTERS:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


async def each(rows: Iterable[Sequence[Cell]]) -> AsyncIterator[Sequence[Cell]]:
    """Rows that are all there already, one by one."""
    for row in rows:
        yield row


def csv_cell(value: Cell) -> str | int | float | Decimal:
    """The value as the cell shows it; a text that a spreadsheet would carry out as a formula begins with `'`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


async def _with_first(first: str, others: AsyncGenerator[str, None]) -> AsyncIterator[str]:
    async with aclosing(others):
        yield first
        async for chunk in others:
            yield chunk
