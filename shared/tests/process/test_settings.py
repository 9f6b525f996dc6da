"""Wrong or unsafe settings stop the start with a sentence."""

import os
import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError
from shared.http.identity import generate_private_key, public_key_of
from shared.settings import DEVELOPMENT_SEALING_KEY, UNSAFE_SECRETS, SealingSettings, ServiceSettings

SAFE: dict[str, Any] = {
    "secret_key": "0123456789abcdef" * 2,
    "identity_public_keys": f"gateway={public_key_of(generate_private_key())}",
    "rabbitmq_url": "amqp://orders:a-long-password@broker:5672/",
    "database_url": "postgresql://orders:a-long-password@database/orders",
}
PROGRAM = """
from pathlib import Path
from shared.cli import service_cli
from shared.service import Parts, Service
from shared.settings import ServiceSettings
service = Service("orders", "Orders", ServiceSettings, lambda platform: Parts(platform.commands({})), Path("."))
service_cli(service)()
"""


def start(role: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, role],
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_sealing_key_that_is_no_key_is_refused() -> None:
    assert "32 url-safe base64" in sentences(SealingSettings, sealing_key="short")


def sentences(settings: type[ServiceSettings], **values: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        settings(**{**SAFE, **values})
    return str(caught.value)


def test_safe_settings_are_taken_outside_of_development() -> None:
    assert ServiceSettings(**SAFE).debug is False


@pytest.mark.parametrize("secret", [*UNSAFE_SECRETS, "x" * 31])
def test_a_weak_secret_is_refused_outside_of_development_only(secret: str) -> None:
    assert "SECRET_KEY must be" in sentences(ServiceSettings, secret_key=secret)
    assert ServiceSettings(**{**SAFE, "secret_key": secret, "debug": True}).secret_key == secret


def test_missing_keys_default_logins_and_default_seals_are_refused() -> None:
    assert "IDENTITY_PUBLIC_KEYS must" in sentences(ServiceSettings, identity_public_keys="")
    assert "RABBITMQ_URL must" in sentences(ServiceSettings, rabbitmq_url="amqp://guest:guest@broker/")
    assert "SEALING_KEY must" in sentences(SealingSettings, sealing_key=DEVELOPMENT_SEALING_KEY)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("identity_public_keys", "gateway=not base64"),
        ("identity_public_keys", "gateway=c2hvcnQ="),
        ("identity_public_keys", "c2hvcnQ="),
        ("business_timezone", "Mars/Olympus"),
        ("log_level", "LOUD"),
        ("database_url", "localhost"),
        ("rabbitmq_url", "http://broker/"),
        ("port", "seventy"),
        ("db_pool_size", "0"),
    ],
)
def test_values_that_can_not_work_are_refused_even_in_development(name: str, value: str) -> None:
    assert name in sentences(ServiceSettings, **{name: value}, debug=True)


@pytest.mark.parametrize("role", ["api", "worker", "migrate"])
def test_a_process_with_unsafe_settings_says_why_and_ends_with_two(role: str) -> None:
    ended = start(role, SECRET_KEY="change-me", PORT="http")
    assert ended.returncode == 2
    assert "PORT:" in ended.stderr
    assert "Traceback" not in ended.stderr
    ended = start(role, SECRET_KEY="change-me")
    assert "SECRET_KEY must be" in ended.stderr
    assert "change-me" not in ended.stderr
    assert ended.returncode == 2
