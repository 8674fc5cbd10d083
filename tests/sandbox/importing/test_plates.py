"""Plates that OME-XML describes."""

from __future__ import annotations

import shutil

import pytest

from napari_omero_io.sandbox import hql
from napari_omero_io.sandbox.importing.command import import_files
from napari_omero_io.sandbox.importing.imported import UnreadableFile
from napari_omero_io.sandbox.importing.reading import read_file

from .plates import WELLS, write_plate

FIELDS = (
    "select w.row, w.column, index(s), i.name, pa.name, s.posX.value, s.posX.unit "
    "from Well w join w.wellSamples s join s.image i join s.plateAcquisition pa "
    "order by w.row, w.column, index(s)"
)


def rows_of(call, text):
    with call.core.database.read() as connection:
        rows = hql.project(connection, call, text)
    return [[value and value.val for value in row] for row in rows]


def test_a_plate_comes_with_everything_that_is_described(stocked, tmp_path):
    paths = write_plate(tmp_path)
    call = stocked.call("mia")

    said = [str(what) for _, what in import_files(stocked.core, paths, "mia")]

    assert said[0].startswith("plate.companion.ome → Plate:")
    came = f"came with {paths[0].name}"
    assert said[1:] == [f"field{n}.ome.tif {came}" for n in range(10)]
    expected = []
    for well, (row, column) in enumerate(WELLS):
        first = [row, column, 0, f"field {2 * well}", "Run 0", 0.0]
        other = [row, column, 1, f"field {2 * well + 1}", "Run 1", 10500.0]
        expected += [[*first, "REFERENCEFRAME"], [*other, "MICROMETER"]]
    assert rows_of(call, FIELDS) == expected
    plate = (
        "select p.name, p.rows, p.columns, p.rowNamingConvention, p.wellOriginX.value, "
        "l.parent.name from Plate p join p.screenLinks l"
    )
    assert rows_of(call, plate) == [["a plate", 2, 3, "letter", 1500.0, "of the file"]]
    assert rows_of(call, "select count(*) from Well") == [[6]]
    files = "select f.id, count(u) from Fileset f join f.usedFiles u group by f.id"
    assert [count for _, count in rows_of(call, files)] == [11]
    colour = "select distinct w.red, w.alpha from Well w where w.red is not null"
    assert rows_of(call, colour) == [[255, 255]]


def test_any_file_of_a_plate_leads_to_all_of_it(tmp_path):
    *_, last = write_plate(tmp_path)
    described = read_file(last)
    described.close()
    assert len(described.images) == 10
    assert len(described.plates) == 1
    assert len({last, *described.others}) == 11


def test_images_without_pixels_do_not_move_the_others(tmp_path):
    companion, *_ = write_plate(tmp_path, without=3)
    described = read_file(companion)
    found = {
        image.name: image.source.read(0, 0, 0, 0)[0, 0] for image in described.images
    }
    described.close()
    assert found == {f"field {n}": n for n in range(10) if n != 3}


def test_a_missing_file_is_named(tmp_path):
    companion, path, *_ = write_plate(tmp_path)
    path.unlink()
    with pytest.raises(UnreadableFile, match="needs field0"):
        read_file(companion)


def test_no_description_leads_out_of_its_folder(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    companion, *paths = write_plate(inside)
    shutil.move(paths[0], outside / paths[0].name)
    text = companion.read_text(encoding="utf-8")
    companion.write_text(text.replace('"field0', '"../outside/field0'))
    for path in (companion, paths[1]):
        with pytest.raises(UnreadableFile, match="do not lie beside it"):
            read_file(path)
