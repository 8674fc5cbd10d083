"""A query as a tree of values.

Nothing here knows of classes, tables or SQL; names are as they were written.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Path:
    """A dotted name: an alias, a property, a class."""

    parts: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Indexed:
    """An element of an ordered collection, and what follows: ``p.pixels[0].sizeX``."""

    base: Place
    index: Expression
    rest: tuple[str, ...]


Place: TypeAlias = "Path | Indexed"


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, a number, a truth value, null.

    Attributes
    ----------
    is_long, is_float
        Of a number like ``2L``, like ``2.5f``.
    """

    value: str | int | float | bool | None
    is_long: bool = False
    is_float: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """``:name``."""

    name: str


@dataclass(frozen=True, slots=True)
class Star:
    """What ``count(*)`` counts."""


@dataclass(frozen=True, slots=True)
class Call:
    """A function; its name in lower case."""

    name: str
    arguments: tuple[Expression, ...]
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Cast:
    """``cast(x as double)``."""

    operand: Expression
    type_name: str


@dataclass(frozen=True, slots=True)
class Extract:
    """``extract(epoch from x)``."""

    part: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Trim:
    """``trim(leading '0' from x)``; `side` is ``leading``, ``trailing`` or ``both``."""

    side: str
    character: Expression | None
    operand: Expression


@dataclass(frozen=True, slots=True)
class Sign:
    """``-x``."""

    sign: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``+ - * / % ||``."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Compare:
    """``= <> < <= > >=``; other spellings of "not equal" become ``<>``."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Junction:
    """``and``, ``or`` over two or more."""

    operator: str
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class IsNull:
    """``x is [not] null``."""

    operand: Expression
    negated: bool


@dataclass(frozen=True, slots=True)
class IsEmpty:
    """``x.collection is [not] empty``."""

    operand: Expression
    negated: bool


@dataclass(frozen=True, slots=True)
class Like:
    """``x [not] like pattern``."""

    operand: Expression
    pattern: Expression
    escape: Expression | None
    negated: bool


@dataclass(frozen=True, slots=True)
class Between:
    """``x [not] between low and high``."""

    operand: Expression
    low: Expression
    high: Expression
    negated: bool


@dataclass(frozen=True, slots=True)
class In:
    """``x [not] in …``."""

    operand: Expression
    choices: Tuple | Subquery | Parameter | Members
    negated: bool


@dataclass(frozen=True, slots=True)
class MemberOf:
    """``x [not] member of y.collection``; with a class's name a test of class."""

    operand: Expression
    place: Place
    negated: bool


@dataclass(frozen=True, slots=True)
class Exists:
    """``exists (…)``."""

    operand: Subquery | Members


@dataclass(frozen=True, slots=True)
class Members:
    """``elements(x.collection)``, ``indices(x.collection)``: its elements or places."""

    word: str
    place: Place


@dataclass(frozen=True, slots=True)
class Quantified:
    """``all (…)``, ``any (…)``, ``some (…)``."""

    quantifier: str
    operand: Subquery | Members


@dataclass(frozen=True, slots=True)
class Tuple:
    """Several values in parentheses."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class When:
    """One branch of a `Case`."""

    condition: Expression
    result: Expression


@dataclass(frozen=True, slots=True)
class Case:
    """``case [x] when … then … [else …] end``."""

    operand: Expression | None
    whens: tuple[When, ...]
    otherwise: Expression | None


@dataclass(frozen=True, slots=True)
class Subquery:
    """A query in parentheses."""

    query: Query


@dataclass(frozen=True, slots=True)
class Item:
    """One selected expression."""

    expression: Expression
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class NewMap:
    """``new map(x as name, …)``."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class NewList:
    """``new list(x, …)``."""

    items: tuple[Item, ...]


Expression: TypeAlias = (
    "Path | Indexed | Literal | Parameter | Star | Call | Cast | Extract | Trim | Sign"
    " | Arithmetic | Compare | Not | Junction | IsNull | IsEmpty | Like | Between | In"
    " | MemberOf | Exists | Members | Quantified | Tuple | Case | Subquery"
    " | NewMap | NewList"
)


@dataclass(frozen=True, slots=True)
class Root:
    """A class whose rows are looked at."""

    class_name: str
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class Join:
    """A join along a place; `kind` is ``inner``, ``left``, ``right`` or ``full``."""

    kind: str
    fetch: bool
    place: Place
    alias: str | None = None
    condition: Expression | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One key of the order."""

    expression: Expression
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A whole statement; nothing selected means everything that `sources` names."""

    select: tuple[Item, ...]
    distinct: bool
    sources: tuple[Root | Join, ...]
    where: Expression | None = None
    group_by: tuple[Expression, ...] = ()
    having: Expression | None = None
    order_by: tuple[Order, ...] = ()


def walk(node: Any) -> Iterator[Any]:
    """Go through a part of a tree and all parts below it."""
    if is_dataclass(node):
        yield node
        for one in fields(node):
            yield from walk(getattr(node, one.name))
    elif isinstance(node, tuple):
        for one in node:
            yield from walk(one)
