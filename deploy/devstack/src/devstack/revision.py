"""`python -m devstack.revision booking "add crews"`: writes a migration from the difference between tables and schema.

The difference is taken against a database of its own, migrated from nothing, so that no running system is needed.
"""

import argparse
import tempfile
from importlib import import_module
from pathlib import Path

from shared.db.migrations import make_revision, migrate
from shared.testing.servers import PostgresServer
from sqlalchemy import MetaData

from devstack import SERVICES


def main() -> None:
    """Parse the command line and write the migration."""
    parser = argparse.ArgumentParser(prog="python -m devstack.revision", description=__doc__)
    parser.add_argument("owner", choices=(*SERVICES, "shared"), help="whose tables changed")
    parser.add_argument("message", help="what changed, as in a commit's subject")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="totetaxi-revision-") as folder:
        server = PostgresServer(Path(folder) / "postgres", durable=False).start()
        try:
            write_revision(server.create_role_and_database("revision"), options.owner, options.message)
        finally:
            server.stop()


def write_revision(url: str, owner: str, message: str) -> None:
    """Write a migration of `owner`, a service or "shared", for what the database at `url` lacks."""
    # The machinery's tables are in every database, so any service's migrations show what they lack.
    service = SERVICES[0] if owner == "shared" else owner
    migrations = import_module(f"{service}.service").SERVICE.migrations
    metadata: MetaData = import_module(f"{service}.adapters.tables").metadata
    migrate(url, migrations)
    make_revision(url, migrations, metadata, message, of_shared=owner == "shared")


if __name__ == "__main__":
    main()
