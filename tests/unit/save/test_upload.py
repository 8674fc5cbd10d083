from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from napari_omero_io.errors import (
    CannotRepresent,
    NotPermitted,
    SaveCancelled,
    ServerRefused,
    SessionLost,
    UploadIncomplete,
)
from napari_omero_io.records import MaskRecord, RoiRecord
from napari_omero_io.save.plan import SavePlan, SaveTarget, plan_save
from napari_omero_io.save.preparation import BATCH_BYTES, BATCH_ROIS, split_rois
from napari_omero_io.save.receipt import PROVENANCE_NAMESPACE, Receipt
from napari_omero_io.save.upload import send

from .fake_destination import SERVER, FakeDestination, StoredImage

TARGET = SaveTarget(SERVER, dataset_name="results")
PICTURE = np.arange(2 * 3 * 4 * 5, dtype="uint16").reshape(2, 3, 4, 5)
LABELS = np.zeros((3, 4, 5), "int32")
LABELS[0, 1:3, 1:3] = 7
LABELS[2, 0, 0] = 9


def make_layer(
    data: Any, kind: str = "image", omero: dict[str, Any] | None = None, **meta: Any
) -> tuple[Any, ...]:
    metadata = {"omero": {"server": SERVER, **omero}} if omero else {}
    return (data, {"name": "cells", "metadata": metadata, **meta}, kind)


def plan_both() -> SavePlan:
    labels = make_layer(LABELS, "labels", name="nuclei")
    return plan_save([make_layer(PICTURE[0]), labels], TARGET)


def run(destination: FakeDestination, plan: SavePlan, **options: Any) -> Receipt:
    return send(plan, destination, **options)


# -- what is made --------------------------------


def test_an_image_and_its_labels() -> None:
    server = FakeDestination()
    steps: list[tuple[int, int, str]] = []
    receipt = run(server, plan_both(), progress=lambda *step: steps.append(step))
    [(dataset_id, name)] = server.datasets.items()
    assert name == "results"
    [(image_id, image)] = server.images.items()
    assert image.dataset_id == dataset_id
    stored = np.stack([image.planes[0, 0, z] for z in range(3)])
    np.testing.assert_array_equal(stored, PICTURE[0])
    assert image.ranges == [(0, 59)]
    assert {home for home, _ in server.rois.values()} == {image_id}
    texts = {mask.text for _, roi in server.rois.values() for mask in roi.masks}
    assert texts == {"7", "9"}
    done = [step[0] for step in steps]
    assert done == sorted(done)
    assert steps[-1][0] == steps[-1][1] == 120 + 2
    assert receipt.links("image") == (f"omero://{SERVER}/image/{image_id}",)
    assert receipt.describe()[-1] == "2 regions of 'nuclei'"


def test_planes_come_in_the_order_pyramids_need() -> None:
    server = FakeDestination()
    layer = make_layer(PICTURE, axis_labels=("c", "z", "y", "x"))
    run(server, plan_save([layer], TARGET))
    [image] = server.images.values()
    assert list(image.planes) == [(0, c, z) for c in range(2) for z in range(3)]


def test_where_it_came_from_is_written_on_it() -> None:
    server = FakeDestination()
    layer = make_layer(PICTURE[0], omero={"image_id": 5, "channel": 0})
    run(server, plan_save([layer], TARGET))
    [(kind, _, pairs)] = server.notes
    assert kind == "image"
    assert ("Source image", f"omero://{SERVER}/image/5") in pairs
    assert ("Layer", "cells") in pairs
    assert any(name == "Program" and "napari-omero-io" in text for name, text in pairs)
    assert not PROVENANCE_NAMESPACE.startswith("openmicroscopy.org")


def test_an_existing_dataset_is_used() -> None:
    server = FakeDestination(datasets={7: "cells"})
    run(server, plan_save([make_layer(PICTURE)], SaveTarget(SERVER, dataset_id=7)))
    assert [image.dataset_id for image in server.images.values()] == [7]
    assert list(server.datasets) == [7]


def test_what_layers_remember() -> None:
    server = FakeDestination()
    layers = [
        make_layer(PICTURE[0], name="local"),
        make_layer(LABELS, "labels", name="nuclei"),
        make_layer(PICTURE, omero={"image_id": 5, "pixels_id": 6, "channel": 1}),
        make_layer(np.zeros((9, 9, 3), "uint8"), rgb=True),
    ]
    receipt = run(server, plan_save(layers, TARGET))
    local, remote, rgb = (made.id for made in receipt.objects if made.kind == "image")
    common = {"server": SERVER, "group_id": 3}
    assert receipt.metadata[0] == {
        **common,
        "image_id": local,
        "pixels_id": local + 1000,
        "channel": 0,
    }
    assert receipt.metadata[1] == {
        **common,
        "image_id": local,
        "pixels_id": local + 1000,
        "roi_ids": sorted(server.rois),
    }
    assert receipt.metadata[2] == {
        "server": SERVER,
        "image_id": 5,
        "pixels_id": 6,
        "channel": 1,
        "saved_as": f"omero://{SERVER}/image/{remote}",
    }
    assert receipt.metadata[3] == {
        **common,
        "image_id": rgb,
        "pixels_id": rgb + 1000,
    }


# -- labels on an image that is there --------------------------------


@pytest.fixture
def server() -> FakeDestination:
    return FakeDestination(images={5: StoredImage("hela", (1, 1, 3, 4, 5))})


def save_labels(server: FakeDestination, data: Any = LABELS, **options: Any) -> Receipt:
    roi_ids = options.pop("roi_ids", [])
    omero = {"image_id": 5, "roi_ids": roi_ids}
    layer = make_layer(data, "labels", omero, **options)
    return run(server, plan_save([layer], SaveTarget(SERVER)))


def test_saving_again_leaves_one_set(server: FakeDestination) -> None:
    first = save_labels(server)
    old = first.metadata[0]["roi_ids"]
    changed = LABELS.copy()
    changed[0, 3, 3] = 11
    second = save_labels(server, changed, roi_ids=old)
    assert second.replaced == tuple(old)
    assert sorted(server.rois) == sorted(second.metadata[0]["roi_ids"])
    assert len(server.rois) == 3
    assert "replaced" in second.describe()[-1]


def test_new_regions_are_there_before_old_ones_go(server: FakeDestination) -> None:
    old = save_labels(server).metadata[0]["roi_ids"]
    server.calls.clear()
    save_labels(server, roi_ids=old)
    assert server.calls.index("save_rois") < server.calls.index("delete roi")


def test_regions_of_others_and_of_other_images_stay(server: FakeDestination) -> None:
    region = RoiRecord(())
    server.rois = {31: (5, region), 32: (5, region), 33: (6, region)}
    server.foreign_rois = {31}
    receipt = save_labels(server, roi_ids=[31, 32, 33, 34])
    assert receipt.replaced == (32,)
    assert {31, 33} <= set(server.rois)


def test_labels_that_were_all_erased_are_removed(server: FakeDestination) -> None:
    old = save_labels(server).metadata[0]["roi_ids"]
    receipt = save_labels(server, np.zeros_like(LABELS), roi_ids=old)
    assert server.rois == {}
    assert receipt.metadata[0]["roi_ids"] == []


def test_flat_labels_lie_on_every_plane(server: FakeDestination) -> None:
    save_labels(server, LABELS[0])
    [(_, roi)] = server.rois.values()
    assert [(mask.z, mask.t) for mask in roi.masks] == [(None, 0)]


def test_planes_of_labels_without_names_are_those_of_the_image(
    server: FakeDestination,
) -> None:
    server.images[5] = StoredImage("film", (3, 1, 1, 4, 5))
    save_labels(server)
    planes = {(mask.t, mask.z) for _, roi in server.rois.values() for mask in roi.masks}
    assert planes == {(0, 0), (2, 0)}


@pytest.mark.parametrize(
    ("data", "message"),
    [(np.ones((4, 4), int), "4 x 5 pixels"), (np.zeros((4, 5), int), "Nothing is")],
)
def test_labels_that_do_not_fit_are_refused(
    server: FakeDestination, data: np.ndarray, message: str
) -> None:
    with pytest.raises(CannotRepresent, match=message):
        save_labels(server, data)
    assert server.rois == {}


def test_large_regions_are_sent_in_batches() -> None:
    def make_roi(size: int) -> RoiRecord:
        return RoiRecord((MaskRecord(0, 0, 8, size, bytes(size), 0, 0),))

    assert list(split_rois([])) == []
    many = [make_roi(1)] * (2 * BATCH_ROIS + 1)
    assert [len(batch) for batch in split_rois(many)] == [BATCH_ROIS, BATCH_ROIS, 1]
    large = [make_roi(BATCH_BYTES // 2)] * 3 + [make_roi(2 * BATCH_BYTES)]
    assert [len(batch) for batch in split_rois(large)] == [2, 1, 1]


# -- what is refused before anything is sent --------------------------------

WRITING = {"create_dataset", "create_image", "save_rois", "link_image", "annotate"}


@pytest.mark.parametrize(
    "target",
    [
        SaveTarget(SERVER, dataset_id=7),
        SaveTarget(SERVER, dataset_name="results", project_id=3),
    ],
)
def test_a_container_that_is_not_ones_own(target: SaveTarget) -> None:
    server = FakeDestination(can_link=False)
    with pytest.raises(NotPermitted, match="'cells', which belongs to mary"):
        run(server, plan_save([make_layer(PICTURE)], target))
    assert not WRITING & set(server.calls)


def test_an_image_one_may_not_draw_on(server: FakeDestination) -> None:
    server.can_annotate = False
    with pytest.raises(NotPermitted, match="'hela'"):
        save_labels(server)
    assert not WRITING & set(server.calls)


# -- ending early --------------------------------


def stop_after(count: int) -> Any:
    answers: Iterator[bool] = iter([False] * count)
    return lambda: next(answers, True)


def test_cancelling_leaves_nothing_wherever_it_happens() -> None:
    finished = 0
    for count in range(100):
        server = FakeDestination(datasets={7: "mine"})
        try:
            run(server, plan_both(), cancelled=stop_after(count))
            finished += 1
            break
        except SaveCancelled:
            assert (server.images, server.rois) == ({}, {})
            assert server.datasets == {7: "mine"}
    assert finished == 1
    assert count > 5


STEPS = [
    "create_dataset",
    "create_image",
    "write_planes",
    "write_plane",
    "finish_image",
    "annotate",
    "link_image",
    "read_image",
    "save_rois",
]


@pytest.mark.parametrize("step", STEPS)
def test_a_refusal_anywhere_leaves_nothing(step: str) -> None:
    server = FakeDestination(faults={step: ServerRefused("The disk is full.")})
    with pytest.raises(ServerRefused, match="disk is full"):
        run(server, plan_both())
    assert (server.datasets, server.images, server.rois) == ({}, {}, {})


def test_what_cannot_be_taken_back_is_named() -> None:
    server = FakeDestination()
    server.faults = {
        "save_rois": ServerRefused("The disk is full."),
        "delete image": ServerRefused("No."),
    }
    with pytest.raises(UploadIncomplete, match="disk is full") as caught:
        run(server, plan_both())
    [image_id] = server.images
    [dataset_id] = server.datasets
    assert f"image 'cells' (omero://{SERVER}/image/{image_id})" in str(caught.value)
    assert f"dataset 'results' (omero://{SERVER}/dataset/{dataset_id})" in str(
        caught.value
    )
    assert len(caught.value.left) == 2


@pytest.mark.parametrize(
    ("step", "doubtful"),
    [("create_dataset", "dataset 'results'"), ("create_image", "image 'cells'")],
)
def test_what_may_have_been_made_unseen_is_said(step: str, doubtful: str) -> None:
    server = FakeDestination(faults={step: SessionLost("The server is gone.")})
    with pytest.raises(UploadIncomplete, match=f"may also have made {doubtful}"):
        run(server, plan_both())


def test_what_the_client_left_behind_is_named_as_well() -> None:
    link = f"omero://{SERVER}/image/9"
    lost = UploadIncomplete("The server is gone. An image is left.", (link,))
    server = FakeDestination(faults={"create_image": lost, "delete dataset": lost})
    with pytest.raises(UploadIncomplete, match="An image is left") as caught:
        run(server, plan_both())
    [dataset_id] = server.datasets
    assert caught.value.left == (link, f"omero://{SERVER}/dataset/{dataset_id}")


def test_a_server_that_goes_away_is_one_clear_error() -> None:
    server = FakeDestination()

    def vanish(done: int, _total: int, _text: str) -> None:
        server.gone = done > 40

    with pytest.raises(UploadIncomplete) as caught:
        run(server, plan_both(), progress=vanish)
    assert str(caught.value).startswith("The server is gone. Left on the server")
    assert isinstance(caught.value.__cause__, SessionLost)


def test_a_server_that_was_gone_before() -> None:
    server = FakeDestination(gone=True)
    with pytest.raises(SessionLost, match="gone"):
        run(server, plan_both())


def test_a_dataset_that_somebody_else_uses_already_is_not_deleted() -> None:
    server = FakeDestination(faults={"link_image": ServerRefused("Refused.")})

    def join(*_: Any) -> None:
        for dataset_id in server.datasets:
            image = StoredImage("theirs", (1, 1, 1, 1, 1), dataset_id)
            server.images.setdefault(77, image)

    with pytest.raises(UploadIncomplete, match="dataset 'results'"):
        run(server, plan_both(), progress=join)
    assert list(server.images) == [77]
    assert len(server.datasets) == 1


def test_regions_are_not_lost_if_the_answer_to_replacing_them_is(
    server: FakeDestination,
) -> None:
    old = save_labels(server).metadata[0]["roi_ids"]
    server.faults = {"delete roi": SessionLost("The server is gone.")}
    with pytest.raises(UploadIncomplete, match="may still be there") as caught:
        save_labels(server, roi_ids=old)
    assert len(caught.value.left) == len(old)
    assert len(server.rois) == 2 * len(old)


def test_regions_that_cannot_be_replaced_stay_as_they_were(
    server: FakeDestination,
) -> None:
    old = save_labels(server).metadata[0]["roi_ids"]
    refused = iter([ServerRefused("Refused.")])
    delete = server.delete

    def refuse_once(kind: str, ids: Any) -> None:
        for error in refused:
            raise error
        delete(kind, ids)

    server.delete = refuse_once  # type: ignore[method-assign]
    with pytest.raises(ServerRefused, match="Refused"):
        save_labels(server, roi_ids=old)
    assert sorted(server.rois) == sorted(old)
