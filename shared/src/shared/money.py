"""Money: integer cents, percentages as exact decimals, rounded half up once per line."""

from decimal import ROUND_HALF_UP, Decimal

CHARGEABLE_MINIMUM_CENTS = 50
"""The smallest card charge in US dollars that the card networks' processor accepts."""

MAXIMUM_CENTS = 99_999_999
"""The largest amount of one charge, in cents; also what the databases' checks allow."""


def percent_of(amount_cents: int, percent: Decimal) -> int:
    """`percent` per cent of `amount_cents`, in cents, half a cent rounded up."""
    exact = Decimal(amount_cents) * percent / 100
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def dollars(cents: int) -> float | int:
    """Cents as a JSON number of dollars with at most two decimals.

    Only for showing: the division of an integer below 2**53 by 100 prints exactly two decimals.
    """
    return cents // 100 if cents % 100 == 0 else cents / 100


def format_dollars(cents: int) -> str:
    """Cents as people write them, such as `$2,490.00`."""
    sign = "-" if cents < 0 else ""
    return f"{sign}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"
