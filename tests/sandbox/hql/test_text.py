"""Text → tree → text → tree: nothing is lost on the way."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from napari_omero_io.sandbox.errors import IllegalQuery
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
    )


def grown(
    inner: st.SearchStrategy[tree.Expression],
) -> st.SearchStrategy[tree.Expression]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    no_junction = inner.filter(lambda node: not isinstance(node, tree.Junction))
    subqueries = st.builds(tree.Subquery, queries(inner))
    return st.one_of(
        st.builds(tree.Indexed, paths(), inner, st.just(("sizeX",))),
        st.builds(
            tree.Call, st.sampled_from(["count", "lower"]), several, st.booleans()
        ),
        st.just(tree.Call("count", (tree.Star(),))),
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
                st.builds(tree.Elements, paths()),
            ),
            st.booleans(),
        ),
        st.builds(tree.MemberOf, inner, paths(), st.booleans()),
        st.builds(tree.Exists, subqueries | st.builds(tree.Elements, paths())),
        st.builds(tree.Quantified, st.sampled_from(["all", "any"]), queries(inner)),
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
    maps = st.builds(
        lambda some: (tree.Item(tree.NewMap(tuple(some))),),
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
    select = st.lists(items, min_size=1, max_size=2).map(tuple) | maps
    return st.builds(
        tree.Query,
        select=select,
        distinct=st.booleans(),
        sources=st.builds(
            lambda root, rest: (root, *rest), roots, st.lists(roots | joins, max_size=2)
        ),
        where=st.none() | inner,
        group_by=st.lists(inner, max_size=2).map(tuple),
        having=st.none() | inner,
        order_by=st.lists(st.builds(tree.Order, inner, st.booleans()), max_size=2).map(
            tuple
        ),
    )


@settings(deadline=None, max_examples=200)
@given(queries(st.recursive(leaves(), grown, max_leaves=6)))
def test_a_written_tree_parses_to_the_same_tree(query: tree.Query) -> None:
    assert parse(write(query)) == query


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
