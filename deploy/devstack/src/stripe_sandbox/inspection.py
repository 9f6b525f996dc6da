"""What the sandbox has seen, in counts and sums (cents), for tests and for people."""

import re
from collections.abc import Sequence

from .errors import Json, bad_parameter
from .store import Store, Where

_KINDS = {
    "payment_intents",
    "charges",
    "refunds",
    "customers",
    "payment_methods",
    "setup_intents",
    "disputes",
    "events",
    "balance_transactions",
}
_METADATA = re.compile(r"metadata\[(.+)\]\Z")
_FIELD = re.compile(r"[a-z_]+\Z")


def state(store: Store) -> Json:
    """The whole at a glance."""
    return {
        "payment_intents": _grouped(store, "payment_intent", "$.status"),
        "refunds": _grouped(store, "refund", "$.status"),
        "disputes": _grouped(store, "dispute", "$.status"),
        "setup_intents": _grouped(store, "setup_intent", "$.status"),
        "events": _grouped(store, "event", "$.type"),
        "captured_cents": _captured_cents(store),
        "refunded_cents": _refunded_cents(store),
        "captures": _captures(store),
        "idempotency_keys": store.value("SELECT COUNT(*) FROM idempotency_keys"),
        "deliveries": dict(store.rows("SELECT state, COUNT(*) FROM deliveries GROUP BY state")),
        "waiting_consequences": store.value("SELECT COUNT(*) FROM consequences"),
        "requests": {f"{method} {path}": n for method, path, n in store.rows("SELECT method, path, n FROM requests")},
    }


def _grouped(store: Store, kind: str, path: str) -> Json:
    sql = "SELECT json_extract(body, ?), COUNT(*) FROM objects WHERE kind = ? GROUP BY 1"
    return dict(store.rows(sql, path, kind))


def _captured_cents(store: Store) -> int:
    return int(store.value("SELECT TOTAL(json_extract(body, '$.amount_captured')) FROM objects WHERE kind = 'charge'"))


def _refunded_cents(store: Store) -> int:
    sql = (
        "SELECT TOTAL(json_extract(body, '$.amount')) FROM objects "
        "WHERE kind = 'refund' AND json_extract(body, '$.status') IN ('succeeded', 'pending')"
    )
    return int(store.value(sql))


def _captures(store: Store) -> Json:
    """How many charges succeeded, by intent: never more than one in a right world."""
    sql = (
        "SELECT json_extract(body, '$.payment_intent'), COUNT(*) FROM objects "
        "WHERE kind = 'charge' AND json_extract(body, '$.status') = 'succeeded' GROUP BY 1"
    )
    return dict(store.rows(sql))


def find_objects(store: Store, plural: str, query: Sequence[tuple[str, str]]) -> list[Json]:
    """All objects of a kind for which `metadata[key]=value` and `field=value` hold, oldest first."""
    if plural not in _KINDS:
        raise bad_parameter(f"Unknown kind: {plural}. Known: {', '.join(sorted(_KINDS))}.", "kind")
    return store.select(plural.removesuffix("s"), *(_where(name, value) for name, value in query), ascending=True)


def _where(name: str, value: str) -> Where:
    if metadata := _METADATA.match(name):
        return Where.metadata(metadata[1], value)
    if not _FIELD.match(name):
        raise bad_parameter(f"Unknown field: {name}.", name)
    return Where(f"CAST(json_extract(body, '$.{name}') AS TEXT) = ?", (value,))
