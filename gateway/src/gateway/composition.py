"""Builds the gateway from its settings: the one place that knows all parts."""

from collections.abc import Sequence

from shared.http.identity import GATEWAY, TokenVerifier, parse_public_keys

from gateway.admission import Admission
from gateway.app import Gateway, Parts
from gateway.client_ip import ClientAddress
from gateway.cors import Cors
from gateway.csrf import Csrf
from gateway.docs import Docs
from gateway.gate import Gate
from gateway.health import Health
from gateway.identity import Identity
from gateway.intake import Intake
from gateway.login import LoginDesk
from gateway.operations import Operations
from gateway.proxy import Proxy
from gateway.route import Route
from gateway.routes import ROUTES
from gateway.routing import Router
from gateway.secure import SecureTransport
from gateway.sessions.cookies import Cookies
from gateway.sessions.endpoints import SessionEndpoints
from gateway.sessions.store import Sessions
from gateway.settings import Settings, comma_list
from gateway.upstream import Upstream, observe_breakers
from gateway.valkey import Valkey


def build(settings: Settings, routes: Sequence[Route] = ROUTES) -> Gateway:
    """The application that serves `routes`."""
    valkey = Valkey(settings.redis_url)
    sessions = Sessions(valkey)
    identity = Identity(settings.identity_private_key)
    upstreams = {name: Upstream(name, address) for name, address in settings.upstreams.items()}
    observe_breakers(list(upstreams.values()))
    proxy = Proxy(upstreams, identity)
    csrf = Csrf(settings.secret_key, (*comma_list(settings.csrf_trusted_origins), *settings.allowed_origins))
    cookies = Cookies.of(settings)
    verifier = TokenVerifier(GATEWAY, parse_public_keys(settings.identity_public_keys))
    handlers = (
        SessionEndpoints(sessions, csrf, cookies, verifier, proxy).handlers()
        | Health(upstreams, sessions).handlers()
        | Docs(upstreams, identity, routes).handlers()
        | Operations(upstreams, identity).handlers()
    )
    return Gateway(
        Parts(
            intake=Intake(ClientAddress(comma_list(settings.trusted_proxies)), comma_list(settings.allowed_hosts)),
            cors=Cors(settings.allowed_origins),
            secure=SecureTransport(required=not settings.debug),
            router=Router(routes),
            admission=Admission(Gate(valkey, settings.rate_limits_enabled), csrf, cookies),
            login=LoginDesk(proxy, sessions, csrf, cookies),
            proxy=proxy,
            handlers=handlers,
            upstreams=list(upstreams.values()),
            valkey=valkey,
        )
    )
