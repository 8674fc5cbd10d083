"""A small laboratory: what the queries of these tests are asked of.

People and groups are those of `Society`.  Unless a row says otherwise it is mia's,
in the group `lab`.  A reference is the id of its target; places in ordered
collections follow from the order here.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from napari_omero_io.sandbox.core import Call, Core
from napari_omero_io.sandbox.rules.membership import caller_for
from napari_omero_io.sandbox.schema.model import Kind, load_model
from napari_omero_io.sandbox.schema.tables import DETAILS, details_of
from napari_omero_io.sandbox.store.database import Database

_NED = {"owner": "ned"}
_BENCH = {"owner": "ned", "group": "bench"}
_SECRET = {"group": "secret"}
_UINT8, _UINT16, _XYZCT, _LINEAR = 5, 6, 1, 1

#: Class → rows; details under a key that begins with an at sign.
ROWS: dict[str, list[dict[str, Any]]] = {
    "Event": [
        {"id": 10, "time": 1_700_000_000_000, "status": None}
        | dict.fromkeys(("experimenter", "experimenterGroup", "type", "session"), 0),
        {"id": 11, "time": 1_700_000_060_000, "status": None}
        | dict.fromkeys(("experimenter", "experimenterGroup", "type", "session"), 0),
    ],
    "ExternalInfo": [{"id": 1, "entityId": 1, "entityType": "x", "lsid": "urn:one"}],
    "Fileset": [
        {"id": 1, "templatePrefix": "mia/one/"},
        {"id": 2, "templatePrefix": "ned/two/", "@": _NED},
        {"id": 3, "templatePrefix": "mia/empty/"},
    ],
    "Project": [
        {"id": 1, "name": "Alpha", "description": "the first"},
        {"id": 2, "name": "beta", "@": _NED},
        {"id": 3, "name": "Hidden", "@": _SECRET},
    ],
    "Dataset": [
        {"id": 1, "name": "Cells"},
        {"id": 2, "name": "tissue", "@": _NED},
        {"id": 3, "name": "orphan"},
        {"id": 4, "name": "of ned alone", "@": {"owner": "ned", "group": "secret"}},
        {"id": 5, "name": "bench work", "@": _BENCH},
    ],
    "ProjectDatasetLink": [
        {"id": 1, "parent": 1, "child": 1},
        {"id": 2, "parent": 1, "child": 2, "@": _NED},
    ],
    "Image": [
        {
            "id": 1,
            "name": "one",
            "fileset": 1,
            "series": 0,
            "archived": False,
            "acquisitionDate": 1_600_000_000_000,
            "@": {"externalInfo": 1},
        },
        {
            "id": 2,
            "name": "Two",
            "fileset": 1,
            "description": "second",
            "archived": True,
        },
        {"id": 3, "name": "three_50%", "fileset": 2, "@": _NED},
        {"id": 4, "name": "ärger", "description": ""},
        {"id": 5, "name": "no pixels", "@": {"updateEvent": 11}},
        {"id": 6, "name": "bench", "@": _BENCH},
        {"id": 7, "name": "secret of mia", "@": _SECRET},
    ],
    "DatasetImageLink": [
        {"id": 1, "parent": 1, "child": 1},
        {"id": 2, "parent": 1, "child": 2},
        {"id": 3, "parent": 2, "child": 1, "@": _NED},
        {"id": 4, "parent": 2, "child": 3, "@": _NED},
        {"id": 5, "parent": 5, "child": 6, "@": _BENCH},
    ],
    "Pixels": [
        {
            "id": id_,
            "image": image,
            "sizeX": 100 * id_,
            "sizeY": 50,
            "sizeZ": 1,
            "sizeC": 2,
            "sizeT": 1,
            "sha1": "",
            "pixelsType": kind,
            "dimensionOrder": _XYZCT,
            "physicalSizeX": size,
        }
        for id_, image, kind, size in (
            (1, 1, _UINT16, (0.25, "MICROMETER")),
            (2, 2, _UINT8, (0.5, "MICROMETER")),
            (3, 1, _UINT8, None),
            (4, 3, _UINT16, (100.0, "NANOMETER")),
            (5, 4, _UINT16, None),
        )
    ],
    "StatsInfo": [{"id": 1, "globalMin": -1.5, "globalMax": 4095.0}],
    "LogicalChannel": [
        {"id": 1, "name": "DAPI", "emissionWave": (461.0, "NANOMETER")},
        {"id": 2, "name": "GFP"},
    ],
    "Channel": [
        {"id": 2, "pixels": 1, "logicalChannel": 2, "green": 255},
        {"id": 1, "pixels": 1, "logicalChannel": 1, "blue": 255, "statsInfo": 1},
        {"id": 3, "pixels": 2, "logicalChannel": 1},
    ],
    "OriginalFile": [
        {"id": 1, "name": "a.csv", "path": "/a", "mimetype": "text/csv", "size": 10},
        {"id": 2, "name": "b.bin", "path": "/b", "size": 5_000_000_000, "hasher": 6},
    ],
    "TagAnnotation": [
        {"id": 1, "textValue": "red"},
        {"id": 2, "textValue": "Blue", "ns": "my.ns", "@": _NED},
        {
            "id": 3,
            "textValue": "colours",
            "ns": "openmicroscopy.org/omero/insight/tagset",
        },
    ],
    "CommentAnnotation": [{"id": 4, "textValue": "nice"}],
    "LongAnnotation": [{"id": 5, "longValue": 5}],
    "MapAnnotation": [
        {
            "id": 6,
            "ns": "my.ns",
            "mapValue": [("Gene", "TP53"), ("Cell", "HeLa"), ("Gene", "BRCA1")],
        },
        {"id": 7, "mapValue": []},
    ],
    "FileAnnotation": [{"id": 8, "file": 1, "ns": "my.ns"}, {"id": 9}],
    "ImageAnnotationLink": [
        {"id": 1, "parent": 1, "child": 1},
        {"id": 2, "parent": 1, "child": 6},
        {"id": 3, "parent": 2, "child": 1, "@": _NED},
        {"id": 4, "parent": 2, "child": 8},
        {"id": 5, "parent": 1, "child": 1, "@": _NED},
    ],
    "AnnotationAnnotationLink": [{"id": 1, "parent": 3, "child": 1}],
    "Roi": [{"id": 1, "image": 1}, {"id": 2, "image": 1, "name": "empty"}],
    "Rectangle": [
        {"id": 2, "roi": 1, "x": 1.0, "y": 2.0, "width": 3.0, "height": 4.0, "theZ": 0},
    ],
    "Mask": [
        {
            "id": 1,
            "roi": 1,
            "x": 0.0,
            "y": 0.0,
            "width": 8.0,
            "height": 1.0,
            "textValue": "7",
            "bytes": b"\xff",
            "strokeWidth": (1.0, "PIXEL"),
        },
    ],
    "Instrument": [{"id": 1}],
    "Laser": [{"id": 1, "instrument": 1, "type": 1, "laserMedium": 1, "pump": 2}],
    "Arc": [{"id": 2, "instrument": 1, "type": 2, "model": "bright"}],
    "LightSettings": [{"id": 1, "lightSource": 1, "attenuation": 0.5}],
    "Plate": [{"id": 1, "name": "plate"}],
    "PlateAcquisition": [{"id": 1, "plate": 1}],
    "Well": [
        {"id": 1, "plate": 1, "row": 0, "column": 0},
        {"id": 2, "plate": 1, "row": 0, "column": 1},
    ],
    "WellSample": [
        {"id": 1, "well": 1, "image": 3, "plateAcquisition": 1},
        {"id": 2, "well": 1, "image": 4},
        {"id": 3, "well": 2, "image": 4},
    ],
    "Folder": [{"id": 1, "name": "top"}, {"id": 2, "name": "below", "parentFolder": 1}],
    "ScriptJob": [
        {
            "id": 1,
            "username": "mia",
            "groupname": "lab",
            "type": "t",
            "message": "m",
            "status": 1,
            "submitted": 1,
            "scheduledFor": 1,
        },
    ],
    "JobOriginalFileLink": [{"id": 1, "parent": 1, "child": 1}],
    "Namespace": [{"id": 1, "name": "my.ns", "keywords": ["a", "b"]}],
}


class Laboratory:
    """The database with these rows, and callers."""

    def __init__(
        self, core: Core, users: dict[str, int], groups: dict[str, int]
    ) -> None:
        self.core = core
        self.users = users
        self.groups = {**groups, "all": -1}

    def call(self, user: str = "mia", group: str = "lab") -> Call:
        """Make a call of a user in a group; ``all`` is every group."""
        tables = self.core.database.tables
        with self.core.database.read() as connection:
            caller = caller_for(
                connection, tables, self.users[user], self.groups[group]
            )
        return Call(self.core, caller)


@pytest.fixture(scope="session")
def laboratory(
    founded: tuple[Path, Any, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Laboratory]:
    path, users, groups = founded
    copy = tmp_path_factory.mktemp("laboratory") / path.name
    shutil.copy(path, copy)
    absent: Any = None
    model = load_model()
    with Database(copy, model) as database:
        core = Core(absent, model, database, absent, absent, absent)
        _furnish(database, users, groups)
        yield Laboratory(core, users, groups)


def _furnish(database: Database, users: dict[str, int], groups: dict[str, int]) -> None:
    places: dict[tuple[str, int], int] = {}
    with database.write() as connection:
        for name, rows in ROWS.items():
            for row in rows:
                columns = _columns(database, name, row, places)
                details = {"owner": "mia", "group": "lab", "creationEvent": 10}
                details |= {"updateEvent": 10} | row.get("@", {})
                details["owner"] = users[details["owner"]]
                details["group"] = groups[details["group"]]
                for member in details_of(database.model[name]):
                    columns[DETAILS[member][0]] = details.get(member)
                connection.execute(insert(database.tables[name]), columns)
                for field in database.model[name].of_kind(Kind.MAP):
                    for index, (key, value) in enumerate(row.get(field.name, ())):
                        pair = {"name": key, "value": value, "index": index}
                        pairs = insert(database.tables.pairs(field))
                        connection.execute(pairs, {**pair, "parent_id": row["id"]})


def _columns(
    database: Database,
    name: str,
    row: dict[str, Any],
    places: dict[tuple[str, int], int],
) -> dict[str, Any]:
    model_class, tables = database.model[name], database.tables
    columns: dict[str, Any] = {"id": row["id"]}
    if "discriminator" in tables[name].c:
        columns["discriminator"] = model_class.discriminator
    for key in row.keys() - {"id", "@"}:
        field, value = model_class.fields[key], row[key]
        if field.kind is Kind.MAP:
            continue
        if field.kind is Kind.UNIT:
            value, columns[tables.unit_name(field)] = value or (None, None)
        columns[tables.column_name(field)] = value
        if field.is_ordered:
            place = places.get((f"{field.owner}.{key}", value), 0)
            places[f"{field.owner}.{key}", value] = place + 1
            columns[tables.index_name(field)] = place
    return columns
