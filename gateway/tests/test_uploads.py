"""Large bodies are passed on as they come, never kept whole."""

from contextlib import suppress

import httpx
import pytest
from gateway.composition import build
from gateway.route import UPLOAD_BODY, Route
from gateway.server import Door
from gateway.settings import Settings

PATH = "/api/staff/documents/"
MIB = 1024 * 1024


@pytest.fixture
def uploads(services, redis_url, in_process_settings, serve_here):
    """A gateway with one route more, on which documents are uploaded."""
    settings = Settings(**in_process_settings, redis_url=redis_url, booking_url=services.url)
    route = Route("POST", PATH, "booking", kind="upload", body_limit=UPLOAD_BODY)
    with (
        serve_here(build(settings, (route,)), http=Door) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=60) as client,
    ):
        yield client


def parts(size):
    for start in range(0, size, 64 * 1024):
        yield b"x" * min(64 * 1024, size - start)


@pytest.mark.parametrize("chunked", [False, True])
def test_an_upload_passes_with_its_type(uploads, services, chunked):
    content = parts(3 * MIB) if chunked else b"x" * 3 * MIB
    answer = uploads.post(PATH, content=content, headers={"Content-Type": "application/pdf"})
    assert answer.status_code == 200
    assert services.last.body == b"x" * 3 * MIB
    assert services.last.headers["content-type"] == "application/pdf"


@pytest.mark.parametrize("chunked", [False, True])
def test_an_upload_is_bounded_and_the_service_is_not_blamed(uploads, services, chunked):
    for _ in range(25 if not chunked else 2):
        content = parts(UPLOAD_BODY + 1) if chunked else b"x" * (UPLOAD_BODY + 1)
        # The gateway may end the connection while the body is still being sent.
        with suppress(httpx.TransportError):
            assert uploads.post(PATH, content=content).status_code == 413
    assert services.requests == []
    assert uploads.post(PATH, content=b"small").status_code == 200


def test_an_upload_of_another_site_is_refused(uploads, services):
    assert uploads.post(PATH, content=b"x", headers={"Origin": "https://evil.test"}).status_code == 403
    assert services.requests == []
