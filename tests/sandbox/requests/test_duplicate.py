"""Duplicate, FindParents, FindChildren, DiskUsage2: copies, kin, and bytes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import omero.all
import omero.api
import omero.cmd
import omero.model
import pytest
from omero.rtypes import rstring

from napari_omero_io.sandbox import requests
from napari_omero_io.sandbox.services.raw_pixels_store import RawPixelsStore


def copy(desk: Any, call: Any, target: Any, **more: Any) -> Any:
    kind = type(target).__name__.removesuffix("I")
    request = omero.cmd.Duplicate({kind: [target.id.val]}, **more)
    return desk.submit(call, request).getResponse(call)


@pytest.fixture(autouse=True)
def stores_without_data(desk: Any, tmp_path: Any) -> None:
    """Give the desk real stores; what is not there is not copied."""
    from napari_omero_io.sandbox.store.file_store import FileStore
    from napari_omero_io.sandbox.store.pixel_store import PixelStore

    core = replace(
        desk.society.core,
        pixels=PixelStore(tmp_path / "pixels"),
        files=FileStore(tmp_path / "files"),
    )
    desk.society = replace(desk.society, core=core)


def test_a_dataset_with_all_below(desk: Any) -> None:
    mia = desk.call("mia")
    dataset, image = desk.make(mia, "Dataset"), desk.image(mia)
    desk.link(mia, dataset, image)
    note = desk.make(mia, "CommentAnnotation", textValue=rstring("well"))
    desk.link(mia, image, note)
    found = copy(desk, mia, dataset).duplicates
    (new,) = found["ome.model.core.Image"]
    assert new != image.id.val
    assert len(found["ome.model.core.Channel"]) == 2
    assert desk.count("Image") == desk.count("Dataset") == 2
    assert desk.count("DatasetImageLink") == desk.count("ImageAnnotationLink") == 2
    assert desk.count("Annotation") == 2


def test_a_copy_is_the_callers_and_in_no_dataset(desk: Any) -> None:
    mia, ned = desk.call("mia"), desk.call("ned")
    dataset, image = desk.make(mia, "Dataset"), desk.image(mia)
    desk.link(mia, dataset, image)
    (new,) = copy(desk, ned, image).duplicates["ome.model.core.Image"]
    assert desk.count("DatasetImageLink") == 1
    with desk.society.core.database.read() as connection:
        query = f"SELECT owner_id, name FROM Image WHERE id = {new}"
        row = connection.exec_driver_sql(query).one()
    assert row == (desk.society.users["ned"], "image")


def test_types_to_refer_to_and_to_leave_out(desk: Any) -> None:
    mia = desk.call("mia")
    image = desk.image(mia)
    tag = desk.make(mia, "TagAnnotation", textValue=rstring("t"))
    desk.link(mia, image, tag)
    copy(desk, mia, image, typesToReference=["TagAnnotation"])
    assert desk.count("Annotation") == 1
    assert desk.count("ImageAnnotationLink") == 2
    copy(desk, mia, image, typesToIgnore=["IAnnotationLink"])
    assert desk.count("ImageAnnotationLink") == 2
    assert desk.count("Image") == 3
    failed = copy(desk, mia, image, typesToIgnore=["Roi"], typesToDuplicate=["Roi"])
    assert failed.name == "bad-options"


def test_a_dry_run_copies_nothing(desk: Any) -> None:
    mia = desk.call("mia")
    image = desk.image(mia)
    found = copy(desk, mia, image, dryRun=True).duplicates
    assert found["ome.model.core.Image"] == [image.id.val]
    assert desk.count("Image") == 1


def test_a_fileset_is_copied_as_a_whole(desk: Any) -> None:
    mia = desk.call("mia")
    fileset = desk.make(mia, "Fileset", templatePrefix=rstring("x/"))
    one, other = (desk.image(mia, fileset=fileset) for _ in range(2))
    failed = copy(desk, mia, one)
    assert failed.message == (
        f"within Fileset[{fileset.id.val}] may not duplicate Image[{one.id.val}] "
        f"while Image[{other.id.val}] remains"
    )
    assert desk.count("Image") == 2
    copy(desk, mia, fileset)
    assert desk.count("Image") == 4
    assert desk.count("Fileset") == 2


def test_pixels_are_copied(stocked: Any, create_with: Any) -> None:
    mia = stocked.call("mia")
    pixels = np.arange(2 * 3 * 8 * 9, dtype="uint16").reshape(1, 2, 3, 8, 9)
    image_id, _ = create_with(pixels)
    request = omero.cmd.Duplicate({"Image": [image_id]})
    response = requests.submit(mia, request).getResponse(mia)
    (new,) = response.duplicates["ome.model.core.Pixels"]
    request = omero.cmd.Delete2({"Image": [image_id]})
    requests.submit(mia, request)
    store = RawPixelsStore(stocked.core, None)
    store.setPixelsId(mia, new, False)
    read = np.frombuffer(store.getTimepoint(mia, 0), ">u2").reshape(pixels.shape[1:])
    assert (read == pixels[0]).all()
    store.close(mia)


def test_parents_and_children(desk: Any) -> None:
    mia = desk.call("mia")
    project, dataset = desk.make(mia, "Project"), desk.make(mia, "Dataset")
    image = desk.image(mia)
    desk.link(mia, project, dataset)
    desk.link(mia, dataset, image)
    up = omero.cmd.FindParents({"Image": [image.id.val]}, ["Project", "Dataset"], [])
    found = desk.submit(mia, up).getResponse(mia).parents
    assert found == {
        "ome.model.containers.Dataset": [dataset.id.val],
        "ome.model.containers.Project": [project.id.val],
    }
    up.stopBefore = ["Dataset"]
    assert desk.submit(mia, up).getResponse(mia).parents == {}
    down = omero.cmd.FindChildren({"Project": [project.id.val]}, ["Channel"], [])
    found = desk.submit(mia, down).getResponse(mia).children
    assert len(found["ome.model.core.Channel"]) == 2
    down.typesOfChildren = ["Nonsense"]
    assert desk.submit(mia, down).getResponse(mia).name == "bad-class"


def test_nobody_finds_what_is_hidden(desk: Any) -> None:
    mia, ned = desk.call("mia", "secret"), desk.call("ned", "secret")
    dataset, image = desk.make(mia, "Dataset"), desk.image(mia)
    desk.link(mia, dataset, image)
    down = omero.cmd.FindChildren({"Dataset": [dataset.id.val]}, ["Image"], [])
    assert desk.submit(mia, down).getResponse(mia).children
    assert desk.submit(ned, down).getResponse(ned).children == {}


def test_disk_usage(desk: Any) -> None:
    mia = desk.call("mia")
    file = desk.make(mia, "OriginalFile", path=rstring("/"))
    desk.society.core.files.write(file.id.val, 0, b"12345")
    note = omero.model.FileAnnotationI()
    note.file = omero.model.OriginalFileI(file.id.val, False)
    note = desk.save(mia, note)
    dataset = desk.make(mia, "Dataset")
    desk.link(mia, dataset, note)
    owner, group = desk.society.users["mia"], desk.society.groups["lab"]
    pair = omero.api.LongPair(owner, group)
    for targets in ({"Dataset": [dataset.id.val]}, {"Experimenter": [owner]}):
        request = omero.cmd.DiskUsage2(targets, [])
        response = desk.submit(mia, request).getResponse(mia)
        assert response.totalBytesUsed == {pair: 5}
        assert response.totalFileCount == {pair: 1}
        assert response.bytesUsedByReferer == {pair: {"FileAnnotation": 5}}
    response = desk.submit(mia, omero.cmd.DiskUsage2({}, ["Dataset"])).getResponse(mia)
    assert response.totalBytesUsed == {pair: 5}


def test_disk_usage_of_an_image_counts_the_files_it_came_with(desk: Any) -> None:
    mia = desk.call("mia")
    fileset = omero.model.FilesetI()
    fileset.templatePrefix = rstring("x/")
    for size in (3, 4):
        file = desk.make(mia, "OriginalFile", path=rstring("/"))
        desk.society.core.files.write(file.id.val, 0, b"1" * size)
        entry = omero.model.FilesetEntryI()
        entry.clientPath = rstring("x")
        entry.originalFile = omero.model.OriginalFileI(file.id.val, False)
        fileset.addFilesetEntry(entry)
    fileset = desk.save(mia, fileset)
    image = desk.image(mia, fileset=fileset)
    request = omero.cmd.DiskUsage2({"Image": [image.id.val]}, [])
    response = desk.submit(mia, request).getResponse(mia)
    (used,) = response.bytesUsedByReferer.values()
    assert used["FilesetEntry"] == 7


def test_files_of_an_image(desk: Any) -> None:
    mia = desk.call("mia")
    image = desk.image(mia)
    request = omero.cmd.UsedFilesRequest(image.id.val)
    response = desk.submit(mia, request).getResponse(mia)
    assert response.archivedFiles == []
    request.imageId = 12345
    assert desk.submit(mia, request).getResponse(mia).name == "bad-image"
    request = omero.cmd.OriginalMetadataRequest(image.id.val)
    response = desk.submit(mia, request).getResponse(mia)
    assert (response.filesetId, response.globalMetadata) == (None, {})
    request = omero.cmd.ManageImageBinaries(image.id.val)
    response = desk.submit(mia, request).getResponse(mia)
    assert not response.pixelsPresent


def test_metadata_that_the_importer_kept(desk: Any) -> None:
    mia = desk.call("mia")
    image = desk.image(mia)
    file = desk.make(mia, "OriginalFile", path=rstring("/"))
    file.name = rstring("original_metadata.txt")
    desk.save(mia, file)
    text = b"[GlobalMetadata]\nmicroscope=a = b\n[SeriesMetadata]\ngain=3\n"
    desk.society.core.files.write(file.id.val, 0, text)
    note = omero.model.FileAnnotationI()
    note.ns = rstring("openmicroscopy.org/omero/import/companionFile")
    note.file = omero.model.OriginalFileI(file.id.val, False)
    note = desk.save(mia, note)
    desk.link(mia, image, note)
    request = omero.cmd.OriginalMetadataRequest(image.id.val)
    response = desk.submit(mia, request).getResponse(mia)
    assert response.fileAnnotationId.val == note.id.val
    assert response.globalMetadata["microscope"].val == "a = b"
    assert response.seriesMetadata["gain"].val == "3"


def test_what_there_is_to_ask(desk: Any) -> None:
    mia = desk.call("mia")
    listed = desk.submit(mia, omero.cmd.ListRequests()).getResponse(mia).list
    assert omero.cmd.Chgrp2 in {type(one) for one in listed}
