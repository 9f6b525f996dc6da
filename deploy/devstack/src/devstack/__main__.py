"""`python -m devstack run | up | down | status | migrate | demo | tool`: the system on this machine.

`settings` and `openapi` print documents that are made from the code; nothing runs for them.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Callable
from functools import partial

from shared.testing.servers import ServerFailed
from shared.testing.servers.install import NotInstalled

from devstack import SERVICES
from devstack.background import migrate_running, show_status, start_in_background, stop_in_background, use_tool
from devstack.folder import AlreadyRunning, RunFolder, chosen_folder, report
from devstack.launching import INCOMPLETE, READY
from devstack.stack import Stack
from devstack.table import table


def demo(folder: RunFolder) -> int:
    """Tell the story of some bookings against what runs; returns an exit code."""
    # Imported here, since the supervisor is this same program and does without a database driver.
    from devstack.demo.story import tell_story

    return tell_story(folder)


def settings() -> str:
    """The page `docs/settings.md`."""
    from devstack.settings_page import settings_page

    return settings_page()


def openapi() -> str:
    """The OpenAPI document of the whole product."""
    from devstack.api_document import api_document

    return api_document()


OTHERS: dict[str, tuple[Callable[[RunFolder], int], str]] = {
    "up": (start_in_background, "the same in the background"),
    "down": (stop_in_background, "stop what runs in the background"),
    "status": (show_status, "print addresses and logins of what runs"),
    "migrate": (migrate_running, "migrate the databases of what runs"),
    "demo": (demo, "tell the story of some bookings against what runs"),
}
DOCUMENTS: dict[str, tuple[Callable[[], str], str]] = {
    "settings": (settings, "print the page about settings"),
    "openapi": (openapi, "print the API's OpenAPI document"),
}


def main() -> int:
    """Parse the command line, do it, return the exit code."""
    options = command_line().parse_args()
    if options.command in DOCUMENTS:
        print(DOCUMENTS[options.command][0](), end="")
        return 0
    folder = chosen_folder()
    if options.command == "run":
        return run_in_foreground(folder, options.ready_fd)
    if options.command == "tool":
        return use_tool(folder, options.service, options.arguments)
    return OTHERS[options.command][0](folder)


def command_line() -> argparse.ArgumentParser:
    """All commands and what they take."""
    parser = argparse.ArgumentParser(prog="python -m devstack", description="Runs the whole system on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="start everything and keep it alive until Ctrl-C")
    run.add_argument("--ready-fd", type=int, help=argparse.SUPPRESS)
    tool = commands.add_parser("tool", help="a service's own command line on what runs: tool booking outbox status")
    tool.add_argument("service", choices=SERVICES)
    tool.add_argument("arguments", nargs=argparse.REMAINDER)
    for name, (_, description) in (OTHERS | DOCUMENTS).items():
        commands.add_parser(name, help=description)
    return parser


def run_in_foreground(folder: RunFolder, ready_fd: int | None) -> int:
    """Run a stack until it is told to stop; `ready_fd` gets a word when all answers."""
    try:
        asyncio.run(Stack(folder).run(partial(announce, folder, ready_fd)))
    except (AlreadyRunning, NotInstalled, ServerFailed) as reason:
        report(str(reason))
        return 1
    return 0


def announce(folder: RunFolder, ready_fd: int | None, complete: bool) -> None:
    """Print the table of addresses, and tell who waits at `ready_fd`."""
    report(table(json.loads(folder.stack_file.read_text())))
    report(f"Logs are in {folder.logs}. {'Ctrl-C' if ready_fd is None else '`make down`'} stops everything.")
    if ready_fd is not None:
        os.write(ready_fd, READY if complete else INCOMPLETE)
        os.close(ready_fd)


if __name__ == "__main__":
    sys.exit(main())
