"""``omero metadata`` of omero-metadata, unmodified: tables, pairs, pixel sizes.

It wants a pandas that is older than everybody else's, so it comes from a folder of its
own, which goes before the others on the path of a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import omero.all
import omero.constants
import omero.model
import pytest
from omero.rtypes import rint, rstring

from napari_omero_io import Sandbox

pytest.importorskip("tables", reason="the extra `tables` is not installed")

#: Where `pip install --target` put omero-metadata and its pandas.
FOLDER = os.environ.get("NAPARI_OMERO_IO_METADATA", "")
pytestmark = pytest.mark.skipif(
    not Path(FOLDER, "omero_metadata").is_dir(),
    reason="omero-metadata is not installed: scripts/test does that",
)

#: Carries out several commands, since starting takes longer than all of them.
RUN = """
import contextlib, io, json, logging, sys
from omero.cli import CLI

said = []
for words in json.load(sys.stdin):
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        cli = CLI()
        cli.loadplugins()
        cli.invoke(words, strict=False)
    said.append([cli.rv, out.getvalue()])
print("ANSWERS" + json.dumps(said))
"""

WELLS = "Well,Gene,Score\nA1,TP53,1.5\nA2,MYC,2.5\nB1,TP53,3.5\nB2,MYC,4.5\n"
IMAGES = "# header image,s,d\nImage,Gene,Score\n{0},TP53,1.5\n{1},MYC,2.5\n"
CONFIGURATION = """
name: genes
version: 1
defaults:
    include: false
columns:
    - name: Gene
      clientname: Gene name
      include: true
"""


@pytest.fixture
def omero_metadata(
    sandbox: Sandbox, tmp_path: Path
) -> Callable[..., list[tuple[int, str]]]:
    """Log in, carry out commands, and return for each its code and all it said."""

    def run(*commands: list[str]) -> list[tuple[int, str]]:
        address = f"{sandbox.user}@{sandbox.host}:{sandbox.port}"
        login = ["login", address, "-w", sandbox.password]
        paths = [FOLDER, os.environ.get("PYTHONPATH", "")]
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", RUN],
            input=json.dumps([login, *commands]),
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, paths)),
                "OMERO_USERDIR": str(tmp_path),
                "OMERO_SESSIONDIR": str(tmp_path / "sessions"),
            },
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        _, _, answers = done.stdout.rpartition("ANSWERS")
        assert answers, done.stderr
        said = [(code, text) for code, text in json.loads(answers)]
        assert all(code == 0 for code, _ in said), said
        return said[1:]

    return run


def save(conn: Any, thing: Any) -> Any:
    return conn.getUpdateService().saveAndReturnObject(thing)


def link(conn: Any, kind: str, parent: Any, child: Any) -> None:
    made = getattr(omero.model, kind)()
    made.parent, made.child = parent.proxy(), child.proxy()
    save(conn, made)


def make_image(conn: Any, name: str) -> Any:
    service = conn.getPixelsService()
    kinds = {kind.value.val: kind for kind in service.getAllEnumerations("PixelsType")}
    number = service.createImage(8, 8, 1, 1, [0], kinds["uint8"], name, "")
    return omero.model.ImageI(number.val, False)


@pytest.fixture
def dataset(conn: Any) -> tuple[Any, list[int]]:
    made = omero.model.DatasetI()
    made.name = rstring("measured")
    made = save(conn, made)
    images = [make_image(conn, name) for name in ("one", "two")]
    for image in images:
        link(conn, "DatasetImageLinkI", made, image)
    return made, [image.id.val for image in images]


@pytest.fixture
def plate(conn: Any) -> Any:
    made = omero.model.PlateI()
    made.name = rstring("plate")
    made = save(conn, made)
    for row, column in ((0, 0), (0, 1), (1, 0), (1, 1)):
        well = omero.model.WellI()
        well.row, well.column, well.plate = rint(row), rint(column), made.proxy()
        sample = omero.model.WellSampleI()
        sample.image = make_image(conn, f"{row}, {column}")
        well.addWellSample(sample)
        save(conn, well)
    return made


def read_table(conn: Any, kind: str, identity: int) -> dict[str, list[Any]]:
    parent = conn.getObject(kind, identity)
    (note,) = parent.listAnnotations(ns=omero.constants.namespaces.NSBULKANNOTATIONS)
    table = conn.c.sf.sharedResources().openTable(note.getFile()._obj)
    try:
        count = table.getNumberOfRows()
        columns = table.getHeaders()
        data = table.read(list(range(len(columns))), 0, count)
        return {column.name: list(column.values) for column in data.columns}
    finally:
        table.close()


def test_a_table_for_images(
    conn: Any, omero_metadata: Any, dataset: Any, tmp_path: Path
) -> None:
    parent, images = dataset
    file = tmp_path / "images.csv"
    file.write_text(IMAGES.format(*images))
    target = f"Dataset:{parent.id.val}"
    *_, summary, listed, size = omero_metadata(
        ["metadata", "testtables"],
        ["metadata", "populate", target, "--file", str(file)],
        ["metadata", "summary", target],
        ["metadata", "bulkanns", target],
        ["metadata", "pixelsize", target, "--x", "0.5", "--y", "0.25"],
    )
    assert "Bulk annotations: 1" in summary[1]
    assert "FileAnnotation:" in listed[1]
    assert size[0] == 0
    found = read_table(conn, "Dataset", parent.id.val)
    assert found["Image"] == images
    assert found["Gene"] == ["TP53", "MYC"]
    assert found["Score"] == [1.5, 2.5]
    image = conn.getObject("Image", images[0])
    assert (image.getPixelSizeX(), image.getPixelSizeY()) == (0.5, 0.25)

    omero_metadata(["metadata", "deletebulkanns", target])
    assert list(conn.getObject("Dataset", parent.id.val).listAnnotations()) == []


def test_pairs_from_the_table_of_a_plate(
    conn: Any, omero_metadata: Any, plate: Any, tmp_path: Path
) -> None:
    file, configuration = tmp_path / "wells.csv", tmp_path / "genes.yml"
    file.write_text(WELLS)
    configuration.write_text(CONFIGURATION)
    target = f"Plate:{plate.id.val}"
    mapping = ["metadata", "populate", target, "--cfg", str(configuration)]
    omero_metadata(
        ["metadata", "populate", target, "--file", str(file)],
        [*mapping, "--context", "bulkmap"],
    )
    found = read_table(conn, "Plate", plate.id.val)
    assert found["Well Name"] == ["a1", "a2", "b1", "b2"]
    assert len(set(found["Well"])) == 4
    pairs = {
        well: [
            note.getValue() for note in conn.getObject("Well", well).listAnnotations()
        ]
        for well in found["Well"]
    }
    genes = ["TP53", "MYC", "TP53", "MYC"]
    assert list(pairs.values()) == [[[("Gene name", gene)]] for gene in genes]

    omero_metadata([*mapping, "--context", "deletemap"])
    assert not any(
        list(conn.getObject("Well", well).listAnnotations()) for well in found["Well"]
    )
