"""How long it takes to compile the queries that clients send, and the second time."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any

import pytest

from napari_omero_io.sandbox.hql.compile import _compile_for_viewer, compile_query
from napari_omero_io.sandbox.rules.membership import caller_for
from napari_omero_io.sandbox.schema.model import load_model
from napari_omero_io.sandbox.store.database import Database

CORPUS = Path(__file__).parents[3] / "shared" / "hql-corpus.txt"

pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.skipif(
        not CORPUS.exists(), reason="the collection of client queries is not at hand"
    ),
]


def test_compiling_queries(tmp_path: Path) -> None:
    queries = CORPUS.read_text(encoding="utf-8").splitlines()
    with Database(tmp_path / "metadata.sqlite", load_model()) as database:
        with database.read() as connection:
            caller = caller_for(connection, database.tables, 0, -1)

        def seconds() -> list[float]:
            return [took(query, database.tables, caller) for query in queries]

        seconds()  # builds the grammar and the aliases of tables
        _compile_for_viewer.cache_clear()
        first, second = (statistics.median(seconds()) * 1000 for _ in range(2))
    print(f"\nmedian {first:.2f} ms to compile, {second:.3f} ms from the cache")
    assert first < 2
    assert second < 0.2


def took(query: str, tables: Any, caller: Any) -> float:
    start = time.perf_counter()
    compile_query(query, tables, caller)
    return time.perf_counter() - start
