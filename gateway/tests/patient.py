"""The gateway's program for tests: it listens on a socket that it is given, and has time for slow machines.

The product gives up after seconds what seems stuck, and a machine that stands still for as long seems so. A test of
such a bound names it, and the value that it needs.
"""

import json
import socket
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial, partialmethod
from importlib import import_module

from gateway.body import Upload
from gateway.routes import ROUTES

from gateway import cli, proxy, server

PATIENT: Mapping[str, float] = {
    "valkey.TIMEOUT": 60,
    "http1.pool.CONNECT_SECONDS": 60,
    "places.QUEUE_SECONDS": 60,
    "places.UPLOAD_QUEUE_SECONDS": 60,
    "health.PATIENCE_SECONDS": 60,
    "docs.PATIENCE_SECONDS": 60,
    "operations.PATIENCE_SECONDS": 60,
    "server.HEAD_SECONDS": 60,
    "server.GRACEFUL_SECONDS": 60,
}
"""Seconds, by the names that the product has for them."""

BUDGETS = "budgets"
"""How many times as long as in the product a request may take."""
SILENCE = "silence"
"""Seconds for which the sender of a large body may be silent."""


def adapt(bounds: Mapping[str, float]) -> None:
    """Puts these bounds in place of the product's."""
    bounds = {BUDGETS: 6, SILENCE: 600, **PATIENT, **bounds}
    for name in bounds.keys() - {BUDGETS, SILENCE}:
        module, _, attribute = name.rpartition(".")
        found = import_module(f"gateway.{module}")
        assert isinstance(getattr(found, attribute), int | float), name
        setattr(found, attribute, bounds[name])
    import_module("shared.telemetry.setup").FLUSH_SECONDS = 60
    proxy.Upload = partial(Upload, patience=bounds[SILENCE])
    cli.build = partial(cli.build, routes=[replace(r, budget=r.budget * bounds[BUDGETS]) for r in ROUTES])


def main(descriptor: str, bounds: str) -> None:
    """Serves on the socket with this descriptor."""
    adapt(json.loads(bounds))
    server._Server.run = partialmethod(server._Server.run, sockets=[socket.socket(fileno=int(descriptor))])
    cli.app(["api"])


if __name__ == "__main__":
    main(*sys.argv[1:])
