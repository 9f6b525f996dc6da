"""The table of addresses and development logins that a start ends with."""

from collections.abc import Mapping
from typing import Any


def table(stack: Mapping[str, Any]) -> str:
    """What a developer needs to know of `stack.json`."""
    gateway, admin = stack["gateway_url"], stack["admin"]
    rows = [
        ("API", f"{gateway}/api/docs/"),
        ("Health", f"{gateway}/api/health/"),
        ("Mailbox", stack["mailbox_url"]),
        ("Stripe", f"{stack['stripe']['api_base']}  {stack['stripe']['publishable_key']}"),
        ("Administrator", f"{admin['email']}  {admin['password']}"),
    ]
    rows += [(name.capitalize(), server["url"]) for name, server in stack["infrastructure"].items() if server["url"]]
    down = [f"{process['name']} {process['role']}" for process in stack["processes"] if process["pid"] is None]
    rows += [("Down", ", ".join(down))] if down else []
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"  {name:<{width}}  {value}" for name, value in rows)
