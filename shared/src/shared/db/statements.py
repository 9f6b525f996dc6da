"""Statements written in SQLAlchemy's language, as the driver takes them: each is compiled once.

SQLAlchemy is the language of statements and of their types here, and nothing more: to run a statement through its
engine costs several times what the driver needs. A statement that lives as long as its module is known by itself from
its second use on; one that is built anew for every use is known by its structure.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from psycopg.pq.abc import PGresult
from sqlalchemy import Executable, Row
from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.util import LRUCache

Parameters = Mapping[str, Any]

COMPILED_AT_MOST = 500

_dialect = PGDialectAsync_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
_dialect._backslash_escapes = False  # An engine would ask the server, which answers this since PostgreSQL 9.1.


class Command(NamedTuple):
    """What goes to the server: SQL with `$1`, `$2` …, and the values."""

    sql: bytes
    values: Sequence[Any] = ()


class Compiled:
    """One statement for one set of parameter names."""

    def __init__(self, compiler: SQLCompiler, names: frozenset[str], extracted: Any, collected: Any) -> None:
        if compiler.insert_prefetch or compiler.update_prefetch:
            raise NotImplementedError("Defaults of columns that Python computes are not supported.")
        self._compiler = compiler
        self._extracted, self._collected = extracted, collected
        self._rows: RowMaker | None = None
        self._sql = compiler.string.encode()
        self._own_values = self._values_of({}, check=False)
        self._slots = [self._slot(name, names) for name in compiler.positiontup or ()]
        self._expands = bool(compiler.post_compile_params or compiler.literal_execute_params)

    def command(self, parameters: Parameters) -> Command:
        """The statement with these values."""
        if self._expands:
            return self._expanded(parameters)
        given = {**self._own_values, **parameters}
        values = [given[name] if process is None else process(given[name]) for name, process in self._slots]
        return Command(self._sql, values)

    def rows(self, result: PGresult, tuples: Sequence[tuple[Any, ...]]) -> list[Row[Any]]:
        """The driver's tuples as rows with names and the types of the statement's columns."""
        if not result.nfields:
            return []
        if self._rows is None or self._rows.width != result.nfields:
            self._rows = RowMaker(self._compiler, result)
        return self._rows(tuples)

    @property
    def maker(self) -> "RowMaker | None":
        """What makes rows of tuples, once the first answer is there."""
        return self._rows

    def _values_of(self, parameters: Parameters, check: bool = True) -> dict[str, Any]:
        return dict(
            self._compiler.construct_params(
                parameters,
                extracted_parameters=self._extracted,
                escape_names=False,
                _check=check,
                _collected_params=self._collected,
            )
        )

    def _slot(self, name: str, names: frozenset[str]) -> tuple[str, Any]:
        """Where a value comes from, and what its type makes of it."""
        bound = self._compiler.binds[name]
        source = bound.key if bound.key in names else name
        if source not in names and bound.required:
            self._values_of(dict.fromkeys(names))  # raises, and says which one is missing
        return source, self._compiler._bind_processors.get(name)

    def _expanded(self, parameters: Parameters) -> Command:
        """For lists in `IN`, which have as many parameters as they have members."""
        state = self._compiler._process_parameters_for_postcompile(self._values_of(parameters))
        processors: dict[str, Any] = {**self._compiler._bind_processors, **state.processors}
        values = [
            process(state.parameters[name]) if (process := processors.get(name)) else state.parameters[name]
            for name in state.positiontup or ()
        ]
        return Command(state.statement.encode(), values)


class RowMaker:
    """Makes rows of a statement's tuples."""

    def __init__(self, compiler: SQLCompiler, result: PGresult) -> None:
        self.width = result.nfields
        typed = compiler._result_columns if len(compiler._result_columns) == self.width else []
        names = [column.keyname for column in typed] or [_name(result, index) for index in range(self.width)]
        processors = [
            column.type._cached_result_processor(_dialect, result.ftype(index)) for index, column in enumerate(typed)
        ]
        self.metadata = SimpleResultMetaData(names)
        self._processors = processors if any(processors) else None

    def __call__(self, tuples: Sequence[tuple[Any, ...]]) -> list[Row[Any]]:
        metadata, processors = self.metadata, self._processors
        return [Row(metadata, processors, metadata._key_to_index, values) for values in tuples]


def _name(result: PGresult, index: int) -> str:
    return (result.fname(index) or b"").decode()


_by_structure: LRUCache[Any, Any] = LRUCache(COMPILED_AT_MOST)
_by_itself: WeakKeyDictionary[Executable, dict[Any, Compiled]] = WeakKeyDictionary()


def compiled(statement: Executable, parameters: Parameters, many: bool = False) -> Compiled:
    """The statement for parameters of these names; `many` if it runs for several sets of them."""
    known = _by_itself.get(statement)
    if known is None:
        known = _by_itself[statement] = {}
    key = (many, *parameters)
    if (found := known.get(key)) is None:
        found = known[key] = _compile(statement, parameters, many)
    return found


def _compile(statement: Executable, parameters: Parameters, many: bool) -> Compiled:
    compiler, extracted, collected, _ = statement._compile_w_cache(
        _dialect, compiled_cache=_by_structure, column_keys=sorted(parameters), for_executemany=many
    )
    assert isinstance(compiler, SQLCompiler)
    return Compiled(compiler, frozenset(parameters), extracted, collected)
