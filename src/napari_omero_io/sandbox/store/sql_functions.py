"""Functions of PostgreSQL that SQLite lacks, or reads otherwise.

Null goes in, null comes out.  Where PostgreSQL refuses a value while a query runs,
the function fails, and `last_refusal` says why: SQLite itself only knows that
something failed.
"""

from __future__ import annotations

import hashlib
import math
import re
import statistics
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

_refusals = threading.local()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def add_functions(raw: sqlite3.Connection) -> None:
    """Make the functions known to a connection."""
    raw.create_function("lower", 1, _lower, deterministic=True)
    raw.create_function("upper", 1, _upper, deterministic=True)
    for name, function in _OF_ONE.items():
        raw.create_function(name, 1, _strict(function), deterministic=True)
    for name, function in _OF_TWO.items():
        raw.create_function(name, 2, _strict(function), deterministic=True)
    for name, choose in (("greatest", max), ("least", min)):
        raw.create_function(name, -1, _among_known(choose), deterministic=True)
    aggregates: Any = {"only_row": _OnlyRow, "stddev": _Stddev, "variance": _Variance}
    for name, aggregate in aggregates.items():
        raw.create_aggregate(name, 1, aggregate)


def last_refusal() -> str | None:
    """Return why a function of this thread failed last; forget it."""
    found: str | None = getattr(_refusals, "text", None)
    _refusals.text = None
    return found


def _refuse(text: str) -> ValueError:
    _refusals.text = text
    return ValueError(text)


def _strict(function: Callable[..., Any]) -> Callable[..., Any]:
    """Answer null where an argument is null."""

    def answer(*arguments: Any) -> Any:
        return None if None in arguments else function(*arguments)

    return answer


def _among_known(choose: Callable[..., Any]) -> Callable[..., Any]:
    def answer(*arguments: Any) -> Any:
        return choose((one for one in arguments if one is not None), default=None)

    return answer


class _OnlyRow:
    """The value of a sub-select that stands for one: a second row is an error."""

    def __init__(self) -> None:
        self._rows: list[Any] = []

    def step(self, value: Any) -> None:
        if self._rows:
            raise _refuse(
                "more than one row returned by a subquery used as an expression"
            )
        self._rows.append(value)

    def finalize(self) -> Any:
        return self._rows[0] if self._rows else None


class _Spread:
    """A measure of how far values lie apart, unknown of fewer than two."""

    measure: ClassVar[Callable[..., float]]

    def __init__(self) -> None:
        self._values: list[float] = []

    def step(self, value: float | None) -> None:
        if value is not None:
            self._values.append(value)

    def finalize(self) -> float | None:
        measure = type(self).measure
        return float(measure(self._values)) if len(self._values) > 1 else None


class _Stddev(_Spread):
    measure = statistics.stdev


class _Variance(_Spread):
    measure = statistics.variance


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def _initcap(text: str) -> str:
    return re.sub(r"[^\W_]+", lambda word: word[0].capitalize(), text)


def _write_number(number: float | str) -> str:
    """Write a fraction as PostgreSQL does: as short as it can be read back."""
    if isinstance(number, str):  # NaN is stored so
        return number
    if math.isfinite(number):
        return repr(number).removesuffix(".0") if abs(number) < 1e15 else repr(number)
    return {math.inf: "Infinity", -math.inf: "-Infinity"}.get(number, "NaN")


def _divide(dividend: Any, divisor: Any) -> Any:
    """Divide; whole numbers stay whole, cut towards zero."""
    if divisor == 0:
        raise _refuse("division by zero")
    if isinstance(dividend, int) and isinstance(divisor, int):
        quotient = abs(dividend) // abs(divisor)
        return quotient if (dividend < 0) == (divisor < 0) else -quotient
    return dividend / divisor


def _remain(dividend: int, divisor: int) -> int:
    if divisor == 0:
        raise _refuse("division by zero")
    return int(math.copysign(abs(dividend) % abs(divisor), dividend))


def _round_away(number: float) -> float:
    """Round a written number, halves away from zero; `rint` rounds those of columns."""
    return math.copysign(math.floor(abs(number) + 0.5), number)


def _moment(milliseconds: int) -> datetime:
    return _EPOCH + milliseconds * _MILLISECOND


def _write_time(milliseconds: int) -> str:
    moment = _moment(milliseconds)
    text = f"{moment:%Y-%m-%d %H:%M:%S}"
    return (
        f"{text}.{moment.microsecond // 1000:03}".rstrip("0")
        if moment.microsecond
        else text
    )


#: Patterns of `to_char`, the longer ones first.
_PATTERNS: dict[str, Callable[[datetime], str]] = {
    "YYYY": lambda t: f"{t.year:04}",
    "Month": lambda t: f"{t:%B}".ljust(9),
    "HH24": lambda t: f"{t.hour:02}",
    "HH12": lambda t: f"{t.hour % 12 or 12:02}",
    "DDD": lambda t: f"{t:%j}",
    "Mon": lambda t: f"{t:%b}",
    "Day": lambda t: f"{t:%A}".ljust(9),
    "YY": lambda t: f"{t:%y}",
    "MM": lambda t: f"{t.month:02}",
    "DD": lambda t: f"{t.day:02}",
    "Dy": lambda t: f"{t:%a}",
    "HH": lambda t: f"{t.hour % 12 or 12:02}",
    "MI": lambda t: f"{t.minute:02}",
    "SS": lambda t: f"{t.second:02}",
    "MS": lambda t: f"{t.microsecond // 1000:03}",
    "IW": lambda t: f"{t.isocalendar().week:02}",
    "WW": lambda t: f"{(t.timetuple().tm_yday - 1) // 7 + 1:02}",
    "AM": lambda t: "AM" if t.hour < 12 else "PM",
    "PM": lambda t: "AM" if t.hour < 12 else "PM",
    "D": lambda t: f"{t.isoweekday() % 7 + 1}",
    "Q": lambda t: f"{(t.month - 1) // 3 + 1}",
}


def _to_char(milliseconds: int, pattern: str) -> str:
    moment = _moment(milliseconds)
    found = re.compile("|".join(_PATTERNS))
    return found.sub(lambda part: _PATTERNS[part[0]](moment), pattern)


#: What `date_trunc` sets back.
_ZEROES: dict[str, Any] = {
    "year": {"month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0},
    "month": {"day": 1, "hour": 0, "minute": 0, "second": 0},
    "day": {"hour": 0, "minute": 0, "second": 0},
    "hour": {"minute": 0, "second": 0},
    "minute": {"second": 0},
    "second": {},
}


def _date_trunc(part: str, milliseconds: int) -> int:
    moment, part = _moment(milliseconds), part.lower()
    if part == "week":
        moment, part = moment - timedelta(days=moment.weekday()), "day"
    if part == "quarter":
        moment, part = (
            moment.replace(day=1, month=(moment.month - 1) // 3 * 3 + 1),
            "day",
        )
    if part not in _ZEROES:
        raise _refuse(f'unit "{part}" not recognized for type timestamp')
    cut = moment.replace(microsecond=0, **_ZEROES[part])
    return (cut - _EPOCH) // _MILLISECOND


def _take_part(part: str, milliseconds: int) -> int:
    moment = _moment(milliseconds)
    parts: dict[str, Callable[[], int]] = {
        "year": lambda: moment.year,
        "quarter": lambda: (moment.month - 1) // 3 + 1,
        "month": lambda: moment.month,
        "week": lambda: moment.isocalendar().week,
        "day": lambda: moment.day,
        "hour": lambda: moment.hour,
        "minute": lambda: moment.minute,
        "second": lambda: moment.second,
        "dow": lambda: moment.isoweekday() % 7,
        "isodow": moment.isoweekday,
        "doy": lambda: moment.timetuple().tm_yday,
        "epoch": lambda: milliseconds // 1000,
    }
    return parts[part]()


_OF_ONE: dict[str, Callable[..., Any]] = {
    "initcap": _initcap,
    "md5": lambda text: hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
    "octet_length": lambda text: len(text.encode()),
    "bit_length": lambda text: len(text.encode()) * 8,
    "ascii": lambda text: ord(text[0]) if text else 0,
    "reverse": lambda text: text[::-1],
    "write_number": _write_number,
    "write_time": _write_time,
    "sqrt": math.sqrt,
    "cbrt": lambda x: math.copysign(abs(x) ** (1 / 3), x),
    "exp": math.exp,
    "ln": math.log,
    "log": math.log10,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "cot": lambda x: 1 / math.tan(x),
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "radians": math.radians,
    "degrees": math.degrees,
    "sign": lambda x: (x > 0) - (x < 0),
    "floor": math.floor,
    "ceil": math.ceil,
    "trunc": math.trunc,
    "rint": round,
    "round_away": _round_away,
}
_OF_TWO: dict[str, Callable[..., Any]] = {
    "divide": _divide,
    "remain": _remain,
    "power": math.pow,
    "strpos": lambda text, what: text.find(what) + 1,
    "to_char": _to_char,
    "date_trunc": _date_trunc,
    "take_part": _take_part,
}
