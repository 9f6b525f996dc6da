"""Finds the route of a request and rebuilds the path from its checked parameters."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple, NoReturn
from uuid import UUID

from shared.errors import NotFound

from gateway.paths import check_path
from gateway.refusals import MethodNotAllowed
from gateway.route import Route

_PARAMETER = re.compile(r"{(\w+)}")
_FORMS = {"id": r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "booking_number": r"[A-Za-z0-9-]{1,32}"}
_OTHER_FORM = r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}"


class Match(NamedTuple):
    """A route, the values in its path, and the path as services know it."""

    route: Route
    parameters: Mapping[str, str]
    path: str


def _pattern(template: str) -> re.Pattern[str]:
    parts = _PARAMETER.split(template.rstrip("/").replace(".", r"\."))
    for at in range(1, len(parts), 2):
        parts[at] = f"(?P<{parts[at]}>{_FORMS.get(parts[at], _OTHER_FORM)})"
    return re.compile("".join(parts) + r"/?\Z")


def _beginnings(path: str) -> tuple[str, str]:
    """The first three segments of a path, and the first two; one of them is in each template without a parameter."""
    segments = path.split("/", 4)
    return "/".join(segments[:4]), "/".join(segments[:3])


class Router:
    """The route table made quick: one look-up for fixed paths, the few patterns that begin alike for the others."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._fixed: dict[bytes, dict[str, Match]] = {}
        self._patterns: dict[str, dict[str, tuple[re.Pattern[str], dict[str, Route]]]] = {}
        for route in routes:
            self._add(route)

    def _add(self, route: Route) -> None:
        if "{" in route.template:
            beginning = next(one for one in _beginnings(route.template) if "{" not in one)
            _, methods = self._patterns.setdefault(beginning, {}).setdefault(
                route.template, (_pattern(route.template), {})
            )
            methods[route.method] = route
            return
        match = Match(route, {}, route.template)
        for path in {route.template, route.template.rstrip("/"), route.template.rstrip("/") + "/"}:
            self._fixed.setdefault(path.encode(), {})[route.method] = match

    def match(self, method: str, path: bytes) -> Match:
        """The route of a raw path; HEAD is answered as GET.

        Raises `BadRequest` for a tricky path, `NotFound` and `MethodNotAllowed`.
        """
        wanted = "GET" if method == "HEAD" else method
        fixed = self._fixed.get(path)
        if fixed is not None:
            return fixed.get(wanted) or _refuse(fixed)
        text = path.decode("latin-1")
        for beginning in _beginnings(text):
            for pattern, methods in self._patterns.get(beginning, {}).values():
                if found := pattern.match(text):
                    return _rebuild(methods.get(wanted) or _refuse(methods), found.groupdict())
        # What a pattern takes is plain; anything else may be meant to be read in two ways.
        check_path(path)
        raise NotFound()


def _rebuild(route: Route, parameters: dict[str, str]) -> Match:
    if "id" in parameters:
        parameters["id"] = str(UUID(parameters["id"]))
    if "booking_number" in parameters:
        parameters["booking_number"] = parameters["booking_number"].upper()
    return Match(route, parameters, route.template.format_map(parameters))


def _refuse(methods: Iterable[str]) -> NoReturn:
    names = {*methods, "OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
    raise MethodNotAllowed(", ".join(sorted(names)))
