"""Tables on a server: found from the image, read by parts, searched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import omero
import omero.grid
import pytest
from napari.layers import Layer
from omero.rtypes import rstring

from napari_omero_io.client import tables
from napari_omero_io.client.connection import Connection
from napari_omero_io.client.containers import create_dataset
from napari_omero_io.client.rois import save_rois
from napari_omero_io.client.upload import create_image
from napari_omero_io.client.wire import refer
from napari_omero_io.convert.masks import labels_to_rois
from napari_omero_io.errors import OmeroIOError, ServerRefused
from napari_omero_io.linked_tables import TableLeftOut
from napari_omero_io.records import NewChannel, NewImage, RoiRecord, ShapeRecord
from napari_omero_io.session import Session

from .conftest import Laboratory

pytest.importorskip("tables", reason="the extra `tables` is not installed")

BULK = "openmicroscopy.org/omero/bulk_annotations"


def store_image(connection: Connection, dataset_id: int | None = None) -> int:
    pixels = np.zeros((1, 1, 1, 64, 64), np.uint8)
    new = NewImage("cells", "uint8", pixels.shape, (NewChannel(),))
    image_id = create_image(connection, new, [(0, 0, 0, pixels[0, 0, 0])])
    if dataset_id is not None:
        link = omero.model.DatasetImageLinkI()
        link.parent = refer("Dataset", dataset_id)
        link.child = refer("Image", image_id)
        save(connection, link)
    return image_id


def save(connection: Connection, item: Any) -> Any:
    return connection.service("update").saveAndReturnObject(item)


def store_table(
    connection: Connection, name: str, columns: list[Any], *parents: tuple[str, int]
) -> int:
    """Write a table and attach it; gives the id of its file."""
    resources = connection._session.sharedResources()
    table = resources.newTable(0, name)
    try:
        table.initialize(columns)
        table.addData(columns)
        file_id = table.getOriginalFile().id.val
    finally:
        table.close()
    annotation = omero.model.FileAnnotationI()
    annotation.ns = rstring(BULK)
    annotation.file = refer("OriginalFile", file_id)
    annotation = save(connection, annotation)
    for kind, object_id in parents:
        link = getattr(omero.model, f"{kind}AnnotationLinkI")()
        link.parent = refer(kind, object_id)
        link.child = refer("FileAnnotation", annotation.id.val)
        save(connection, link)
    return int(file_id)


@pytest.fixture(scope="module")
def session(laboratory: Laboratory) -> Iterator[Session]:
    with Session(laboratory.log_in("ann")) as session:
        yield session


@pytest.fixture
def calls(session: Session, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Count the reads of rows."""
    made: list[Any] = []
    ask = tables.TableReader._ask

    def count(self: Any, work: Any) -> Any:
        made.append(work)
        return ask(self, work)

    monkeypatch.setattr(tables.TableReader, "_ask", count)
    return lambda: len(made)


def test_tables_are_found_wherever_they_are_attached(session: Session) -> None:
    connection = session.connection
    dataset_id = create_dataset(connection, "measured")
    image_id = store_image(connection, dataset_id)
    roi = omero.model.RoiI()
    roi.image = refer("Image", image_id)
    roi_id = save(connection, roi).id.val
    column = omero.grid.LongColumn("n", "", [1])
    for name, *parents in (
        ("of the image", ("Image", image_id)),
        ("of the dataset", ("Dataset", dataset_id)),
        ("of the region", ("Roi", roi_id)),
        ("of both", ("Image", image_id), ("Dataset", dataset_id)),
    ):
        store_table(connection, name, [column], *parents)
    other = store_image(connection, dataset_id)
    found = session.tables(image_id)
    assert sorted(one.name for one in found) == [
        "of both",
        "of the dataset",
        "of the image",
        "of the region",
    ]
    parents = {one.name: (one.parent_kind, one.parent_id) for one in found}
    assert parents["of the region"] == ("roi", roi_id)
    assert {one.namespace for one in found} == {BULK}
    names = [one.name for one in session.tables(f"image/{other}")]
    assert sorted(names) == ["of both", "of the dataset"]
    assert len(session.tables(f"dataset/{dataset_id}")) == 2


def test_every_type_of_column_becomes_an_array(session: Session) -> None:
    g = omero.grid
    columns = [
        g.ImageColumn("Image", "", [3, -1]),
        g.RoiColumn("Roi", "", [1, 2]),
        g.WellColumn("Well", "", [1, 2]),
        g.PlateColumn("Plate", "", [1, 2]),
        g.DatasetColumn("Dataset", "", [1, 2]),
        g.FileColumn("File", "", [1, 2]),
        g.LongColumn("l", "a number", [2**40, -1]),
        g.DoubleColumn("d", "", [0.5, np.nan]),
        g.BoolColumn("b", "", [True, False]),
        g.StringColumn("s", "", 16, ["<b>größe</b>", ""]),
        g.FloatArrayColumn("fa", "", 2, [[0.5, 1.5], [2.5, 3.5]]),
        g.DoubleArrayColumn("da", "", 1, [[0.1], [0.2]]),
        g.LongArrayColumn("la", "", 3, [[1, 2, 3], [4, 5, 6]]),
        g.MaskColumn("m", "", [3, 3], [0, -1], [0, 2], [1.0, 2.0], [3.0, 4.0],
                     [4.0, 8.0], [2.0, 1.0], [b"\xff", b"\x81"]),
    ]  # fmt: skip
    file_id = store_table(session.connection, "all types", columns)
    with session.open_table(file_id) as table:
        assert table.row_count == 2
        kinds = [column.kind for column in table.columns]
        assert kinds[:6] == ["image", "roi", "well", "plate", "dataset", "file"]
        assert (table.columns[9].size, table.columns[12].size) == (16, 3)
        assert table.columns[6].description == "a number"
        read = table.read()
    assert read["Image"].tolist() == [3, -1]
    assert read["l"].dtype == np.int64
    assert read["l"].tolist() == [2**40, -1]
    np.testing.assert_array_equal(read["d"], [0.5, np.nan])
    assert read["b"].dtype == bool
    assert read["s"].tolist() == ["<b>größe</b>", ""]
    assert (read["fa"].dtype, read["fa"].shape) == (np.float32, (2, 2))
    assert read["la"].tolist() == [[1, 2, 3], [4, 5, 6]]
    first, second = read["m"]
    assert (first.image_id, first.mask.z, first.mask.t) == (3, 0, 0)
    assert (second.mask.z, second.mask.t, second.mask.width) == (None, 2, 8)
    assert second.mask.bits == b"\x81"


def test_big_tables_are_read_by_parts(
    session: Session, calls: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_VALUES", 1000)
    numbers = list(range(2500))
    columns = [
        omero.grid.LongColumn("n", "", numbers),
        omero.grid.DoubleColumn("x", "", [0.5 * n for n in numbers]),
    ]
    file_id = store_table(session.connection, "long", columns)
    with session.open_table(file_id) as table:
        read = table.read()
        assert calls() == 5
        assert read["n"].tolist() == numbers
        assert read["x"][-1] == 0.5 * numbers[-1]
        assert table.read(["n"], 2499, 9999)["n"].tolist() == [2499]
        assert table.read(["n"], 9999)["n"].tolist() == []
        rows = [7, 3, 2499, 3]
        assert table.read_rows(rows, ["n"])["n"].tolist() == rows
        assert table.read_rows([], ["n"])["n"].tolist() == []


def test_rows_are_found_by_a_condition(session: Session) -> None:
    columns = [
        omero.grid.DoubleColumn("Area", "", [1.0, 20.0, 30.0]),
        omero.grid.StringColumn("Class", "", 8, ["a", "b", "a"]),
        omero.grid.LongColumn("Mean intensity", "", [5, 6, 7]),
        omero.grid.LongColumn("größe", "", [1, 2, 3]),
    ]
    file_id = store_table(session.connection, "conditions", columns)
    read = session.read_table(file_id, ["Area"], '(Area > 5) & (Class == "a")')
    assert read["Area"].tolist() == [30.0]
    with session.open_table(file_id) as table:
        assert table.find_rows("`Mean intensity` < 7").tolist() == [0, 1]
        assert table.find_rows("(`größe` == 2)").tolist() == [1]
        assert table.find_rows("Area > 99").tolist() == []
        with pytest.raises(ServerRefused, match="no column “Size”"):
            table.find_rows("Size > 3")
        with pytest.raises(ServerRefused, match="is not understood"):
            table.find_rows("Area & Class")
        with pytest.raises(ServerRefused, match="is not understood"):
            table.find_rows("Area > 'b'")


def test_an_empty_table_has_columns_and_no_rows(session: Session) -> None:
    columns = [omero.grid.LongColumn("n", "", []), omero.grid.DoubleColumn("x", "", [])]
    file_id = store_table(session.connection, "empty", columns)
    with session.open_table(file_id) as table:
        assert table.row_count == 0
        assert {name: len(v) for name, v in table.read().items()} == {"n": 0, "x": 0}
        assert table.find_rows("n > 1").tolist() == []


def test_what_is_no_table_is_one_sentence(session: Session) -> None:
    with pytest.raises(OmeroIOError, match="open table 987654"):
        session.open_table(987654)


def test_what_tables_say_of_regions_becomes_features(session: Session) -> None:
    connection = session.connection
    image_id = store_image(connection)
    labels = np.zeros((64, 64), np.int32)
    labels[4:9, 4:9], labels[20:30, 20:30] = 3, 7
    rois = [
        *labels_to_rois(labels),
        RoiRecord((), shapes=(ShapeRecord("rectangle", (1, 1, 5, 5)),)),
    ]
    ids = save_rois(connection, image_id, rois)
    g = omero.grid
    store_table(
        connection,
        "of labels",
        [g.LongColumn("label", "", [7, 3]), g.DoubleColumn("Area", "", [100.0, 25.0])],
        ("Image", image_id),
    )
    store_table(
        connection,
        "of regions",
        [
            g.ImageColumn("Image", "", [image_id, image_id + 1]),
            g.RoiColumn("Roi", "", [ids[2], ids[2]]),
            g.StringColumn("Class", "", 9, ["mitotic", "other"]),
        ],
        ("Image", image_id),
    )
    layers = session.open_layers(image_id)
    features = {kind: settings.get("features") for _, settings, kind in layers}
    assert features["labels"]["index"] == [3, 7]
    assert list(features["labels"]["roi_id"]) == ids[:2]
    assert list(features["labels"]["Area"]) == [25.0, 100.0]
    assert list(features["shapes"]["Class"]) == ["mitotic"]
    for data, settings, kind in layers:
        layer = Layer.create(data, settings, kind)
        if kind == "labels":
            assert "Area: 100" in " ".join(layer._get_properties((25, 25)))


def test_a_table_that_cannot_be_read_leaves_the_regions(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = session.connection
    image_id = store_image(connection)
    shape = ShapeRecord("rectangle", (1, 1, 5, 5))
    save_rois(connection, image_id, [RoiRecord((), shapes=(shape,))])
    columns = [omero.grid.LongColumn("roi", "", [1])]
    file_id = store_table(connection, "broken", columns, ("Image", image_id))
    store = connection.open_file_store()
    store.setFileId(file_id)
    store.truncate(10)
    store.close()
    with pytest.warns(TableLeftOut, match="“broken” is left out"):
        layers = session.open_layers(image_id)
    assert [kind for *_, kind in layers] == ["image", "shapes"]
