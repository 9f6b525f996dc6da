"""Migrates all databases in one process, which reads its imports once instead of five times.

Reads `{service: environment}` as JSON from standard input, so that it can be started, and have imported everything,
while the servers still come up. Ends with code 1 when one of them failed; the others are migrated all the same.
"""

import json
import os
import sys
import traceback
from collections.abc import Mapping
from importlib import import_module

import typer
from shared.cli import service_cli

from devstack import SERVICES


def main() -> int:
    """Migrate what standard input names."""
    commands = {name: command for name in SERVICES if (command := cli_of(name)) is not None}
    environments = json.load(sys.stdin)
    outcomes = [migrate(name, commands, environments[name]) for name in SERVICES]
    return 0 if all(outcomes) else 1


def cli_of(name: str) -> typer.Typer | None:
    """The command line of a service."""
    try:
        return service_cli(import_module(f"{name}.service").SERVICE)
    except Exception:
        traceback.print_exc()
        return None


def migrate(name: str, commands: Mapping[str, typer.Typer], environment: Mapping[str, str]) -> bool:
    """Run one service's `migrate` with its own environment; whether it went well."""
    if name not in commands:
        return False
    os.environ.clear()
    os.environ.update(environment)
    try:
        return not commands[name](["migrate"], standalone_mode=False)
    except Exception:
        print(f"{name} could not be migrated:", file=sys.stderr)
        traceback.print_exc()
        return False


if __name__ == "__main__":
    sys.exit(main())
