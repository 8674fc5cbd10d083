"""What the database holds on to: names in use, full directories, short columns."""

from __future__ import annotations

from typing import Any

import omero.all
import omero.cmd
import omero.model
import pytest
from omero.rtypes import rlong, rstring

from napari_omero_io.sandbox import requests
from napari_omero_io.sandbox.errors import Invalid
from napari_omero_io.sandbox.store.saving import save


def note_in(clerk: Any, call: Any, ns: str) -> Any:
    note = omero.model.CommentAnnotationI()
    note.ns = rstring(ns)
    return clerk.save(call, note)


def file_in(society: Any, call: Any, path: str, name: str, mimetype: str = "") -> Any:
    file = omero.model.OriginalFileI()
    file.path, file.name, file.repo = rstring(path), rstring(name), rstring("r")
    file.mimetype = rstring(mimetype) if mimetype else None
    with society.core.database.write() as connection:
        return save(connection, call, [file], may_set_repository=True)[0]


def test_a_namespace_in_use_keeps_its_name(clerk: Any, mia: Any, root: Any) -> None:
    note = note_in(clerk, mia, "lab/cells")
    (namespace,) = clerk.find(root, "select n from Namespace n")
    namespace.name = rstring("other")
    with pytest.raises(Invalid, match="lab/cells"):
        clerk.save(root, namespace)
    with pytest.raises(Invalid):
        clerk.delete(root, namespace)
    request = omero.cmd.Delete2({"Namespace": [namespace.id.val]})
    assert requests.submit(root, request).getResponse(root).name == "graph-fail"
    clerk.delete(mia, note)
    assert clerk.save(root, namespace).name.val == "other"
    clerk.delete(root, namespace)
    assert clerk.count("Namespace") == 0


def test_its_other_fields_may_change(clerk: Any, mia: Any, root: Any) -> None:
    note_in(clerk, mia, "lab/cells")
    (namespace,) = clerk.find(root, "select n from Namespace n")
    namespace.displayName = rstring("Cells")
    assert clerk.save(root, namespace).displayName.val == "Cells"


def test_a_full_directory_stays(clerk: Any, society: Any, mia: Any) -> None:
    directory = file_in(society, mia, "a/", "b", "Directory")
    inside = file_in(society, mia, "a/b/", "c.tif")
    with pytest.raises(Invalid, match="not empty"):
        clerk.delete(mia, directory)
    request = omero.cmd.Delete2({"OriginalFile": [directory.id.val]})
    assert requests.submit(mia, request).getResponse(mia).name == "graph-fail"
    request.dryRun = True
    request.targetObjects = {"OriginalFile": [directory.id.val, inside.id.val]}
    response = requests.submit(mia, request).getResponse(mia)
    assert len(response.deletedObjects["ome.model.core.OriginalFile"]) == 2
    clerk.delete(mia, inside)
    clerk.delete(mia, directory)
    assert clerk.count("OriginalFile") == 0


def test_names_are_short_and_descriptions_are_not(clerk: Any, mia: Any) -> None:
    project = omero.model.ProjectI()
    project.name, project.description = rstring("x" * 255), rstring("y" * 100_000)
    saved = clerk.save(mia, project)
    saved.name = rstring("x" * 256)
    with pytest.raises(Invalid, match=r"value too long .* varying\(255\)"):
        clerk.save(mia, saved)
    assert len(clerk.get(mia, "Project", saved.id).name.val) == 255


# --- adversarial graphs -----------------------------------------------------------


def test_a_tag_that_annotates_itself(clerk: Any, mia: Any) -> None:
    tag = omero.model.TagAnnotationI()
    tag.textValue = rstring("ouroboros")
    link = omero.model.AnnotationAnnotationLinkI()
    link.parent = link.child = tag
    tag._annotationLinksLoaded = True
    tag._annotationLinksSeq = [link]
    saved = clerk.save(mia, tag)
    request = omero.cmd.Delete2({"Annotation": [saved.id.val]})
    response = requests.submit(mia, request).getResponse(mia)
    assert response.deletedObjects["ome.model.annotations.TagAnnotation"]
    assert clerk.count("Annotation") == clerk.count("AnnotationAnnotationLink") == 0


def test_folders_in_a_ring(clerk: Any, mia: Any) -> None:
    one, other = omero.model.FolderI(), omero.model.FolderI()
    one.name, other.name = rstring("1"), rstring("2")
    one.parentFolder, other.parentFolder = other, one
    saved = clerk.save(mia, one)
    request = omero.cmd.Chgrp2({"Folder": [saved.id.val]})
    request.groupId = clerk.society.groups["secret"]
    response = requests.submit(mia, request).getResponse(mia)
    assert len(response.includedObjects["ome.model.containers.Folder"]) == 2
    secret = clerk.society.call("mia", "secret")
    request = omero.cmd.Duplicate({"Folder": [saved.id.val]})
    copied = requests.submit(secret, request).getResponse(secret).duplicates
    assert len(copied["ome.model.containers.Folder"]) == 2
    with clerk.society.core.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT id, parentFolder_id FROM Folder")
        above = {row[0]: row[1] for row in rows}
    assert all(above[above[id_]] == id_ for id_ in above)


def test_a_deep_tree_of_folders(clerk: Any, mia: Any) -> None:
    top = folder = omero.model.FolderI()
    folder.name = rstring("0")
    for depth in range(1, 400):
        below = omero.model.FolderI()
        below.name, below.parentFolder = rstring(str(depth)), folder
        folder.addChildFolders(below)
        folder = below
    saved = clerk.save(mia, top)
    request = omero.cmd.Delete2({"Folder": [saved.id.val]})
    response = requests.submit(mia, request).getResponse(mia)
    assert len(response.deletedObjects["ome.model.containers.Folder"]) == 400
    assert clerk.count("Folder") == 0


def test_a_reference_to_another_kind_of_object(clerk: Any, mia: Any) -> None:
    image = clerk.image(mia)
    link = omero.model.ProjectDatasetLinkI()
    link.parent = clerk.project(mia)
    link._child = omero.model.ImageI(image.id.val, False)
    with pytest.raises(Invalid):
        clerk.save(mia, link)
    assert clerk.count("ProjectDatasetLink") == 0


def test_an_id_that_cannot_be(clerk: Any, mia: Any) -> None:
    for id_ in (-1, 2**63 - 1, 0):
        project = omero.model.ProjectI()
        project._id, project.name = rlong(id_), rstring("p")
        with pytest.raises(Invalid):
            clerk.save(mia, project)
        request = omero.cmd.Delete2({"Project": [id_]})
        response = requests.submit(mia, request).getResponse(mia)
        assert response.deletedObjects == {}
    assert clerk.count("Project") == 0
