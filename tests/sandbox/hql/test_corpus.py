"""What clients send: every query of a collection compiles, runs, and answers.

The collection stands beside the project where its makers work; it is not part of it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from napari_omero_io.sandbox.hql import project
from napari_omero_io.sandbox.hql.compile import compile_query
from napari_omero_io.sandbox.hql.parse import parse
from napari_omero_io.sandbox.hql.text import write
from napari_omero_io.sandbox.schema.model import Kind

CORPUS = Path(__file__).parents[4] / "shared" / "hql-corpus.txt"

pytestmark = pytest.mark.skipif(
    not CORPUS.exists(), reason="the collection of client queries is not at hand"
)


@pytest.fixture(scope="module")
def corpus() -> list[str]:
    return CORPUS.read_text(encoding="utf-8").splitlines()


def parameters_of(query: str, call: Any) -> dict[str, Any]:
    """Give each parameter a value of the kind that it is compared with."""
    compiled = compile_query(query, call.core.database.tables, call.caller)
    values: dict[Any, Any] = {Kind.STRING: "1", Kind.BOOL: True}
    names = re.findall(r":\s*([A-Za-z_]\w*)", query)
    return {name: values.get(compiled.expected.get(name), 1) for name in names}


def test_every_query_is_read_and_written_without_loss(corpus: list[str]) -> None:
    for query in corpus:
        assert parse(write(parse(query))) == parse(query), query


@pytest.mark.parametrize(
    ("user", "group"), [("mia", "lab"), ("ned", "all"), ("root", "all")]
)
def test_every_query_runs(
    corpus: list[str], laboratory: Any, user: str, group: str
) -> None:
    call = laboratory.call(user, group)
    with call.core.database.read() as connection:
        for query in corpus:
            project(connection, call, query, parameters_of(query, call))
