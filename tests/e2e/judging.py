"""What every answer to a bad request has in common."""

import re
from typing import Any

from .callers import Answer
from .corpus import LEAKS

MEMBERS = ("type", "title", "status", "detail", "instance", "error", "error_code", "timestamp", "trace_id")
_TRACE_ID = re.compile(r"[0-9a-f]{32}")
_TIME_WITH_OFFSET = re.compile(r'T\d\d:\d\d:\d\d(?:\.\d+)?[+-]\d\d:\d\d"')


def complaints_of(answer: Answer, site: str = "") -> list[str]:
    """What is wrong with an answer, whatever was asked: failures of ours, words from inside, a poor explanation.

    Links may name the `site`.
    """
    text = answer.text.replace(site, "") if site else answer.text
    found = [f"tells {word!r}" for word in LEAKS if word in text]
    if answer.status >= 500 or answer.status == 429:
        found.append(f"is {answer.status}")
    if "x-request-id" not in answer.headers:
        found.append("has no X-Request-ID")
    if "json" in answer.headers.get("content-type", "") and (wrong := _TIME_WITH_OFFSET.search(answer.text)):
        found.append(f"writes a time as {wrong[0]}")
    if answer.status >= 400:
        found += _about_problem(answer)
    return found


def _about_problem(answer: Answer) -> list[str]:
    if answer.headers.get("content-type") != "application/problem+json":
        return [f"{answer.status} is {answer.headers.get('content-type')}"]
    problem = answer.json()
    found = [f"lacks {name}" for name in MEMBERS if not problem.get(name)]
    if problem.get("status") != answer.status:
        found.append("has another status inside")
    if not _TRACE_ID.fullmatch(problem.get("trace_id", "")):
        found.append("names no trace")
    if (problem.get("error") == "Validation failed") != ("field_errors" in problem):
        found.append("names fields without a failed validation, or none with one")
    return found


def names_field(answer: Answer, path: str) -> bool:
    """Whether it is a failed validation of this field or of something in it."""
    problem: dict[str, Any] = answer.json() if answer.status == 400 else {}
    named = problem.get("field_errors", {})
    is_validation = problem.get("error") == "Validation failed"
    return is_validation and any(name == path or name.startswith(f"{path}.") for name in named)
