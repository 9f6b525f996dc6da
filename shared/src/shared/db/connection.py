"""A connection in the hands of one task: statements go out one by one, or several in one round trip."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from sqlalchemy import Executable, Row
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import InvalidRequestError

from shared.db.errors import translated
from shared.db.sight import seen
from shared.db.statements import Command, Compiled, Parameters, compiled
from shared.db.wire import Reply, Wire

_BEGIN = Command(b"BEGIN")
_COMMIT = Command(b"COMMIT")
_NOTHING = SimpleResultMetaData(())

Values = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


class Answer(IteratorResult[Any]):
    """Rows of one statement. `rowcount` is how many rows it gave or changed."""

    def __init__(self, metadata: SimpleResultMetaData, rows: list[Row[Any]], rowcount: int) -> None:
        super().__init__(metadata, iter(rows))
        self.rowcount = rowcount


class Connection:
    """Statements in a transaction, or each in its own.

    What is sent and not waited for goes out with the next statement that is, so that a transaction which first reads
    and then writes five rows costs two round trips. Its errors are raised there; the transaction fails as a whole.
    """

    def __init__(self, wire: Wire, in_transaction: bool) -> None:
        self._wire = wire
        self._unsent = [_BEGIN] if in_transaction else []
        self._is_broken = False

    def send(self, statement: Executable, parameters: Parameters | None = None) -> None:
        """Has a statement run whose outcome nobody asks for, at the latest with the commit."""
        given = parameters or {}
        self._unsent.append(compiled(statement, given).command(given))

    async def execute(self, statement: Executable, parameters: Values = None) -> Answer:
        """Runs a statement. With a list of parameter sets it runs once for each, and gives no rows."""
        if isinstance(parameters, Sequence):
            return await self._execute_each(statement, parameters)
        plan, reply = await self._run(statement, parameters or {})
        rows = plan.rows(reply.result, reply.tuples)
        return Answer(plan.maker.metadata if plan.maker else _NOTHING, rows, reply.rowcount)

    async def fetch_all(self, statement: Executable, parameters: Parameters | None = None) -> list[Row[Any]]:
        """All rows."""
        plan, reply = await self._run(statement, parameters or {})
        return plan.rows(reply.result, reply.tuples)

    async def fetch_one(self, statement: Executable, parameters: Parameters | None = None) -> Row[Any] | None:
        """The first row, or nothing."""
        rows = await self.fetch_all(statement, parameters)
        return rows[0] if rows else None

    async def scalar(self, statement: Executable, parameters: Parameters | None = None) -> Any:
        """The first column of the first row, or nothing."""
        row = await self.fetch_one(statement, parameters)
        return row[0] if row is not None else None

    async def plan_of(self, statement: Executable, parameters: Parameters) -> str:
        """How the server would run a statement, for tests that hold statements to their indexes."""
        command = compiled(statement, parameters).command(parameters)
        reply = await self._round_trip(command._replace(sql=b"EXPLAIN " + command.sql))
        return "\n".join(str(line) for (line,) in reply.tuples)

    async def commit(self) -> None:
        """Commits what was sent; nothing happens when nothing was.

        Raises what the last statements raise, and `InvalidRequestError` when an earlier one has failed: the server
        would answer such a commit with a rollback, and without an error.
        """
        if self._unsent == [_BEGIN]:
            return
        if self._is_broken or self._wire.is_failed:
            raise InvalidRequestError("A statement of this transaction has failed, so that nothing can be committed.")
        await self._round_trip(_COMMIT)

    async def _run(self, statement: Executable, parameters: Parameters) -> tuple[Compiled, Reply]:
        plan = compiled(statement, parameters)
        return plan, await self._round_trip(plan.command(parameters))

    async def _execute_each(self, statement: Executable, parameters: Sequence[Parameters]) -> Answer:
        commands = [compiled(statement, each, many=True).command(each) for each in parameters]
        if not commands:
            return Answer(_NOTHING, [], 0)
        replies = await self._round_trips(commands)
        return Answer(_NOTHING, [], sum(reply.rowcount for reply in replies[-len(commands) :]))

    async def _round_trip(self, last: Command) -> Reply:
        return (await self._round_trips([last]))[-1]

    async def _round_trips(self, last: Sequence[Command]) -> list[Reply]:
        """Sends what waits and then `last`, all in one go.

        A value that can't travel keeps a packet here, and perhaps the beginning of the transaction with it: whatever
        came after that would be outside of any.
        """
        if self._is_broken:
            raise InvalidRequestError("This transaction did not begin.")
        commands, self._unsent = [*self._unsent, *last], []
        with seen(commands):
            try:
                return await self._wire.exchange(commands)
            except BaseException as error:
                self._is_broken |= commands[0] is _BEGIN
                if not isinstance(error, psycopg.Error):
                    raise
                sql = ";\n".join(command.sql.decode() for command in commands)
                raise translated(error, sql, self._wire.is_lost) from error
