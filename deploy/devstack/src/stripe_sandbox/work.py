"""What a piece of work can do to the sandbox's state, and the API call that asks for it."""

import random
import string
from dataclasses import dataclass, field
from typing import Any

from . import shapes
from .errors import Json, missing
from .params import Params
from .store import Store, Where
from .webhooks import WebhookPolicy

_ALPHABET = string.ascii_letters + string.digits
_random = random.SystemRandom()

# What a "No such …" message and its `param` call an object of each kind.
_NOUNS = {
    "payment_intent": ("payment_intent", "intent"),
    "setup_intent": ("setupintent", "intent"),
    "payment_method": ("PaymentMethod", "payment_method"),
}


def new_id(prefix: str) -> str:
    return f"{prefix}_{''.join(_random.choices(_ALPHABET, k=24))}"


@dataclass
class Work:
    """The view of one transaction. `now` is in Unix seconds; `settle_seconds` None holds consequences until told."""

    store: Store
    policy: WebhookPolicy
    now: float
    base_url: str
    settle_seconds: float | None
    request_id: str | None = None
    idempotency_key: str | None = None

    @property
    def created(self) -> int:
        return int(self.now)

    def find(self, kind: str, object_id: str) -> Json | None:
        found = self.store.find(object_id)
        return found if found and found["object"] == kind and not found.get("deleted") else None

    def get(self, kind: str, object_id: str, *, param: str | None = None) -> Json:
        """The object; raises ApiError, 400 for the parameter that named it or 404 without one."""
        found = self.find(kind, object_id)
        if found is None:
            noun, default = _NOUNS.get(kind, (kind, "id"))
            raise missing(noun, object_id, param=param or default, status=400 if param else 404)
        return found

    def select(self, kind: str, **fields: Any) -> list[Json]:
        return self.store.select(kind, *(Where.field(name, value) for name, value in fields.items()))

    def add(self, body: Json) -> Json:
        self.store.add(body)
        return body

    def change(self, body: Json, **fields: Any) -> Json:
        """Set fields of a stored object; returns the former values of those that changed."""
        previous = {name: body.get(name) for name, value in fields.items() if body.get(name) != value}
        if previous:
            body.update(fields)
            self.store.save(body, metadata_changed="metadata" in previous)
        return previous

    def emit(self, kind: str, body: Json, previous: Json | None = None) -> None:
        """Record an event and queue its deliveries, in the transaction of the change that it tells of."""
        request = {"id": self.request_id, "idempotency_key": self.idempotency_key}
        event = self.add(shapes.event(new_id("evt"), self.created, kind, body, previous, request))
        self.policy.enqueue(self.store, event["id"], self.now)

    def later(self, action: str, subject: str) -> None:
        """Leave a consequence, as a dispute that follows a charge, to its time."""
        due = float("inf") if self.settle_seconds is None else self.now + self.settle_seconds
        self.store.execute("INSERT INTO consequences (due_at, action, subject) VALUES (?, ?, ?)", due, action, subject)


@dataclass
class Call:
    """One API call: its parameters, the ids in its path, and whether the publishable key made it."""

    work: Work
    params: Params
    path: str
    publishable: bool = False
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The id of the object that the path names."""
        return self.ids["id"]
