"""Tree → text: a query, or a part of one, in words that parse to the same tree."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

from . import tree

if TYPE_CHECKING:
    from collections.abc import Iterable


def write(query: tree.Query) -> str:
    """Write a query."""
    clauses = []
    if query.select:
        distinct = "distinct " if query.distinct else ""
        clauses.append(f"select {distinct}{_listed(map(_item, query.select))}")
    clauses.append(f"from {_sources(query.sources)}")
    if query.where is not None:
        clauses.append(f"where {write_part(query.where)}")
    if query.group_by:
        clauses.append(f"group by {_listed(map(write_part, query.group_by))}")
    if query.having is not None:
        clauses.append(f"having {write_part(query.having)}")
    if query.order_by:
        clauses.append(f"order by {_listed(map(_order, query.order_by))}")
    return " ".join(clauses)


@singledispatch
def write_part(node: tree.Expression) -> str:
    """Write an expression; whatever consists of several words in parentheses."""
    raise TypeError(f"{node!r} is no part of a query.")


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def _item(item: tree.Item) -> str:
    alias = "" if item.alias is None else f" as {item.alias}"
    return write_part(item.expression) + alias


def _sources(sources: tuple[tree.Root | tree.Join, ...]) -> str:
    text = ""
    for source in sources:
        alias = "" if source.alias is None else f" as {source.alias}"
        if isinstance(source, tree.Root):
            text += f"{', ' if text else ''}{source.class_name}{alias}"
            continue
        fetch = "fetch " if source.fetch else ""
        text += f" {source.kind} join {fetch}{write_part(source.place)}{alias}"
        if source.condition is not None:
            text += f" with {write_part(source.condition)}"
    return text


def _order(order: tree.Order) -> str:
    return write_part(order.expression) + (" desc" if order.descending else " asc")


def _not(negated: bool) -> str:
    return "not " if negated else ""


@write_part.register
def _(node: tree.Path) -> str:
    return str(node)


@write_part.register
def _(node: tree.Indexed) -> str:
    rest = "".join(f".{name}" for name in node.rest)
    return f"{write_part(node.base)}[{write_part(node.index)}]{rest}"


@write_part.register
def _(node: tree.Literal) -> str:
    if isinstance(node.value, str):
        return "'" + node.value.replace("'", "''") + "'"
    if node.value is None or isinstance(node.value, bool):
        return str(node.value).lower().replace("none", "null")
    suffix = "L" if node.is_long else "f" if node.is_float else ""
    return repr(node.value) + suffix


@write_part.register
def _(node: tree.Parameter) -> str:
    return f":{node.name}"


@write_part.register
def _(_node: tree.Star) -> str:
    return "*"


@write_part.register
def _(node: tree.Call) -> str:
    distinct = "distinct " if node.distinct else ""
    return f"{node.name}({distinct}{_listed(map(write_part, node.arguments))})"


@write_part.register
def _(node: tree.Cast) -> str:
    return f"cast({write_part(node.operand)} as {node.type_name})"


@write_part.register
def _(node: tree.Extract) -> str:
    return f"extract({node.part} from {write_part(node.operand)})"


@write_part.register
def _(node: tree.Trim) -> str:
    character = "" if node.character is None else f"{write_part(node.character)} "
    return f"trim({node.side} {character}from {write_part(node.operand)})"


@write_part.register
def _(node: tree.Sign) -> str:
    return f"({node.sign} {write_part(node.operand)})"


@write_part.register(tree.Arithmetic)
@write_part.register(tree.Compare)
def _(node: tree.Arithmetic | tree.Compare) -> str:
    return f"({write_part(node.left)} {node.operator} {write_part(node.right)})"


@write_part.register
def _(node: tree.Not) -> str:
    return f"(not {write_part(node.operand)})"


@write_part.register
def _(node: tree.Junction) -> str:
    return f"({f' {node.operator} '.join(map(write_part, node.operands))})"


@write_part.register
def _(node: tree.IsNull) -> str:
    return f"({write_part(node.operand)} is {_not(node.negated)}null)"


@write_part.register
def _(node: tree.IsEmpty) -> str:
    return f"({write_part(node.operand)} is {_not(node.negated)}empty)"


@write_part.register
def _(node: tree.Like) -> str:
    text = f"{write_part(node.operand)} {_not(node.negated)}like"
    escape = "" if node.escape is None else f" escape {write_part(node.escape)}"
    return f"({text} {write_part(node.pattern)}{escape})"


@write_part.register
def _(node: tree.Between) -> str:
    bounds = f"{write_part(node.low)} and {write_part(node.high)}"
    return f"({write_part(node.operand)} {_not(node.negated)}between {bounds})"


@write_part.register
def _(node: tree.In) -> str:
    choices = node.choices
    if isinstance(choices, tree.Tuple):
        text = f"({_listed(map(write_part, choices.items))})"
    else:
        text = write_part(choices)
    return f"({write_part(node.operand)} {_not(node.negated)}in {text})"


@write_part.register
def _(node: tree.MemberOf) -> str:
    place = write_part(node.place)
    return f"({write_part(node.operand)} {_not(node.negated)}member of {place})"


@write_part.register
def _(node: tree.Exists) -> str:
    return f"(exists {write_part(node.operand)})"


@write_part.register
def _(node: tree.Members) -> str:
    return f"{node.word}({write_part(node.place)})"


@write_part.register
def _(node: tree.Quantified) -> str:
    return f"{node.quantifier} {write_part(node.operand)}"


@write_part.register
def _(node: tree.Tuple) -> str:
    return f"({_listed(map(write_part, node.items))})"


@write_part.register
def _(node: tree.Case) -> str:
    operand = "" if node.operand is None else f" {write_part(node.operand)}"
    whens = "".join(
        f" when {write_part(when.condition)} then {write_part(when.result)}"
        for when in node.whens
    )
    otherwise = "" if node.otherwise is None else f" else {write_part(node.otherwise)}"
    return f"case{operand}{whens}{otherwise} end"


@write_part.register
def _(node: tree.Subquery) -> str:
    return f"({write(node.query)})"


@write_part.register
def _(node: tree.NewMap) -> str:
    return f"new map({_listed(map(_item, node.items))})"


@write_part.register
def _(node: tree.NewList) -> str:
    return f"new list({_listed(map(_item, node.items))})"
