"""Holds what services say of the same things against each other: the owner's figures and those of copies."""

from collections.abc import Mapping
from typing import Any

Totals = Mapping[str, Mapping[str, int]]
"""What a service says: things (`payments`) → figures about them."""


def compare_copies(said: Mapping[str, Totals]) -> list[dict[str, Any]]:
    """A check for all things that more than one service tells of; it holds if they tell the same."""
    things = sorted({thing for totals in said.values() for thing in totals})
    known = {thing: {name: totals[thing] for name, totals in said.items() if thing in totals} for thing in things}
    return [_check(thing, by_service) for thing, by_service in known.items() if len(by_service) > 1]


def _check(thing: str, by_service: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    figures = {f"{service}_{name}": value for service, told in by_service.items() for name, value in told.items()}
    first, *others = by_service.values()
    wrong = sum(told != first for told in others)
    return {
        "service": " and ".join(by_service),
        "name": f"copies_of_{thing}",
        "ok": wrong == 0,
        "figures": figures | {"wrong": wrong},
        "details": f"{' and '.join(by_service)} know the same {thing}.",
    }
