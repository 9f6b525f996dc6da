"""Turns whatever a route raises into a problem document. Nothing internal ever shows."""

import logging
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from shared.errors import Invalid, Refusal, Unavailable
from shared.http.access import denial
from shared.http.problems import PROBLEM_JSON, TITLES, problem, problem_of

log = logging.getLogger(__name__)

_SOURCES = ("body", "query", "path", "header", "cookie")
_HTTP_CODES = {404: "not_found", 405: "method_not_allowed"}
_NO_NAME = re.compile(r"(constrained-[a-z]+|[a-z-]+\[.*\]|\[key\])\Z", re.DOTALL)
"""How the ways to read a field are called among each other, or that a name is wrong and not what it names."""

_MOST_FIELDS = 50
_LONGEST_PATH = 100


def install_error_handlers(app: FastAPI) -> None:
    """Every refusal of every route goes through here; for bugs there is `bug_response`."""
    app.add_exception_handler(Refusal, _on_refusal)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(DataError, _on_data_error)
    app.add_exception_handler(OperationalError, _on_database_down)
    app.add_exception_handler(InterfaceError, _on_database_down)
    app.add_exception_handler(PoolTimeout, _on_database_down)


def refusal_response(refusal: Refusal, path: str = "") -> Response:
    """A refusal as an answer."""
    status, body, headers = problem_of(refusal, path)
    return Response(body, status, headers, media_type=PROBLEM_JSON)


async def _on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return _invalid(request, error) if isinstance(error, Invalid) else refusal_response(error, request.url.path)


async def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return _invalid(request, Invalid(field_errors_of(error.errors())))


def _invalid(request: Request, error: Invalid) -> Response:
    """What is wrong with the request, for those who may make it."""
    return refusal_response(denial(request) or error, request.url.path)


def field_errors_of(errors: Sequence[Any]) -> dict[str, list[str]]:
    """pydantic's errors by field path, such as `addresses.pickup.zip_code`; the first 50 are enough for anyone."""
    fields: defaultdict[str, list[str]] = defaultdict(list)
    for error in errors[:_MOST_FIELDS]:
        path = ".".join(_location_of(error)) or "body"
        fields[path[:_LONGEST_PATH]].append(_sentence(error))
    return dict(fields)


def _location_of(error: Any) -> list[str]:
    """The names on the way to what is wrong, as its sender knows them."""
    location = [str(part) for part in error["loc"]]
    if location and location[0] in _SOURCES:
        location = location[1:]
    match error["type"]:
        case "json_invalid":
            return []
        case "extra_forbidden":
            return location
        case _:
            return [part for part in location if not _NO_NAME.match(part)]


def _sentence(error: Any) -> str:
    match error["type"]:
        case "missing":
            return "This field is required."
        case "extra_forbidden":
            return "This field is not known."
        case "json_invalid":
            return "The body is not valid JSON."
        case "value_error":
            return str(error["msg"]).removeprefix("Value error, ")
        case "string_too_short" | "string_too_long":
            return _length(error["ctx"])
        # What is checked for more than its length before it, pydantic calls a value and its characters items.
        case "too_short" | "too_long" if error["ctx"]["field_type"] == "Value":
            return _length(error["ctx"])
        case _:
            return str(error["msg"]).rstrip(".") + "."


def _length(bounds: Mapping[str, Any]) -> str:
    if (longest := bounds.get("max_length")) is not None:
        return f"Must have at most {longest} characters."
    shortest = bounds["min_length"]
    return "This field may not be empty." if shortest == 1 else f"Must have at least {shortest} characters."


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 400:  # the framework's answer to a body that its parser gives up on
        return _invalid(request, Invalid({"body": ["The body can not be read."]}))
    code = _HTTP_CODES.get(error.status_code, f"http_{error.status_code}")
    body = problem(error.status_code, code, TITLES.get(error.status_code, "Error") + ".", instance=request.url.path)
    return Response(body, error.status_code, error.headers, media_type=PROBLEM_JSON)


async def _on_data_error(request: Request, error: Exception) -> Response:
    log.warning("the database refused a value", extra={"error": type(error).__name__})
    return refusal_response(Invalid({"body": ["A value is out of range."]}), request.url.path)


async def _on_database_down(request: Request, error: Exception) -> Response:
    cause = error.orig if isinstance(error, DBAPIError) else error
    log.error("the database does not answer", extra={"error": f"{type(cause).__name__}: {cause}"[:300]})
    return refusal_response(Unavailable(retry_after=2), request.url.path)


def bug_response(error: Exception, path: str, route: str) -> Response:
    """What callers see of an error that nobody foresaw: its trace id, to be found in the log.

    The log has the `route` alone, since the `path` may hold what opens something to whoever reads it.
    """
    log.error("unexpected error", extra={"route": route}, exc_info=error)
    body = problem(500, "internal_error", "Something went wrong on our side.", instance=path)
    return Response(body, 500, media_type=PROBLEM_JSON)
