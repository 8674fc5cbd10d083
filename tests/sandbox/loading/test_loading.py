"""`sandbox load`: a dataset with ids as given, all of it or nothing."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from napari_omero_io.sandbox.command import main
from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.loading import read_dataset, store_dataset
from napari_omero_io.sandbox.loading.dataset import BadDataset
from napari_omero_io.sandbox.passwords import read_hash, store_password
from napari_omero_io.sandbox.schema.model import load_model
from napari_omero_io.sandbox.schema.tables import build_tables
from napari_omero_io.sandbox.sessions import Sessions
from napari_omero_io.sandbox.store.database import Database

_PERSON = {"firstName": "A", "lastName": "B", "ldap": False}
_MINE = {"owner": 20, "group": 30, "creationEvent": 40, "updateEvent": 40}
#: A laboratory with one user; what it does not list stays as it was.
DATASET: dict[str, list[dict[str, Any]]] = {
    "Experimenter": [
        {"id": 0, "omeName": "root", **_PERSON},
        {"id": 1, "omeName": "guest", **_PERSON},
        {"id": 20, "omeName": "alice", **_PERSON, "config": [["a", "1"], ["b", None]]},
    ],
    "ExperimenterGroup": [
        {"id": 0, "name": "system", "ldap": False},
        {"id": 1, "name": "user", "ldap": False, "details": {"permissions": -52}},
        {"id": 2, "name": "guest", "ldap": False},
        {"id": 30, "name": "lab", "ldap": False, "details": {"permissions": -40}},
    ],
    "GroupExperimenterMap": [
        {"id": 1, "parent": 0, "child": 0, "owner": True},
        {"id": 2, "parent": 1, "child": 0, "owner": False},
        {"id": 3, "parent": 30, "child": 20, "owner": True},
        {"id": 4, "parent": 1, "child": 20, "owner": False},
    ],
    "Event": [
        {
            "id": id_,
            "time": 1_700_000_000_000,
            "experimenter": 0,
            "experimenterGroup": 0,
            "type": 0,
            "session": 0,
        }
        for id_ in (0, 40)
    ],
    "Format": [{"id": 7, "value": "OMETiff"}],
    "Image": [{"id": 500, "name": "x", "format": 7, "details": _MINE}],
    "Roi": [{"id": 9, "image": 500, "details": _MINE}],
    "Point": [
        {"id": 2, "roi": 9, "x": 1, "y": 2.5, "roi_index": 0, "details": _MINE},
        {"id": 1, "roi": 9, "x": 3.0, "y": 4.0, "details": _MINE},
    ],
    "Mask": [
        {
            "id": 3,
            "roi": 9,
            "bytes": "/w==",
            "strokeWidth": {"value": 1, "unit": "PIXEL"},
            "details": _MINE,
        }
    ],
}


@pytest.fixture
def database(tmp_path: Path) -> Any:
    with Database(tmp_path / "metadata.sqlite", load_model()) as opened:
        yield opened


def load(database: Database, tmp_path: Path, listed: Any) -> int:
    path = tmp_path / "dataset.json"
    path.write_text(json.dumps(listed), encoding="utf-8")
    return store_dataset(database, read_dataset(path, build_tables(load_model())))


def column(database: Database, class_name: str, name: str) -> dict[int, Any]:
    table = database.tables[class_name]
    with database.read() as connection:
        return dict(connection.execute(select(table.c.id, table.c[name])).all())


def test_everything_is_as_it_was_given(database: Database, tmp_path: Path) -> None:
    assert load(database, tmp_path, DATASET) == 19
    assert column(database, "Image", "owner_id") == {500: 20}
    assert column(database, "Image", "group_id") == {500: 30}
    assert column(database, "ExperimenterGroup", "permissions")[30] == -40
    assert column(database, "Shape", "roi_index") == {2: 0, 1: 1, 3: 2}
    assert column(database, "Shape", "bytes")[3] == b"\xff"
    assert column(database, "Shape", "strokeWidth_unit")[3] == "PIXEL"
    assert column(database, "Format", "value") == {7: "OMETiff"}, "as listed, no other"
    assert len(column(database, "PixelsType", "value")) > 5, "not listed: as founded"
    with database.write() as connection:
        assert database.next_id(connection, "Image") == 501
        assert database.next_id(connection, "Annotation") == 1


def test_loaded_users_have_no_password(database: Database, tmp_path: Path) -> None:
    with database.write() as connection:
        store_password(connection, database.tables, 0, "secret")
    load(database, tmp_path, DATASET)
    with database.read() as connection:
        assert read_hash(connection, database.tables, 20) is None
        assert read_hash(connection, database.tables, 0), "root keeps its own"


def test_open_sessions_of_a_dataset_stay_open(
    database: Database, tmp_path: Path
) -> None:
    session = {"node": 0, "timeToIdle": 0, "timeToLive": 0, "started": 1}
    session |= {"defaultEventType": "User"}
    listed = [
        {"id": id_, "uuid": f"s{id_}", "owner": 0, **session} for id_ in (0, 1, 5)
    ]
    load(database, tmp_path, {**DATASET, "Session": listed})
    Sessions(database).close()  # closes what a killed server has left open
    assert column(database, "Session", "closed") == {0: None, 1: None, 5: None}


@pytest.mark.parametrize(
    ("name", "id_", "changed", "complaint"),
    [
        ("Image", 500, {"fileset": 3}, "Image 500, fileset: there is no Fileset 3"),
        ("Image", 500, {"name": 3}, "Image 500, name: 3 is not a text"),
        ("Image", 500, {"name": None}, "Image 500, name: a value is required"),
        ("Image", 500, {"colour": 3}, "Image 500: it has no field colour"),
        ("Image", 500, {"pixels": [1]}, "Image 500, pixels: a collection follows"),
        ("Image", 500, {"id": "a"}, "Image: an object has no id"),
        ("Image", 500, {"archived": 1}, "Image 500, archived: 1 is not true or false"),
        ("Image", 500, {"details": {"owner": 9}}, "Image 500, details.owner: there is"),
        (
            "Image",
            500,
            {"details": {"boss": 9}},
            "Image 500, details: there is no boss",
        ),
        ("Mask", 3, {"id": 2}, "Mask 2: the id is taken by a Point"),
        ("Mask", 3, {"bytes": "*"}, "Mask 3, bytes: '*' is not a text in base64"),
        (
            "Mask",
            3,
            {"strokeWidth": {"value": 1, "unit": "SECOND"}},
            "Mask 3, strokeWidth: ",
        ),
        ("Experimenter", 20, {"omeName": "root"}, "Experimenter 20: UNIQUE"),
        ("Experimenter", 20, {"config": [["a"]]}, "Experimenter 20, config: "),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_stored(
    database: Database,
    tmp_path: Path,
    name: str,
    id_: int,
    changed: dict[str, Any],
    complaint: str,
) -> None:
    listed = copy.deepcopy(DATASET)
    (one,) = (one for one in listed[name] if one["id"] == id_)
    one.update(changed)
    with pytest.raises(BadDataset) as caught:
        load(database, tmp_path, listed)
    assert str(caught.value).startswith(complaint)
    with database.read() as connection:
        images = database.tables["Image"]
        assert (
            connection.execute(select(func.count()).select_from(images)).scalar() == 0
        )
    assert len(column(database, "Format", "value")) > 1


def test_a_class_that_is_none_is_refused(database: Database, tmp_path: Path) -> None:
    for name in ("Picture", "Annotation"):
        with pytest.raises(BadDataset, match=f"{name}: there is no such class"):
            load(database, tmp_path, {name: []})


def test_only_an_empty_sandbox_is_filled(database: Database, tmp_path: Path) -> None:
    load(database, tmp_path, DATASET)
    with pytest.raises(ApiUsage, match="The sandbox is not empty"):
        load(database, tmp_path, DATASET)


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "dataset.json"
    path.write_text(json.dumps(DATASET), encoding="utf-8")
    arguments = ["load", str(path), "--data", str(tmp_path / "data")]
    assert main(arguments) == 0
    assert capsys.readouterr().out == "19 objects\n"
    assert main(arguments) == 1
    assert "is not empty" in capsys.readouterr().err
    path.write_text("{", encoding="utf-8")
    assert main(arguments) == 1
    assert "is no JSON" in capsys.readouterr().err
