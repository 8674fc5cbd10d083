"""Browsing, searching, annotating and deleting what is on a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_omero_io.client import annotations as notes
from napari_omero_io.client.browse import (
    find_by_name,
    find_images,
    list_children,
    list_roots,
    list_writable,
    read_object,
    search,
)
from napari_omero_io.client.containers import (
    create_dataset,
    create_project,
    link_images,
)
from napari_omero_io.client.deletion import delete_objects
from napari_omero_io.client.upload import create_image
from napari_omero_io.errors import BadReference, NotFound, NotPermitted
from napari_omero_io.records import NewChannel, NewImage

if TYPE_CHECKING:
    from napari_omero_io.client.connection import Connection


def test_a_project_with_datasets(ann: Connection) -> None:
    project = create_project(ann, "Browsing")
    datasets = [create_dataset(ann, name, project) for name in ("b", "A", "c")]
    rows = {(row.kind, row.id): row for row in list_roots(ann)}
    row = rows["project", project]
    assert (row.name, row.owner, row.child_count) == ("Browsing", "ann", 3)
    assert row.can_link
    assert row.can_delete
    assert not {("dataset", each) for each in datasets} & rows.keys()
    children = list_children(ann, "project", project)
    assert [child.name for child in children] == ["A", "b", "c"]
    assert [child.child_count for child in children] == [0, 0, 0]


def test_children_come_in_pages(ann: Connection) -> None:
    project = create_project(ann, "Pages")
    for number in range(5):
        create_dataset(ann, f"d{number}", project)
    pages = [
        [row.name for row in list_children(ann, "project", project, first, 2)]
        for first in (0, 2, 4, 6)
    ]
    assert pages == [["d0", "d1"], ["d2", "d3"], ["d4"], []]


def test_what_is_anothers_may_be_seen_and_not_filled(
    ann: Connection, bob: Connection
) -> None:
    dataset = create_dataset(ann, "Ann's own")
    seen = read_object(bob, "dataset", dataset)
    assert (seen.owner, seen.can_link, seen.can_delete) == ("ann", False, False)
    assert dataset in [row.id for row in list_writable(ann, "dataset")]
    assert dataset not in [row.id for row in list_writable(bob, "dataset")]


@pytest.mark.parametrize("kind", ["image", "dataset", "roi", "plate"])
def test_what_is_not_there(ann: Connection, kind: str) -> None:
    with pytest.raises(NotFound, match=f"no {kind} 123456789"):
        read_object(ann, kind, 123456789)
    with pytest.raises(NotFound):
        find_images(ann, "dataset", 123456789)


@pytest.mark.parametrize("kind", ["table", "script", "experimenter"])
def test_what_holds_no_images(ann: Connection, kind: str) -> None:
    with pytest.raises(BadReference, match=f"An? {kind} holds no images"):
        find_images(ann, kind, 1)


def test_what_has_no_children(ann: Connection) -> None:
    assert list_children(ann, "image", 1) == []


def test_searching_by_name(ann: Connection) -> None:
    create_dataset(ann, "Zebrafish 100%_day")
    create_project(ann, "zebraFISH project")
    found = [(row.kind, row.name) for row in search(ann, "ebraf")]
    assert ("dataset", "Zebrafish 100%_day") in found
    assert ("project", "zebraFISH project") in found
    assert [row.name for row in search(ann, "100%_D", ("dataset",))] == [
        "Zebrafish 100%_day"
    ]
    assert search(ann, "1_0%") == []  # no wildcards
    assert len(find_by_name(ann, "dataset", "Zebrafish 100%_day")) == 1
    assert find_by_name(ann, "dataset", "zebrafish 100%_day") == []


def test_images_in_no_dataset_have_a_place(ann: Connection) -> None:
    new = NewImage("lonely", "uint8", (1, 1, 1, 2, 3), (NewChannel(),))
    image = create_image(ann, new, [(0, 0, 0, np.eye(2, 3, dtype=np.uint8))])
    orphaned = [row for row in list_roots(ann) if row.kind == "orphaned"]
    assert [row.id for row in orphaned] == [ann.user.id]
    inside = list_children(ann, "orphaned", ann.user.id)
    assert orphaned[0].child_count == len(inside)
    assert image in [row.id for row in inside]
    dataset = create_dataset(ann, "home")
    link_images(ann, dataset, [image])
    assert image not in [row.id for row in list_children(ann, "orphaned", ann.user.id)]
    assert [row.id for row in list_children(ann, "dataset", dataset)] == [image]
    assert find_images(ann, "dataset", dataset) == [image]
    assert find_images(ann, "image", image) == [image]


def test_key_value_pairs_keep_order_and_repetition(ann: Connection) -> None:
    datasets = [create_dataset(ann, name) for name in "xy"]
    pairs = [("stain", "DAPI"), ("stain", "Actin"), ("", "é"), ("a", "")]
    notes.add_key_values(ann, "dataset", datasets, pairs)
    for dataset in datasets:
        assert notes.read_key_values(ann, "dataset", dataset) == pairs


def test_a_tag_is_used_again(ann: Connection) -> None:
    datasets = [create_dataset(ann, name) for name in "xyz"]
    first = notes.add_tag(ann, "dataset", datasets[:2], "seen")
    again = notes.add_tag(ann, "dataset", datasets, "seen")
    other = notes.add_tag(ann, "dataset", datasets[2:], "good")
    assert first == again != other
    assert [notes.read_tags(ann, "dataset", each) for each in datasets] == [
        *(["seen"], ["seen"], ["seen", "good"])
    ]


def test_deleting_a_container_keeps_what_is_in_it(ann: Connection) -> None:
    project = create_project(ann, "short-lived")
    dataset = create_dataset(ann, "long-lived", project)
    deleted = delete_objects(ann, "project", [project])
    assert deleted["Project"] == [project]
    assert "Dataset" not in deleted
    assert read_object(ann, "dataset", dataset).name == "long-lived"


def test_deleting_a_container_with_what_is_in_it(ann: Connection) -> None:
    project = create_project(ann, "short-lived")
    dataset = create_dataset(ann, "short-lived too", project)
    deleted = delete_objects(ann, "project", [project], with_content=True)
    assert deleted["Dataset"] == [dataset]
    with pytest.raises(NotFound):
        read_object(ann, "dataset", dataset)


def test_nothing_of_anothers_is_deleted(ann: Connection, bob: Connection) -> None:
    theirs, own = create_dataset(ann, "Ann's"), create_dataset(bob, "Bob's")
    with pytest.raises(NotPermitted, match="Nothing was deleted"):
        delete_objects(bob, "dataset", [own, theirs])
    assert read_object(ann, "dataset", theirs).id == theirs
    assert read_object(bob, "dataset", own).id == own


def test_deleting_nothing(ann: Connection) -> None:
    assert delete_objects(ann, "image", []) == {}
    assert delete_objects(ann, "image", [123456789]) == {}
