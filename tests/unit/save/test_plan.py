from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest

from napari_omero_io.errors import CannotRepresent
from napari_omero_io.save.images import MAX_PLANE_BYTES, PlannedImage
from napari_omero_io.save.plan import SavePlan, SaveTarget, format_bytes, plan_save

SERVER = "omero.example.org:4064"
TARGET = SaveTarget(SERVER, dataset_id=7, dataset_name="cells")


def make_layer(
    data: Any, kind: str = "image", omero: dict[str, Any] | None = None, **meta: Any
) -> tuple[Any, ...]:
    metadata = {"omero": {"server": SERVER, **omero}} if omero else {}
    return (data, {"name": "cells", "metadata": metadata, **meta}, kind)


def plan_one(*layers: tuple[Any, ...], **options: Any) -> PlannedImage:
    [image] = plan_save(layers, TARGET, **options).images
    return image


class HugeArray:
    """Has a shape and a type; its pixels must not be asked for."""

    def __init__(self, shape: tuple[int, ...], dtype: str) -> None:
        self.shape = shape
        self.dtype = np.dtype(dtype)

    def __getitem__(self, index: Any) -> np.ndarray:
        raise AssertionError("the plan read pixels")


# -- what becomes what --------------------------------------------


def test_one_plane() -> None:
    data = np.arange(12, dtype=">u2").reshape(3, 4)
    image = plan_one(make_layer(data, colormap="green", contrast_limits=[1, 9]))
    assert image.sizes == (1, 1, 1, 3, 4)
    assert image.pixel_type == "uint16"
    assert image.name == "cells"
    assert image.route == "planes"
    assert image.size_bytes == 24
    [channel] = image.channels
    assert (channel.name, channel.color) == ("cells", (0, 255, 0, 255))
    assert channel.window == (1, 9)
    plane = image.read_plane(0, 0, 0)
    assert plane.dtype.isnative
    np.testing.assert_array_equal(plane, data)


def test_five_axes_are_put_in_order() -> None:
    data = np.arange(2 * 3 * 4 * 5 * 6, dtype="int32").reshape(2, 3, 4, 5, 6)
    image = plan_one(make_layer(data, axis_labels=("Z", "T", "C", "Y", "X")))
    assert image.sizes == (3, 4, 2, 5, 6)
    assert [channel.name for channel in image.channels] == [
        "cells 0",
        "cells 1",
        "cells 2",
        "cells 3",
    ]
    for t, c, z in np.ndindex(3, 4, 2):
        np.testing.assert_array_equal(image.read_plane(t, c, z), data[z, t, c])


@pytest.mark.parametrize("samples", [3, 4])
def test_rgb_becomes_three_coloured_channels(samples: int) -> None:
    data = np.random.default_rng(1).integers(0, 255, (2, 5, 6, samples), "uint8")
    data[..., 3:] = 255
    image = plan_one(make_layer(data, rgb=True, contrast_limits=[0, 255]))
    assert image.sizes == (1, 3, 2, 5, 6)
    assert [channel.name for channel in image.channels] == ["Red", "Green", "Blue"]
    assert [channel.color[:3] for channel in image.channels] == [
        (255, 0, 0),
        (0, 255, 0),
        (0, 0, 255),
    ]
    np.testing.assert_array_equal(image.read_plane(0, 2, 1), data[1, ..., 2])
    assert any("alpha" in note for note in image.notes) == (samples == 4)


def test_transparency_is_kept() -> None:
    data = np.zeros((5, 6, 4), "uint8")
    image = plan_one(make_layer(data, rgb=True))
    assert image.channels[3].name == "Alpha"
    assert "fourth channel" in image.notes[0]


def test_channels_of_one_image_come_together_in_their_order() -> None:
    planes = [np.full((4, 4), value, "uint8") for value in range(3)]
    layers = [
        make_layer(planes[c], omero={"image_id": 5, "channel": c}, name=f"hela {c}")
        for c in (2, 0, 1)
    ]
    image = plan_one(*layers)
    assert image.name == "hela"
    assert [channel.name for channel in image.channels] == [
        "hela 0",
        "hela 1",
        "hela 2",
    ]
    assert [int(image.read_plane(0, c, 0)[0, 0]) for c in range(3)] == [0, 1, 2]
    assert [source.image_id for source in image.sources] == [5]


@pytest.mark.parametrize(
    ("name", "image_name", "channel_name"),
    [
        ("DAPI (hela)", "hela", "DAPI"),
        ("hela", "hela", "DAPI"),
        ("DAPI smoothed", "DAPI smoothed", "DAPI smoothed"),
    ],
)
def test_names_of_the_server_are_kept_unless_the_layer_was_renamed(
    name: str, image_name: str, channel_name: str
) -> None:
    omero = {
        "image_id": 5,
        "channel": 0,
        "image_name": "hela",
        "channel_name": "DAPI",
    }
    image = plan_one(make_layer(np.zeros((4, 4), "uint8"), omero=omero, name=name))
    assert (image.name, image.channels[0].name) == (image_name, channel_name)


def test_which_layers_come_together() -> None:
    data = np.zeros((4, 4), "uint8")
    layers = [
        make_layer(data, omero={"image_id": 5, "channel": 0}),
        make_layer(data, omero={"image_id": 6, "channel": 0}),
        make_layer(data),
        make_layer(data.astype("float32"), omero={"image_id": 5, "channel": 1}),
        make_layer(np.zeros((4, 5), "uint8"), omero={"image_id": 5, "channel": 2}),
        make_layer(data, omero={"image_id": 5, "channel": 3}),
    ]

    def count_channels(**options: Any) -> list[int]:
        plan = plan_save(layers, TARGET, **options)
        return [len(image.channels) for image in plan.images]

    assert count_channels() == [2, 1, 1, 1, 1]
    assert count_channels(together="shape") == [4, 1, 1]
    assert count_channels(together="never") == [1] * 6


def test_several_resolutions_are_saved_from_the_full_size() -> None:
    levels = [np.ones((8, 8), "uint8"), np.zeros((4, 4), "uint8")]
    image = plan_one(make_layer(levels, multiscale=True))
    assert image.sizes[-2:] == (8, 8)
    assert image.read_plane(0, 0, 0).all()
    assert plan_one(make_layer(levels)).sizes[-2:] == (8, 8)


def test_no_pixels_are_read_of_types_that_omero_has() -> None:
    plan = plan_save(
        [
            make_layer(HugeArray((500, 60, 3000, 3000), "uint16")),
            make_layer(HugeArray((30, 9, 10_000, 12_000), "uint16")),
            make_layer(HugeArray((4000, 4000, 3), "uint8"), rgb=True),
            make_layer(HugeArray((7000, 7000), "float32")),
        ],
        TARGET,
    )
    assert [image.route for image in plan.images] == [
        "planes",
        "tiles",
        "tiles",
        "planes",
    ]
    assert plan.size_bytes > 500e9


@pytest.mark.parametrize(
    ("area", "route"), [((3192, 3192), "planes"), ((3192, 3193), "tiles")]
)
def test_where_pyramids_begin(area: tuple[int, int], route: str) -> None:
    assert plan_one(make_layer(HugeArray(area, "uint8"))).route == route


@pytest.mark.parametrize(
    ("scale", "units", "expected"),
    [
        ((2, 0.5, 0.25), ("µm", "um", "micrometer"), {"Z": 2, "Y": 0.5, "X": 0.25}),
        ((2, 500, 250), ("um", "nm", "nm"), {"Z": 2, "Y": 0.5, "X": 0.25}),
        ((1500, 1, 1), ("ms", "pixel", "pixel"), {"T": 1.5}),
        ((2, 0.5, 0.25), "um", {"Z": 2, "Y": 0.5, "X": 0.25}),
        ((2, 0.5, 0.25), ("pixel",) * 3, {}),
        ((2, 0.5, -0.25), ("um",) * 3, {"Z": 2, "Y": 0.5, "X": 0.25}),
        ((2, 0.5, 0.25), None, {}),
        (None, ("um",) * 3, {"Z": 1, "Y": 1, "X": 1}),
    ],
)
def test_pixel_size(scale: Any, units: Any, expected: dict[str, float]) -> None:
    data = np.zeros((2, 3, 4), "uint8")
    image = plan_one(make_layer(data, scale=scale, units=units))
    assert image.pixel_sizes == pytest.approx(expected)


# -- what is said --------------------------------------------


@pytest.mark.parametrize(
    ("meta", "note"),
    [
        ({"scale": (0.5, 0.5)}, "no unit"),
        ({"scale": (-1, 1)}, "mirrored"),
        ({"translate": (3, 0)}, "place and rotation"),
        ({"rotate": [[0, 1], [-1, 0]]}, "place and rotation"),
        ({"affine": np.diag([2, 1, 1])}, "place and rotation"),
        ({"colormap": "viridis"}, "one colour"),
        ({"colormap": {"colors": np.eye(3, 4)}}, "one colour"),
    ],
)
def test_what_is_not_saved_is_said(meta: dict[str, Any], note: str) -> None:
    image = plan_one(make_layer(np.zeros((3, 4), "uint8"), **meta))
    assert any(note in said for said in image.notes), image.notes


def test_nothing_is_said_where_nothing_is_lost() -> None:
    image = plan_one(
        make_layer(
            np.zeros((3, 4), "uint8"),
            scale=(0.5, 0.5),
            units=("um", "um"),
            axis_labels=("-2", "-1"),
            translate=(0, 0),
            rotate=np.eye(2).tolist(),
            shear=[0.0],
            affine=np.eye(3),
            colormap={"colors": [[0, 0, 0, 1], [1, 0, 0, 1]]},
            contrast_limits=[0, 1],
        )
    )
    assert image.notes == ()
    assert image.channels[0].color == (255, 0, 0, 255)


def test_an_axis_that_omero_does_not_have_is_said() -> None:
    image = plan_one(
        make_layer(np.zeros((2, 3, 4), "uint8"), axis_labels=("angle", "y", "x"))
    )
    assert image.notes == ("Axis 'angle' is saved as Z.",)


@pytest.mark.parametrize(
    ("data", "pixel_type", "note"),
    [
        (np.array([[True, False]]), "uint8", "True and False"),
        (np.array([[0, 70_000]]), "uint32", "int64 is saved as uint32"),
        (np.array([[0.5, 2]], "float16"), "float", "float16 is saved as float"),
        (np.array([[1, 2]], "complex64"), "float", "complex64 is saved as float"),
    ],
)
def test_types_that_omero_does_not_have(
    data: np.ndarray, pixel_type: str, note: str
) -> None:
    image = plan_one(make_layer(data))
    assert image.pixel_type == pixel_type
    assert image.notes[0].startswith(note)
    np.testing.assert_array_equal(image.read_plane(0, 0, 0), data)


def test_channels_of_one_image_share_the_type_that_holds_them_all() -> None:
    layers = [
        make_layer(np.array([[value]]), omero={"image_id": 5, "channel": channel})
        for channel, value in enumerate([1, -300])
    ]
    assert plan_one(*layers).pixel_type == "int16"


def test_the_preview() -> None:
    data = np.zeros((3, 100, 200), "uint16")
    target = SaveTarget(SERVER, dataset_name="results", project_id=4)
    plan = plan_save(
        [
            make_layer(data, name="hela", scale=(2, 1, 1)),
            make_layer(
                data,
                "labels",
                {"image_id": 5, "roi_ids": [1, 2, 3]},
                name="nuclei",
            ),
        ],
        target,
    )
    assert plan.describe() == [
        "Dataset 'results': new dataset",
        "Image 'hela': 200 x 100 uint16, 3 planes in Z, into new dataset 'results', "
        "plane by plane, 120 kB",
        "Labels 'nuclei': a region for each label on image 5, the image they belong to",
    ]
    assert plan.size_bytes == 120_000
    assert [note.partition(":")[0] for note in plan.notes] == ["hela", "nuclei"]
    assert "3 regions saved before are replaced" in plan.notes[1]
    with pytest.raises(FrozenInstanceError):
        plan.target = TARGET  # type: ignore[misc]


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2 * 10**15, "2e+03 TB")],
)
def test_bytes_as_people_say_them(count: int, text: str) -> None:
    assert format_bytes(count) == text


# -- labels --------------------------------------------

LABELS = np.zeros((3, 4, 5), "int32")


def plan_labels(*layers: tuple[Any, ...], **options: Any) -> SavePlan:
    return plan_save(layers, TARGET, **options)


def test_labels_go_to_the_image_they_name() -> None:
    plan = plan_labels(make_layer(LABELS, "labels", {"image_id": 5, "roi_ids": [8]}))
    [labels] = plan.labels
    assert (labels.image_id, labels.new_image, labels.replaces) == (5, None, (8,))
    assert not plan.needs_dataset


def test_labels_go_to_the_new_image_of_their_shape() -> None:
    pictures = make_layer(np.zeros((3, 4, 5)), axis_labels=("t", "y", "x"))
    other = make_layer(np.zeros((2, 4, 5)))
    plan = plan_labels(other, pictures, make_layer(LABELS, "labels"))
    [labels] = plan.labels
    assert (labels.image_id, labels.new_image) == (None, 1)
    assert labels.order == "TYX"


def test_flat_labels_lie_on_every_plane() -> None:
    plan = plan_labels(make_layer(np.zeros((3, 4, 5))), make_layer(LABELS[0], "labels"))
    assert plan.labels[0].order == "YX"


def test_an_image_of_just_their_planes_is_preferred() -> None:
    film = make_layer(np.zeros((2, 3, 4, 5)))
    stack = make_layer(np.zeros((3, 4, 5)))
    plan = plan_labels(film, stack, make_layer(LABELS, "labels"))
    assert plan.labels[0].new_image == 1


def test_labels_are_found_on_an_image_that_is_only_shown() -> None:
    shown = [
        make_layer(np.zeros((3, 4, 5)), omero={"image_id": 5, "channel": 0}),
        make_layer(np.zeros((3, 4, 5)), omero={"image_id": 5, "channel": 1}),
        make_layer(np.zeros((9, 9)), omero={"image_id": 6}),
        make_layer(np.zeros((3, 4, 5))),
        make_layer(np.zeros((2, 2)), "points"),
    ]
    plan = plan_labels(make_layer(LABELS, "labels"), shown=shown)
    assert plan.labels[0].image_id == 5


def test_labels_stay_on_their_image_unless_told_otherwise() -> None:
    picture = make_layer(np.zeros((3, 4, 5)), omero={"image_id": 5, "channel": 0})
    again = make_layer(np.zeros((3, 4, 5)), name="other")
    labels = make_layer(LABELS, "labels", {"image_id": 5, "roi_ids": [8]})
    [stays] = plan_labels(picture, labels).labels
    assert stays.image_id == 5
    [moves] = plan_labels(again, picture, labels, labels_on_new_image=True).labels
    assert (moves.new_image, moves.replaces) == (1, ())


def test_labels_from_another_server_do_not_belong_to_an_image_of_the_same_number() -> (
    None
):
    elsewhere = make_layer(LABELS, "labels", {"image_id": 5})
    elsewhere[1]["metadata"]["omero"]["server"] = "other.example.org:4064"
    with pytest.raises(CannotRepresent, match="belong to no image on omero"):
        plan_labels(elsewhere)


# -- what is refused --------------------------------------------


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([], "nothing to save"),
        ([make_layer(np.zeros((0, 4)))], "'cells' is empty"),
        ([make_layer(np.array(3))], "'cells' is empty"),
        ([make_layer(np.zeros(4))], "'cells' has 1 axes"),
        ([make_layer(np.zeros((1,) * 6))], "'cells' has 6 axes"),
        ([make_layer(np.zeros((2, 2)), "vectors")], "'cells' is a vectors layer"),
        ([make_layer(np.zeros((2, 2)), "points")], "'cells' belongs to no image"),
        ([make_layer(np.zeros((1, 3, 2)), "shapes")], "'cells' belongs to no image"),
        ([make_layer(np.array([[2**60 + 1]]))], "int64 values"),
        ([make_layer(np.array([[1j]]))], "complex128 values"),
        ([make_layer(np.array([["a"]]))], "<U1|str"),
        ([make_layer(HugeArray((20_000, 20_000), "uint16"))], "800,000,000 bytes"),
        ([make_layer(LABELS, "labels")], "'cells' belong to no image"),
        ([make_layer(LABELS.astype(float), "labels")], "whole numbers"),
        (
            [
                make_layer(np.zeros((3, 4, 5)), name="one"),
                make_layer(np.zeros((3, 4, 5)), name="two"),
                make_layer(LABELS, "labels"),
            ],
            "'one', 'two'",
        ),
        (
            [make_layer(np.zeros((3, 4, 6))), make_layer(LABELS, "labels")],
            "belong to no image",
        ),
        (
            [
                make_layer(np.zeros((3, 4, 5))),
                make_layer(LABELS, "labels", translate=(0, 1, 0)),
            ],
            "moved or rotated",
        ),
        (
            [make_layer(LABELS, "labels", {"image_id": 5}, translate=(0, 1, 0))],
            "moved or rotated",
        ),
        ([make_layer(np.zeros((4, 4)), name="x" * 256)], "256 letters"),
        (
            [make_layer(LABELS, "labels", {"image_id": 5}, name="y" * 250)],
            "250 letters",
        ),
    ],
)
def test_refused_with_the_name_of_the_layer(layers: list[Any], message: str) -> None:
    with pytest.raises(CannotRepresent, match=message):
        plan_save(layers, TARGET)


def test_the_largest_plane() -> None:
    width = MAX_PLANE_BYTES // 1000
    plan_one(make_layer(HugeArray((1000, width), "uint8")))
    with pytest.raises(CannotRepresent, match="OME-TIFF"):
        plan_one(make_layer(HugeArray((1000, width + 1), "uint8")))


def test_a_layer_that_changes_while_it_is_saved_is_not_saved_wrongly() -> None:
    data = np.array([[1, 2]])
    image = plan_one(make_layer(data))
    data[0, 0] = 300
    with pytest.raises(CannotRepresent, match="'cells' has changed"):
        image.read_plane(0, 0, 0)
