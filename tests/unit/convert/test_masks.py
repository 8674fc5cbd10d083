from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_omero_io.convert.bits import pack_bits, unpack_bits
from napari_omero_io.convert.masks import (
    draw_regions,
    labels_to_rois,
    name_region,
    rois_to_labels,
)
from napari_omero_io.errors import OmeroIOError
from napari_omero_io.records import MaskRecord, RoiRecord

shapes = hnp.array_shapes(min_dims=2, max_dims=4, max_side=9)
few = st.sampled_from([0, 1, 2, 7, 40_000])
label_images = hnp.arrays(np.int32, shapes, elements=few) | hnp.arrays(
    np.uint64, shapes, elements=st.integers(0, 2**64 - 1)
)


def mask_of(pixels, x=0, y=0, z=0, t=0, text=""):
    pixels = np.asarray(pixels, bool)
    return MaskRecord(
        x, y, pixels.shape[1], pixels.shape[0], pack_bits(pixels), z, t, text
    )


@given(label_images)
def test_labels_survive_exactly(labels):
    (back,) = rois_to_labels(labels_to_rois(labels), labels.shape)
    assert back.shape == labels.shape
    assert np.array_equal(back, labels)


@given(label_images)
def test_regions_survive_exactly(labels):
    rois = labels_to_rois(labels)
    (back,) = rois_to_labels(rois, labels.shape)
    assert labels_to_rois(back) == rois


@given(label_images, st.randoms())
def test_order_on_the_server_does_not_matter(labels, random):
    rois = labels_to_rois(labels)
    random.shuffle(rois)
    (back,) = rois_to_labels(rois, labels.shape)
    assert np.array_equal(back, labels)


@given(label_images)
def test_boxes_are_tight_and_bits_are_omeros(labels):
    stack = labels.reshape((1,) * (4 - labels.ndim) + labels.shape)
    rois = labels_to_rois(labels)
    assert [int(roi.name) for roi in rois] == sorted(set(labels[labels != 0].tolist()))
    for roi in rois:
        for mask in roi.masks:
            assert mask.text == roi.name
            ys, xs = np.nonzero(stack[mask.t, mask.z] == int(mask.text))
            assert (mask.x, mask.y) == (xs.min(), ys.min())
            assert (mask.width, mask.height) == (np.ptp(xs) + 1, np.ptp(ys) + 1)
            assert len(mask.bits) == -(-mask.width * mask.height // 8)


@given(hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12)))
def test_bits(pixels):
    assert np.array_equal(unpack_bits(mask_of(pixels)), pixels)


def test_the_first_bit_is_the_highest():
    assert pack_bits(np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]], bool)) == b"\x88\x80"


def test_the_first_row_and_column_are_kept():
    labels = np.zeros((4, 5), int)
    labels[0, 3] = 5
    labels[:, 0] = 9
    rois = labels_to_rois(labels)
    first, second = rois[0].masks[0], rois[1].masks[0]
    assert (first.x, first.y, first.width, first.height) == (3, 0, 1, 1)
    assert (second.x, second.y, second.width, second.height) == (0, 0, 1, 4)


def test_colours_are_by_number():
    labels = np.array([[1, 2]])
    rois = labels_to_rois(labels, {2: (1, 2, 3, 4)})
    assert [roi.masks[0].color for roi in rois] == [(255, 255, 0, 128), (1, 2, 3, 4)]


def test_planes_of_a_stack_over_time():
    labels = np.zeros((2, 3, 4, 4), int)
    labels[0, 2, 1, 1] = labels[1, 0, 2, 2] = 6
    (roi,) = labels_to_rois(labels)
    assert [(mask.t, mask.z) for mask in roi.masks] == [(0, 2), (1, 0)]


def test_booleans_and_negative_numbers():
    assert labels_to_rois(np.array([[True, False]]))[0].name == "1"
    negative = np.array([[-3, 4]])
    assert np.array_equal(rois_to_labels(labels_to_rois(negative), (1, 2))[0], negative)


@pytest.mark.parametrize("bad", [np.zeros((3, 3)), np.zeros(3, int)])
def test_other_arrays_are_refused(bad):
    with pytest.raises(ValueError, match="labels"):
        labels_to_rois(bad)


def test_nothing_painted():
    assert labels_to_rois(np.zeros((2, 3), int)) == []
    (image,) = rois_to_labels([], (2, 3))
    assert image.shape == (2, 3)
    assert not image.any()


def test_a_mask_without_a_plane_is_on_every_plane():
    roi = RoiRecord((mask_of([[1]], z=None, t=1, text="4"),))
    (image,) = rois_to_labels([roi], (2, 3, 1, 1))
    assert image[:, :, 0, 0].tolist() == [[0, 0, 0], [4, 4, 4]]


def test_overlapping_regions_are_kept_apart():
    shape = (9, 9)
    first = np.zeros(shape, int)
    second = np.zeros(shape, int)
    first[1:6, 1:6], second[3:8, 3:8] = 1, 2
    rois = labels_to_rois(first) + labels_to_rois(second)
    images = rois_to_labels(rois, shape)
    assert len(images) == 2
    assert np.array_equal(images[0], first)
    assert np.array_equal(images[1], second)


def test_a_region_stays_in_one_label_image():
    crossing = RoiRecord((mask_of([[1]], z=0, text="2"), mask_of([[1]], z=1, text="2")))
    under = RoiRecord((mask_of([[1]], z=1, text="1"),))
    first, second = rois_to_labels([under, crossing], (2, 1, 1))
    assert first.ravel().tolist() == [0, 1]
    assert second.ravel().tolist() == [2, 2]


def test_regions_without_a_number_get_free_ones():
    masks = [mask_of([[1]], x=x, text=text) for x, text in enumerate(["", "7", "cell"])]
    rois = [RoiRecord((mask,)) for mask in masks]
    (image,) = rois_to_labels(rois, (1, 3))
    assert image.tolist() == [[8, 7, 9]]


def test_the_regions_name_stands_in_for_a_text_that_was_edited():
    roi = RoiRecord((mask_of([[1]], text="a nice cell"),), name="12")
    assert rois_to_labels([roi], (1, 1))[0].item() == 12


def test_parts_outside_are_left_out():
    roi = RoiRecord(
        (mask_of(np.ones((3, 3)), x=-1, y=1, text="3"), mask_of([[1]], z=8, text="3"))
    )
    (image,) = rois_to_labels([roi], (2, 2))
    assert image.tolist() == [[0, 0], [3, 3]]


def test_a_byte_for_each_pixel_is_understood():
    mask = replace(mask_of(np.zeros((3, 4))), bits=bytes([0, 1, 0, 1] * 3))
    assert unpack_bits(mask).tolist() == [[False, True, False, True]] * 3


def test_damaged_masks_are_named():
    mask = replace(mask_of(np.zeros((5, 5))), bits=b"abc", id=81)
    with pytest.raises(OmeroIOError, match="Mask 81 has 3 bytes"):
        rois_to_labels([RoiRecord((mask,))], (5, 5))


def test_a_thousand_labels():
    grid = np.arange(1, 1025).reshape(32, 32) * 5
    labels = np.kron(grid, np.pad(np.ones((60, 60), int), 2))
    rois = labels_to_rois(labels)
    assert len(rois) == 1024
    assert np.array_equal(rois_to_labels(rois, labels.shape)[0], labels)


def test_two_label_images_on_one_image_stay_two():
    nuclei = np.array([[1, 2, 5, 0]])
    cells = np.array([[0, 0, 3, 7]])
    rois = [
        replace(roi, name=name_region(name, int(roi.name)), id=number)
        for number, (name, roi) in enumerate(
            [("nuclei", roi) for roi in labels_to_rois(nuclei)]
            + [("cells 2", roi) for roi in labels_to_rois(cells)]
        )
    ]
    first, second = draw_regions([*rois[3:], *rois[:3]], (1, 4))
    assert (first.name, second.name) == ("cells 2", "nuclei")
    assert np.array_equal(first.pixels, cells)
    assert np.array_equal(second.pixels, nuclei)
    assert [roi.id for _, roi in second.regions] == [0, 1, 2]


def test_a_copy_of_saved_labels_is_kept_apart():
    rois = labels_to_rois(np.array([[1, 0]])) + labels_to_rois(np.array([[0, 1]]))
    first, second = draw_regions(rois, (1, 2))
    assert first.pixels.tolist() == [[1, 0]]
    assert second.pixels.tolist() == [[0, 1]]


def test_classes_of_other_programs_share_their_number():
    rois = [RoiRecord((mask_of([[1]], x=x, text="2"),), "cell") for x in (0, 2)]
    (image,) = draw_regions(rois, (1, 3))
    assert image.name is None
    assert image.pixels.tolist() == [[2, 0, 2]]
