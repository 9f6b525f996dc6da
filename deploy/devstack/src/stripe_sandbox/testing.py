"""A sandbox of one's own for tests: started on a free port, stopped, killed and started again on its data."""

import json
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.request import Request, urlopen

from shared.testing.servers import free_port

_START_SECONDS = 120.0
_PATIENCE_SECONDS = 60.0


class RunningSandbox:
    """A sandbox process and what a client of it needs to know: `api_base`, the two keys, the webhook secret.

    Use as a context manager, or `start` and `stop`. The data folder and the port stay the same over restarts.
    """

    def __init__(self, data: Path, webhook_url: str | None = None) -> None:
        self.port = free_port()
        self.api_base = f"http://127.0.0.1:{self.port}"
        self.secret_key = f"sk_test_{secrets.token_hex(12)}"
        self.publishable_key = f"pk_test_{secrets.token_hex(12)}"
        self.webhook_secret = f"whsec_{secrets.token_hex(16)}"
        self._data = data
        self._webhook_url = webhook_url
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "RunningSandbox":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def environment(self) -> dict[str, str]:
        """What the process reads; a client's `STRIPE_*` variables are among it."""
        return {
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "STRIPE_SECRET_KEY": self.secret_key,
            "STRIPE_PUBLISHABLE_KEY": self.publishable_key,
            "STRIPE_WEBHOOK_SECRET": self.webhook_secret,
            "STRIPE_WEBHOOK_URL": self._webhook_url or "",
            "STRIPE_SANDBOX_DATA": str(self._data),
        }

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Returns when it answers; raises RuntimeError if it doesn't."""
        command = [sys.executable, "-m", "stripe_sandbox"]
        self._process = subprocess.Popen(command, env=dict(os.environ) | self.environment)
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("The Stripe sandbox did not start.")
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            return bool(self.control("GET", "/health/live", under=""))
        except OSError:
            return False

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(_PATIENCE_SECONDS)
            self._process = None

    def kill(self) -> None:
        """Die on the spot, as by `kill -9`; `start` goes on from its data."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(_PATIENCE_SECONDS)
        self._process = None

    def control(self, method: str, path: str, body: Any = None, *, under: str = "/_sandbox") -> Any:
        """Ask one of the endpoints under `/_sandbox`, as `control("POST", "/faults", {…})`; returns its JSON."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = Request(f"{self.api_base}{under}{path}", data, headers, method=method)
        with urlopen(request, timeout=_PATIENCE_SECONDS) as response:
            return json.load(response)

    def fault(self, kind: str, **rule: Any) -> None:
        """Set a fault: `fault("reset", path="*/confirm", when="after", count=1)`."""
        self.control("POST", "/faults", {"kind": kind, **rule})

    def webhooks(self, **settings: Any) -> None:
        """Disturb deliveries: `webhooks(drop=True)`, `webhooks(duplicates=2, shuffle_seconds=0.5)`."""
        self.control("POST", "/webhooks", settings)

    def state(self) -> Any:
        return self.control("GET", "/state")

    def authenticate(self, intent_id: str, outcome: str = "succeed") -> Any:
        """Answer the 3-D Secure challenge of a PaymentIntent as its buyer: `succeed` or `fail`."""
        return self.control("POST", f"/payment_intents/{intent_id}/authenticate", {"outcome": outcome})
