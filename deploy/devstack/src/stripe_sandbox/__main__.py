"""`python -m stripe_sandbox`: serve until SIGTERM."""

import os

import uvicorn

from .app import build_app
from .connection import CuttableProtocol
from .sandbox import Sandbox
from .settings import read_settings


def main() -> None:
    settings = read_settings(os.environ)
    uvicorn.run(
        build_app(Sandbox(settings)),
        host=settings.host,
        port=settings.port,
        http=CuttableProtocol,
        ws="none",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        log_level="warning",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
    )


main()
