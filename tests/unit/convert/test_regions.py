from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from napari_omero_io.convert.bits import pack_bits
from napari_omero_io.convert.masks import labels_to_rois, name_region
from napari_omero_io.convert.regions import RegionsLeftOut, label_layers
from napari_omero_io.records import MaskRecord, RoiRecord


@pytest.fixture
def record(memory_source):
    return memory_source((1, 1, 3, 6, 7)).record


def saved(labels, name, first_id):
    return [
        replace(roi, id=number, name=name_region(name, int(roi.name)))
        for number, roi in enumerate(labels_to_rois(labels), first_id)
    ]


def test_saved_labels_come_back_as_the_layers_they_were(record):
    nuclei = np.zeros((3, 6, 7), int)
    nuclei[1, 2:4, 3:5] = 12
    cells = np.zeros((3, 6, 7), int)
    cells[0, 0, 0], cells[1, 1:5, 2:6] = 1, 12
    rois = saved(nuclei, "nuclei", 5) + saved(cells, "", 6)
    first, second = label_layers(record, "here:4064", rois)
    assert first[2] == "labels"
    assert np.array_equal(first[0], nuclei)
    assert np.array_equal(second[0], cells)
    assert first[1]["name"] == "nuclei"
    assert second[1]["name"] == "Labels (memory)"
    assert first[1]["metadata"]["omero"]["roi_ids"] == [5]
    assert second[1]["metadata"]["omero"]["roi_ids"] == [6, 7]
    assert first[1]["metadata"]["omero"]["image_id"] == 7
    assert first[1]["scale"] == (2.0, 0.5, 0.5)
    assert first[1]["axis_labels"] == ("Z", "Y", "X")


def test_regions_of_others_are_shown_in_their_colours_and_never_replaced(record):
    bits = pack_bits(np.ones((2, 2), bool))
    mask = MaskRecord(1, 1, 2, 2, bits, z=None, t=0, text="x", color=(255, 0, 0, 9))
    ((pixels, settings, _),) = label_layers(record, "here", [RoiRecord((mask,), id=3)])
    assert pixels.sum() == 12
    assert settings["colormap"][1] == (1.0, 0.0, 0.0, 1.0)
    assert "roi_ids" not in settings["metadata"]["omero"]


def test_no_regions_no_layers(record):
    assert label_layers(record, "here", []) == []


def test_regions_of_a_slide_are_left_out_with_a_word(record):
    slide = replace(record, size_x=50_000, size_y=50_000)
    with pytest.warns(RegionsLeftOut, match="1 regions that are not shown"):
        assert label_layers(slide, "here", saved(np.ones((1, 1), int), "", 1)) == []
