"""Lists in pages: `{results, count, next, previous}`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query, Request

LARGEST_PAGE = 100


@dataclass(frozen=True, slots=True)
class Page:
    """Which page is wanted; `page` counts from 1."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        """Rows to skip."""
        return (self.number - 1) * self.size


async def wanted_page(
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    page_size: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 20,
) -> Page:
    """The page that `?page=` and `?page_size=` ask for. Asynchronous so that it needs no thread."""
    return Page(page, page_size)


def paged(request: Request, page: Page, results: Sequence[Any], count: int) -> dict[str, Any]:
    """The answer of a list, with the addresses of its neighbours relative to the site."""
    return {
        "results": results,
        "count": count,
        "next": _address(request, page.number + 1) if page.offset + page.size < count else None,
        "previous": _address(request, page.number - 1) if page.number > 1 else None,
    }


def _address(request: Request, number: int) -> str:
    url = request.url.include_query_params(page=number)
    return f"{url.path}?{url.query}"
