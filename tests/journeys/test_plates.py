"""Plates: their runs and fields, and their wells as one picture with true pixels."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import omero
import pytest
from napari.components import ViewerModel
from napari.layers import Layer

from napari_omero_io.client import patches
from napari_omero_io.client.connect import connect
from napari_omero_io.client.deletion import delete_objects
from napari_omero_io.client.plates import read_plate
from napari_omero_io.errors import (
    BadReference,
    CannotCombine,
    NotFound,
    OmeroIOError,
)
from napari_omero_io.plugin.scene import read_references
from napari_omero_io.records import Patch
from napari_omero_io.refs import write_link, write_weblink
from napari_omero_io.session import Session

from .plates import PIXEL, length, make_pixels, make_plate, store_image
from .test_client_round_trips import Relay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_omero_io.client.connection import Connection

#: Pixels of a field: (T, C, Z, Y, X).
SHAPE = (1, 2, 1, 32, 48)


class Plate(NamedTuple):
    """A plate with two runs, and wells missing.

    A1 has two fields side by side in each run, C2 one field in the first run only, C3
    nothing; B is missing.
    """

    id: int
    runs: list[int]
    wells: dict[tuple[int, int], int]
    #: What was stored, by image.
    pixels: dict[int, np.ndarray]
    images: list[int]


@pytest.fixture(scope="session")
def plate(laboratory: Any) -> Plate:
    with laboratory.log_in("ann") as connection:
        pixels = {}
        for index in range(5):
            array = make_pixels(index, SHAPE)
            pixels[store_image(connection, f"field {index}", array)] = array
        a, b, c, d, e = images = list(pixels)
        right = 48 * PIXEL
        made = make_plate(
            connection,
            "Two runs",
            {
                (0, 0): [
                    (a, 0, length(0), length(0)),
                    (b, 0, length(right / 1000, "MILLIMETER"), length(0)),
                    (c, 1, length(0), length(0)),
                    (d, 1, length(0), length(16)),
                ],
                (2, 1): [(e, 0, length(0), length(0))],
                (2, 2): [],
            },
            ["day 1", "day 2"],
        )
        return Plate(*made, pixels, images)


@pytest.fixture
def session(laboratory: Any) -> Iterator[Session]:
    with Session(laboratory.log_in("ann")) as session:
        yield session


def test_a_well_below_a_run_lists_the_fields_of_that_run(session, plate):
    first, second = session.browse(f"plate/{plate.id}")
    a, b, c, d, e = plate.images
    (well, other), (again,) = session.browse(first), session.browse(second)
    assert [(w.name, w.child_count) for w in (well, other)] == [("A1", 2), ("C2", 1)]
    assert (again.name, again.child_count) == ("A1", 2)
    assert [row.id for row in session.browse(well)] == [a, b]
    assert [row.id for row in session.browse(again)] == [c, d]
    assert [row.id for row in session.browse(other)] == [e]


def test_a_plate_tells_its_wells_runs_and_fields(ann: Connection, plate):
    found = read_plate(ann, plate.id, positions=True)
    assert [run.name for run in found.runs] == ["day 1", "day 2"]
    assert [found.well_name(well) for well in found.wells] == ["A1", "C2", "C3"]
    well, _, empty = found.wells
    assert empty.fields == ()
    in_second = well.fields_of(plate.runs[1])
    assert [(f.index, f.image_id) for f in in_second] == [
        (0, plate.images[2]),
        (1, plate.images[3]),
    ]
    positions = [field.position for field in well.fields_of(plate.runs[0])]
    assert positions == [(0.0, 0.0), (pytest.approx(48 * PIXEL), 0.0)]
    with pytest.raises(NotFound, match="no plate 987654"):
        read_plate(ann, 987654)


def check_pixels(image: Any, plate: Plate, wanted: list[int]) -> None:
    """Compare a composition with what was stored, at every level."""
    whole = image.levels[0].compute()
    placements = image.source.placements
    assert [placement.part.image_id for placement in placements] == wanted
    expected = np.zeros_like(whole)
    for p in placements:
        pixels = plate.pixels[p.part.image_id]
        t, _, _, y, x = pixels.shape
        expected[p.t : p.t + t, :, :, p.y : p.y + y, p.x : p.x + x] = pixels
    np.testing.assert_array_equal(whole, expected)
    for index, level in enumerate(image.levels):
        step = 1 << index
        np.testing.assert_array_equal(level.compute(), expected[..., ::step, ::step])


@pytest.fixture
def _small_levels(monkeypatch):
    """Give small images levels, too."""
    monkeypatch.setattr("napari_omero_io.arrays.composite._SMALLEST", 40)


@pytest.mark.usefixtures("_small_levels")
def test_a_plate_is_one_picture_of_its_first_run(session, plate):
    a, b, _, _, e = plate.images
    image = session.open_mosaic(f"plate/{plate.id}")
    assert len(image.levels) > 1
    check_pixels(image, plate, [a, b, e])
    places = {p.part.image_id: (p.y, p.x) for p in image.source.placements}
    assert places[a] == (0, 0)
    assert places[b] == (0, 48)
    # rows A and C, with the missing B between them
    caption = {each.text: (each.y, each.x) for each in image.source.captions}
    assert set(caption) == {"A1", "C2"}
    assert caption["C2"] == places[e]
    assert places[e][0] > 2 * 32
    assert image.record.name == "Two runs · day 1"


@pytest.mark.usefixtures("_small_levels")
def test_a_run_a_field_and_a_well_are_pictures_as_well(session, plate):
    a, b, c, d, e = plate.images
    check_pixels(session.open_mosaic(f"run/{plate.runs[1]}"), plate, [c, d])
    check_pixels(session.open_mosaic(f"plate/{plate.id}", field=1), plate, [b])
    well = f"well/{plate.wells[0, 0]}"
    check_pixels(session.open_mosaic(well, run=plate.runs[1]), plate, [c, d])
    wells = [well, f"well/{plate.wells[2, 1]}"]
    check_pixels(session.open_mosaic(wells), plate, [a, b, e])


def test_of_wells_the_first_run_that_has_images_is_shown(session, plate, ann):
    image_id = plate.images[3]
    at_once = (image_id, 1, None, None)
    _, _, wells = make_plate(
        ann,
        "Late",
        {(0, 0): [(plate.images[0], 0, None, None)], (0, 1): [at_once]},
        ["early", "late"],
    )
    check_pixels(session.open_mosaic(f"well/{wells[0, 1]}"), plate, [image_id])


def test_what_is_no_picture_says_why(session, plate):
    with pytest.raises(CannotCombine, match="no images in Two runs"):
        session.open_mosaic(f"well/{plate.wells[2, 2]}")
    with pytest.raises(BadReference, match="image is no plate"):
        session.open_mosaic(f"image/{plate.images[0]}")
    with pytest.raises(BadReference, match="no run 999"):
        session.open_mosaic(f"plate/{plate.id}", run=999)


@pytest.mark.usefixtures("_small_levels")
@pytest.mark.usefixtures("_small_levels")
def test_runs_lie_behind_each_other(session, plate):
    a, b, c, d, e = plate.images
    image = session.open_mosaic(f"plate/{plate.id}", run="all")
    assert image.record.name == "Two runs · 2 runs"
    check_pixels(image, plate, [a, b, e, c, d])
    where = {p.part.image_id: p for p in image.source.placements}
    assert [where[one].t for one in (a, b, e, c, d)] == [0, 0, 0, 1, 1]
    # a well is where it is in every run
    assert (where[a].y, where[a].x) == (where[c].y, where[c].x) == (0, 0)
    *channels, wells, runs = session.open_layers(
        f"plate/{plate.id}", "mosaic", run="all"
    )
    assert {settings["axis_labels"] for _, settings, _ in channels} == {
        ("run", "Y", "X")
    }
    assert wells[1]["features"]["name"] == ["A1", "C2"]
    assert runs[1]["features"] == {"name": ["day 1", "day 2"], "run": plate.runs}
    assert runs[0][:, 0].tolist() == [0, 1]


def test_one_field_of_every_run(session, plate):
    a, b, c, d, e = plate.images
    for field, wanted in ((0, [a, e, c]), (1, [b, d])):
        image = session.open_mosaic(f"plate/{plate.id}", run="all", field=field)
        check_pixels(image, plate, wanted)
        assert image.shape[0] == 2


def test_a_run_that_saw_none_of_the_wells_is_left_out(session, plate):
    image = session.open_mosaic(f"well/{plate.wells[2, 1]}", run="all")
    check_pixels(image, plate, plate.images[4:])
    assert (image.shape[0], image.source.steps) == (1, "")


def show(layers):
    viewer = ViewerModel()
    for layer in layers:
        viewer.add_layer(Layer.create(*layer))
    return viewer


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("plate/{plate}", {"arrangement": "mosaic", "run": "all", "field": 1}),
        ("run/{run}", {"arrangement": "mosaic"}),
        (["well/{a1}", "well/{c2}"], {"arrangement": "mosaic"}),
        (["image/{one}", "image/{other}"], {"arrangement": "stack"}),
        ("run/{run}", {"arrangement": "stack"}),
    ],
)
def test_the_link_to_a_view_of_many_images_leads_back(session, plate, text, options):
    names = {
        "plate": plate.id,
        "run": plate.runs[0],
        "a1": plate.wells[0, 0],
        "c2": plate.wells[2, 1],
        "one": plate.images[3],
        "other": plate.images[1],
    }
    texts = [text] if isinstance(text, str) else text
    named = [one.format(**names) for one in texts]
    layers = session.open_layers(named, **options)
    viewer = show(layers)
    viewer.layers[1].contrast_limits = (3.0, 70.0)
    last = viewer.dims.nsteps[0] - 1
    viewer.dims.set_point(0, last)
    refs = read_references(viewer)
    host = session.connection.address.host
    for link in (write_link(refs), write_weblink(refs[0], host, *refs[1:])):
        again = session.open_layers(link)
        assert len(again) == len(layers)
        for (data, settings, kind), (seen, shown, _) in zip(layers, again, strict=True):
            np.testing.assert_array_equal(np.asarray(seen), np.asarray(data))
            assert shown["name"] == settings["name"]
            if kind == "image":
                assert shown["metadata"]["omero"] == settings["metadata"]["omero"]
        assert again[1][1]["contrast_limits"] == (3.0, 70.0)
        assert again[0][0].image.view.t == last


def test_fields_of_no_run_are_shown_after_the_runs(session, ann):
    pixels = {}
    for index in (11, 12):
        array = make_pixels(index, SHAPE)
        pixels[store_image(ann, f"stray {index}", array)] = array
    first, stray = pixels
    wells = {(0, 0): [(first, 0, None, None), (stray, None, None, None)]}
    made = make_plate(ann, "With a stray", wells, ["only"])
    image = session.open_mosaic(f"plate/{made[0]}", run="all")
    check_pixels(image, Plate(*made, pixels, list(pixels)), [first, stray])
    assert [p.t for p in image.source.placements] == [0, 1]
    names = [each.text for each in image.source.captions if each.kind == "run"]
    assert names == ["only", "in no run"]


def test_images_of_one_size_are_one_stack(session, plate):
    wanted = plate.images[1:4]
    image = session.open_stack([f"image/{one}" for one in wanted])
    assert image.shape == (3, *SHAPE[1:])
    check_pixels(image, plate, wanted)
    layers = session.open_layers([f"image/{one}" for one in wanted], "stack")
    assert [kind for _, _, kind in layers] == ["image", "image", "points"]
    assert layers[0][1]["axis_labels"] == ("image", "Y", "X")
    omero_facts = layers[0][1]["metadata"]["omero"]
    assert omero_facts["image_ids"] == wanted
    assert "image_id" not in omero_facts
    assert layers[-1][1]["features"]["name"] == ["field 1", "field 2", "field 3"]


@pytest.mark.usefixtures("_small_levels")
def test_what_the_server_does_not_sample_is_sampled_here(session, plate, monkeypatch):
    begin = patches._begin

    def refuse(store, call):
        if call[0].step > 1:

            def answer():
                raise omero.InternalException(message="Not yet implemented.")

            return answer
        return begin(store, call)

    monkeypatch.setattr(patches, "_begin", refuse)
    image = session.open_mosaic(f"run/{plate.runs[1]}")
    check_pixels(image, plate, plate.images[2:4])


def test_large_parts_are_read_by_their_levels(session, plate, monkeypatch):
    monkeypatch.setattr(patches, "MAX_PLANE", 1)
    image = session.open_mosaic(f"run/{plate.runs[1]}")
    check_pixels(image, plate, plate.images[2:4])


def test_stores_go_from_image_to_image(session, plate, monkeypatch):
    monkeypatch.setattr(patches, "_STORES", 2)
    image = session.open_stack([f"image/{one}" for one in plate.images])
    check_pixels(image, plate, plate.images)
    parts = [placement.part for placement in image.source.placements]
    reader = patches.PatchSource(session.connection).open_reader()
    for part in [*parts, *parts]:
        (pixels,) = reader.read([Patch(part, 0, 1, 0, 3, 5, 10, 7)])
        stored = plate.pixels[part.image_id][0, 1, 0]
        np.testing.assert_array_equal(pixels, stored[5:12, 3:13])
        assert len(reader._stores) <= 2
    reader.close()


def test_another_process_reads_a_mosaic_by_itself(session, plate):
    image = session.open_mosaic(f"run/{plate.runs[0]}")
    layer = image.channel_levels(1)[0]
    again = pickle.loads(pickle.dumps(layer))
    assert again.image is not image
    np.testing.assert_array_equal(np.asarray(again), image.levels[0][:, 1, 0].compute())


def test_a_part_that_was_deleted_is_a_sentence(session, plate, ann):
    lost = store_image(ann, "lost field", make_pixels(9, SHAPE))
    image = session.open_stack([plate.images[0], lost])
    delete_objects(ann, "image", [lost])
    level = image.full_level(0)
    np.testing.assert_array_equal(
        np.asarray(level[0]), plate.pixels[plate.images[0]][0]
    )
    with pytest.raises(OmeroIOError, match="lost field"):
        np.asarray(level[1])


@pytest.fixture
def relay(laboratory: Any) -> Iterator[Relay]:
    relay = Relay(laboratory.sandbox.host, laboratory.sandbox.tcp_port)
    yield relay
    relay.close()


def test_a_mosaic_of_96_wells_opens_in_a_handful_of_round_trips(relay, plate):
    """However many wells: the plate, its images, and one of them in full."""
    address = f"tcp://127.0.0.1:{relay.port}"
    with connect(address, "ann", "secret") as connection:
        fields = [(image_id, None, None, None) for image_id in plate.images]
        wells = {
            (row, column): fields[column % 5 :][:1]
            for row in range(8)
            for column in range(12)
        }
        plate_id, _, _ = make_plate(connection, "96 wells", wells)
        with Session(connection) as session:
            relay.depth = relay.requests = 0
            relay.delay = 0.25
            image = session.open_mosaic(f"plate/{plate_id}")
            assert len(image.source.captions) == 96
            assert relay.depth <= 5
            assert relay.requests < 12
