"""The OpenAPI document of the whole product, made from the code alone: nothing has to run."""

from importlib import import_module

import orjson
from gateway.openapi import merge
from gateway.routes import ROUTES
from shared.app import openapi_of

from devstack import SERVICES


def api_document() -> str:
    """What the gateway serves at `/api/openapi.json` while every service answers, indented and in a stable order."""
    documents = {name: orjson.dumps(openapi_of(import_module(f"{name}.service").SERVICE)) for name in SERVICES}
    return orjson.dumps(merge(documents, ROUTES), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode() + "\n"
