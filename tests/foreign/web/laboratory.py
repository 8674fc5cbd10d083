"""A small laboratory on a sandbox, filled by BlitzGateway: one of everything."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import omero
import omero.grid
import omero.model
from omero.gateway import BlitzGateway
from omero.rtypes import rbool, rdouble, rint, rlong, rstring
from PIL import Image

from napari_omero_io import Sandbox

PASSWORD = "secret"
#: Members of two groups each; the first is looked at through the browser.
USER, COLLEAGUE = "ann", "bob"
GROUP, OTHER_GROUP = "lab", "second lab"
MAP_NAMESPACE = "openmicroscopy.org/omero/client/mapAnnotation"
TABLE_NAMESPACE = "openmicroscopy.org/omero/bulk_annotations"


@dataclass
class Laboratory:
    """Ids of what there is, by names of OMERO's classes in lower case."""

    ids: dict[str, list[int]] = field(default_factory=dict)

    def add(self, kind: str, number: int) -> int:
        self.ids.setdefault(kind, []).append(number)
        return number

    def first(self, kind: str) -> int:
        return self.ids[kind][0]


def connect(sandbox: Sandbox, user: str, password: str = PASSWORD) -> BlitzGateway:
    connection = BlitzGateway(
        user, password, host=sandbox.host, port=sandbox.port, secure=True
    )
    assert connection.connect(), connection.getLastError()
    return connection


def fill(sandbox: Sandbox) -> Laboratory:
    """Make people, containers, images, a plate, regions, annotations."""
    made = Laboratory()
    root = connect(sandbox, sandbox.user, sandbox.password)
    try:
        _add_people(root, made)
    finally:
        root.close()
    ann = connect(sandbox, USER)
    try:
        _add_containers(ann, made)
        _add_images(ann, made)
        _add_plate(ann, made)
        _add_regions(ann, made)
        _annotate(ann, made)
    finally:
        ann.close()
    return made


def _add_people(conn: Any, made: Laboratory) -> None:
    admin = conn.getAdminService()
    everybody = omero.model.ExperimenterGroupI(1, False)
    groups = []
    for name in (GROUP, OTHER_GROUP):
        group = omero.model.ExperimenterGroupI()
        group.name, group.ldap = rstring(name), rbool(False)
        group.details.permissions = omero.model.PermissionsI("rwra--")
        groups.append(made.add("group", admin.createGroup(group)))
    first, second = (omero.model.ExperimenterGroupI(id_, False) for id_ in groups)
    for name in (USER, COLLEAGUE):
        person = omero.model.ExperimenterI()
        person.omeName, person.ldap = rstring(name), rbool(False)
        person.firstName, person.lastName = rstring(name.capitalize()), rstring("Lab")
        person.email = rstring(f"{name}@example.org")
        made.add(
            "experimenter",
            admin.createExperimenterWithPassword(
                person, rstring(PASSWORD), first, [second, everybody]
            ),
        )


def _save(conn: Any, thing: Any) -> Any:
    return conn.getUpdateService().saveAndReturnObject(thing, conn.SERVICE_OPTS)


def _link(conn: Any, kind: str, parent: Any, child: Any) -> None:
    link = getattr(omero.model, kind)()
    link.parent, link.child = parent.proxy(), child.proxy()
    _save(conn, link)


def _named(class_name: str, name: str) -> Any:
    thing = getattr(omero.model, class_name)()
    thing.name = rstring(name)
    return thing


def _add_containers(conn: Any, made: Laboratory) -> None:
    project = _save(conn, _named("ProjectI", "screening"))
    made.add("project", project.id.val)
    for name in ("monday", "tuesday"):
        dataset = _save(conn, _named("DatasetI", name))
        made.add("dataset", dataset.id.val)
        _link(conn, "ProjectDatasetLinkI", project, dataset)


def _add_images(conn: Any, made: Laboratory) -> None:
    """Make a stack of two channels in a dataset, a plain one beside it, an orphan."""
    y, x = np.mgrid[:96, :128]

    def planes(z: int, c: int) -> Any:
        for index in range(z * c):
            yield ((x + 16 * index) * 200 + y).astype("uint16")

    for name, z, c, dataset in (
        ("stack", 4, 2, made.first("dataset")),
        ("plain", 1, 1, made.first("dataset")),
        ("orphan", 1, 1, None),
    ):
        image = conn.createImageFromNumpySeq(
            *(planes(z, c), name, z, c, 1),
            dataset=dataset and conn.getObject("Dataset", dataset),
        )
        made.add("image", image.getId())
        for channel in image.getChannels():
            made.add("channel", channel.getId())
        made.add("pixels", image.getPrimaryPixels().getId())


def _add_plate(conn: Any, made: Laboratory) -> None:
    """Make a screen with a plate of two by two wells, one run, one field a well."""
    screen = _save(conn, _named("ScreenI", "drugs"))
    made.add("screen", screen.id.val)
    plate = _named("PlateI", "plate 1")
    plate.columnNamingConvention = rstring("number")
    plate.rowNamingConvention = rstring("letter")
    plate = _save(conn, plate)
    made.add("plate", plate.id.val)
    _link(conn, "ScreenPlateLinkI", screen, plate)
    run = _named("PlateAcquisitionI", "run 1")
    run.plate = plate.proxy()
    run = _save(conn, run)
    made.add("run", run.id.val)
    for row, column in np.ndindex(2, 2):
        plane = np.full((32, 32), 1000 * (1 + row + column), "uint16")
        plane[8:24, 8:24] = 60_000
        image = conn.createImageFromNumpySeq(
            iter([plane]), f"plate 1 [{'AB'[row]}{column + 1}]"
        )
        made.add("field", image.getId())
        well = omero.model.WellI()
        well.row, well.column, well.plate = rint(row), rint(column), plate.proxy()
        sample = omero.model.WellSampleI()
        sample.image = omero.model.ImageI(image.getId(), False)
        sample.plateAcquisition = run.proxy()
        well.addWellSample(sample)
        made.add("well", _save(conn, well).id.val)


def _add_regions(conn: Any, made: Laboratory) -> None:
    rectangle = omero.model.RectangleI()
    rectangle.x, rectangle.y = rdouble(10), rdouble(20)
    rectangle.width, rectangle.height = rdouble(40), rdouble(30)
    rectangle.textValue = rstring("a nucleus")
    mask = omero.model.MaskI()
    mask.x, mask.y, mask.width, mask.height = map(rdouble, (60, 10, 16, 16))
    mask.bytes = np.packbits(np.tri(16, dtype="uint8")).tobytes()
    mask.fillColor = rint(-16776961)
    for shape in (rectangle, mask):
        roi = omero.model.RoiI()
        roi.image = omero.model.ImageI(made.first("image"), False)
        roi.addShape(shape)
        roi = _save(conn, roi)
        made.add("roi", roi.id.val)
        made.add("shape", roi.getPrimaryShape().id.val)


def _annotate(conn: Any, made: Laboratory) -> None:
    """Put one annotation of each kind on the first image, and a table on the plate."""
    image = omero.model.ImageI(made.first("image"), False)

    def attach(annotation: Any, kind: str) -> Any:
        saved = _save(conn, annotation)
        made.add(kind, saved.id.val)
        _link(conn, "ImageAnnotationLinkI", image, saved)
        return saved

    tag = omero.model.TagAnnotationI()
    tag.textValue, tag.description = rstring("mitosis"), rstring("seen dividing")
    tag = attach(tag, "tag")
    tag_set = omero.model.TagAnnotationI()
    tag_set.textValue = rstring("phases")
    tag_set.ns = rstring(omero.constants.metadata.NSINSIGHTTAGSET)
    tag_set = _save(conn, tag_set)
    made.add("tagset", tag_set.id.val)
    _link(conn, "AnnotationAnnotationLinkI", tag_set, tag)

    comment = omero.model.CommentAnnotationI()
    comment.textValue = rstring("well done")
    attach(comment, "comment")
    pairs = omero.model.MapAnnotationI()
    pairs.ns = rstring(MAP_NAMESPACE)
    pairs.mapValue = [omero.model.NamedValue("gene", "TP53")]
    attach(pairs, "map")
    rating = omero.model.LongAnnotationI()
    rating.ns = rstring(omero.constants.metadata.NSINSIGHTRATING)
    rating.longValue = rlong(4)
    attach(rating, "rating")
    number = omero.model.DoubleAnnotationI()
    number.doubleValue = rdouble(2.5)
    attach(number, "double")
    text = omero.model.XmlAnnotationI()
    text.textValue = rstring("<a/>")
    attach(text, "xml")

    content = io.BytesIO(b"a,b\n1,2\n")
    original = conn.createOriginalFileFromFileObj(
        content, None, "numbers.csv", 8, mimetype="text/csv"
    )
    made.add("file", original.getId())
    attachment = omero.model.FileAnnotationI()
    attachment.file = original._obj.proxy()
    attach(attachment, "attachment")
    _add_table(conn, made)


def _add_table(conn: Any, made: Laboratory) -> None:
    resources = conn.c.sf.sharedResources()
    table = resources.newTable(1, "measured")
    try:
        wells = omero.grid.WellColumn("Well", "", made.ids["well"])
        areas = omero.grid.DoubleColumn("area", "", [1.5, 2.5, 3.5, 4.5])
        table.initialize([wells, areas])
        table.addData([wells, areas])
        original = table.getOriginalFile()
    finally:
        table.close()
    made.add("table", original.id.val)
    annotation = omero.model.FileAnnotationI()
    annotation.ns = rstring(TABLE_NAMESPACE)
    annotation.file = original.proxy()
    annotation = _save(conn, annotation)
    plate = omero.model.PlateI(made.first("plate"), False)
    _link(conn, "PlateAnnotationLinkI", plate, annotation)


def draw_portrait() -> bytes:
    """Draw what somebody may upload as a picture of themselves."""
    stream = io.BytesIO()
    Image.new("RGB", (48, 48), (200, 120, 40)).save(stream, "PNG")
    return stream.getvalue()
