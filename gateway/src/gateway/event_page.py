"""The events as a page that people read."""

import re
from html import escape
from typing import Any

import orjson

_CODE = re.compile(r"`([^`]+)`")

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/api/docs/static/events.css">
</head>
<body>
<h1>{title}</h1>
<p>{description}</p>
<p><a href="/api/docs/events/asyncapi.json">AsyncAPI document</a> · <a href="/api/docs/">API</a></p>
"""


def render_events(document: dict[str, Any]) -> str:
    """An AsyncAPI document as HTML: each event with its publisher, what it says and its schema."""
    info = document["info"]
    parts = [_HEAD.format(title=escape(info["title"]), description=escape(info["description"]))]
    schemas = document["components"]["schemas"]
    for message in document["components"]["messages"].values():
        parts.append(_event(message, schemas))
    return "".join([*parts, "</body>\n</html>\n"])


def _event(message: dict[str, Any], schemas: dict[str, Any]) -> str:
    schema = orjson.dumps(schemas[message["title"]], option=orjson.OPT_INDENT_2).decode()
    publishers = ", ".join(tag["name"] for tag in message["tags"])
    return (
        f'<section id="{escape(message["name"])}"><h2>{escape(message["name"])}</h2>'
        f'<p class="publisher">published by {escape(publishers)}</p><p>{_text(message["summary"])}</p>'
        f"<details><summary>Schema</summary><pre>{escape(schema)}</pre></details></section>\n"
    )


def _text(sentence: str) -> str:
    """A sentence with the names in it as code."""
    return _CODE.sub(r"<code>\1</code>", escape(sentence))
