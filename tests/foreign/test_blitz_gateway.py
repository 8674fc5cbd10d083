"""OMERO's own BlitzGateway, unmodified, used as its documentation shows."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import omero
import omero.model
import pytest
from omero.gateway import (
    KNOWN_WRAPPERS,
    BlitzGateway,
    CommentAnnotationWrapper,
    DatasetWrapper,
    FileAnnotationWrapper,
    LongAnnotationWrapper,
    MapAnnotationWrapper,
    ProjectWrapper,
    TagAnnotationWrapper,
)
from omero.rtypes import rdouble, rint, rlong, rstring, unwrap
from PIL import Image

# The client's own code, which nobody here can change.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

KEY_VALUE = omero.constants.metadata.NSCLIENTMAPANNOTATION
SIZE_Z, SIZE_C, SIZE_T, SIZE_Y, SIZE_X = 2, 3, 2, 40, 60
PIXELS = (
    np.random.default_rng(3)
    .integers(0, 4000, (SIZE_Z, SIZE_C, SIZE_T, SIZE_Y, SIZE_X))
    .astype("uint16")
)


def give_planes(pixels: np.ndarray) -> Iterator[np.ndarray]:
    for z, c, t in np.ndindex(*pixels.shape[:3]):
        yield pixels[z, c, t]


def log_in(sandbox: Any, user: str = "root", password: str = "omero") -> Any:
    conn = BlitzGateway(user, password, host=sandbox.host, port=sandbox.port)
    assert conn.connect()
    return conn


def create_group(conn: BlitzGateway, name: str) -> int:
    group = omero.model.ExperimenterGroupI()
    group.name = rstring(name)
    group.ldap = omero.rtypes.rbool(False)
    group.details.permissions = omero.model.PermissionsI("rwra--")
    return int(conn.getAdminService().createGroup(group))


@pytest.fixture
def project(conn: BlitzGateway) -> Iterator[Any]:
    project = ProjectWrapper(conn, omero.model.ProjectI())
    project.setName("stranger's project")
    project.setDescription("made with a wrapper")
    project.save()
    yield project
    conn.deleteObjects(
        "Project", [project.getId()], deleteAnns=True, deleteChildren=True, wait=True
    )


@pytest.fixture
def dataset(conn: BlitzGateway, project: Any) -> Any:
    dataset = DatasetWrapper(conn, omero.model.DatasetI())
    dataset.setName("stranger's dataset")
    dataset.save()
    link = omero.model.ProjectDatasetLinkI()
    link.setParent(omero.model.ProjectI(project.getId(), False))
    link.setChild(omero.model.DatasetI(dataset.getId(), False))
    conn.getUpdateService().saveObject(link)
    return conn.getObject("Dataset", dataset.getId())


@pytest.fixture
def image(conn: BlitzGateway, dataset: Any) -> Any:
    made = conn.createImageFromNumpySeq(
        give_planes(PIXELS),
        "numpy image",
        SIZE_Z,
        SIZE_C,
        SIZE_T,
        description="from numpy",
        dataset=dataset,
    )
    return conn.getObject("Image", made.getId())


# -- who and where --------------------------------------------


def test_the_session(conn: BlitzGateway) -> None:
    assert conn.isConnected()
    assert conn.keepAlive()
    context = conn.getEventContext()
    assert context.userName == "root"
    assert context.isAdmin
    assert conn.isAdmin()
    user = conn.getUser()
    assert user.getName() == "root"
    assert conn.getUserId() == context.userId
    assert conn.getGroupFromContext().getId() == context.groupId
    assert context.groupId in [group.getId() for group in conn.getGroupsMemberOf()]
    assert conn.getSession().uuid.val == context.sessionUuid
    assert conn.canBeAdmin()


def test_a_second_client_joins_the_session(conn: BlitzGateway, sandbox: Any) -> None:
    joined = BlitzGateway(host=sandbox.host, port=sandbox.port, secure=True)
    assert joined.connect(conn.getSession().uuid.val)
    assert joined.getUser().getName() == "root"
    joined.close(hard=False)
    assert conn.keepAlive()


def test_a_wrong_password(sandbox: Any) -> None:
    wrong = BlitzGateway("root", "wrong", host=sandbox.host, port=sandbox.port)
    assert not wrong.connect()
    wrong.close()


def test_switching_groups(conn: BlitzGateway, sandbox: Any, project: Any) -> None:
    first = conn.getEventContext().groupId
    second = create_group(conn, "another group")
    user = omero.model.ExperimenterI(conn.getUserId(), False)
    group = omero.model.ExperimenterGroupI(second, False)
    conn.getAdminService().addGroups(user, [group])
    # A session keeps the memberships it began with.
    with log_in(sandbox) as later:
        assert second in [each.getId() for each in later.getGroupsMemberOf()]
        assert later.setGroupForSession(second)
        assert later.getEventContext().groupId == second
        assert later.getObject("Project", project.getId()) is None
        later.SERVICE_OPTS.setOmeroGroup("-1")
        assert later.getObject("Project", project.getId()) is not None
        later.SERVICE_OPTS.setOmeroGroup(first)
        assert later.getObject("Project", project.getId()) is not None
        assert later.setGroupForSession(first)
        assert later.getEventContext().groupId == first


def test_switching_groups_while_a_request_is_open(
    conn: BlitzGateway, project: Any, caplog: pytest.LogCaptureFixture
) -> None:
    first = conn.getEventContext().groupId
    handle = conn.deleteObjects("Project", [project.getId()])
    conn.c.sf.createRawPixelsStore()
    assert conn.setGroupForSession(create_group(conn, "a third group"))
    assert not caplog.records
    handle.close()
    assert conn.setGroupForSession(first)


def test_a_new_group_and_a_new_user(conn: BlitzGateway, sandbox: Any) -> None:
    admin = conn.getAdminService()
    group_id = create_group(conn, "strangers")
    user = omero.model.ExperimenterI()
    user.omeName = rstring("stranger")
    user.firstName = rstring("A")
    user.lastName = rstring("Stranger")
    user.ldap = omero.rtypes.rbool(False)
    user_group = omero.model.ExperimenterGroupI(
        admin.getSecurityRoles().userGroupId, False
    )
    admin.createExperimenterWithPassword(
        user,
        rstring("secret"),
        omero.model.ExperimenterGroupI(group_id, False),
        [user_group],
    )
    with log_in(sandbox, "stranger", "secret") as other:
        assert other.getEventContext().groupName == "strangers"
        assert not other.isAdmin()
        assert [e.getName() for e in conn.getObjects("Experimenter")].count("stranger")
        summary = other.getGroupFromContext().groupSummary()
        assert "stranger" in [e.getName() for part in summary for e in part]


# -- browsing --------------------------------------------


def test_walking_the_tree(conn: BlitzGateway, project: Any, image: Any) -> None:
    found = conn.getObject("Project", project.getId())
    assert found.getName() == "stranger's project"
    assert found.getDescription() == "made with a wrapper"
    assert found.countChildren() == 1
    [dataset] = found.listChildren()
    assert dataset.getName() == "stranger's dataset"
    assert dataset.countChildren() == 1
    [child] = dataset.listChildren()
    assert child.getId() == image.getId()
    assert child.getParent().getId() == dataset.getId()
    assert child.getProject().getId() == project.getId()
    assert [parent.getId() for parent in dataset.listParents()] == [project.getId()]
    assert child.getAncestry()[-1].getId() == project.getId()
    assert found.getOwner().getName() == "root"
    assert found.canEdit()
    assert found.canDelete()
    assert found.canLink()
    assert found.canAnnotate()
    assert found.getDate() is not None


def test_listing_projects(conn: BlitzGateway, project: Any) -> None:
    assert project.getId() in [each.getId() for each in conn.listProjects()]


@pytest.mark.parametrize("kind", sorted(KNOWN_WRAPPERS))
def test_get_objects_of_every_type_it_knows(
    conn: BlitzGateway, image: Any, kind: str
) -> None:
    found = list(conn.getObjects(kind, opts={"limit": 5, "offset": 0}))
    assert len(found) <= 5
    for each in found:
        assert each.getId() is not None
    assert conn.getObject(kind, 10**9) is None


def test_get_objects_by_attribute_parent_and_page(
    conn: BlitzGateway, project: Any, dataset: Any, image: Any
) -> None:
    named = conn.getObjects("Dataset", attributes={"name": "stranger's dataset"})
    assert dataset.getId() in [each.getId() for each in named]
    opts = {"project": project.getId()}
    assert [d.getId() for d in conn.getObjects("Dataset", opts=opts)] == [
        dataset.getId()
    ]
    opts = {"dataset": dataset.getId()}
    assert [i.getId() for i in conn.getObjects("Image", opts=opts)] == [image.getId()]
    opts = {"owner": conn.getUserId(), "order_by": "lower(obj.name)", "limit": 1}
    assert len(list(conn.getObjects("Image", opts=opts))) == 1
    opts = {"load_pixels": True, "load_channels": True, "dataset": dataset.getId()}
    [loaded] = conn.getObjects("Image", opts=opts)
    assert loaded.getSizeC() == SIZE_C
    opts = {"child_count": True}
    [counted] = conn.getObjects("Dataset", [dataset.getId()], opts=opts)
    assert counted.countChildren() == 1


def test_orphaned_images(conn: BlitzGateway, image: Any) -> None:
    orphan = conn.createImageFromNumpySeq(give_planes(PIXELS[:1, :1, :1]), "orphan")
    try:
        found = conn.getObjects("Image", opts={"orphaned": True})
        ids = [each.getId() for each in found]
        assert orphan.getId() in ids
        assert image.getId() not in ids
    finally:
        conn.deleteObjects("Image", [orphan.getId()], wait=True)


def test_queries(conn: BlitzGateway, dataset: Any, image: Any) -> None:
    query = conn.getQueryService()
    parameters = omero.sys.ParametersI()
    parameters.add("id", rlong(dataset.getId()))
    rows = query.projection(
        "select i.id, i.name, count(p) from Image i join i.pixels p "
        "join i.datasetLinks l where l.parent.id = :id group by i.id, i.name",
        parameters,
        conn.SERVICE_OPTS,
    )
    assert unwrap(rows) == [[image.getId(), "numpy image", 1]]
    found = query.findByQuery(
        "select i from Image i left outer join fetch i.pixels as p "
        "join fetch p.pixelsType where i.id = :id",
        omero.sys.ParametersI().addId(image.getId()),
    )
    assert found.getPrimaryPixels().getPixelsType().value.val == "uint16"
    assert query.get("Image", image.getId()).name.val == "numpy image"
    assert query.find("Image", 10**9) is None
    assert [each.value.val for each in query.findAll("DimensionOrder", None)]
    with pytest.raises(omero.QueryException):
        query.findAllByQuery("select nonsense from Nowhere", None)


# -- pixels --------------------------------------------


def test_what_an_image_says_of_itself(conn: BlitzGateway, image: Any) -> None:
    assert image.getName() == "numpy image"
    assert image.getDescription() == "from numpy"
    sizes = (image.getSizeZ(), image.getSizeC(), image.getSizeT())
    assert sizes == (SIZE_Z, SIZE_C, SIZE_T)
    assert (image.getSizeY(), image.getSizeX()) == (SIZE_Y, SIZE_X)
    assert image.getPixelsType() == "uint16"
    assert image.getPrimaryPixels().getPixelsType().getValue() == "uint16"
    assert image.getPixelSizeX() is None
    assert image.getChannelLabels() is not None
    assert not image.requiresPixelsPyramid()
    assert image.getOwnerOmeName() == "root"
    assert image.getAuthor()
    assert len(image.getPrimaryPixels().getSha1()) == 40


def test_planes_and_tiles_are_exact(conn: BlitzGateway, image: Any) -> None:
    pixels = image.getPrimaryPixels()
    np.testing.assert_array_equal(pixels.getPlane(1, 2, 1), PIXELS[1, 2, 1])
    places = [(0, 0, 0), (1, 1, 1), (0, 2, 1)]
    for place, plane in zip(places, pixels.getPlanes(places), strict=True):
        np.testing.assert_array_equal(plane, PIXELS[place])
    tile = pixels.getTile(1, 0, 1, (10, 5, 20, 30))
    np.testing.assert_array_equal(tile, PIXELS[1, 0, 1, 5:35, 10:30])
    tiles = [(0, 1, 0, (0, 0, 8, 8)), (1, 1, 0, (52, 32, 8, 8))]
    first, second = pixels.getTiles(tiles)
    np.testing.assert_array_equal(first, PIXELS[0, 1, 0, :8, :8])
    np.testing.assert_array_equal(second, PIXELS[1, 1, 0, 32:, 52:])


@pytest.mark.parametrize(
    "dtype",
    ["int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"],
)
def test_every_pixel_type(conn: BlitzGateway, dtype: str) -> None:
    numbers = np.random.default_rng(1).uniform(-200, 200, (9, 11))
    plane = numbers.astype(dtype) if dtype[0] != "u" else abs(numbers).astype(dtype)
    image = conn.createImageFromNumpySeq(iter([plane]), f"of {dtype}")
    try:
        found = conn.getObject("Image", image.getId()).getPrimaryPixels().getPlane()
        np.testing.assert_array_equal(found, plane)
    finally:
        conn.deleteObjects("Image", [image.getId()], wait=True)


def test_a_raw_pixels_store(conn: BlitzGateway, image: Any) -> None:
    store = conn.c.sf.createRawPixelsStore()
    try:
        store.setPixelsId(image.getPixelsId(), False)
        raw = np.frombuffer(store.getPlane(0, 1, 1), ">u2").reshape(SIZE_Y, SIZE_X)
        np.testing.assert_array_equal(raw, PIXELS[0, 1, 1])
        cube = store.getHypercube(
            [0, 0, 0, 0, 0], [SIZE_X, SIZE_Y, 1, SIZE_C, SIZE_T], [2, 2, 1, 1, 1]
        )
        expected = PIXELS[0, :, :, ::2, ::2].transpose(1, 0, 2, 3)
        read = np.frombuffer(cube, ">u2").reshape(expected.shape)
        np.testing.assert_array_equal(read, expected)
        assert store.getResolutionLevels() == 1
    finally:
        store.close()


def test_a_big_image_written_in_tiles_becomes_a_pyramid(conn: BlitzGateway) -> None:
    width, height = 3300, 3200
    y, x = np.mgrid[:height, :width]
    plane = ((x // 7 + y // 5) % 251).astype("uint8")
    pixels_type = conn.getQueryService().findByString("PixelsType", "value", "uint8")
    image_id = (
        conn.getPixelsService()
        .createImage(width, height, 1, 1, [0], pixels_type, "big", "")
        .val
    )
    image = conn.getObject("Image", image_id)
    try:
        assert image.requiresPixelsPyramid()
        store = conn.c.sf.createRawPixelsStore()
        store.setPixelsId(image.getPixelsId(), False)
        wide, high = store.getTileSize()
        for top in range(0, height, high):
            for left in range(0, width, wide):
                tile = plane[top : top + high, left : left + wide]
                size = (left, top, tile.shape[1], tile.shape[0])
                store.setTile(tile.tobytes(), 0, 0, 0, *size)
        store.save()
        store.close()
        tile = image.getPrimaryPixels().getTile(0, 0, 0, (3000, 3000, 300, 200))
        np.testing.assert_array_equal(tile, plane[3000:, 3000:])
        assert len(image.getZoomLevelScaling()) > 1
        image._closeRE()
    finally:
        conn.deleteObjects("Image", [image_id], wait=True)


def test_a_rendered_image(conn: BlitzGateway, image: Any) -> None:
    rendered = image.renderImage(0, 0)
    assert rendered.size == (SIZE_X, SIZE_Y)
    assert np.asarray(rendered).std() > 0
    image.setGreyscaleRenderingModel()
    grey = np.asarray(image.renderImage(0, 0).convert("RGB")).astype(int)
    assert abs(grey[..., 0] - grey[..., 1]).max() < 12
    image.setColorRenderingModel()
    image.setActiveChannels([1], [[0, 4000]], ["FF0000"])
    red = np.asarray(image.renderImage(0, 0).convert("RGB")).astype(int)
    assert red[..., 0].mean() > 3 * max(red[..., 1].mean(), 1)
    image._closeRE()


def test_channels(conn: BlitzGateway, image: Any) -> None:
    channels = image.getChannels()
    assert len(channels) == SIZE_C
    for index, channel in enumerate(channels):
        assert channel.getWindowMin() == PIXELS[:, index].min()
        assert channel.getWindowMax() == PIXELS[:, index].max()
        assert channel.getColor().getHtml()
        assert channel.getWindowStart() < channel.getWindowEnd()
    conn.setChannelNames("Image", [image.getId()], {1: "DAPI", 2: "GFP", 3: "RFP"})
    again = conn.getObject("Image", image.getId())
    assert again.getChannelLabels() == ["DAPI", "GFP", "RFP"]
    image._closeRE()


def test_saving_rendering_settings(conn: BlitzGateway, image: Any) -> None:
    image.setActiveChannels([1, -2, 3], [[10, 100], [20, 200], [30, 300]])
    assert image.saveDefaults()
    image._closeRE()
    again = conn.getObject("Image", image.getId())
    channels = again.getChannels()
    assert [channel.isActive() for channel in channels] == [True, False, True]
    assert (channels[0].getWindowStart(), channels[0].getWindowEnd()) == (10, 100)
    again._closeRE()


def test_thumbnails(conn: BlitzGateway, image: Any) -> None:
    for size in ((96,), (64, 48), 48):
        data = image.getThumbnail(size)
        assert Image.open(io.BytesIO(data)).format == "JPEG"
    sets = conn.getThumbnailSet([rlong(image.getId())], 32)
    assert Image.open(io.BytesIO(sets[image.getId()])).width <= 32


def test_an_image_made_from_another(conn: BlitzGateway, image: Any) -> None:
    copy = conn.createImageFromNumpySeq(
        give_planes(PIXELS[:, 1:2]),
        "one channel",
        SIZE_Z,
        1,
        SIZE_T,
        sourceImageId=image.getId(),
        channelList=[1],
    )
    try:
        copy = conn.getObject("Image", copy.getId())
        assert copy.getSizeC() == 1
        read = copy.getPrimaryPixels().getPlane(1, 0, 0)
        np.testing.assert_array_equal(read, PIXELS[1, 1, 0])
    finally:
        conn.deleteObjects("Image", [copy.getId()], wait=True)


def test_pixel_sizes(conn: BlitzGateway, image: Any) -> None:
    pixels = image.getPrimaryPixels()._obj
    loaded = conn.getQueryService().get("Pixels", pixels.id.val)
    unit = omero.model.enums.UnitsLength.MICROMETER
    loaded.setPhysicalSizeX(omero.model.LengthI(0.25, unit))
    loaded.setPhysicalSizeY(omero.model.LengthI(0.5, unit))
    conn.getUpdateService().saveObject(loaded)
    again = conn.getObject("Image", image.getId())
    assert again.getPixelSizeX() == 0.25
    size = again.getPixelSizeY(units=True)
    assert (size.getValue(), size.getSymbol()) == (0.5, "µm")
    assert again.getPixelSizeY(units="NANOMETER").getValue() == pytest.approx(500)


# -- annotations --------------------------------------------


def test_tags(conn: BlitzGateway, image: Any) -> None:
    tag = TagAnnotationWrapper(conn)
    tag.setValue("interesting")
    tag.setDescription("look again")
    tag.save()
    image.linkAnnotation(tag)
    assert [each.getTextValue() for each in image.listAnnotations()] == ["interesting"]
    tagged = conn.getObjectsByAnnotations("Image", [tag.getId()])
    assert [each.getId() for each in tagged] == [image.getId()]
    found = conn.getObjects("TagAnnotation", attributes={"textValue": "interesting"})
    assert [each.getId() for each in found] == [tag.getId()]
    counts = conn.countAnnotations("Image", [image.getId()])
    assert counts["TagAnnotation"] == 1
    conn.deleteObjects("TagAnnotation", [tag.getId()], wait=True)
    assert list(conn.getObject("Image", image.getId()).listAnnotations()) == []


def test_key_value_pairs(conn: BlitzGateway, image: Any) -> None:
    pairs = [["drug", "DMSO"], ["drug", "again"], ["dose", "1 µM"]]
    annotation = MapAnnotationWrapper(conn)
    annotation.setNs(KEY_VALUE)
    annotation.setValue(pairs)
    annotation.save()
    image.linkAnnotation(annotation)
    found = conn.getObject("Image", image.getId()).getAnnotation(KEY_VALUE)
    assert [list(pair) for pair in found.getValue()] == pairs
    found.setValue([*pairs, ["more", "yes"]])
    found.save()
    again = conn.getObject("MapAnnotation", annotation.getId())
    assert len(again.getValue()) == 4
    image.removeAnnotations(KEY_VALUE)
    assert conn.getObject("Image", image.getId()).getAnnotation(KEY_VALUE) is None


@pytest.mark.parametrize(
    ("wrapper", "value"),
    [(CommentAnnotationWrapper, "well done"), (LongAnnotationWrapper, 2**40)],
)
def test_other_annotations(
    conn: BlitzGateway, dataset: Any, wrapper: Callable[..., Any], value: Any
) -> None:
    annotation = wrapper(conn)
    annotation.setNs("stranger.example.org/ns")
    annotation.setValue(value)
    dataset.linkAnnotation(annotation)
    [found] = conn.getObject("Dataset", dataset.getId()).listAnnotations(
        "stranger.example.org/ns"
    )
    assert found.getValue() == value
    assert found.getParentLinks is not None
    [link] = conn.getAnnotationLinks("Dataset", parent_ids=[dataset.getId()])
    assert link.getChild().getId() == found.getId()


def test_a_file_annotation(conn: BlitzGateway, dataset: Any, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 50_000)
    attached = conn.createFileAnnfromLocalFile(
        str(path), mimetype="text/csv", ns="stranger.example.org/file", desc="numbers"
    )
    dataset.linkAnnotation(attached)
    found = conn.getObject("Dataset", dataset.getId()).getAnnotation(
        "stranger.example.org/file"
    )
    assert isinstance(found, FileAnnotationWrapper)
    assert found.getFile().getName() == "table.csv"
    assert found.getFile().getSize() == path.stat().st_size
    assert b"".join(found.getFileInChunks()) == path.read_bytes()
    assert re.fullmatch("[0-9a-f]{40}", found.getFile().getHash())
    conn.deleteObjects("FileAnnotation", [attached.getId()], wait=True)
    assert conn.getObject("OriginalFile", found.getFile().getId()) is None


# -- regions --------------------------------------------


def test_regions(conn: BlitzGateway, image: Any) -> None:
    rectangle = omero.model.RectangleI()
    for name, value in {"x": 3, "y": 4, "width": 10, "height": 5}.items():
        setattr(rectangle, name, rdouble(value))
    rectangle.theZ, rectangle.theT = rint(0), rint(1)
    rectangle.textValue = rstring("cell")
    mask = omero.model.MaskI()
    for name, value in {"x": 1, "y": 2, "width": 3, "height": 3}.items():
        setattr(mask, name, rdouble(value))
    mask.bytes = np.packbits(np.eye(3, dtype=bool)).tobytes()
    roi = omero.model.RoiI()
    roi.setImage(image._obj)
    roi.addShape(rectangle)
    roi.addShape(mask)
    saved = conn.getUpdateService().saveAndReturnObject(roi)
    assert image.getROICount() == 1
    result = conn.getRoiService().findByImage(image.getId(), None)
    [found] = result.rois
    assert found.id.val == saved.id.val
    first, second = found.copyShapes()
    assert first.getTextValue().val == "cell"
    assert first.getTheT().val == 1
    assert bytes(second.getBytes()) == mask.bytes
    conn.deleteObjects("Roi", [saved.id.val], wait=True)
    assert image.getROICount() == 0


# -- changing and deleting --------------------------------------------


def test_renaming(conn: BlitzGateway, dataset: Any) -> None:
    dataset.setName("renamed")
    dataset.save()
    assert conn.getObject("Dataset", dataset.getId()).getName() == "renamed"


def test_deleting_an_image(conn: BlitzGateway, dataset: Any, image: Any) -> None:
    handle = conn.deleteObjects("Image", [image.getId()])
    callback = omero.callbacks.CmdCallbackI(conn.c, handle)
    try:
        while not callback.block(500):
            pass
        response = callback.getResponse()
    finally:
        callback.close(True)
    assert not isinstance(response, omero.cmd.ERR)
    assert conn.getObject("Image", image.getId()) is None
    assert list(conn.getObject("Dataset", dataset.getId()).listChildren()) == []


@pytest.mark.parametrize("with_annotations", [False, True])
def test_deleting_a_dataset(
    conn: BlitzGateway, dataset: Any, image: Any, with_annotations: bool
) -> None:
    conn.deleteObjects(
        "Dataset", [dataset.getId()], deleteAnns=with_annotations, wait=True
    )
    assert conn.getObject("Dataset", dataset.getId()) is None
    # The gateway forgets to spare the images if annotations go too.
    is_gone = conn.getObject("Image", image.getId()) is None
    assert is_gone == with_annotations
