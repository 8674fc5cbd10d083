"""HQL's functions in SQLite's words, and the kinds of their values.

Those that need the names of a query (`size`, `index`, `type`, …) are in `compile`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import Float, Integer, Text, cast, distinct, func

from napari_omero_io.sandbox.errors import IllegalQuery
from napari_omero_io.sandbox.schema.model import Kind

from .typed import Special, Typed, ValueKind, first_known, wider

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.types import TypeEngine

    SQL: TypeAlias = ColumnElement[Any]

AGGREGATES = frozenset({"count", "sum", "avg", "min", "max"})


@dataclass(frozen=True, slots=True)
class Function:
    """One function.

    Attributes
    ----------
    build
        From the arguments' SQL to the function's.
    kind
        From the arguments' kinds to the function's.
    fewest, most
        Numbers of arguments; None is as many as one likes.
    """

    build: Callable[..., SQL]
    kind: Callable[..., ValueKind]
    fewest: int = 1
    most: int | None = 1


def _always(kind: Kind) -> Callable[..., ValueKind]:
    def answer(*_kinds: ValueKind) -> ValueKind:
        return kind

    return answer


def _sum_kind(kind: ValueKind) -> ValueKind:
    return Kind.DOUBLE if kind is Kind.DOUBLE else Kind.LONG


def _concat(*parts: SQL) -> SQL:
    joined = parts[0]
    for part in parts[1:]:
        joined = joined.op("||", precedence=6)(part)
    return joined


def _part_of_time(code: str) -> Callable[[SQL], SQL]:
    def build(time: SQL) -> SQL:
        seconds = time.op("/", precedence=8)(1000)
        return cast(func.strftime(code, seconds, "unixepoch"), Integer)

    return build


def _now() -> SQL:
    days_since_1970 = func.julianday("now") - 2440587.5
    return cast(days_since_1970 * 86_400_000, Integer)


_TEXT = _always(Kind.STRING)
_INT = _always(Kind.INT)

FUNCTIONS = {
    "count": Function(func.count, _always(Kind.LONG)),
    "sum": Function(func.sum, _sum_kind),
    "avg": Function(func.avg, _always(Kind.DOUBLE)),
    "min": Function(func.min, first_known),
    "max": Function(func.max, first_known),
    "coalesce": Function(func.coalesce, first_known, 2, None),
    "nullif": Function(func.nullif, first_known, 2, 2),
    "lower": Function(func.lower, _TEXT),
    "upper": Function(func.upper, _TEXT),
    "trim": Function(func.trim, _TEXT),
    "length": Function(func.length, _INT),
    "substring": Function(func.substr, _TEXT, 2, 3),
    "locate": Function(lambda what, text: func.instr(text, what), _INT, 2, 2),
    "concat": Function(_concat, _TEXT, 2, None),
    "str": Function(lambda value: cast(value, Text), _TEXT),
    "abs": Function(func.abs, first_known),
    "mod": Function(lambda a, b: a.op("%", precedence=8)(b), _INT, 2, 2),
    "sqrt": Function(func.sqrt, _always(Kind.DOUBLE)),
    "year": Function(_part_of_time("%Y"), _INT),
    "month": Function(_part_of_time("%m"), _INT),
    "day": Function(_part_of_time("%d"), _INT),
    "hour": Function(_part_of_time("%H"), _INT),
    "minute": Function(_part_of_time("%M"), _INT),
    "second": Function(_part_of_time("%S"), _INT),
    "current_timestamp": Function(_now, _always(Kind.TIME), 0, 0),
    "now": Function(_now, _always(Kind.TIME), 0, 0),
}

_CASTS: dict[str, tuple[TypeEngine[Any], Kind]] = {
    "string": (Text(), Kind.STRING),
    "int": (Integer(), Kind.INT),
    "integer": (Integer(), Kind.INT),
    "long": (Integer(), Kind.LONG),
    "double": (Float(), Kind.DOUBLE),
    "float": (Float(), Kind.DOUBLE),
    "boolean": (Integer(), Kind.BOOL),
}


def call_function(name: str, arguments: Sequence[Typed], *, of_distinct: bool) -> Typed:
    """Apply a function to its arguments.

    Raises
    ------
    IllegalQuery
        There is no such function, or not with so many arguments.
    """
    function = FUNCTIONS.get(name)
    if function is None:
        raise IllegalQuery(f"No function is called {name}")
    count = len(arguments)
    if count < function.fewest or (function.most is not None and count > function.most):
        raise IllegalQuery(f"{name} does not take {count} arguments")
    sqls = [argument.sql for argument in arguments]
    if of_distinct:
        if name not in AGGREGATES:
            raise IllegalQuery(f"{name} has nothing to do with distinct")
        sqls = [distinct(sql) for sql in sqls]
    kinds = [argument.kind for argument in arguments]
    return Typed(function.build(*sqls), function.kind(*kinds))


def cast_value(value: Typed, type_name: str) -> Typed:
    """Convert a value: ``cast(x as double)``."""
    if type_name not in _CASTS:
        raise IllegalQuery(f"Could not resolve requested type for CAST: {type_name}")
    type_, kind = _CASTS[type_name]
    return Typed(cast(value.sql, type_), kind)


def extract_part(value: Typed, part: str) -> Typed:
    """Take a part of a time: ``extract(epoch from x)`` in whole seconds."""
    if part == "epoch":
        return Typed(value.sql.op("/", precedence=8)(1000), Kind.INT)
    if part not in {"year", "month", "day", "hour", "minute", "second"}:
        raise IllegalQuery(f"No part of a time is called {part}")
    return Typed(FUNCTIONS[part].build(value.sql), Kind.INT)


def calculate(operator: str, left: Typed, right: Typed) -> Typed:
    """Combine two values by ``+ - * / % ||``; whole numbers stay whole."""
    precedence = {"*": 8, "/": 8, "%": 8, "+": 7, "-": 7, "||": 6}[operator]
    # SQLAlchemy's own division would make a fraction of whole numbers
    combined = _whole_beside(left, right).op(operator, precedence=precedence)
    sql = combined(_whole_beside(right, left))
    if operator == "||":
        return Typed(sql, Kind.STRING)
    return Typed(sql, wider(left.kind, right.kind))


def _whole_beside(value: Typed, other: Typed) -> SQL:
    """Cut a parameter beside a whole number to one: Hibernate binds it as such."""
    if value.kind is Special.UNKNOWN and other.kind in (Kind.INT, Kind.LONG):
        return cast(value.sql, Integer)
    return value.sql
