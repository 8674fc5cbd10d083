"""Text → tree.  The grammar stands in `grammar.lark`."""

from __future__ import annotations

import re
import threading
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput, VisitError

from . import tree
from .marking import refuse

if TYPE_CHECKING:
    from napari_omero_io.sandbox.errors import IllegalQuery

_making = threading.Lock()
_END = re.compile(r"\)|union\b", re.IGNORECASE)
_PARAMETER = re.compile(r"[?:]")


def parse(text: str) -> tree.Query:
    """Read a query.

    Raises
    ------
    IllegalQuery
        The text is no HQL; the message names the line, the column and the word.
    """
    try:
        return _read(text)
    except UnexpectedInput as error:
        ended = _read_until(error.pos_in_stream, text)
        if ended is None:
            raise _explain(error, text) from error
        return ended


def _read(text: str) -> tree.Query:
    try:
        query = _parser().parse(text)
    except VisitError as error:
        raise refuse(text, str(error.orig_exc)) from error
    assert isinstance(query, tree.Query)
    return query


def _read_until(end: int | None, text: str) -> tree.Query | None:
    """Read what stands before one closing parenthesis too many, or before a union.

    Hibernate stops there and looks at nothing behind it; but it counts parameters.
    """
    if end is None or not _END.match(text, end) or _PARAMETER.search(text, end):
        return None
    try:
        return _read(text[:end])
    except UnexpectedInput:
        return None


def _parser() -> Lark:
    # A hundred who ask first at once would make a hundred otherwise.
    with _making:
        return _make_parser()


@cache
def _make_parser() -> Lark:
    return Lark(
        files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8"),
        parser="lalr",
        lexer="contextual",
        transformer=_Builder(),
        maybe_placeholders=True,
    )


def _explain(error: UnexpectedInput, text: str) -> IllegalQuery:
    token = getattr(error, "token", None)
    if token is not None and token.type == "$END":
        return refuse(text, "unexpected end", len(text))
    place = error.pos_in_stream or 0
    found = f"character {text[place]!r}" if token is None else repr(str(token))
    where = f"line {error.line}, column {error.column}"
    return refuse(text, f"unexpected {found} at {where}", place)


def _joined(operator: str, left: Any, right: Any) -> tree.Junction:
    """Make one junction of a chain: ``a and b and c``."""
    if isinstance(left, tree.Junction) and left.operator == operator:
        return tree.Junction(operator, (*left.operands, right))
    return tree.Junction(operator, (left, right))


@v_args(inline=True)
class _Builder(Transformer):  # type: ignore[misc]
    """One method for each rule of the grammar, called by the rule's name."""

    def start(self, query: tree.Query) -> tree.Query:
        return query

    def query(self, *parts: Any) -> tree.Query:
        given: dict[str, Any] = {key: value for key, value in parts if key}
        select, distinct = given.pop("select", ((), False))
        return tree.Query(select=select, distinct=distinct, **given)

    def select(self, distinct: Token | None, *items: Any) -> Any:
        listed = (
            one if isinstance(one, tree.Item) else tree.Item(one) for one in items
        )
        return "select", (tuple(listed), distinct is not None)

    def item(self, expression: Any, alias: Token | None) -> tree.Item:
        return tree.Item(expression, str(alias) if alias else None)

    def from_(self, *ranges: Any) -> Any:
        return "sources", tuple(source for group in ranges for source in group)

    def range(self, *sources: Any) -> Any:
        return sources

    def element_range(self, place: Any, alias: Any, *joins: tree.Join) -> Any:
        return tree.Join("inner", False, place, alias), *joins

    def named_element_range(
        self, alias: Token, members: tree.Members, *joins: tree.Join
    ) -> Any:
        return tree.Join("inner", False, members.place, str(alias)), *joins

    def root(self, name: tree.Path, alias: str | None) -> tree.Root:
        return tree.Root(str(name), alias)

    def named_root(self, alias: Token, name: tree.Path) -> tree.Root:
        return tree.Root(str(name), str(alias))

    def join(
        self, kind: Token | None, fetch: Token | None, place: Any, alias: Any, on: Any
    ) -> tree.Join:
        word = kind.split()[0].lower() if kind else "inner"
        return tree.Join(word, fetch is not None, place, alias, on)

    def alias(self, name: Token) -> str:
        return str(name)

    def where(self, condition: Any) -> Any:
        return "where", condition

    def group(self, *keys: Any) -> Any:
        return "group_by", keys

    def having(self, condition: Any) -> Any:
        return "having", condition

    def order(self, *keys: tree.Order) -> Any:
        return "order_by", keys

    def rank(self, expression: Any, direction: Token | None) -> tree.Order:
        return tree.Order(expression, bool(direction and direction[0] in "dD"))

    def or_(self, left: Any, right: Any) -> tree.Junction:
        return _joined("or", left, right)

    def and_(self, left: Any, right: Any) -> tree.Junction:
        return _joined("and", left, right)

    def not_(self, _not: Token, operand: Any) -> tree.Not:
        return tree.Not(operand)

    def compare(self, left: Any, operator: Token, right: Any) -> tree.Compare:
        word = "<>" if operator in {"!=", "^="} else str(operator)
        return tree.Compare(word, left, right)

    def is_null(self, operand: Any, negated: Token | None) -> tree.IsNull:
        return tree.IsNull(operand, negated is not None)

    def is_empty(self, operand: Any, negated: Token | None) -> tree.IsEmpty:
        return tree.IsEmpty(operand, negated is not None)

    def is_truth(self, operand: Any, negated: Token | None, truth: Any) -> tree.Compare:
        return tree.Compare("<>" if negated else "=", operand, truth)

    def like(self, operand: Any, negated: Any, pattern: Any, escape: Any) -> tree.Like:
        return tree.Like(operand, pattern, escape, negated is not None)

    def between(self, operand: Any, negated: Any, low: Any, high: Any) -> tree.Between:
        return tree.Between(operand, low, high, negated is not None)

    def in_(self, operand: Any, negated: Token | None, choices: Any) -> tree.In:
        return tree.In(operand, choices, negated is not None)

    def choices(self, *items: Any) -> tree.Tuple | tree.Members:
        match items:
            case (tree.Members() as members,):
                return members
        return tree.Tuple(items)

    def member_of(self, operand: Any, negated: Any, place: Any) -> tree.MemberOf:
        return tree.MemberOf(operand, place, negated is not None)

    def exists(self, query: tree.Query) -> tree.Exists:
        return tree.Exists(tree.Subquery(query))

    def exists_elements(self, place: Any) -> tree.Exists:
        return tree.Exists(tree.Members("elements", place))

    def exists_members(self, members: tree.Members) -> tree.Exists:
        return tree.Exists(members)

    def collection(self, word: Token, place: Any) -> tree.Members:
        return tree.Members(word.lower(), place)

    def subquery(self, query: tree.Query) -> tree.Subquery:
        return tree.Subquery(query)

    def quantified(self, word: Token, query: tree.Query) -> tree.Quantified:
        return tree.Quantified(word.lower(), tree.Subquery(query))

    def quantified_members(self, word: Token, members: tree.Members) -> tree.Quantified:
        return tree.Quantified(word.lower(), members)

    def arithmetic(self, left: Any, operator: Token, right: Any) -> tree.Arithmetic:
        return tree.Arithmetic(str(operator), left, right)

    def sign(self, sign: Token, operand: Any) -> tree.Sign:
        return tree.Sign(str(sign), operand)

    def tuple_(self, *items: Any) -> tree.Tuple:
        return tree.Tuple(items)

    def parameter(self, token: Token) -> tree.Parameter:
        return tree.Parameter(token[1:].strip())

    def string(self, token: Token) -> tree.Literal:
        return tree.Literal(token[1:-1].replace("''", "'"))

    def number(self, token: Token) -> tree.Literal:
        digits = token.rstrip("lLfFdD")
        if digits.isdigit() and token[-1] not in "fFdD":
            return tree.Literal(int(digits), token[-1] in "lL")
        return tree.Literal(float(digits), is_float=token[-1] in "fF")

    def true(self) -> tree.Literal:
        return tree.Literal(True)

    def false(self) -> tree.Literal:
        return tree.Literal(False)

    def null(self) -> tree.Literal:
        return tree.Literal(None)

    def star(self, _star: Token) -> Any:
        return None, tree.Star()

    def call(self, name: Token, *arguments: Any) -> tree.Call:
        return tree.Call(name.lower(), arguments)

    def count(self, name: Token, counted: Any) -> tree.Call:
        distinct, argument = counted
        return tree.Call(name.lower(), (argument,), distinct is not None)

    def counted(self, distinct: Token | None, argument: Any) -> Any:
        return distinct, argument

    def counted_all(self, argument: Any) -> Any:
        return None, argument

    def call_nothing(self, name: Token) -> tree.Call:
        return tree.Call(name.lower(), ())

    def trim(self, operand: Any, trimmed: Any) -> tree.Call | tree.Trim:
        if trimmed is None:
            return tree.Call("trim", (operand,))
        return tree.Trim("both", operand, trimmed)

    def trim_side(self, side: Token, character: Any, operand: Any) -> tree.Trim:
        return tree.Trim(side.lower(), character, operand)

    def cast(self, operand: Any, type_name: Token) -> tree.Cast:
        return tree.Cast(operand, type_name.lower())

    def extract(self, part: Token, operand: Any) -> tree.Extract:
        return tree.Extract(part.lower(), operand)

    def case(self, operand: Any, *rest: Any) -> tree.Case:
        *whens, otherwise = rest
        return tree.Case(operand, tuple(whens), otherwise)

    def when(self, condition: Any, result: Any) -> tree.When:
        return tree.When(condition, result)

    def new_map(self, *items: tree.Item) -> tree.NewMap:
        return tree.NewMap(items)

    def new_list(self, *items: tree.Item) -> tree.NewList:
        return tree.NewList(items)

    def object_(self, alias: Token) -> tree.Path:
        return tree.Path((str(alias),))

    def place(self, path: tree.Path) -> tree.Path:
        return path

    def indexed(self, base: Any, index: Any, *rest: Token) -> tree.Indexed:
        return tree.Indexed(base, index, tuple(map(str, rest)))

    def name(self, *parts: Token) -> tree.Path:
        return tree.Path(tuple(map(str, parts)))
