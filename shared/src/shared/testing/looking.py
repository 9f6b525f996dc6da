"""Looks for a word in every row of every table of a database, as whoever stole a dump of it would."""

import psycopg
from psycopg import sql

_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
_COUNT = sql.SQL("SELECT count(*) FROM {table} AS looked WHERE looked::text ILIKE ANY(%s)")


def rows_with(database_url: str, word: str) -> dict[str, int]:
    """Rows per table with the word in any column, in any case, in texts, in JSON or in bytes."""
    patterns = [f"%{word}%", f"%{word.encode().hex()}%"]
    found = {}
    with psycopg.connect(database_url) as connection:
        for (table,) in connection.execute(_TABLES).fetchall():
            row = connection.execute(_COUNT.format(table=sql.Identifier(table)), (patterns,)).fetchone()
            found[table] = row[0] if row else 0
    return {table: count for table, count in found.items() if count}
