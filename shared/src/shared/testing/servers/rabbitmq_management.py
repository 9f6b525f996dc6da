"""The few calls of RabbitMQ's management interface that development and tests need."""

import json
from base64 import b64encode
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import quote

ALL = ".*"


class ManagementRefused(RuntimeError):
    """RabbitMQ's management interface answered with an error."""


class RabbitManagement:
    """Speaks to the management interface of one broker on 127.0.0.1."""

    def __init__(self, port: int, user: str, password: str) -> None:
        """The interface's port and an administrator's login."""
        self.port = port
        self.headers = {
            "Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode(),
            "Content-Type": "application/json",
        }

    def call(self, method: str, path: str, body: object = None, timeout: float = 120) -> Any:
        """One call under `/api`; the JSON answer or None. A slow disk needs many of the `timeout`'s seconds.

        Raises ManagementRefused for a 4xx or 5xx, OSError when there is no answer.
        """
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, f"/api/{path}", json.dumps(body) if body is not None else None, self.headers)
            answer = connection.getresponse()
            text = answer.read()
        except HTTPException as reason:
            raise OSError(f"{method} {path}: {reason!r}") from reason
        finally:
            connection.close()
        if answer.status >= 400:
            raise ManagementRefused(f"{method} {path}: {answer.status} {text.decode(errors='replace')}")
        return json.loads(text) if text else None

    def is_up(self) -> bool:
        """Whether it answers and knows our login."""
        try:
            self.call("GET", "whoami", timeout=15)
        except (OSError, ManagementRefused):
            return False
        return True

    def create_vhost(self, name: str, user: str) -> None:
        """A virtual host in which `user` may do everything; about 20 ms."""
        self.call("PUT", f"vhosts/{quote(name, safe='')}", {})
        self.allow(user, name)

    def delete_vhost(self, name: str) -> None:
        """Remove a virtual host with its queues, and cut its connections."""
        self.call("DELETE", f"vhosts/{quote(name, safe='')}")

    def create_user(self, name: str, password: str) -> None:
        """A login without rights; repeating it sets the password again."""
        self.call("PUT", f"users/{quote(name, safe='')}", {"password": password, "tags": ""})

    def allow(self, user: str, vhost: str, configure: str = ALL, write: str = ALL, read: str = ALL) -> None:
        """Set what `user` may declare, publish to and consume from: patterns of queue and exchange names."""
        rights = {"configure": configure, "write": write, "read": read}
        self.call("PUT", f"permissions/{quote(vhost, safe='')}/{quote(user, safe='')}", rights)

    def queues(self, vhost: str) -> list[dict[str, Any]]:
        """The queues of a virtual host; their `messages` figure is up to 5 seconds old."""
        return list(self.call("GET", f"queues/{quote(vhost, safe='')}"))
