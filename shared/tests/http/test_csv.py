"""Tables for spreadsheets."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from fastapi import FastAPI, Response
from httpx import ASGITransport, AsyncClient
from shared.errors import NotFound
from shared.http.csv import CHUNK_CHARACTERS, Cell, csv_answer, csv_cell, csv_chunks, each
from shared.http.errors import install_error_handlers


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_would_be_a_formula_is_escaped(begin: str) -> None:
    assert csv_cell(f"{begin}HYPERLINK(1)") == f"'{begin}HYPERLINK(1)"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (-950, -950),
        (Decimal("-9.50"), Decimal("-9.50")),
        ("Ada = Byron", "Ada = Byron"),
        (None, ""),
        (True, "true"),
        (date(2026, 11, 23), "2026-11-23"),
        (datetime(2026, 11, 23, 14, 5, tzinfo=UTC), "2026-11-23T14:05:00+00:00"),
    ],
)
def test_numbers_stay_numbers_and_the_rest_is_written_plainly(value: Cell, shown: object) -> None:
    assert csv_cell(value) == shown


async def _download(rows: AsyncIterator[Sequence[Cell]]) -> tuple[dict[str, str], int, bytes]:
    app = FastAPI()
    install_error_handlers(app)

    @app.get("/")
    async def download() -> Response:
        return await csv_answer("bookings.csv", ["name", "cents"], rows)

    async with AsyncClient(transport=ASGITransport(app, raise_app_exceptions=False), base_url="http://x") as client:
        got = await client.get("/")
        return dict(got.headers), got.status_code, got.content


async def test_a_download_is_utf8_with_a_name_and_reads_back_as_it_was() -> None:
    headers, _, content = await _download(each([['Zoë, "Z"\nByron', 12], ["=1+1", -3]]))
    read = list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))
    assert read == [["name", "cents"], ['Zoë, "Z"\nByron', "12"], ["'=1+1", "-3"]]
    assert headers["content-disposition"] == 'attachment; filename="bookings.csv"'
    assert headers["content-type"] == "text/csv; charset=utf-8"


async def test_a_table_without_rows_has_its_columns() -> None:
    assert (await _download(each([])))[2] == b"name,cents\r\n"


async def test_long_tables_come_in_pieces() -> None:
    pieces = [piece async for piece in csv_chunks(["text"], each([["x" * 1000]] * 100))]
    assert len(pieces) > 2
    assert max(map(len, pieces)) < CHUNK_CHARACTERS + 1100
    assert "".join(pieces).count("\r\n") == 101


async def test_what_fails_before_the_first_rows_is_no_download() -> None:
    async def failing() -> AsyncIterator[Sequence[Cell]]:
        raise NotFound()
        yield []

    _, status, _ = await _download(failing())
    assert status == 404
