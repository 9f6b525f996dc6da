"""The double-entry ledger: each fact is a set of entries that sum to zero; balances are sums of entries.

Amounts are cents, debits positive and credits negative. A fact's name is unique for ever, so nothing is booked twice.
"""

from dataclasses import dataclass
from typing import Literal

Account = Literal[
    "stripe_balance", "customer_payments", "customer_refunds", "disputes", "stripe_fees", "payouts", "not_ours"
]
ACCOUNTS: tuple[Account, ...] = (
    "stripe_balance", "customer_payments", "customer_refunds", "disputes", "stripe_fees", "payouts", "not_ours"
)  # fmt: skip
"""Our balance at Stripe; what customers paid and got back; what banks took back in disputes; what Stripe keeps for its
work; what went to our bank; and money on the account that has nothing to do with bookings.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One side of a fact."""

    fact: str
    account: Account
    amount_cents: int


def _moved(fact: str, debit: Account, credit: Account, amount_cents: int) -> tuple[Entry, Entry]:
    return Entry(fact, debit, amount_cents), Entry(fact, credit, -amount_cents)


def charge_entries(intent_id: str, amount_cents: int) -> tuple[Entry, Entry]:
    """A customer paid: our balance at Stripe grows by what customers paid."""
    return _moved(f"charge:{intent_id}", "stripe_balance", "customer_payments", amount_cents)


def refund_entries(refund: str, amount_cents: int) -> tuple[Entry, Entry]:
    """Money went back: our balance at Stripe shrinks. `refund` is the refund's id."""
    return _moved(f"refund:{refund}", "customer_refunds", "stripe_balance", amount_cents)


def refund_reversal_entries(refund: str, amount_cents: int) -> tuple[Entry, Entry]:
    """A refund that had succeeded came back after all."""
    return _moved(f"refund_reversal:{refund}", "stripe_balance", "customer_refunds", amount_cents)


def movement_entries(kind: str, movement: str, account: Account, amount_cents: int) -> tuple[Entry, Entry]:
    """Money moved on our balance at Stripe, in (positive) or out; `movement` is the id of the balance transaction."""
    return _moved(f"{kind}:{movement}", "stripe_balance", account, amount_cents)


def fee_entries(movement: str, fee_cents: int) -> tuple[Entry, Entry]:
    """What Stripe kept of a movement for its work."""
    return _moved(f"fee:{movement}", "stripe_fees", "stripe_balance", fee_cents)
