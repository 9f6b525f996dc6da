"""Statements written in SQLAlchemy's language, as the driver takes them: each is compiled once.

SQLAlchemy is the language of statements and of their types here, and nothing more: to run a statement through its
engine costs several times what the driver needs. A statement that lives as long as its module is known by itself from
its second use on; one that is built anew for every use is known by its structure.
"""

from collections.abc import Callable, Mapping, Sequence
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
        lists = [*compiler.post_compile_params, *compiler.literal_execute_params]
        self._expands = any(bound.key in names for bound in lists)
        self._own_values = self._values_of({}, check=False)
        self._sql, self._slots = b"", list[Slot]()
        if not self._expands:
            form = self._expanded(self._own_values) if lists else _form_of(compiler)
            self._own_values.update(form.own_values)
            self._sql, self._slots = form.sql, [self._slot(name, process, names) for name, process in form.slots]

    def command(self, parameters: Parameters) -> Command:
        """The statement with these values."""
        if self._expands:
            form = self._expanded(self._values_of(parameters))
            return Command(form.sql, _processed(form.slots, form.own_values))
        return Command(self._sql, _processed(self._slots, {**self._own_values, **parameters}))

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

    def _slot(self, name: str, process: Any, names: frozenset[str]) -> "Slot":
        bound = self._compiler.binds.get(name)
        if bound is None:  # a member of a list that is part of the statement
            return name, process
        source = bound.key if bound.key in names else name
        if source not in names and bound.required:
            self._values_of(dict.fromkeys(names))  # raises, and says which one is missing
        return source, process

    def _expanded(self, values: dict[str, Any]) -> "Form":
        """For lists in `IN`, which have as many parameters as they have members."""
        state = self._compiler._process_parameters_for_postcompile(values)
        processors: dict[str, Any] = {**self._compiler._bind_processors, **state.processors}
        slots = [(name, processors.get(name)) for name in state.positiontup or ()]
        return Form(state.statement.encode(), slots, {**values, **state.parameters})


Slot = tuple[str, Callable[[Any], Any] | None]
"""The name of a value and what its type makes of it."""


class Form(NamedTuple):
    """A statement's SQL, the values that it takes in their order, and those that it brings along."""

    sql: bytes
    slots: list[Slot]
    own_values: dict[str, Any]


def _form_of(compiler: SQLCompiler) -> Form:
    processors: Any = compiler._bind_processors
    return Form(compiler.string.encode(), [(name, processors.get(name)) for name in compiler.positiontup or ()], {})


def _processed(slots: list[Slot], values: Parameters) -> list[Any]:
    return [values[name] if process is None else process(values[name]) for name, process in slots]


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
