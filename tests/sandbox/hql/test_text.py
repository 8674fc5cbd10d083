"""Text → tree → text → tree: nothing is lost on the way."""

from __future__ import annotations

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from lark import Lark

from napari_omero_io.sandbox.errors import IllegalQuery
from napari_omero_io.sandbox.hql import parse as parsing
from napari_omero_io.sandbox.hql import tree
from napari_omero_io.sandbox.hql.compile import compile_query
from napari_omero_io.sandbox.hql.parse import parse
from napari_omero_io.sandbox.hql.text import write

# words that are keywords elsewhere are names where a name stands
ALIASES = st.sampled_from(
    ["i", "obj", "Info", "info", "group", "desc", "value", "time"]
)
PROPERTIES = st.sampled_from(
    ["id", "group", "order", "details", "from", "class", "like"]
)


def paths() -> st.SearchStrategy[tree.Path]:
    return st.builds(
        lambda first, rest: tree.Path((first, *rest)),
        ALIASES,
        st.lists(PROPERTIES, max_size=3),
    )


def leaves() -> st.SearchStrategy[tree.Expression]:
    return st.one_of(
        paths(),
        st.builds(tree.Parameter, st.sampled_from(["ids", "p_1", "eid"])),
        st.builds(
            tree.Literal,
            st.one_of(
                st.none(),
                st.booleans(),
                st.integers(0, 2**62),
                st.floats(0, 1e300, allow_nan=False),
                st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8),
            ),
        ),
        st.builds(tree.Literal, st.integers(0, 2**62), st.just(True)),
        st.builds(
            tree.Literal,
            st.floats(0, 1e300, allow_nan=False),
            st.just(False),
            st.just(True),
        ),
    )


def grown(
    inner: st.SearchStrategy[tree.Expression],
) -> st.SearchStrategy[tree.Expression]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    no_junction = inner.filter(lambda node: not isinstance(node, tree.Junction))
    subqueries = st.builds(tree.Subquery, queries(inner))
    members = st.builds(tree.Members, st.sampled_from(["elements", "indices"]), paths())
    # where a condition would need parentheses of its own
    value = inner.filter(lambda node: not isinstance(node, tree.Tuple))
    return st.one_of(
        st.builds(tree.Indexed, paths(), inner, st.just(("sizeX",))),
        members,
        st.builds(tree.Call, st.sampled_from(["lower", "coalesce"]), several),
        st.builds(
            tree.Call,
            st.just("count"),
            st.tuples(paths() | members),
            st.booleans(),
        ),
        st.just(tree.Call("count", (tree.Star(),))),
        st.builds(
            tree.Call, st.sampled_from(["sum", "avg", "min", "max"]), st.tuples(value)
        ),
        st.builds(
            tree.Trim,
            st.sampled_from(["both", "leading", "trailing"]),
            st.none() | value,
            value,
        ),
        st.builds(tree.Cast, inner, st.just("double")),
        st.builds(tree.Extract, st.just("epoch"), inner),
        st.builds(tree.Sign, st.sampled_from("+-"), inner),
        st.builds(
            tree.Arithmetic, st.sampled_from(["+", "-", "*", "/", "||"]), inner, inner
        ),
        st.builds(
            tree.Compare,
            st.sampled_from(["=", "<>", "<", "<=", ">", ">="]),
            inner,
            inner,
        ),
        st.builds(tree.Not, inner),
        st.builds(
            lambda word, first, rest: tree.Junction(word, (first, *rest)),
            st.sampled_from(["and", "or"]),
            no_junction,
            st.lists(inner, min_size=1, max_size=2),
        ),
        st.builds(tree.IsNull, inner, st.booleans()),
        st.builds(tree.IsEmpty, paths(), st.booleans()),
        st.builds(tree.Like, inner, inner, st.none() | inner, st.booleans()),
        st.builds(tree.Between, inner, inner, inner, st.booleans()),
        st.builds(
            tree.In,
            inner,
            st.one_of(
                several.map(tree.Tuple),
                subqueries,
                st.builds(tree.Parameter, st.just("ids")),
                members,
            ),
            st.booleans(),
        ),
        st.builds(tree.MemberOf, inner, paths(), st.booleans()),
        st.builds(tree.Exists, subqueries | members),
        st.builds(
            tree.Quantified, st.sampled_from(["all", "any"]), subqueries | members
        ),
        st.builds(
            tree.Case,
            st.none() | inner,
            st.lists(st.builds(tree.When, inner, inner), min_size=1, max_size=2).map(
                tuple
            ),
            st.none() | inner,
        ),
        several.map(tree.Tuple),
        subqueries,
    )


def queries(inner: st.SearchStrategy[tree.Expression]) -> st.SearchStrategy[tree.Query]:
    items = st.builds(tree.Item, inner, st.none() | ALIASES)
    composed = st.builds(
        lambda make, some: (tree.Item(make(tuple(some))),),
        st.sampled_from([tree.NewMap, tree.NewList]),
        st.lists(items, min_size=1, max_size=2),
    )
    roots = st.builds(
        tree.Root,
        st.sampled_from(["Image", "ome.model.core.Image"]),
        st.none() | ALIASES,
    )
    joins = st.builds(
        tree.Join,
        st.sampled_from(["inner", "left", "right", "full"]),
        st.booleans(),
        paths(),
        st.none() | ALIASES,
        st.none() | inner,
    )
    select = st.lists(items, min_size=1, max_size=2).map(tuple) | composed
    group_by = st.lists(inner, max_size=2).map(tuple)
    groups = st.tuples(group_by, st.none() | inner).map(
        lambda pair: pair if pair[0] else ((), None)
    )
    return st.builds(
        lambda groups, **rest: tree.Query(group_by=groups[0], having=groups[1], **rest),
        groups,
        select=select,
        distinct=st.booleans(),
        sources=st.builds(
            lambda root, rest: (root, *rest), roots, st.lists(roots | joins, max_size=2)
        ),
        where=st.none() | inner,
        order_by=st.lists(st.builds(tree.Order, inner, st.booleans()), max_size=2).map(
            tuple
        ),
    )


@settings(max_examples=200)
@given(queries(st.recursive(leaves(), grown, max_leaves=6)))
def test_a_written_tree_parses_to_the_same_tree(query: tree.Query) -> None:
    assert parse(write(query)) == query


#: Together they have every kind of node.
EVERYTHING = (
    "select distinct i.id as id, lower(i.name), count(*), cast(i.id as long), "
    "extract(year from i.acquisitionDate), -1, 'a' || 'b', trim(leading 'o' from i.x) "
    "from Image i left join fetch i.pixels p with p.sizeX > 1 "
    "where not (i.id = :id or i.name is null) and i.pixels is empty "
    "and i.name like '%' and i.id between 1 and 2 and i.id in (1, 2) "
    "and exists (select d from Dataset d) and p member of i.pixels "
    "and p = some elements(i.pixels) and i.pixels[0].id = 1 "
    "and case when i.id = 1 then 2.5f else 1L end = 1 and (i.id, 1) = (1, 1) "
    "group by i.id having count(i) > 1 order by i.id desc",
    "select new map(i.id as id) from Image i",
    "select new list(i.id) from Image i",
)


def test_every_kind_of_node_is_written() -> None:
    kinds = {
        one
        for one in vars(tree).values()
        if isinstance(one, type) and dataclasses.is_dataclass(one)
    }
    met = {type(node) for text in EVERYTHING for node in tree.walk(parse(text))}
    assert met == kinds
    for text in EVERYTHING:
        assert parse(write(parse(text))) == parse(text)


def test_keywords_may_be_written_in_any_case() -> None:
    upper = parse("SELECT i FROM Image AS i WHERE NOT i.id IS NULL ORDER BY i.id DESC")
    assert upper == parse(
        "select i from Image i where not i.id is null order by i.id desc"
    )


def test_names_keep_their_case() -> None:
    assert parse("from Image Info").sources == (tree.Root("Image", "Info"),)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("select from", "unexpected end"),
        (
            "select i from Image i wher i.id = 1",
            "unexpected 'wher' at line 1, column 23",
        ),
        ("from Image i where i.name = 'a", "at line 1, column 29"),
        ("from Image i\nwhere i.id = #", "'#' at line 2, column 14"),
        ("selec i from Image i", "at line 1, column 1"),
        ("", "unexpected end"),
    ],
)
def test_an_error_names_the_query_and_the_place(text: str, place: str) -> None:
    with pytest.raises(IllegalQuery, match=r"^Illegal query: ") as caught:
        parse(text)
    assert text in caught.value.message
    assert place in caught.value.message


@pytest.mark.parametrize(
    ("text", "line", "caret"),
    [
        ("from Image i wher i.id = 1", "from Image i wher i.id = 1", "             ^"),
        ("from Image i\nwhere\ti.id = #", "where\ti.id = #", "     \t       ^"),
        ("from Image i where", "from Image i where", "                  ^"),
    ],
)
def test_the_log_marks_the_place(
    text: str, line: str, caret: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(IllegalQuery):
        parse(text)
    lines = caplog.records[-1].getMessage().splitlines()
    assert lines[lines.index(line) + 1] == caret


def test_the_log_marks_unknown_names(
    laboratory: Any, caplog: pytest.LogCaptureFixture
) -> None:
    call = laboratory.call()
    for text, wrong in (
        ("select i.id, i . nam from Image i", "i . nam"),
        ("select i from Picture i", "Picture"),
        ("select i from Image i join i.pix p", "i.pix"),
        ("select i.name, count(i) from Image i", "i.name"),
    ):
        with pytest.raises(IllegalQuery):
            compile_query(text, call.core.database.tables, call.caller)
        assert caplog.records[-1].getMessage().splitlines()[-2:] == [
            text,
            " " * text.index(wrong) + "^",
        ]


def test_many_who_ask_first_share_the_making_of_the_parser(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[Any] = []
    together = threading.Barrier(8)

    def make(*words: Any, **named: Any) -> Lark:
        made.append(words)
        return Lark(*words, **named)

    def ask(_: int) -> Any:
        together.wait(60)
        return parse("select i from Image i")

    monkeypatch.setattr(parsing, "Lark", make)
    parsing._make_parser.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    assert len(made) == 1
    assert answers == [parse("select i from Image i")] * 8
