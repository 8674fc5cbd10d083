"""A user saves labels, opens them again equal, and saves them again in place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import omero.model as ome_model
import pytest
import tifffile

from napari_omero_io.client.connection import Connection
from napari_omero_io.client.images import read_image
from napari_omero_io.client.rois import read_rois, save_rois
from napari_omero_io.convert.masks import labels_to_rois, rois_to_labels
from napari_omero_io.errors import CannotRepresent
from napari_omero_io.save.plan import SaveTarget, plan_save
from napari_omero_io.save.receipt import Receipt
from napari_omero_io.save.upload import carry_out

DATA = Path(__file__).parents[2].parent / "shared" / "data"


class Colors:
    """As napari's colormaps of labels: gives each number a colour."""

    def map(self, numbers: np.ndarray) -> np.ndarray:
        parts = [numbers % 4 / 4, numbers % 8 / 8, numbers % 16 / 16]
        return np.stack([*parts, np.ones(len(numbers))], axis=1)


def make_labels(
    data: np.ndarray, omero: dict[str, Any] | None = None, **meta: Any
) -> tuple[Any, ...]:
    metadata = {"omero": omero} if omero else {}
    meta = {"name": "nuclei", "colormap": Colors(), "metadata": metadata, **meta}
    return (data, meta, "labels")


def save(connection: Connection, layers: list[Any], **how: Any) -> Receipt:
    target = SaveTarget(connection.server, dataset_name="results")
    return carry_out(plan_save(layers, target, **how), connection)


def save_image(connection: Connection, *shape: int) -> dict[str, Any]:
    """Save an image, and give what its layer remembers."""
    layer = (np.zeros(shape, "uint8"), {"name": "source"}, "image")
    return dict(save(connection, [layer]).metadata[0])


def read_labels(connection: Connection, omero: Any) -> np.ndarray:
    """Read the regions of an image as one label image (T, Z, Y, X)."""
    record = read_image(connection, omero["image_id"])
    t, _, z, y, x = record.shape
    rois = read_rois(connection, omero["image_id"])
    [labels] = rois_to_labels(rois, (t, z, y, x))
    return labels


def test_numbers_with_gaps(ann: Connection) -> None:
    labels = np.zeros((30, 40), "int32")
    labels[0, :] = 3
    labels[1:, 0] = 1000
    labels[10:20, 10:20] = 2**31 - 1
    labels[12:14, 12:14] = -7
    omero = save_image(ann, 30, 40)
    receipt = save(ann, [make_labels(labels, omero)])
    np.testing.assert_array_equal(read_labels(ann, omero)[0, 0], labels)
    remembered = receipt.metadata[0]
    assert remembered["image_id"] == omero["image_id"]
    rois = read_rois(ann, omero["image_id"])
    assert sorted(remembered["roi_ids"]) == sorted(roi.id for roi in rois)
    texts = {mask.text for roi in rois for mask in roi.masks}
    assert texts == {"3", "1000", "2147483647", "-7"}
    colors = {roi.name: roi.masks[0].color for roi in rois}
    assert colors["nuclei 3"] == (191, 96, 48, 128)


@pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data")
@pytest.mark.parametrize("name", ["nuclei_labels.tif", "nuclei_stack_labels.tif"])
def test_real_labels(ann: Connection, name: str) -> None:
    labels = tifffile.imread(DATA / name)
    picture = tifffile.imread(DATA / name.replace("_labels", ""))
    image = (picture, {"name": "nuclei"}, "image")
    receipt = save(ann, [image, make_labels(labels)])
    np.testing.assert_array_equal(
        read_labels(ann, receipt.metadata[0]).squeeze(), labels
    )
    assert len(np.unique(labels)) - 1 == len(receipt.metadata[1]["roi_ids"])


def test_labels_in_space_and_time(ann: Connection) -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 4, (3, 2, 20, 20)) * rng.integers(0, 2, (3, 2, 20, 20))
    omero = save_image(ann, 3, 2, 20, 20)
    save(ann, [make_labels(labels, omero)])
    np.testing.assert_array_equal(read_labels(ann, omero), labels)


def test_axes_of_labels_are_those_of_their_image(ann: Connection) -> None:
    labels = np.random.default_rng(1).integers(0, 4, (3, 20, 20))
    layer = (np.zeros((3, 20, 20)), {"axis_labels": ("T", "Y", "X")}, "image")
    omero = save(ann, [layer]).metadata[0]
    save(ann, [make_labels(labels, dict(omero))])
    np.testing.assert_array_equal(read_labels(ann, omero)[:, 0], labels)


def test_flat_labels_lie_on_every_plane(ann: Connection) -> None:
    labels = np.eye(20, dtype=int) * 5
    omero = save_image(ann, 3, 20, 20)
    save(ann, [make_labels(labels, omero)])
    np.testing.assert_array_equal(read_labels(ann, omero)[0], [labels] * 3)


def test_saving_twice_leaves_one_set(ann: Connection) -> None:
    labels = np.zeros((20, 20), int)
    labels[:5], labels[5:10] = 1, 2
    omero = save_image(ann, 20, 20)
    first = dict(save(ann, [make_labels(labels, omero)]).metadata[0])
    labels[5:10] = 0
    labels[15:] = 9
    receipt = save(ann, [make_labels(labels, first)])
    assert set(receipt.replaced) == set(first["roi_ids"])
    np.testing.assert_array_equal(read_labels(ann, omero)[0, 0], labels)
    names = [roi.name for roi in read_rois(ann, omero["image_id"])]
    assert names == ["nuclei 1", "nuclei 9"]


def test_regions_of_others_are_left_alone(ann: Connection, bob: Connection) -> None:
    omero = save_image(ann, 20, 20)
    theirs = np.eye(20, dtype=int)
    bobs = save_rois(bob, omero["image_id"], labels_to_rois(theirs))
    own = dict(save(ann, [make_labels(theirs * 2, omero)]).metadata[0])
    # A layer that was opened from everybody's regions.
    own["roi_ids"] = [*own["roi_ids"], *bobs]
    receipt = save(ann, [make_labels(theirs * 3, own)])
    assert not set(bobs) & set(receipt.replaced)
    names = sorted(roi.name for roi in read_rois(ann, omero["image_id"]))
    assert names == ["1", "nuclei 3"]


def test_a_region_to_which_a_shape_was_added_is_left_alone(ann: Connection) -> None:
    labels = np.diag([1] * 10 + [2] * 10)
    omero = save_image(ann, 20, 20)
    first = dict(save(ann, [make_labels(labels, omero)]).metadata[0])
    update = ann.service("update")
    touched, other = first["roi_ids"]
    roi = ann.service("query").findByQuery(
        f"select r from Roi r join fetch r.shapes where r.id = {touched}", None
    )
    roi.addShape(ome_model.RectangleI())
    update.saveObject(roi)
    receipt = save(ann, [make_labels(labels, first)])
    assert receipt.replaced == (other,)
    left = [roi.id for roi in read_rois(ann, omero["image_id"])]
    assert sorted(left) == sorted([touched, *receipt.metadata[0]["roi_ids"]])


def test_one_may_draw_on_an_image_of_a_colleague(
    ann: Connection, bob: Connection
) -> None:
    omero = save_image(bob, 20, 20)
    save(ann, [make_labels(np.eye(20, dtype=int), omero)])
    assert len(read_rois(bob, omero["image_id"])) == 1


def test_many_labels(ann: Connection) -> None:
    labels = np.arange(1, 1201).reshape(30, 40).repeat(4, 0).repeat(4, 1)
    omero = save_image(ann, 120, 160)
    receipt = save(ann, [make_labels(labels, omero)])
    assert len(receipt.metadata[0]["roi_ids"]) == 1200
    np.testing.assert_array_equal(read_labels(ann, omero)[0, 0], labels)
    again = save(ann, [make_labels(labels, dict(receipt.metadata[0]))])
    assert len(again.replaced) == 1200


def test_labels_that_do_not_fit_their_image(ann: Connection) -> None:
    omero = save_image(ann, 20, 20)
    with pytest.raises(CannotRepresent, match="20 x 20 pixels"):
        save(ann, [make_labels(np.eye(21, dtype=int), omero)])
    assert read_rois(ann, omero["image_id"]) == []
