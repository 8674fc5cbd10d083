"""Searching as OMERO's clients do: BlitzGateway, the Search service, IQuery."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import omero
import omero.model
import pytest
from hypothesis import given
from hypothesis import strategies as st
from omero.rtypes import rstring, rtime

from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.searching.language import read_query, split_words
from napari_omero_io.sandbox.searching.matching import score


def finds(query: str, fields: tuple[str, ...] = (), **texts: str) -> bool:
    read = read_query(query, allows_leading_wildcard=True)
    document = {name: [split_words(text)] for name, text in texts.items()}
    return bool(score(read, document, fields))


@pytest.mark.parametrize(
    "query",
    [
        "mitosis",
        "MITOSIS",
        "mito*",
        "*osis",
        "mit?sis",
        "mitosis nothing",
        "mitosis AND cell",
        "+mitosis +cell",
        '"early mitosis"',
        '"Early-Mitosis"',
        "name:mitosis",
        "name:(other mitosis)",
        "mitosis -meiosis",
        "mitosis NOT meiosis",
        "(a OR mitosis) AND (cell OR b)",
        "early_mitosis.tif",
        "early_mito*",
        "mitosis~0.8",
        "mitosis) cell",
    ],
)
def test_a_query_finds(query: str) -> None:
    assert finds(query, name="early_mitosis.tif", description="of a cell")


@pytest.mark.parametrize(
    "query",
    [
        "mito",
        "mitosis AND meiosis",
        "+mitosis +meiosis",
        '"mitosis early"',
        "description:mitosis",
        "mitosis -cell",
        "mitosis AND NOT cell",
        "cell.tif",
    ],
)
def test_a_query_does_not_find(query: str) -> None:
    assert not finds(query, name="early_mitosis.tif", description="of a cell")


def test_fields_say_where_to_look() -> None:
    assert finds("cell", ("name", "description"), name="x", description="a cell")
    assert not finds("cell", ("name",), name="x", description="a cell")
    assert finds("description:cell", ("name",), name="x", description="a cell")


@pytest.mark.parametrize("query", ["", "*", "??", "--", "()", '"."'])
def test_nothing_to_look_for_is_refused(query: str) -> None:
    with pytest.raises(ApiUsage, match="nothing to search for"):
        read_query(query, allows_leading_wildcard=True)


def test_a_leading_wildcard_must_be_allowed() -> None:
    with pytest.raises(ApiUsage, match="setAllowLeadingWildcard"):
        read_query("*cell", allows_leading_wildcard=False)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ApiUsage):
        assert read_query(text, allows_leading_wildcard=True)


@pytest.fixture(scope="module")
def library(sandbox: Any) -> Iterator[Any]:
    """Three datasets and an image with annotations, made over the protocol."""
    from omero.gateway import BlitzGateway

    gateway = BlitzGateway(
        sandbox.user, sandbox.password, host=sandbox.host, port=sandbox.port
    )
    assert gateway.connect()
    update = gateway.getUpdateService()

    def save(one: Any) -> Any:
        return update.saveAndReturnObject(one)

    names = ("zebrafish_heart.ome.tiff", "Zebrafish Brain", "quagga")
    made = {}
    for name in names:
        dataset = omero.model.DatasetI()
        dataset.name = rstring(name)
        made[name] = save(dataset)
    tag = omero.model.TagAnnotationI()
    tag.textValue = rstring("equine")
    pairs = omero.model.MapAnnotationI()
    pairs.mapValue = [omero.model.NamedValue("Genome", "hg38x")]
    pairs.ns = rstring("my.search.ns")
    for annotation in map(save, (tag, pairs)):
        link = omero.model.DatasetAnnotationLinkI()
        link.parent = omero.model.DatasetI(made["quagga"].id.val, False)
        link.child = type(annotation)(annotation.id.val, False)
        save(link)
    image = omero.model.ImageI()
    image.name = rstring("quagga portrait")
    image.acquisitionDate = rtime(1_500_000_000_000)
    save(image)
    yield gateway
    gateway.close()


def names_of(library: Any, text: str, **more: Any) -> list[str]:
    types = more.pop("types", ["Dataset"])
    return [one.getName() for one in library.searchObjects(types, text, **more)]


def test_the_gateway_finds_names(library: Any) -> None:
    found = names_of(library, "zebrafish")
    assert sorted(found) == ["Zebrafish Brain", "zebrafish_heart.ome.tiff"]
    assert names_of(library, "zebrafish brain")[0] == "Zebrafish Brain", (
        "the best first"
    )
    assert names_of(library, "*fish AND brain") == ["Zebrafish Brain"]
    assert names_of(library, "heart.ome.tiff") == ["zebrafish_heart.ome.tiff"]
    assert names_of(library, "zeppelin") == []


def test_the_gateway_finds_annotated_things(library: Any) -> None:
    for text in ("equine", "tag:equine", "hg38x", "Genome:hg38*", "has_key:genome"):
        assert names_of(library, text) == ["quagga"], text
    assert names_of(library, "equine", fields=("annotation",), rawQuery=False) == [
        "quagga"
    ]
    assert names_of(library, "equine", fields=("name",), rawQuery=False) == []


def test_several_types_in_one_search(library: Any) -> None:
    found = names_of(library, "quagga", types=["Dataset", "Image", "Well"])
    assert found == ["quagga", "quagga portrait"]


def test_days_and_owners(library: Any) -> None:
    day = 86_400_000
    now = time.time_ns() // 1_000_000
    asked = {"fields": ("name",), "rawQuery": False}
    today = [rtime(now - day), rtime(now + day)]
    past = [rtime(now - 9 * day), rtime(now - 8 * day)]
    assert names_of(library, "quagga", created=today, **asked) == ["quagga"]
    assert names_of(library, "quagga", created=past, **asked) == []
    assert names_of(library, "quagga", created=today) == ["quagga"]
    assert names_of(library, "quagga", created=past) == []
    taken = [rtime(1_500_000_000_000 - day), rtime(1_500_000_000_000 + day)]
    asked |= {"types": ["Image"], "useAcquisitionDate": True}
    assert names_of(library, "quagga", created=taken, **asked) == ["quagga portrait"]
    assert names_of(library, "quagga", created=today, **asked) == []
    assert names_of(library, "quagga", ownedBy=0) == ["quagga"]
    assert names_of(library, "quagga", ownedBy=1) == []


@pytest.fixture
def search(library: Any) -> Iterator[Any]:
    service = library.c.sf.createSearchService()
    service.onlyType("Dataset")
    yield service
    service.close()


def collect(search: Any) -> list[list[str]]:
    batches = []
    while search.hasNext():
        batches.append([one.name.val for one in search.results()])
    return batches


def test_batches(search: Any) -> None:
    search.setBatchSize(2)
    search.addOrderByDesc("name")
    search.byFullText("zebrafish quagga")
    assert collect(search) == [
        ["zebrafish_heart.ome.tiff", "quagga"],
        ["Zebrafish Brain"],
    ]
    with pytest.raises(omero.ApiUsageException):
        search.results()


def test_other_queries(search: Any) -> None:
    search.bySomeMustNone(["heart", "brain"], ["zebrafish"], ["brain"])
    assert collect(search) == [["zebrafish_heart.ome.tiff"]]
    example = omero.model.TagAnnotationI()
    example.textValue = rstring("equine")
    search.byAnnotatedWith([example])
    assert collect(search) == [["quagga"]]
    search.onlyAnnotatedWith(["MapAnnotation"])
    search.byFullText("zebrafish quagga")
    assert collect(search) == [["quagga"]]
    search.resetDefaults()
    parameters = omero.sys.Parameters(map={"name": rstring("quagga")})
    search.byHqlQuery("from Dataset where name = :name", parameters)
    assert search.next().name.val == "quagga"


def test_a_search_wants_one_type(search: Any) -> None:
    search.onlyTypes(["Dataset", "Image"])
    with pytest.raises(omero.ApiUsageException, match="onlyType"):
        search.byFullText("x")


def test_the_query_service_finds_text(library: Any) -> None:
    query = library.getQueryService()
    found = query.findAllByFullText("Dataset", "equine", None)
    assert [one.name.val for one in found] == ["quagga"]
    page = omero.sys.Parameters(theFilter=omero.sys.Filter(limit=omero.rtypes.rint(1)))
    assert len(query.findAllByFullText("Dataset", "zebrafish", page)) == 1


def test_found_with_annotations(search: Any) -> None:
    search.byFullText("quagga")
    (plain,) = search.results()
    assert not plain.annotationLinksLoaded
    search.fetchAnnotations(["TagAnnotation"])
    search.byFullText("quagga")
    (found,) = search.results()
    texts = [link.child for link in found.copyAnnotationLinks()]
    assert "equine" in {one.textValue.val for one in texts if hasattr(one, "textValue")}


def test_tags_on_tags(library: Any, search: Any) -> None:
    update = library.getUpdateService()
    link = omero.model.AnnotationAnnotationLinkI()
    for name, text in (("Parent", "mammals"), ("Child", "horse-like")):
        tag = omero.model.TagAnnotationI()
        tag.textValue = rstring(text)
        getattr(link, f"set{name}")(tag)
    update.saveObject(link)
    search.byGroupForTags("horse-like")
    (found,) = search.results()
    assert (found.id, found.textValue.val) == (None, "mammals")
    search.byTagForGroups("mammals")
    assert [one.textValue.val for one in search.results()] == ["horse-like"]
