"""Events: how to read them, and whether their webhooks arrived."""

from .errors import Json, refused
from .listing import listed
from .store import Store, Where
from .work import Call

_UNDELIVERED = "SELECT event_id FROM deliveries WHERE state IN ('waiting', 'dropped', 'failed')"


def retrieve(call: Call) -> Json:
    return _with_pending(call.work.store, call.work.get("event", call.id))


def list_all(call: Call) -> Json:
    params = call.params
    params.only({"created", "type", "types", "delivery_success", "limit", "starting_after", "ending_before"})
    if "type" in params and "types" in params:
        raise refused("You may only specify one of these parameters: type, types.")
    where = []
    if kind := params.text("type"):
        where.append(Where("json_extract(body, '$.type') GLOB ?", (kind,)))
    if types := params.strings("types"):
        marks = ", ".join("?" * len(types))
        where.append(Where(f"json_extract(body, '$.type') IN ({marks})", tuple(types)))
    if "delivery_success" in params:
        negation = "NOT " if params.flag("delivery_success") else ""
        where.append(Where(f"id {negation}IN ({_UNDELIVERED})", ()))
    page = listed(call, "event", where=where)
    page["data"] = [_with_pending(call.work.store, event) for event in page["data"]]
    return page


def _with_pending(store: Store, event: Json) -> Json:
    sql = "SELECT COUNT(*) FROM deliveries WHERE event_id = ? AND state IN ('waiting', 'dropped')"
    return event | {"pending_webhooks": min(1, store.value(sql, event["id"]))}
