"""What a route is: one method on one path, what it may cost, and short ways to say it."""

from dataclasses import dataclass
from typing import Literal

from gateway.rate_limit.limits import Limit
from gateway.sessions.content import Kind as AccountKind

KIB = 1024
JSON_BODY = 64 * KIB
WEBHOOK_BODY = 256 * KIB
UPLOAD_BODY = 15 * KIB * KIB

BUDGET = 10.0
STRIPE_BUDGET = 12.0
UPLOAD_BUDGET = 60.0
"""A phone on the road needs its time for a photo."""

Kind = Literal["json", "webhook", "upload"]
SessionEffect = Literal["none", "opens", "renews", "refreshes", "closes", "ends", "shuts_out"]


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path. `upstream` is a service or, for what the gateway answers itself, null.

    `handler` names the gateway's own answer; `budget` is in seconds, `body_limit` in bytes. `public` answers are the
    same for every caller: no session is looked up and caches may keep what the service lets them keep. Services tell by
    themselves who may do what; `only` names the accounts that they need not be asked about at all. `session` is
    what a success does: `renews` puts a fresh session in place of all that the account had, `refreshes` tells all of
    them what the account is by now, `closes` ends the one it came with, `ends` all of the account, and `shuts_out`
    those of the account that the service names.
    """

    method: str
    template: str
    upstream: str | None
    handler: str = ""
    limits: tuple[Limit, ...] = ()
    kind: Kind = "json"
    body_limit: int = JSON_BODY
    budget: float = BUDGET
    public: bool = False
    only: AccountKind | None = None
    session: SessionEffect = "none"
    summary: str = ""

    @property
    def carries_session(self) -> bool:
        """Whether a session cookie means anything here."""
        return not self.public and self.kind != "webhook"


def get(template: str, upstream: str, *limits: Limit, public: bool = False) -> Route:
    """A read."""
    return Route("GET", template, upstream, limits=limits, public=public)


def put(template: str, upstream: str, *limits: Limit, session: SessionEffect = "none") -> Route:
    """A change."""
    return Route("PUT", template, upstream, limits=limits, session=session)


def delete(template: str, upstream: str, *limits: Limit) -> Route:
    """A removal."""
    return Route("DELETE", template, upstream, limits=limits)


def post(
    template: str, upstream: str, *limits: Limit, budget: float = BUDGET, session: SessionEffect = "none"
) -> Route:
    """A use case."""
    return Route("POST", template, upstream, limits=limits, budget=budget, session=session)


def keeping(collection: str, upstream: str) -> tuple[Route, ...]:
    """List, add, read, change and remove the things of a collection."""
    item = collection + "{id}/"
    return (
        get(collection, upstream),
        post(collection, upstream),
        get(item, upstream),
        put(item, upstream),
        delete(item, upstream),
    )


def upload(template: str, upstream: str, *limits: Limit, only: AccountKind | None = None) -> Route:
    """Files, in a form: of accounts of one kind, or of everybody."""
    return Route(
        "POST",
        template,
        upstream,
        limits=limits,
        kind="upload",
        body_limit=UPLOAD_BODY,
        budget=UPLOAD_BUDGET,
        public=only is None,
        only=only,
    )


def own(method: str, template: str, handler: str, summary: str = "", public: bool = False) -> Route:
    """What the gateway answers itself; without a `summary` it is not in the API's documentation."""
    return Route(method, template, None, handler=handler, public=public, summary=summary)
