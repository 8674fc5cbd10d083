"""Searches joined with each other, and words that are spelt alike."""

from __future__ import annotations

from typing import Any

import omero.all
import omero.model
import pytest
from hypothesis import given
from hypothesis import strategies as st
from omero.rtypes import rstring

from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.searching.matching import is_similar
from napari_omero_io.sandbox.services.search import Search
from napari_omero_io.sandbox.store.saving import save


@pytest.fixture
def search(society: Any) -> Any:
    """Search among datasets of `mia`: red cell, blue cell, red nucleus."""
    call = society.call("mia", "lab")
    names = ("red cell", "blue cell", "red nucleus")
    datasets = [omero.model.DatasetI() for _ in names]
    for dataset, name in zip(datasets, names, strict=True):
        dataset.name = rstring(name)
    with society.core.database.write() as connection:
        save(connection, call, datasets)
    service = Search(society.core, society.call("mia", "lab").session)
    service.onlyType(call, "Dataset")
    return service, call


def names_of(service: Any, call: Any) -> list[str]:
    found = service.results(call) if service.hasNext(call) else []
    return sorted(one.name.val for one in found)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        # what both find comes twice: OMERO.server adds one list to the other
        ("or_", ["blue cell", "red cell", "red cell", "red nucleus"]),
        ("and_", ["red cell"]),
        ("not_", ["red nucleus"]),
    ],
)
def test_two_queries_are_joined(search: Any, word: str, expected: list[str]) -> None:
    service, call = search
    service.byFullText(call, "red")
    getattr(service, word)(call)
    service.byHqlQuery(call, "select d from Dataset d where d.name like '%cell'", None)
    assert service.activeQueries(call) == 1
    assert names_of(service, call) == expected


def test_three_queries_are_joined_one_after_the_other(search: Any) -> None:
    service, call = search
    service.byFullText(call, "red")
    service.or_(call)
    service.byFullText(call, "blue")
    service.not_(call)
    service.byFullText(call, "nucleus")
    assert names_of(service, call) == ["blue cell", "red cell"]


def test_there_must_be_something_to_join(search: Any) -> None:
    service, call = search
    with pytest.raises(ApiUsage, match="no query"):
        service.and_(call)


def test_words_like_one(search: Any) -> None:
    service, call = search
    service.bySimilarTerms(call, ["nukleus"])
    (comment,) = service.results(call)
    assert (comment.ns.val, comment.textValue.val) == ("nukleus", "nucleus")
    service.bySimilarTerms(call, ["xyz"])
    assert not service.hasNext(call)


def test_what_is_fetched_with_the_results(search: Any) -> None:
    service, call = search
    service.fetchAlso(call, ["details.owner"])
    service.byFullText(call, "blue")
    (dataset,) = service.results(call)
    assert dataset.details.owner.omeName.val == "mia"


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_likeness_has_no_direction(one: str, other: str) -> None:
    assert is_similar(one, other) == is_similar(other, one)
    assert is_similar(one, one) == bool(one)
