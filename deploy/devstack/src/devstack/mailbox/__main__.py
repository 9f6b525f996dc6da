"""`python -m devstack.mailbox`: serves the e-mails of MAILBOX_DIR on HOST and PORT."""

import os
from pathlib import Path

import uvicorn

from devstack.mailbox.app import create_app


def main() -> None:
    """Serve until told to stop."""
    app = create_app(Path(os.environ["MAILBOX_DIR"]))
    port, host = int(os.environ["PORT"]), os.environ.get("HOST", "127.0.0.1")
    uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
