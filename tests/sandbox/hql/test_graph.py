"""What comes back loaded, and what does not."""

from __future__ import annotations

import math
from typing import Any

import pytest
from sqlalchemy import update

from napari_omero_io.sandbox.hql import find, project


@pytest.fixture
def ask(laboratory: Any) -> Any:
    def run(text: str, user: str = "mia", group: str = "lab", **parameters: Any) -> Any:
        call = laboratory.call(user, group)
        with call.core.database.read() as connection:
            return find(connection, call, text, parameters)

    return run


def test_an_object_alone_has_values_and_unloaded_references(ask: Any) -> None:
    (image,) = ask("select i from Image i where i.id = 1")
    assert image._loaded
    assert (image._name._val, image._archived._val) == ("one", False)
    assert image._acquisitionDate._val == 1_600_000_000_000
    assert image._description is None
    fileset = image._fileset
    assert (type(fileset).__name__, fileset._id._val) == ("FilesetI", 1)
    assert not fileset._loaded
    assert fileset._details is None
    for name in ("pixels", "datasetLinks", "annotationLinks", "rois"):
        assert not getattr(image, f"_{name}Loaded")
    with pytest.raises(Exception, match="unloaded"):
        image.copyPixels()


def test_a_proxy_is_like_the_one_that_clients_make(ask: Any) -> None:
    import omero.model

    (image,) = ask("select i from Image i where i.id = 1")
    made = omero.model.FilesetI(1, False)
    assert vars(image._fileset).keys() == vars(made).keys()
    read = {key: value for key, value in vars(image._fileset).items() if key != "_id"}
    assert read == {key: value for key, value in vars(made).items() if key != "_id"}


def test_details_are_proxies_and_permissions(ask: Any) -> None:
    (image,) = ask("select i from Image i where i.id = 5")
    details = image._details
    assert not details._owner._loaded
    assert not details._group._loaded
    assert (details._creationEvent._id._val, details._updateEvent._id._val) == (10, 11)
    assert details._externalInfo is None
    assert str(details._permissions) == "rwra--"
    assert details._permissions.canEdit()
    assert not details._permissions.canChown()


def test_permissions_are_those_of_the_caller(ask: Any) -> None:
    (mine,) = ask("select i from Image i where i.id = 1", user="mia")
    (hers,) = ask("select i from Image i where i.id = 1", user="ned")
    assert mine._details._permissions.canDelete()
    assert not hers._details._permissions.canDelete()
    assert hers._details._permissions.canAnnotate()


def test_in_all_groups_an_object_shows_its_own_groups_permissions(ask: Any) -> None:
    images = ask("select i from Image i where i.id in (1, 6)", user="ned", group="all")
    shown = [str(image._details._permissions) for image in images]
    assert shown == ["rwra--", "rwrw--"]


def test_a_group_shows_its_own_permissions(ask: Any) -> None:
    groups = ask("select g from ExperimenterGroup g where g.name in ('lab', 'secret')")
    shown = {g._name._val: str(g._details._permissions) for g in groups}
    assert shown == {"lab": "rwra--", "secret": "rw----"}


def test_what_is_fetched_is_loaded_and_one_row_is_one_object(ask: Any) -> None:
    images = ask(
        "select i from Image i join fetch i.details.owner left join fetch i.fileset "
        "where i.id < 3"
    )
    owner = images[0]._details._owner
    assert owner._loaded
    assert owner._omeName._val == "mia"
    assert images[1]._details._owner is owner
    assert images[0]._fileset is images[1]._fileset
    assert images[0]._fileset._details._owner is owner


def test_ordered_collections_come_in_their_order(ask: Any) -> None:
    (pixels,) = ask("select p from Pixels p join fetch p.channels c where p.id = 1")
    assert pixels._channelsLoaded
    assert [one._id._val for one in pixels._channelsSeq] == [2, 1]
    assert all(one._pixels is pixels for one in pixels._channelsSeq)


def test_an_empty_fetched_collection_is_loaded(ask: Any) -> None:
    (image,) = ask("select i from Image i left join fetch i.pixels where i.id = 5")
    assert image._pixelsLoaded
    assert image._pixelsSeq == []


def test_several_collections_do_not_multiply(ask: Any) -> None:
    (image,) = ask(
        "select i from Image i left join fetch i.pixels p left join fetch p.channels "
        "left join fetch i.annotationLinks left join fetch i.datasetLinks l "
        "left join fetch l.parent where i.id = 1"
    )
    assert image.sizeOfPixels() == 2
    assert image._pixelsSeq[0].sizeOfChannels() == 2
    assert image.sizeOfAnnotationLinks() == 3
    parents = [link._parent._name._val for link in image._datasetLinksSeq]
    assert parents == ["Cells", "tissue"]


def test_a_condition_on_a_fetched_collection_restricts_it(ask: Any) -> None:
    (image,) = ask(
        "select i from Image i left join fetch i.annotationLinks l "
        "left join fetch l.child a where i.id = 1 and a.ns = 'my.ns'"
    )
    assert [link._id._val for link in image._annotationLinksSeq] == [2]


def test_what_the_caller_may_not_see_is_not_in_a_collection(ask: Any) -> None:
    query = "select g from Dataset g left join fetch g.imageLinks where g.id = 5"
    (dataset,) = ask(query, user="ned", group="bench")
    assert dataset.sizeOfImageLinks() == 1
    assert ask(query, user="mia", group="lab") == []


def test_references_to_abstract_classes_are_always_loaded(ask: Any) -> None:
    links = ask("select l from ImageAnnotationLink l where l.id in (1, 2, 4)")
    tag, pairs, file_annotation = (link._child for link in links)
    assert type(tag).__name__ == "TagAnnotationI"
    assert tag._textValue._val == "red"
    assert [(pair.name, pair.value) for pair in pairs._mapValue] == [
        ("Gene", "TP53"),
        ("Cell", "HeLa"),
        ("Gene", "BRCA1"),
    ]
    assert not file_annotation._file._loaded
    assert not links[0]._parent._loaded
    (settings,) = ask("select s from LightSettings s")
    assert settings._lightSource._pump._model._val == "bright"  # one leads to the next


def test_units_and_bytes(ask: Any) -> None:
    (pixels,) = ask("select p from Pixels p where p.id = 4")
    size = pixels._physicalSizeX
    assert (size.getValue(), str(size.getUnit())) == (100.0, "NANOMETER")
    assert pixels._physicalSizeY is None
    (mask,) = ask("select m from Mask m")
    assert mask._bytes == b"\xff"
    assert str(mask._strokeWidth.getUnit()) == "PIXEL"


def test_nan_is_a_number_that_is_read(laboratory: Any) -> None:
    call = laboratory.call()
    table = call.core.database.tables["StatsInfo"]
    with call.core.database.write() as connection:
        extremes = {"globalMin": math.nan, "globalMax": math.inf}
        connection.execute(update(table).values(**extremes))
    with call.core.database.read() as connection:
        (stats,) = find(connection, call, "from StatsInfo")
        ((least,),) = project(connection, call, "select s.globalMin from StatsInfo s")
    assert math.isnan(stats._globalMin._val)
    assert math.isnan(least._val)
    assert stats._globalMax._val == math.inf


def test_counts_per_owner_are_loaded_where_they_are_fetched(
    ask: Any, laboratory: Any
) -> None:
    mia, ned = laboratory.users["mia"], laboratory.users["ned"]
    images = ask(
        "select i from Image i left join fetch i.annotationLinksCountPerOwner "
        "where i.id in (1, 5)"
    )
    counts = [image._annotationLinksCountPerOwner for image in images]
    assert counts == [{mia: 2, ned: 1}, {}]
    assert not images[0]._annotationLinksLoaded
    (image,) = ask("select i from Image i where i.id = 1")
    assert not image._annotationLinksCountPerOwner


def test_sessions_of_others_stay_unloaded(ask: Any) -> None:
    query = "select e from Event e join fetch e.session where e.id = 10"
    (event,) = ask(query)
    assert not event._session._loaded
    (event,) = ask(query, user="root", group="system")
    assert event._session._loaded


def test_deprecated_classes_are_read_without_a_warning(laboratory: Any) -> None:
    # omero-py warns when it makes a Path; warnings are errors here
    from napari_omero_io.sandbox.hql.reading import reader_of

    reader = reader_of(laboratory.core.database.tables, "Shape")
    assert "path" in reader.classes


def test_a_large_answer_takes_a_fixed_number_of_statements(
    laboratory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import Connection

    counted: list[str] = []
    genuine = Connection.exec_driver_sql

    def count(self: Connection, statement: str, *rest: Any, **more: Any) -> Any:
        counted.append(statement)
        return genuine(self, statement, *rest, **more)

    call = laboratory.call()
    monkeypatch.setattr(Connection, "exec_driver_sql", count)
    query = (
        "select l from ImageAnnotationLink l join fetch l.parent where l.id <= :last"
    )
    numbers = []
    for last in (1, 5):
        with call.core.database.read() as connection:
            counted.clear()
            assert len(find(connection, call, query, {"last": last})) == last
            numbers.append(sum(text.startswith("SELECT") for text in counted))
    one, five = numbers
    # links, images, annotations, groups; five links lead to two maps and a file
    assert one <= five <= one + 1 <= 7
