"""IQuery, operation by operation."""

from __future__ import annotations

from typing import Any

import omero.all
import omero.model
import omero.sys
import pytest
from omero.rtypes import rint, rlist, rlong, rstring
from sqlalchemy import insert

from napari_omero_io.sandbox.errors import ApiUsage, IllegalQuery, Invalid, NotAllowed
from napari_omero_io.sandbox.services.query import QueryService


@pytest.fixture
def service(society: Any) -> QueryService:
    """Serve a database with a few tags, four of mia's, one of them private."""
    database = society.core.database
    with database.write() as connection:
        for id_, text, group in (
            (1, "Red", "lab"),
            (2, "dark red", "lab"),
            (3, "blue", "lab"),
            (4, "red", "secret"),
        ):
            row = {"id": id_, "textValue": text, "discriminator": "/basic/text/tag/"}
            row |= {"owner_id": society.users["mia"], "group_id": society.groups[group]}
            row |= {"creation_id": 0, "update_id": 0}
            connection.execute(insert(database.tables["Annotation"]), row)
    return QueryService(society.core, None)  # type: ignore[arg-type]


@pytest.fixture
def call(society: Any) -> Any:
    return society.call("mia", "lab")


def ids(found: list[Any]) -> list[int]:
    return [one._id._val for one in found]


def parameters(
    offset: int | None = None, limit: int | None = None, **values: Any
) -> omero.sys.Parameters:
    made = omero.sys.ParametersI()
    made.map = values
    if limit is not None:
        made.page(offset, limit)
    return made


@pytest.mark.parametrize("name", ["TagAnnotation", "ome.model.annotations.Annotation"])
def test_get_and_find(service: QueryService, call: Any, name: str) -> None:
    assert service.get(call, name, 1)._textValue._val == "Red"
    assert service.find(call, name, 3)._textValue._val == "blue"


def test_what_is_missing(service: QueryService, call: Any) -> None:
    assert service.find(call, "TagAnnotation", 99) is None
    with pytest.raises(Invalid, match=r"\[ome.model.annotations.TagAnnotation#99\]"):
        service.get(call, "TagAnnotation", 99)
    # of another class it is as good as missing
    assert service.find(call, "MapAnnotation", 1) is None


def test_what_may_not_be_read(service: QueryService, call: Any) -> None:
    for read in (service.get, service.find):
        with pytest.raises(NotAllowed, match=r"TagAnnotation:Id_4$"):
            read(call, "TagAnnotation", 4)


def test_unknown_classes(service: QueryService, call: Any) -> None:
    with pytest.raises(ApiUsage, match="Tag does not specify a valid class"):
        service.get(call, "Tag", 1)


def test_find_all_pages(service: QueryService, call: Any) -> None:
    assert ids(service.findAll(call, "TagAnnotation", None)) == [1, 2, 3]
    page = parameters(1, 1).theFilter
    assert ids(service.findAll(call, "TagAnnotation", page)) == [2]


def test_by_text(service: QueryService, call: Any) -> None:
    assert (
        service.findByString(call, "TagAnnotation", "textValue", "blue")._id._val == 3
    )
    assert service.findByString(call, "TagAnnotation", "textValue", "red") is None
    contains = service.findAllByString
    assert ids(contains(call, "TagAnnotation", "textValue", "red", True, None)) == [2]
    assert ids(contains(call, "TagAnnotation", "textValue", "RED", False, None)) == [
        1,
        2,
    ]


def test_by_text_of_a_field_that_is_none(service: QueryService, call: Any) -> None:
    with pytest.raises(ApiUsage, match="no text field"):
        service.findByString(call, "TagAnnotation", "id or 1 = 1", "x")


def test_by_example(service: QueryService, call: Any) -> None:
    example = omero.model.TagAnnotationI()
    example.setTextValue(rstring("Red"))
    assert service.findByExample(call, example)._id._val == 1
    nothing_given = omero.model.TagAnnotationI()
    assert ids(service.findAllByExample(call, nothing_given, None)) == [1, 2, 3]
    with pytest.raises(ApiUsage, match="more than one"):
        service.findByExample(call, nothing_given)


def test_by_example_with_a_unit(society: Any, service: QueryService, call: Any) -> None:
    database = society.core.database
    with database.write() as connection:
        for id_, unit in ((1, "MICROMETER"), (2, "MILLIMETER")):
            row = {"id": id_, "name": "x", "positionX": 5.0, "positionX_unit": unit}
            row |= {"owner_id": society.users["mia"], "group_id": society.groups["lab"]}
            row |= {"creation_id": 0, "update_id": 0}
            connection.execute(insert(database.tables["StageLabel"]), row)
    example = omero.model.StageLabelI()
    example.positionX = omero.model.LengthI(
        5.0, omero.model.enums.UnitsLength.MILLIMETER
    )
    assert ids(service.findAllByExample(call, example, None)) == [2]


def test_by_query(service: QueryService, call: Any) -> None:
    query = "select t from TagAnnotation t where t.id in (:ids) order by t.id"
    given = parameters(ids=rlist([rlong(1), rint(3)]))
    assert ids(service.findAllByQuery(call, query, given)) == [1, 3]
    with pytest.raises(ApiUsage, match="more than one"):
        service.findByQuery(call, query, given)
    one = parameters(ids=rlist([rlong(3)]))
    assert service.findByQuery(call, query, one)._id._val == 3
    assert service.findByQuery(call, query, parameters(ids=rlist([]))) is None


def test_one_object_found_twice_is_one(service: QueryService, call: Any) -> None:
    query = "select t from TagAnnotation t, TagAnnotation other where t.id = 1"
    assert service.findByQuery(call, query, None)._id._val == 1


def test_projection(service: QueryService, call: Any) -> None:
    query = "select t.id, t.textValue from TagAnnotation t order by t.id"
    rows = service.projection(call, query, parameters(1, 5))
    assert [[value._val for value in row] for row in rows] == [
        [2, "dark red"],
        [3, "blue"],
    ]


def test_a_row_of_null_alone_is_empty(service: QueryService, call: Any) -> None:
    total = "select sum(f.size) from OriginalFile f where f.id < 0"
    assert service.projection(call, total, None) == [[]]
    both = "select t.id, t.description from TagAnnotation t where t.id = 1"
    ((_, description),) = service.projection(call, both, None)
    assert description is None
    alone = "select t.description from TagAnnotation t"
    assert service.projection(call, alone, None) == [[], [], []]


def test_a_bad_query_is_said_to_be_one(service: QueryService, call: Any) -> None:
    with pytest.raises(IllegalQuery, match=r"^Illegal query:"):
        service.findAllByQuery(call, "select t from Tag t", None)


def test_refresh(service: QueryService, call: Any) -> None:
    proxy = omero.model.TagAnnotationI(2, False)
    assert service.refresh(call, proxy)._textValue._val == "dark red"
    with pytest.raises(ApiUsage, match="without id"):
        service.refresh(call, omero.model.TagAnnotationI())
