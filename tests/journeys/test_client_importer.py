"""Image files go to the server whole, and come back as they were."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

from napari_omero_io.client import importer
from napari_omero_io.client.browse import list_children
from napari_omero_io.client.containers import create_dataset
from napari_omero_io.client.images import read_image
from napari_omero_io.client.importer import import_files
from napari_omero_io.client.pixels import PixelReader
from napari_omero_io.errors import (
    NotFound,
    SaveCancelled,
    SaveError,
    ServerRefused,
)
from napari_omero_io.save.ometiff import write_ometiff
from napari_omero_io.save.plan import SaveTarget, plan_save


@pytest.fixture
def stack(tmp_path):
    pixels = np.random.default_rng(2).integers(0, 60000, (3, 40, 50)).astype("uint16")
    path = tmp_path / "stack.ome.tif"
    tifffile.imwrite(path, pixels, metadata={"axes": "ZYX", "PhysicalSizeX": 0.5})
    return path, pixels


def test_an_imported_image_has_the_pixels_of_the_file(ann, stack):
    path, pixels = stack
    dataset_id = create_dataset(ann, "imports")
    told = []
    (image_id,) = import_files(
        ann,
        [path],
        dataset_id=dataset_id,
        name="a name",
        progress=lambda done, total: told.append((done, total)),
    )
    image = read_image(ann, image_id)
    assert (image.name, image.pixel_size_x) == ("a name", 0.5)
    reader = PixelReader(ann, image)
    for z in range(3):
        np.testing.assert_array_equal(reader.read_plane(z, 0, 0), pixels[z])
    reader.close()
    assert [one.id for one in list_children(ann, "dataset", dataset_id)] == [image_id]
    assert told[-1] == (path.stat().st_size, path.stat().st_size)


def test_a_cancelled_import_leaves_nothing(ann, stack, count_objects):
    before = count_objects()
    with pytest.raises(SaveCancelled):
        import_files(ann, [stack[0]], cancelled=lambda: True)
    assert count_objects() == before


def test_what_the_server_cannot_read_is_said(ann, tmp_path, count_objects):
    (tmp_path / "notes.txt").write_text("words")
    before = count_objects()
    with pytest.raises(ServerRefused, match=r"notes\.txt is no image"):
        import_files(ann, [tmp_path / "notes.txt"])
    assert count_objects() == before


def test_a_file_that_arrives_damaged_is_sent_again(ann, stack, monkeypatch):
    class Damaging:
        """Digests that are wrong until they were asked for twice."""

        def __init__(self, *arguments):
            super().__init__(*arguments)
            self.sent = 0

        def _send(self, index):
            self.sent += 1
            right = super()._send(index)
            return "0" * 40 if self.sent < self.good_from else right

    for good_from, ends_well in ((2, True), (9, False)):
        kind = type("Sending", (Damaging, _SENDING), {"good_from": good_from})
        monkeypatch.setattr(importer, "_Sending", kind)
        if ends_well:
            assert len(import_files(ann, [stack[0]])) == 1
        else:
            with pytest.raises(SaveError, match="damaged"):
                import_files(ann, [stack[0]])


_SENDING = importer._Sending


def test_an_unknown_dataset_is_said_before_anything_is_sent(ann, stack):
    with pytest.raises(NotFound):
        import_files(ann, [stack[0]], dataset_id=10**9)


def test_a_layer_becomes_a_pyramid_on_the_server(ann, tmp_path):
    rng = np.random.default_rng(4)
    data = rng.integers(0, 60000, (2, 1100, 1300)).astype("uint16")
    meta = {"name": "large", "axis_labels": ("c", "y", "x"), "scale": (1, 0.5, 0.5)}
    target = SaveTarget(ann.server)
    [planned] = plan_save([(data, meta, "image")], target).images
    write_ometiff(tmp_path / "large.ome.tif", planned)
    (image_id,) = import_files(ann, [tmp_path / "large.ome.tif"])
    image = read_image(ann, image_id)
    assert image.name == "large"
    assert len(image.channels) == 2
    assert [(level.size_x, level.size_y) for level in image.levels] == [
        (1300, 1100),
        (650, 550),
    ]
    reader = PixelReader(ann, image)
    for c in range(2):
        found = reader.read_tile(0, 0, c, 0, 0, 0, 1300, 1100)
        np.testing.assert_array_equal(found, data[c])
    reader.close()
