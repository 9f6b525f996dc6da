"""The sandbox's state: one SQLite file that survives the process being killed at any moment."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from .errors import Json

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    created INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (kind, seq);
CREATE INDEX IF NOT EXISTS objects_by_intent ON objects (kind, json_extract(body, '$.payment_intent'));
CREATE INDEX IF NOT EXISTS objects_by_customer ON objects (kind, json_extract(body, '$.customer'));
CREATE TABLE IF NOT EXISTS metadata (
    key TEXT NOT NULL, value TEXT NOT NULL, object_seq INTEGER NOT NULL,
    PRIMARY KEY (key, value, object_seq)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS metadata_by_object ON metadata (object_seq);
CREATE TABLE IF NOT EXISTS test_cards (payment_method TEXT PRIMARY KEY, card TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS detached_cards (payment_method TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS idempotency_keys (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, request_id TEXT NOT NULL,
    status INTEGER NOT NULL, body TEXT NOT NULL, created INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, due_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting', outcome TEXT);
CREATE INDEX IF NOT EXISTS deliveries_waiting ON deliveries (due_at) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS deliveries_by_event ON deliveries (event_id);
CREATE TABLE IF NOT EXISTS consequences (
    id INTEGER PRIMARY KEY AUTOINCREMENT, due_at REAL NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS consequences_by_due ON consequences (due_at);
CREATE TABLE IF NOT EXISTS controls (name TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS requests (
    method TEXT NOT NULL, path TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (method, path)) WITHOUT ROWID;
"""
_TABLES = (
    "objects",
    "metadata",
    "test_cards",
    "detached_cards",
    "idempotency_keys",
    "deliveries",
    "consequences",
    "controls",
    "requests",
)


class Where(NamedTuple):
    """One SQL condition and the values for its question marks."""

    sql: str
    values: tuple[Any, ...]

    @classmethod
    def field(cls, path: str, value: Any, comparison: str = "=") -> "Where":
        """A field of the object's JSON, as `status` or `evidence.status`, compared with a value."""
        return cls(f"json_extract(body, '$.{path}') {comparison} ?", (value,))

    @classmethod
    def metadata(cls, key: str, value: str) -> "Where":
        return cls("seq IN (SELECT object_seq FROM metadata WHERE key = ? AND value = ?)", (key, value))


class Store:
    """Objects as JSON documents by id, and the tables beside them. For one process and one thread."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / "sandbox.sqlite3", isolation_level=None)
        # With a write-ahead log nothing is lost when the process dies; only a power cut could lose something.
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written together or not at all."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def savepoint(self, keep: type[Exception]) -> Iterator[None]:
        """A part of a transaction that is undone alone when it raises, except that `keep` decides by `keeps_effect`."""
        self._db.execute("SAVEPOINT part")
        try:
            yield
        except keep as error:
            if not getattr(error, "keeps_effect", False):
                self._db.execute("ROLLBACK TO part")
            self._db.execute("RELEASE part")
            raise
        self._db.execute("RELEASE part")

    def execute(self, sql: str, *values: Any) -> int:
        """Run one statement; the number of rows it changed."""
        return self._db.execute(sql, values).rowcount

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._db.execute(sql, values).fetchall()

    def value(self, sql: str, *values: Any) -> Any:
        """The first column of the first row, or None."""
        row = self._db.execute(sql, values).fetchone()
        return row[0] if row else None

    def add(self, body: Json) -> None:
        self.execute(
            "INSERT INTO objects (id, kind, created, body) VALUES (?, ?, ?, ?)",
            body["id"],
            body["object"],
            body.get("created", 0),
            json.dumps(body),
        )
        self._index_metadata(body)

    def save(self, body: Json, *, metadata_changed: bool) -> None:
        self.execute("UPDATE objects SET body = ? WHERE id = ?", json.dumps(body), body["id"])
        if metadata_changed:
            self._forget_metadata(body["id"])
            self._index_metadata(body)

    def remove(self, stub: Json) -> None:
        """Leave only the stub of an object; it can still be found by its id and is listed no more."""
        self.execute("UPDATE objects SET kind = 'deleted', body = ? WHERE id = ?", json.dumps(stub), stub["id"])
        self._forget_metadata(stub["id"])

    def find(self, object_id: str) -> Json | None:
        body = self.value("SELECT body FROM objects WHERE id = ?", object_id)
        return json.loads(body) if body else None

    def select(self, kind: str, *where: Where, limit: int = -1, ascending: bool = False) -> list[Json]:
        """The objects of a kind for which every condition holds; newest first unless told."""
        conditions = " AND ".join(["kind = ?", *(one.sql for one in where)])
        values = [value for one in where for value in one.values]
        sql = f"SELECT body FROM objects WHERE {conditions} ORDER BY seq {'ASC' if ascending else 'DESC'} LIMIT ?"
        return [json.loads(body) for (body,) in self.rows(sql, kind, *values, limit)]

    def wipe(self) -> None:
        with self.transaction():
            for table in _TABLES:
                self.execute(f"DELETE FROM {table}")

    def _index_metadata(self, body: Json) -> None:
        for key, value in (body.get("metadata") or {}).items():
            self.execute("INSERT INTO metadata SELECT ?, ?, seq FROM objects WHERE id = ?", key, value, body["id"])

    def _forget_metadata(self, object_id: str) -> None:
        self.execute("DELETE FROM metadata WHERE object_seq = (SELECT seq FROM objects WHERE id = ?)", object_id)
