"""Pages of objects, search by a query, and the expansion of ids into the objects they name."""

import re
from collections.abc import Collection
from typing import Any

from .errors import ApiError, Json, bad_parameter, missing, refused
from .params import Params
from .store import Where
from .work import Call, Work

_COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_MAX_LIMIT = 100


def listed(call: Call, kind: str, *, fields: Collection[str] = (), where: Collection[Where] = ()) -> Json:
    """One page, newest first, narrowed by the parameters in `fields`, by `created[…]` and by `where`."""
    conditions = [*where, *_created(call.params)]
    for name in fields:
        if (value := call.params.text(name)) is not None:
            conditions.append(Where.field(name, value))
    limit = _limit(call.params)
    backwards = call.params.text("ending_before")
    conditions += _after(call, backwards)
    found = call.work.store.select(kind, *conditions, limit=limit + 1, ascending=backwards is not None)
    page = found[:limit][::-1] if backwards else found[:limit]
    return {"object": "list", "data": page, "has_more": len(found) > limit, "url": call.path}


def _limit(params: Params) -> int:
    limit = params.integer("limit")
    if limit is not None and not 1 <= limit <= _MAX_LIMIT:
        raise bad_parameter("This value must be between 1 and 100.", "limit", "parameter_invalid_integer")
    return limit or 10


def _created(params: Params) -> list[Where]:
    if "created" not in params:
        return []
    if isinstance(params.values["created"], str):
        return [Where.field("created", params.integer("created"))]
    bounds = params.nested("created")
    bounds.only(_COMPARISONS)
    return [Where(f"created {_COMPARISONS[name]} ?", (bounds.integer(name),)) for name in bounds.values]


def _after(call: Call, backwards: str | None) -> list[Where]:
    cursor = backwards or call.params.text("starting_after")
    if cursor is None:
        return []
    seq = call.work.store.value("SELECT seq FROM objects WHERE id = ?", cursor)
    if seq is None:
        raise missing("object", cursor, param="ending_before" if backwards else "starting_after", status=400)
    return [Where(f"seq {'>' if backwards else '<'} ?", (seq,))]


_CLAUSE = re.compile(
    r"""\s*(?P<not>-?)(?P<field>[a-z_]+)(?:\[(?P<q>['"])(?P<key>.*?)(?P=q)\])?"""
    r"""\s*(?P<op>:|>=|<=|>|<)\s*(?:(?P<r>['"])(?P<text>(?:\\.|(?!(?P=r)).)*)(?P=r)|(?P<number>\d{1,15}))"""
)
_SEARCHED = {"status", "currency", "customer", "amount", "created"}


def search(call: Call, kind: str) -> Json:
    """Objects for which a query such as `status:'succeeded' AND metadata['order']:'7'` holds, newest first."""
    call.params.only({"query", "limit", "page"})
    clauses = _clauses(call.params.required("query"))
    page = call.params.integer("page") or 0
    limit = _limit(call.params)
    found = call.work.store.select(kind, *clauses, limit=limit * (page + 1) + 1)[limit * page :]
    more = len(found) > limit
    return {
        "object": "search_result",
        "data": found[:limit],
        "has_more": more,
        "next_page": str(page + 1) if more else None,
        "url": call.path,
    }


def _clauses(query: str) -> list[Where]:
    clauses, position = [], 0
    while match := _CLAUSE.match(query, position):
        clauses.append(_clause(match))
        position = match.end()
        if joint := re.compile(r"\s+AND\s+", re.IGNORECASE).match(query, position):
            position = joint.end()
        else:
            break
    if not clauses or query[position:].strip():
        raise _unparsable(query)
    return clauses


def _clause(match: re.Match[str]) -> Where:
    name, key, comparison = match["field"], match["key"], match["op"].replace(":", "=")
    value: Any = int(match["number"]) if match["number"] else re.sub(r"\\(.)", r"\1", match["text"])
    if name == "metadata" and key is not None and comparison == "=":
        found = Where.metadata(key, str(value))
    elif name in _SEARCHED and key is None:
        found = Where.field(name, int(value) if name in {"amount", "created"} else value, comparison)
    else:
        raise _unparsable(match[0])
    return Where(f"NOT ({found.sql})", found.values) if match["not"] else found


def _unparsable(query: str) -> ApiError:
    return refused(f"We were unable to parse your search query: {query}", param="query")


def expand(work: Work, body: Json, paths: Collection[str]) -> Json:
    """Put objects in the place of ids along paths such as `latest_charge.balance_transaction`."""
    for path in paths:
        if path.count(".") > 3:
            raise bad_parameter("You cannot expand more than 4 levels of a property.", "expand")
        _expand(work, body, path.split("."))
    return body


def _expand(work: Work, body: Any, path: list[str]) -> None:
    if isinstance(body, list):
        for item in body:
            _expand(work, item, path)
    elif path and isinstance(body, dict):
        name, rest = path[0], path[1:]
        if name not in body:
            raise bad_parameter(f"This property cannot be expanded ({name}).", "expand")
        if isinstance(body[name], str):
            body[name] = work.store.find(body[name]) or body[name]
        _expand(work, body[name], rest)
