from __future__ import annotations

import re

import pytest

from napari_omero_io.client import hql

QUERIES = {name: text for name, text in vars(hql).items() if name.isupper()}

#: Words of Hibernate's query language, which OMERO.server refuses as aliases.
RESERVED = (
    *("all", "any", "and", "as", "asc", "avg", "between", "both", "case", "class"),
    *("count", "delete", "desc", "distinct", "elements", "else", "empty", "end"),
    *("escape", "exists", "fetch", "from", "full", "group", "having", "in", "indices"),
    *("inner", "insert", "into", "is", "join", "leading", "left", "like", "max"),
    *("member", "min", "new", "not", "null", "object", "of", "on", "or", "order"),
    *("outer", "properties", "right", "select", "set", "some", "sum", "then"),
    *("trailing", "union", "update", "versioned", "when", "where", "with"),
)


def find_aliases(query: str) -> list[str]:
    """Name what stands after a class, or after the path of a join."""
    flat = " ".join(query.split())
    roots = re.findall(r"from ([A-Z]\w*|\{type\}\w*) (\w+)", flat)
    joins = re.findall(r"join (?:fetch )?([\w.]+) (?=(\w+))", flat)
    following = ("join", "left", "where", "order", "inner")
    return [alias for _, alias in [*roots, *joins] if alias not in following]


@pytest.mark.parametrize("name", QUERIES)
def test_no_alias_is_a_word_of_the_language(name: str) -> None:
    assert not set(find_aliases(QUERIES[name])) & set(RESERVED)


def test_aliases_are_found() -> None:
    assert find_aliases(hql.RENDERING) == ["settings", "binding", "pixels"]
    assert find_aliases("select object from Image object where 1 = 1") == ["object"]


@pytest.mark.parametrize("name", QUERIES)
def test_rows_come_in_a_definite_order_where_there_may_be_many(name: str) -> None:
    single = name in ("IMAGE", "OBJECT", "TAGGED") or "count(" in QUERIES[name][:20]
    one = name.startswith(("IMAGE_OF_", "FILE_OF_", "COUNT_"))
    assert single or one or "order by" in QUERIES[name]
