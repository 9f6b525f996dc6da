"""One connection as it talks to the server: statements go out in one piece, and their results come back in another.

The driver's cursors send every statement by itself, even in its pipeline mode, and wait for the server in between. Here
all that belongs together is one packet: a transaction that reads once and writes five rows is two of them. What
the driver does best stays with the driver: values, rows, errors, waiting, cancelling.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import count
from typing import Any, NamedTuple

import psycopg
from psycopg.abc import Buffer, PQGen
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import FeatureNotSupported, InvalidSqlStatementName, error_from_result
from psycopg.generators import fetch_many, send
from psycopg.pq import ConnStatus, ExecStatus, PipelineStatus, TransactionStatus
from psycopg.pq.abc import PGresult

from shared.db.statements import Command

Driver = psycopg.AsyncConnection[tuple[Any, ...]]

PREPARED_FROM = 3
"""The use from which on a statement is prepared, so that what is used once or twice is not kept by the server."""

PREPARED_AT_MOST = 300
REMEMBERED_AT_MOST = 2000

_STALE = (FeatureNotSupported, InvalidSqlStatementName)
"""What a prepared statement answers for ever after a migration has given one of its columns another type."""

_GOOD = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK, ExecStatus.EMPTY_QUERY)


class Dumped(NamedTuple):
    """A statement with its values as bytes, and the types and formats that they have."""

    sql: bytes
    values: Sequence[Buffer | None]
    types: tuple[int, ...] | None
    formats: Sequence[Any] | None


class Reply(NamedTuple):
    """What the server says to one statement: `rowcount` rows were given or changed."""

    result: PGresult
    tuples: Sequence[tuple[Any, ...]]
    rowcount: int


class Wire:
    """A connection with what was prepared on it. Used by one task at a time."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self._values = Transformer(driver)
        self._uses: Counter[Any] = Counter()
        self._prepared: dict[Any, bytes] = {}
        self._numbers = count()

    @property
    def is_lost(self) -> bool:
        """Whether nothing can be sent any more."""
        return self.driver.pgconn.status != ConnStatus.OK

    @property
    def is_failed(self) -> bool:
        """Whether a statement of the open transaction has failed."""
        return self.driver.pgconn.transaction_status == TransactionStatus.INERROR

    async def exchange(self, commands: Sequence[Command]) -> list[Reply]:
        """The replies to statements that go out together; raises the error of the first one that failed.

        Those after it were not carried out.
        """
        if self.is_lost:
            raise psycopg.OperationalError("the connection is closed")
        results = await self.driver.wait(self._exchange([self._dumped(command) for command in commands]))
        for result in results:
            if result.status not in _GOOD:
                error = error_from_result(result)
                if isinstance(error, _STALE):
                    self._prepared.clear()
                raise error
        return [self._reply(result) for result in results]

    async def tidy(self) -> bool:
        """Ends what is open, so that somebody else can go on; false if the connection is beyond that, and closed."""
        status, pipeline = self.driver.pgconn.transaction_status, self.driver.pgconn.pipeline_status
        if status == TransactionStatus.IDLE and pipeline == PipelineStatus.OFF:
            return True
        if status in (TransactionStatus.INTRANS, TransactionStatus.INERROR) and pipeline == PipelineStatus.OFF:
            try:
                await self.exchange([Command(b"ROLLBACK")])
                return True
            except psycopg.Error:
                pass
        self.driver.pgconn.finish()
        return False

    def _exchange(self, commands: Sequence[Dumped]) -> PQGen[list[PGresult]]:
        pgconn = self.driver.pgconn
        pgconn.enter_pipeline_mode()
        new = [self._send(command) for command in commands]
        pgconn.pipeline_sync()
        yield from send(pgconn)
        results: list[PGresult] = []
        for key in new:
            if key is not None:
                (parsed,) = yield from fetch_many(pgconn)
                if parsed.status != ExecStatus.COMMAND_OK:
                    del self._prepared[key]
                    results.append(parsed)
            results += yield from fetch_many(pgconn)
        yield from fetch_many(pgconn)
        pgconn.exit_pipeline_mode()
        return results

    def _dumped(self, command: Command) -> Dumped:
        """The values as they travel. One that can't is refused here, before the packet is begun."""
        values = self._values.dump_sequence(command.values, [PyFormat.AUTO] * len(command.values))
        return Dumped(command.sql, values, self._values.types, self._values.formats)

    def _send(self, command: Dumped) -> Any:
        """Puts one statement into the packet; the key under which it was prepared if it was prepared just now."""
        sql, values, types, formats = command
        key = sql, types
        name = self._prepared.get(key)
        is_new = name is None and self._deserves_preparing(key)
        if is_new:
            name = self._prepared[key] = b"s%d" % next(self._numbers)
            self.driver.pgconn.send_prepare(name, sql, param_types=types)
        if name is None:
            self.driver.pgconn.send_query_params(sql, values, param_types=types, param_formats=formats)
        else:
            self.driver.pgconn.send_query_prepared(name, values, param_formats=formats)
        return key if is_new else None

    def _deserves_preparing(self, key: Any) -> bool:
        if len(self._uses) > REMEMBERED_AT_MOST:
            self._uses.clear()
        self._uses[key] += 1
        return self._uses[key] >= PREPARED_FROM and len(self._prepared) < PREPARED_AT_MOST

    def _reply(self, result: PGresult) -> Reply:
        if result.status != ExecStatus.TUPLES_OK:
            return Reply(result, (), result.command_tuples or 0)
        self._values.set_pgresult(result)
        return Reply(result, self._values.load_rows(0, result.ntuples, tuple), result.ntuples)
