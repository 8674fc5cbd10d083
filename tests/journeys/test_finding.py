"""Finding: rows of every kind, few round trips, thumbnails that are drawn once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import omero.model
import pytest
from omero.rtypes import rdouble, rint, rlong, rstring

from napari_omero_io.client import annotations as notes
from napari_omero_io.client.browse import list_children, list_roots
from napari_omero_io.client.connect import connect
from napari_omero_io.client.containers import create_dataset, create_project
from napari_omero_io.client.details import read_details
from napari_omero_io.client.facts import EVERYBODY, Scope
from napari_omero_io.client.members import list_members
from napari_omero_io.client.search import find_objects, parse_question
from napari_omero_io.client.thumbnail_cache import ThumbnailCache
from napari_omero_io.client.thumbnails import read_thumbnails
from napari_omero_io.client.upload import create_image
from napari_omero_io.errors import BadReference, NotFound, OmeroIOError
from napari_omero_io.records import NewChannel, NewImage
from napari_omero_io.session import Session
from napari_omero_io.widgets.live_server import LiveServer

from .conftest import GROUP, PASSWORD
from .test_client_round_trips import Relay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_omero_io.client.connection import Connection


@pytest.fixture
def relay(laboratory: Any) -> Iterator[Relay]:
    relay = Relay(laboratory.sandbox.host, laboratory.sandbox.tcp_port)
    yield relay
    relay.close()


def make_image(connection: Connection, name: str, dataset: int | None = None) -> int:
    plane = np.tile(np.arange(16, dtype=np.uint8), (16, 1))
    new = NewImage(name, "uint8", (1, 1, 1, 16, 16), (NewChannel(),))
    return create_image(connection, new, [(0, 0, 0, plane)], dataset_id=dataset)


def save(connection: Connection, thing: Any) -> Any:
    context = connection.context(connection.user.group_id)
    return connection.service("update").saveAndReturnObject(thing, context)


def refer(kind: str, number: int) -> Any:
    return getattr(omero.model, f"{kind}I")(number, False)


def make_plate(connection: Connection, runs: int) -> tuple[int, list[int]]:
    """Make a plate of 2 x 2 wells, the last one missing, with two fields each."""
    plate = omero.model.PlateI()
    plate.name = rstring("a plate")
    plate_id = save(connection, plate).id.val
    run_ids: list[int] = []
    for number in range(runs):
        run = omero.model.PlateAcquisitionI()
        run.name = rstring(f"run {number}")
        run.plate = refer("Plate", plate_id)
        run_ids.append(save(connection, run).id.val)
    for row, column in ((0, 0), (0, 1), (1, 0)):
        well = omero.model.WellI()
        well.plate = refer("Plate", plate_id)
        well.row, well.column = rint(row), rint(column)
        for field in range(2):
            sample = omero.model.WellSampleI()
            image = make_image(connection, f"field {row} {column} {field}")
            sample.image = refer("Image", image)
            if run_ids:
                run_id = run_ids[field % runs]
                sample.plateAcquisition = refer("PlateAcquisition", run_id)
            well.addWellSample(sample)
        save(connection, well)
    return plate_id, run_ids


def test_runs_stand_between_a_plate_and_its_wells(ann: Connection) -> None:
    plate, runs = make_plate(ann, runs=2)
    below = list_children(ann, "plate", plate)
    assert [(row.kind, row.id, row.child_count) for row in below] == [
        ("run", run, 3) for run in runs
    ]
    wells = list_children(ann, "run", runs[0])
    assert [(well.kind, well.name) for well in wells] == [
        ("well", "A1"),
        ("well", "A2"),
        ("well", "B1"),
    ]
    fields = list_children(ann, "well", wells[0].id)
    assert [field.name for field in fields] == ["field 0 0 0", "field 0 0 1"]


def test_a_plate_without_runs_has_wells(ann: Connection) -> None:
    plate, _ = make_plate(ann, runs=0)
    below = list_children(ann, "plate", plate)
    assert [(well.name, well.child_count) for well in below] == [
        ("A1", 2),
        ("A2", 2),
        ("B1", 2),
    ]


def test_tags_and_tag_sets_hold_what_is_tagged(ann: Connection) -> None:
    dataset = create_dataset(ann, "tagged")
    image = make_image(ann, "tagged", dataset)
    tag = notes.add_tag(ann, "dataset", [dataset], "in a set")
    assert notes.add_tag(ann, "image", [image], "in a set") == tag
    above = omero.model.TagAnnotationI()
    above.textValue = rstring("the set")
    above.ns = rstring("openmicroscopy.org/omero/insight/tagset")
    link = omero.model.AnnotationAnnotationLinkI()
    link.parent, link.child = above, refer("TagAnnotation", tag)
    set_id = save(ann, link).parent.id.val
    [tags] = [row for row in list_roots(ann) if row.kind == "tags"]
    rows = list_children(ann, "tags", tags.id)
    [row] = [row for row in rows if row.id == set_id]
    assert (row.kind, row.name, row.child_count) == ("tagset", "the set", 1)
    assert tag not in [row.id for row in rows]
    [inside] = list_children(ann, "tagset", set_id)
    assert (inside.kind, inside.id, inside.child_count) == ("tag", tag, 2)
    rows = list_children(ann, "tag", tag)
    assert [row.child_count for row in rows] == [1, None]
    found = [(row.kind, row.id) for row in rows]
    assert found == [("dataset", dataset), ("image", image)]
    pages = [list_children(ann, "tag", tag, first, 1) for first in (0, 1, 2)]
    assert [(r.kind, r.id) for page in pages for r in page] == found


def test_whose_data(ann: Connection, bob: Connection) -> None:
    own = create_dataset(ann, "ann's own")
    lonely = make_image(bob, "bob's lonely")
    group, user = ann.user.group_id, ann.user.id

    def ids(owner: int) -> set[int]:
        rows = list_roots(ann, group, owner)
        return {row.id for row in rows if row.kind == "dataset"}

    assert own in ids(user)
    assert own in ids(EVERYBODY)
    assert own not in ids(bob.user.id)
    for owner, is_there in ((user, False), (bob.user.id, True), (EVERYBODY, True)):
        rows = list_children(ann, "orphaned", owner, limit=10_000)
        assert (lonely in [row.id for row in rows]) is is_there


def test_all_groups_are_rows_of_their_own(ann: Connection, laboratory: Any) -> None:
    """What each holds is read when it is opened, and only then."""
    mine = create_dataset(ann, "Of one group")
    address = f"{laboratory.sandbox.host}:{laboratory.sandbox.port}"
    with Session(connect(address, "ann", PASSWORD)) as session:
        server = LiveServer(session)
        server.show_group(None)
        [group] = [row for row in server.list_roots() if row.name == GROUP]
        assert (group.kind, group.child_count) == ("group", None)
        rows = server.list_children(group, 0, 200)
        assert ("dataset", mine) in {(row.kind, row.id) for row in rows}
        assert server.list_children(group, len(rows), 200) == []


def test_groups_have_their_members(ann: Connection) -> None:
    groups = {group.name: group for group in list_members(ann)}
    assert groups.keys() == {"lab"}
    names = [(member.name, member.full_name) for member in groups["lab"].members]
    assert ("ann", "Ann Lab") in names
    assert ("bob", "Bob Lab") in names


def test_few_round_trips(ann: Connection, relay: Relay) -> None:
    """Three to the rows of a dataset, two more to their thumbnails."""
    project = create_project(ann, "far away")
    dataset = create_dataset(ann, "distant", project)
    images = [make_image(ann, f"image {n}", dataset) for n in range(5)]
    with Session(connect(f"tcp://127.0.0.1:{relay.port}", "ann", "secret")) as session:
        server = LiveServer(session)
        # the dock's first look: from now on the service for queries is known, and a
        # store for thumbnails is opened
        server.list_roots()
        session.connection.thumbnail_stores._spare[1].result().ice_ping()
        relay.delay, relay.depth = 0.25, 0
        rows = {(row.kind, row.id): row for row in server.list_roots()}
        [row] = server.list_children(rows["project", project], 0, 200)
        assert len(server.list_children(row, 0, 200)) == 5
        assert relay.depth == 3
        for size in (96, 95):  # the second time pictures of another size
            relay.depth = 0
            assert len(server.read_thumbnails(images, size)) == 5
            assert relay.depth == 2
        relay.depth = 0
        assert len(server.read_thumbnails(images, 95)) == 5
        assert relay.depth == 1
        relay.delay = 0.0


def test_thumbnails_go_on_after_a_failure(ann: Connection, tmp_path: Path) -> None:
    """A store that is lost, at the server or with its session, is not kept."""
    image = make_image(ann, "often looked at")
    assert read_thumbnails(ann, [image])
    with ann.thumbnail_stores.lend() as store:
        store.result().close()
    with pytest.raises(OmeroIOError):
        read_thumbnails(ann, [image])
    assert read_thumbnails(ann, [image])
    with ann.thumbnail_stores.lend() as one, ann.thumbnail_stores.lend() as other:
        assert one.result() != other.result()
    with ann.thumbnail_stores.lend() as again:
        assert again is other


def test_a_spoilt_picture_is_read_again(ann: Connection, tmp_path: Path) -> None:
    image = make_image(ann, "spoilt")
    cache = ThumbnailCache(tmp_path)
    # The first drawing makes settings, on which the name in the cache depends.
    read_thumbnails(ann, [image], 96)
    good = read_thumbnails(ann, [image], 96, cache)
    [kept] = [path for path in tmp_path.glob("*/*") if path.is_file()]
    kept.write_bytes(b"not a picture")
    assert read_thumbnails(ann, [image], 96, cache) == good
    assert kept.read_bytes() == good[image]


def test_the_cache_stays_within_its_bound(tmp_path: Path) -> None:
    cache = ThumbnailCache(tmp_path, limit=1000)
    picture = b"\xff\xd8" + bytes(96) + b"\xff\xd9"
    for number in range(30):
        cache.write(str(number), picture)
    cache.prune()
    sizes = [path.stat().st_size for path in tmp_path.glob("*/*")]
    assert 800 <= sum(sizes) <= 1000
    assert tmp_path.joinpath("x").exists() is False


def test_search(ann: Connection, bob: Connection) -> None:
    """Each condition finds what it should and leaves out the rest."""
    make = [
        create_dataset(ann, name) for name in ("Search 100% one", "Search 100x two")
    ]
    image = make_image(ann, "Search three")
    notes.add_tag(ann, "dataset", make[:1], "Searched Tag")
    notes.add_key_values(ann, "image", [image], [("Drug", "DMSO"), ("Dose", "5 µM")])

    first, second = (("dataset", number) for number in make)
    third = ("image", image)

    def find(text: str) -> set[tuple[str, int]]:
        """Of what other tests left in the shared server nothing is told."""
        found = {(row.kind, row.id) for row in find_objects(ann, text)}
        return found & {first, second, third}

    for text, expected in {
        "search one": {first},
        "name:search": {first, second, third},
        '"100% one"': {first},
        "100%": {first},
        'tag:"searched tag"': {first},
        "search key:drug": {third},
        "search key:dose=5": {third},
        "search key:dose=7": set(),
        'search key:"Dose"="5 µM"': {third},
        f"search id:{make[1]}": {second},
        "search owner:bob": set(),
        "search owner:Ann": {first, second, third},
        "search date:2001..2002": set(),
        "search date:2001..": {first, second, third},
        "search description:nothing": set(),
        "se*three": {third},
        "": set(),
    }.items():
        assert find(text) == expected, text
    scope = Scope(ann.user.group_id, "lab", bob.user.id)
    found = {(row.kind, row.id) for row in find_objects(ann, "search", scope)}
    assert not found & {first, second, third}


@pytest.mark.parametrize("text", ["id:five", "date:soon", "date:2024-13"])
def test_what_the_search_does_not_understand(text: str) -> None:
    with pytest.raises(BadReference, match=text):
        parse_question(text)


def test_details_of_an_image(ann: Connection, bob: Connection) -> None:
    image = make_image(ann, "described")
    notes.add_tag(ann, "image", [image], "a tag")
    notes.add_key_values(ann, "image", [image], [("b", "1"), ("a", "2"), ("b", "")])
    for value, kind in ((4, "Long"), ("well done", "Comment"), (2.5, "Double")):
        annotation = getattr(omero.model, f"{kind}AnnotationI")()
        if kind == "Long":
            annotation.longValue = rlong(value)
            annotation.ns = rstring("openmicroscopy.org/omero/insight/rating")
        elif kind == "Double":
            annotation.doubleValue = rdouble(value)
        else:
            annotation.textValue = rstring(value)
        attach(ann, image, annotation)
    attached = omero.model.OriginalFileI()
    attached.name, attached.path = rstring("notes.txt"), rstring("/")
    attached.size = rlong(12)
    annotation = omero.model.FileAnnotationI()
    annotation.file = attached
    attach(ann, image, annotation)
    details = read_details(bob, "image", image)
    assert (details.name, details.owner, details.group) == (
        "described",
        "Ann Lab",
        "lab",
    )
    assert details.created is not None
    facts = details.image
    assert facts is not None
    assert (facts.pixel_type, facts.shape) == ("uint8", (1, 1, 1, 16, 16))
    assert len(facts.channels) == 1
    assert facts.files == ()
    assert facts.roi_count == 0
    notes_by_kind = {note.kind: note for note in details.annotations}
    assert notes_by_kind.keys() == {
        *("tag", "map", "rating", "comment", "double", "file")
    }
    assert notes_by_kind["map"].pairs == (("b", "1"), ("a", "2"), ("b", ""))
    assert notes_by_kind["rating"].text == "4"
    assert notes_by_kind["file"].text == "notes.txt"
    assert notes_by_kind["file"].size == 12
    assert notes_by_kind["comment"].owner == "Ann Lab"


def attach(connection: Connection, image: int, annotation: Any) -> None:
    link = omero.model.ImageAnnotationLinkI()
    link.parent, link.child = refer("Image", image), annotation
    save(connection, link)


@pytest.mark.parametrize("kind", ["dataset", "project"])
def test_details_of_a_container(ann: Connection, kind: str) -> None:
    make = {"dataset": create_dataset, "project": create_project}[kind]
    number = make(ann, f"a described {kind}")
    notes.add_tag(ann, kind, [number], "a tag")
    details = read_details(ann, kind, number)
    assert details.name == f"a described {kind}"
    assert [note.text for note in details.annotations] == ["a tag"]
    assert details.image is None


def test_details_of_what_is_not_there(ann: Connection) -> None:
    with pytest.raises(NotFound):
        read_details(ann, "image", 10**9)
