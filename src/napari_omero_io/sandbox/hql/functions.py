"""HQL's functions in SQLite's words, and the kinds of their values.

Those that need the names of a query (`size`, `index`, `type`, …) are in `operands`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import Float, Integer, Text, case, cast, distinct, func, literal

from napari_omero_io.sandbox.errors import IllegalQuery
from napari_omero_io.sandbox.schema.model import Kind

from .strictness import (
    Family,
    adapt,
    check_alike,
    check_argument,
    check_operator,
    family_of,
    type_name,
)
from .typed import Special, Typed, ValueKind, wider

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.types import TypeEngine

    SQL: TypeAlias = ColumnElement[Any]

AGGREGATES = frozenset({"count", "sum", "avg", "min", "max", "stddev", "variance"})

_DAY = 86_400_000
_ANY: tuple[Family, ...] = tuple(Family)
_TEXT, _NUMBER, _MOMENT = (Family.TEXT,), (Family.NUMBER,), (Family.MOMENT,)


@dataclass(frozen=True, slots=True)
class Function:
    """One function.

    Attributes
    ----------
    build
        From the arguments' SQL to the function's.
    kind
        Of its value; None is that of the first argument.
    takes
        The families of the arguments; the last one stands for all that follow.
    fewest, most
        Numbers of arguments; None is as many as one likes.
    """

    build: Callable[..., SQL]
    kind: ValueKind | None
    takes: tuple[tuple[Family, ...], ...] = (_ANY,)
    fewest: int = 1
    most: int | None = 1


def _concat(*parts: SQL) -> SQL:
    joined = parts[0]
    for part in parts[1:]:
        joined = joined.op("||", precedence=6)(part)
    return joined


def _locate(what: SQL, text: SQL, start: SQL | None = None) -> SQL:
    if start is None:
        return func.instr(text, what)
    # where nothing is found the start minus one comes out, as from OMERO.server
    return func.instr(func.substr(text, start), what) + start - 1


def _part_of_time(part: str) -> Callable[[SQL], SQL]:
    def build(time: SQL) -> SQL:
        return func.take_part(part, time)

    return build


def _now() -> SQL:
    days_since_1970 = func.julianday("now") - 2440587.5
    return cast(days_since_1970 * _DAY, Integer)


def _today() -> SQL:
    return _start_of_day(_now())


def _start_of_day(time: SQL) -> SQL:
    return func.date_trunc("day", time)


def _plain(name: str, count: int = 1, *, of: tuple[Family, ...] = _NUMBER) -> Function:
    """Describe a function that only conditions may use: Hibernate has no type of it."""
    build = getattr(func, name)
    return Function(build, Special.UNKNOWN, (of, _ANY), count, count)


def _of_number(name: str, kind: ValueKind | None = Kind.DOUBLE) -> Function:
    return Function(getattr(func, name), kind, (_NUMBER,))


def _of_text(name: str, kind: ValueKind = Kind.STRING) -> Function:
    return Function(getattr(func, name), kind, (_TEXT,))


FUNCTIONS = {
    "count": Function(func.count, Kind.LONG),
    "sum": Function(func.sum, Kind.LONG, (_NUMBER,)),
    "avg": Function(func.avg, Kind.DOUBLE, (_NUMBER,)),
    "min": Function(func.min, None, ((*_TEXT, *_NUMBER, *_MOMENT),)),
    "max": Function(func.max, None, ((*_TEXT, *_NUMBER, *_MOMENT),)),
    "stddev": _of_number("stddev"),
    "variance": _of_number("variance"),
    "coalesce": Function(func.coalesce, None, (_ANY,), 2, None),
    "nullif": Function(func.nullif, None, (_ANY,), 2, 2),
    "lower": _of_text("lower"),
    "upper": _of_text("upper"),
    "initcap": _of_text("initcap"),
    "trim": _of_text("trim"),
    "md5": _of_text("md5"),
    "ascii": _of_text("ascii", Kind.INT),
    "length": _of_text("length", Kind.INT),
    "char_length": _of_text("length", Kind.LONG),
    "octet_length": _of_text("octet_length", Kind.LONG),
    "bit_length": _of_text("bit_length", Kind.LONG),
    "substring": Function(func.substr, Kind.STRING, (_TEXT, _NUMBER), 2, 3),
    "substr": Function(func.substr, Kind.STRING, (_TEXT, _NUMBER), 2, 3),
    "locate": Function(_locate, Kind.INT, (_TEXT, _TEXT, _NUMBER), 2, 3),
    "abs": _of_number("abs", None),
    "sign": _of_number("sign", Kind.INT),
    "mod": Function(func.remain, Kind.INT, (_NUMBER,), 2, 2),
    "floor": _of_number("floor", None),
    "ceil": _of_number("ceil", None),
    "trunc": _of_number("trunc", None),
    "sqrt": _of_number("sqrt"),
    "cbrt": _of_number("cbrt"),
    "exp": _of_number("exp"),
    "ln": _of_number("ln"),
    "log": _of_number("log"),
    "sin": _of_number("sin"),
    "cos": _of_number("cos"),
    "tan": _of_number("tan"),
    "cot": _of_number("cot"),
    "asin": _of_number("asin"),
    "acos": _of_number("acos"),
    "atan": _of_number("atan"),
    "radians": _of_number("radians"),
    "degrees": _of_number("degrees"),
    **{
        part: Function(_part_of_time(part), Kind.INT, (_MOMENT,))
        for part in ("year", "month", "day", "hour", "minute", "second")
    },
    "to_char": Function(func.to_char, Kind.STRING, (_MOMENT, _TEXT), 2, 2),
    "date_trunc": Function(func.date_trunc, Kind.TIME, (_TEXT, _MOMENT), 2, 2),
    "current_timestamp": Function(_now, Kind.TIME, (), 0, 0),
    "localtimestamp": Function(_now, Kind.TIME, (), 0, 0),
    "now": Function(_now, Kind.TIME, (), 0, 0),
    "current_date": Function(_today, Kind.TIME, (), 0, 0),
    "power": _plain("power", 2),
    "greatest": Function(func.greatest, Special.UNKNOWN, (_ANY,), 1, None),
    "least": Function(func.least, Special.UNKNOWN, (_ANY,), 1, None),
    "ltrim": _plain("ltrim", of=_TEXT),
    "rtrim": _plain("rtrim", of=_TEXT),
    "replace": _plain("replace", 3, of=_TEXT),
    "reverse": _plain("reverse", of=_TEXT),
    "strpos": _plain("strpos", 2, of=_TEXT),
    "ceiling": _plain("ceil"),
}
#: Functions that need no parentheses.
BARE_FUNCTIONS = frozenset({"current_timestamp", "current_date", "localtimestamp"})

#: Parts of a time that ``extract`` takes.
_PARTS = frozenset(
    {"year", "quarter", "month", "week", "day", "hour", "minute", "second"}
    | {"dow", "isodow", "doy", "epoch"}
)

_CASTS: dict[str, tuple[TypeEngine[Any] | None, ValueKind]] = {
    **dict.fromkeys(("string", "text"), (None, Kind.STRING)),
    **dict.fromkeys(("int", "integer"), (Integer(), Kind.INT)),
    "long": (Integer(), Kind.LONG),
    "double": (Float(), Kind.DOUBLE),
    "float": (Float(), Special.FLOAT),
    "boolean": (Integer(), Kind.BOOL),
    "date": (None, Kind.TIME),
    "timestamp": (None, Kind.TIME),
    **dict.fromkeys(("short", "byte", "big_integer"), (Integer(), Special.NUMERIC)),
    "big_decimal": (Float(), Special.NUMERIC),
}


def call_function(name: str, arguments: Sequence[Typed], *, of_distinct: bool) -> Typed:
    """Apply a function to its arguments.

    Raises
    ------
    IllegalQuery
        There is no such function, not with so many arguments, or not of such ones.
    """
    if name == "str" and len(arguments) == 1:
        return Typed(write_as_text(arguments[0]), Kind.STRING)
    if name == "concat":
        return concatenate(arguments)
    if name == "round" and len(arguments) == 1:
        return _round(arguments[0])
    function = FUNCTIONS.get(name)
    if function is None:
        raise IllegalQuery(f"No function is called {name}")
    count = len(arguments)
    if count < function.fewest or (function.most is not None and count > function.most):
        raise IllegalQuery(f"{name} does not take {count} arguments")
    for number, argument in enumerate(arguments):
        families = function.takes[min(number, len(function.takes) - 1)]
        check_argument(name, argument, *families)
    kinds = [argument.kind for argument in arguments]
    sqls = [argument.sql for argument in arguments]
    kind = function.kind
    match name:
        case "coalesce":
            check_alike("COALESCE", list(arguments))
        case "nullif":
            check_operator("=", *arguments)
        case "sum" if kinds[0] is Kind.DOUBLE or kinds[0] is Special.FLOAT:
            kind = Kind.DOUBLE
        case "mod" if Kind.DOUBLE in kinds:
            names = ", ".join(map(type_name, kinds))
            raise IllegalQuery(f"function mod({names}) does not exist")
    if of_distinct:
        sqls = [distinct(sql) for sql in sqls]
    return Typed(function.build(*sqls), kinds[0] if kind is None else kind)


def _round(value: Typed) -> Typed:
    check_argument("round", value, Family.NUMBER)
    is_written = value.written is not None
    build = func.round_away if is_written else func.rint
    return Typed(build(value.sql), value.kind)


def trim_text(side: str, value: Typed, character: Typed | None) -> Typed:
    """Take characters away from the ends of a text."""
    check_argument("btrim", value, Family.TEXT)
    build = {"both": func.trim, "leading": func.ltrim, "trailing": func.rtrim}[side]
    given = () if character is None else (character.sql,)
    return Typed(build(value.sql, *given), Kind.STRING)


def write_as_text(value: Typed) -> SQL:
    """Write any value as PostgreSQL does."""
    match value.kind:
        case Kind.BOOL:
            return case((value.sql.is_(None), None), (value.sql, "true"), else_="false")
        case Kind.DOUBLE if value.written is None:
            return func.write_number(value.sql)
        case Kind.TIME:
            return func.write_time(value.sql)
        case Kind.STRING:
            return value.sql
    return cast(value.sql, Text)


def cast_value(value: Typed, name: str) -> Typed:
    """Convert a value: ``cast(x as double)``.

    Raises
    ------
    IllegalQuery
        There is no such type.
    """
    if name not in _CASTS:
        raise IllegalQuery(f"Could not resolve requested type for CAST: {name}")
    type_, kind = _CASTS[name]
    match kind:
        case Kind.STRING:
            return Typed(write_as_text(value), kind)
        case Kind.TIME:
            sql = adapt(value, Typed(value.sql, Kind.TIME))
            return Typed(_start_of_day(sql) if name == "date" else sql, kind)
        case Kind.INT | Kind.LONG if value.kind is Kind.DOUBLE:
            return Typed(cast(func.rint(value.sql), Integer), kind)
        case Kind.BOOL:
            return Typed(value.sql != literal(0), kind)
    assert type_ is not None
    return Typed(cast(adapt(value, Typed(value.sql, kind)), type_), kind)


def extract_part(value: Typed, part: str) -> Typed:
    """Take a part of a time: ``extract(epoch from x)`` in whole seconds.

    Raises
    ------
    IllegalQuery
        Times have no such part.
    """
    if part not in _PARTS:
        raise IllegalQuery(f"No part of a time is called {part}")
    check_argument("extract", value, Family.MOMENT)
    return Typed(func.take_part(part, value.sql), Kind.INT)


def calculate(operator: str, left: Typed, right: Typed) -> Typed:
    """Combine two values by ``+ - * / %``; whole numbers stay whole.

    Raises
    ------
    IllegalQuery
        They are not numbers both.
    """
    check_operator(operator, left, right)
    for value in (left, right):
        if family_of(value) not in (None, Family.NUMBER):
            names = f"{type_name(left.kind)} {operator} {type_name(right.kind)}"
            raise IllegalQuery(f"operator does not exist: {names}")
    kind = wider(left.kind, right.kind)
    if operator == "%" and kind is Kind.DOUBLE:
        raise IllegalQuery("operator does not exist: double precision % integer")
    one, other = _whole_beside(left, right), _whole_beside(right, left)
    match operator:
        # SQLite answers null where the divisor is 0
        case "/" if not right.written:
            return Typed(func.divide(one, other), kind)
        case "%":
            return Typed(func.remain(one, other), kind)
    precedence = {"*": 8, "/": 8, "+": 7, "-": 7}[operator]
    # SQLAlchemy's own division would make a fraction of whole numbers
    return Typed(one.op(operator, precedence=precedence)(other), kind)


def concatenate(parts: Sequence[Typed]) -> Typed:
    """Put texts one behind the other; other values are written first.

    Raises
    ------
    IllegalQuery
        Two values side by side are no texts.
    """
    if len(parts) < 2:
        raise IllegalQuery(f"concat does not take {len(parts)} arguments")
    joined = parts[0]
    for part in parts[1:]:
        families = {family_of(joined), family_of(part)}
        if not families & {None, Family.TEXT}:
            names = f"{type_name(joined.kind)} || {type_name(part.kind)}"
            raise IllegalQuery(f"operator does not exist: {names}")
        sql = _concat(write_as_text(joined), write_as_text(part))
        joined = Typed(sql, Kind.STRING)
    return joined


def _whole_beside(value: Typed, other: Typed) -> SQL:
    """Cut a parameter beside a whole number to one: Hibernate binds it as such."""
    if value.kind is Special.UNKNOWN and other.kind in (Kind.INT, Kind.LONG):
        return cast(value.sql, Integer)
    return adapt(value, other)
