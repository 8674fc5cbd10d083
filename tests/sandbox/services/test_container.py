"""IContainer, as clients browse with it."""

from __future__ import annotations

from typing import Any

import omero.all
import omero.model
import omero.sys
import pytest
from omero.rtypes import rstring, rtime

from napari_omero_io.sandbox.errors import ApiUsage


def options(**values: Any) -> Any:
    parameters = omero.sys.ParametersI()
    for name, value in values.items():
        getattr(parameters, name)(*([value] if value is not True else []))
    return parameters


def ids(objects: Any) -> list[int]:
    return [one.id.val for one in objects]


@pytest.fixture
def tree(lab: Any, mia: Any) -> dict[str, Any]:
    project = lab.make(mia, "Project", "p")
    datasets = [lab.make(mia, "Dataset", name) for name in ("a", "b")]
    images = [lab.image(mia, name) for name in ("x", "y", "z")]
    lab.link(mia, "ProjectDatasetLink", project, datasets[0])
    for image in images[:2]:
        lab.link(mia, "DatasetImageLink", datasets[0], image)
    lab.link(mia, "DatasetImageLink", datasets[1], images[1])
    return {"project": project, "datasets": datasets, "images": images}


def load(lab: Any, call: Any, kind: str, ids: list[int], **wanted: Any) -> list[Any]:
    return lab.container.loadContainerHierarchy(call, kind, ids, options(**wanted))


def test_a_project_with_its_datasets(lab: Any, mia: Any, tree: Any) -> None:
    (project,) = load(lab, mia, "Project", [tree["project"].id.val])
    assert project.details.creationEvent.isLoaded()
    (dataset,) = project.linkedDatasetList()
    assert dataset.name.val == "a"
    assert not dataset.isImageLinksLoaded()
    assert dataset.getImageLinksCountPerOwner() == {mia.caller.user_id: 2}


def test_a_project_with_leaves(lab: Any, mia: Any, tree: Any) -> None:
    (project,) = load(lab, mia, "Project", [tree["project"].id.val], leaves=True)
    (dataset,) = project.linkedDatasetList()
    assert sorted(one.name.val for one in dataset.linkedImageList()) == ["x", "y"]
    image = dataset.linkedImageList()[0]
    assert image.getPrimaryPixels().pixelsType.value.val == "uint8"
    assert image.details.updateEvent.isLoaded()


def test_datasets(lab: Any, mia: Any, tree: Any) -> None:
    wanted = ids(tree["datasets"])
    assert sorted(ids(load(lab, mia, "Dataset", wanted))) == wanted


def test_by_owner_and_orphans(lab: Any, mia: Any, ned: Any, tree: Any) -> None:
    lab.make(ned, "Project", "ned's")
    owner = mia.caller.user_id
    found = load(lab, ned, "Project", [], exp=omero.rtypes.rlong(owner))
    assert ids(found) == [tree["project"].id.val]
    found = load(lab, mia, "Project", [], exp=omero.rtypes.rlong(owner), orphan=True)
    kinds = [type(one).__name__ for one in found]
    assert kinds == ["ProjectI", "DatasetI"]
    assert found[1].name.val == "b"


def test_what_may_be_asked_for(lab: Any, mia: Any) -> None:
    with pytest.raises(ApiUsage):
        load(lab, mia, "Image", [1])
    with pytest.raises(ApiUsage, match="cannot be empty"):
        load(lab, mia, "Project", [])


def test_plates_and_screens(lab: Any, mia: Any) -> None:
    screen, plate = lab.make(mia, "Screen"), lab.make(mia, "Plate")
    lab.link(mia, "ScreenPlateLink", screen, plate)
    run = lab.make(
        mia, "PlateAcquisition", plate=omero.model.PlateI(plate.id.val, False)
    )
    (found,) = load(lab, mia, "Screen", [screen.id.val])
    (below,) = found.linkedPlateList()
    assert ids(below.copyPlateAcquisitions()) == [run.id.val]


def test_images_by_all_ways(lab: Any, mia: Any, tree: Any) -> None:
    get = lab.container.getImages
    images, (first, second) = ids(tree["images"]), ids(tree["datasets"])
    assert ids(get(mia, "Image", images, None)) == images
    assert ids(get(mia, "Dataset", [first, second], None)) == images[:2]
    assert ids(get(mia, "Project", [tree["project"].id.val], None)) == images[:2]
    assert get(mia, "Image", [], None) == []
    (image,) = get(mia, "omero.model.Image", [images[1]], None)
    assert image.getPrimaryPixels().pixelsType.isLoaded()
    assert image.getDatasetLinksCountPerOwner() == {mia.caller.user_id: 2}
    with pytest.raises(ApiUsage):
        get(mia, "Screen", [1], None)


def test_a_page_of_images(lab: Any, mia: Any, tree: Any) -> None:
    page = omero.sys.ParametersI()
    page.page(1, 1)
    (dataset, _), images = ids(tree["datasets"]), ids(tree["images"])
    found = lab.container.getImages(mia, "Dataset", [dataset], page)
    assert ids(found) == [images[1]]
    with pytest.raises(ApiUsage):
        lab.container.getImages(mia, "Image", images, page)


def test_images_of_a_time(lab: Any, mia: Any, tree: Any) -> None:
    made = tree["images"][0].details.creationEvent.time.val
    parameters = omero.sys.ParametersI()
    parameters.startTime(rtime(made - 60_000))
    found = lab.container.getImagesByOptions(mia, parameters)
    assert ids(found) == ids(tree["images"])
    parameters.endTime(rtime(made - 1))
    assert lab.container.getImagesByOptions(mia, parameters) == []


def test_images_of_the_caller(lab: Any, mia: Any, ned: Any, tree: Any) -> None:
    mine = lab.image(ned)
    assert ids(lab.container.getUserImages(ned, None)) == [mine.id.val]
    assert ids(lab.container.getUserImages(mia, None)) == ids(tree["images"])


def test_acquisition_data(lab: Any, mia: Any) -> None:
    label = omero.model.StageLabelI()
    label.name = rstring("here")
    image = lab.image(mia, stageLabel=label)
    plain, full = omero.sys.ParametersI(), omero.sys.ParametersI()
    full.acquisitionData()
    (found,) = lab.container.getImages(mia, "Image", [image.id.val], plain)
    assert not found.stageLabel.isLoaded()
    (found,) = lab.container.getImages(mia, "Image", [image.id.val], full)
    assert found.stageLabel.name.val == "here"


def test_what_is_above_images(lab: Any, mia: Any, tree: Any) -> None:
    alone = lab.image(mia, "alone")
    wanted = [*ids(tree["images"][1:2]), alone.id.val]
    found = lab.container.findContainerHierarchies(mia, "Project", wanted, None)
    assert [type(one).__name__ for one in found] == ["ProjectI", "DatasetI", "ImageI"]
    (dataset,) = found[0].linkedDatasetList()
    assert ids(dataset.linkedImageList()) == wanted[:1]  # only what was asked for
    assert found[1].name.val == "b"
    with pytest.raises(ApiUsage):
        lab.container.findContainerHierarchies(mia, "Screen", wanted, None)


@pytest.mark.parametrize(
    ("kind", "property_"),
    [
        ("Dataset", "imageLinks"),
        ("ome.model.containers.Dataset", "ome.model.containers.Dataset_imageLinks"),
    ],
)
def test_counts(lab: Any, mia: Any, tree: Any, kind: str, property_: str) -> None:
    first, second = ids(tree["datasets"])
    count = lab.container.getCollectionCount
    found = count(mia, kind, property_, [first, second, 999], None)
    assert found == {first: 2, second: 1, 999: 0}
    with pytest.raises(ApiUsage):
        count(mia, "Dataset", "name", [first], None)


def test_a_collection(lab: Any, mia: Any, tree: Any) -> None:
    dataset = tree["datasets"][0]
    links = lab.container.retrieveCollection(mia, dataset, "imageLinks", None)
    assert len(links) == 2
    with pytest.raises(ApiUsage):
        gone = omero.model.DatasetI(999, False)
        lab.container.retrieveCollection(mia, gone, "imageLinks", None)


def test_split_filesets(lab: Any, mia: Any, tree: Any) -> None:
    fileset = omero.model.FilesetI()
    fileset.templatePrefix = rstring("x")
    fileset = lab.save(mia, fileset)
    reference = omero.model.FilesetI(fileset.id.val, False)
    one, two = (lab.image(mia, fileset=reference) for _ in range(2))
    lab.link(mia, "DatasetImageLink", tree["datasets"][0], one)
    split = lab.container.getImagesBySplitFilesets
    expected = {fileset.id.val: {True: [one.id.val], False: [two.id.val]}}
    assert split(mia, {"Image": [one.id.val]}, None) == expected
    assert split(mia, {"Project": [tree["project"].id.val]}, None) == expected
    assert split(mia, {"Image": [one.id.val, two.id.val]}, None) == {}


def test_links(lab: Any, mia: Any, tree: Any) -> None:
    link = omero.model.DatasetImageLinkI()
    link.parent = omero.model.DatasetI(tree["datasets"][1].id.val, False)
    link.child = omero.model.ImageI(tree["images"][2].id.val, False)
    made = lab.container.link(mia, [link], None)
    count = lab.container.getCollectionCount
    wanted = [tree["datasets"][1].id.val]
    assert count(mia, "Dataset", "imageLinks", wanted, None) == {wanted[0]: 2}
    lab.container.unlink(mia, made, None)
    assert count(mia, "Dataset", "imageLinks", wanted, None) == {wanted[0]: 1}
