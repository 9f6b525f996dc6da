"""Who may call a route, as dependencies that a reader sees in the route's signature.

Each carries the rule in `rule`, so that a test can list every route of a service with its rule.
"""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Depends, Request

from shared.errors import Refusal
from shared.http.identity import Caller


def caller_of(request: Request) -> Caller:
    """The caller that the gateway vouches for."""
    caller: Caller = request.scope["state"]["caller"]
    return caller


@dataclass(frozen=True, slots=True)
class Access:
    """A rule of access; calling it with the request gives the caller or raises.

    Asynchronous although it never waits: the framework runs plain functions in threads, which costs more than they do.
    """

    rule: str
    check: Callable[[Caller], object]

    async def __call__(self, request: Request) -> Caller:
        caller = caller_of(request)
        self.check(caller)
        return caller


def denial(request: Request) -> Refusal | None:
    """Why the caller may not call the request's route at all; nothing if they may.

    The framework reads bodies and further dependencies before it comes to the rule of access. Whoever may not do a
    thing must not learn by trying what a right request looks like.
    """
    dependant = getattr(request.scope.get("route"), "dependant", None)
    for part in dependant.dependencies if dependant else ():
        if isinstance(part.call, Access):
            try:
                part.call.check(caller_of(request))
            except Refusal as refusal:
                return refusal
    return None


def anyone() -> Caller:
    """Anonymous callers too."""
    dependency: Caller = Depends(Access("anyone", lambda caller: None))
    return dependency


def customer() -> Caller:
    """Customers only."""
    dependency: Caller = Depends(Access("customer", Caller.require_customer))
    return dependency


def staff(permission: str | None = None) -> Caller:
    """Staff with `permission` (any staff when null)."""
    rule = f"staff:{permission}" if permission else "staff"
    dependency: Caller = Depends(Access(rule, lambda caller: caller.require_staff(permission)))
    return dependency


def service(name: str) -> Caller:
    """The service called `name` alone: no other one has any business there."""
    dependency: Caller = Depends(Access(f"service:{name}", lambda caller: caller.require_service(name)))
    return dependency
