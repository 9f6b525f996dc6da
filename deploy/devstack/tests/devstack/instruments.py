"""What the code measures, under the names that it has in Prometheus."""

import ast
import re
from collections.abc import Iterator
from functools import cache

from shared.telemetry.vitals import BOOKS, POOL, VITALS

from .compose import ROOT

UNITS = {"": "", "1": "", "s": "seconds", "By": "bytes"}
# FastAPI's own.
OF_THE_FRAMEWORK = {
    "http.server.request.duration": ("s", "histogram"),
    "http.server.active_requests": ("{request}", "up_down_counter"),
}


@cache
def instruments() -> dict[str, tuple[str, str]]:
    """The unit and the kind (counter, gauge, histogram, …) of each instrument, by its name."""
    found = {name: (unit, "gauge") for name, (unit, _) in (VITALS | BOOKS | POOL).items()}
    found |= OF_THE_FRAMEWORK
    for folder in ("shared/src", "gateway/src", "services"):
        for path in (ROOT / folder).rglob("src/*/**/*.py" if folder == "services" else "**/*.py"):
            found |= {name: (unit, kind) for name, unit, kind in _created(ast.parse(path.read_text()))}
    return found


def _created(tree: ast.Module) -> Iterator[tuple[str, str, str]]:
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        made = re.fullmatch(r"create_(?:observable_)?(counter|up_down_counter|gauge|histogram)", call.func.attr)
        if made is None or not call.args or not isinstance(call.args[0], ast.Constant):
            continue
        named = {word.arg: word.value for word in call.keywords}
        after_name = call.args[2:] if "observable" in call.func.attr else call.args[1:]
        unit = named.get("unit") or next(iter(after_name), ast.Constant(""))
        assert isinstance(unit, ast.Constant), f"the unit of {call.args[0].value} is not in the call"
        yield str(call.args[0].value), str(unit.value), made[1]


def names_in_prometheus() -> dict[str, set[str]]:
    """The series of each instrument, by its name: what the collector makes of name, unit and kind."""
    return {name: set(_series(name, unit, kind)) for name, (unit, kind) in instruments().items()}


def _series(name: str, unit: str, kind: str) -> Iterator[str]:
    words = [word for word in re.split(r"[^A-Za-z0-9]+", name) if word]
    suffix = "" if unit.startswith("{") else UNITS[unit]
    base = "_".join(words + [suffix] * (bool(suffix) and suffix not in words))
    if kind == "histogram":
        yield from (f"{base}_{part}" for part in ("bucket", "sum", "count"))
    elif kind == "gauge" and unit == "1":
        yield f"{base}_ratio"
    else:
        yield f"{base}_total" if kind == "counter" else base
