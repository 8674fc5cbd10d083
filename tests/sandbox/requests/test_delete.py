"""Delete2: what goes along, what stays, and what is refused."""

from __future__ import annotations

from typing import Any

import omero.all
import omero.cmd
import omero.model
import pytest
from omero.rtypes import rdouble, rint, rlong, rstring

ALL_OF_AN_IMAGE = (
    "Image",
    "Pixels",
    "Channel",
    "LogicalChannel",
    "StatsInfo",
    "RenderingDef",
    "QuantumDef",
    "Thumbnail",
    "Roi",
    "Shape",
    "PlaneInfo",
)


def roi_on(desk: Any, call: Any, image: Any) -> Any:
    roi = omero.model.RoiI()
    roi.image = omero.model.ImageI(image.id.val, False)
    for text in "ab":
        shape = omero.model.RectangleI()
        shape.x = shape.y = shape.width = shape.height = rdouble(1)
        shape.textValue = rstring(text)
        roi.addShape(shape)
    return desk.save(call, roi)


def fileset(desk: Any, call: Any) -> Any:
    made = omero.model.FilesetI()
    made.templatePrefix = rstring("x/")
    entry = omero.model.FilesetEntryI()
    entry.clientPath = rstring("a.tif")
    entry.originalFile = omero.model.OriginalFileI()
    entry.originalFile.name, entry.originalFile.path = rstring("a.tif"), rstring("x/")
    made.addFilesetEntry(entry)
    job = omero.model.UploadJobI()
    for name in ("username", "groupname", "type", "message"):
        setattr(job, name, rstring(name))
    job.submitted = job.scheduledFor = omero.rtypes.rtime(0)
    job.status = omero.model.JobStatusI()
    job.status.value = rstring("Finished")
    made.linkJob(job)
    return desk.save(call, made)


# --- images -----------------------------------------------------------------------


def test_an_image_goes_with_all_that_is_its_own(desk: Any, mia: Any) -> None:
    image = desk.image(mia)
    desk.settings(mia, image)
    roi_on(desk, mia, image)
    gone = desk.delete(mia, {"Image": [image]})
    assert desk.count(*ALL_OF_AN_IMAGE) == 0
    pixels = image.getPrimaryPixels().id.val
    assert gone["Image"] == [image.id.val]
    assert gone["Pixels"] == [pixels]
    assert len(gone["Channel"]) == len(gone["LogicalChannel"]) == 2
    assert len(gone["Rectangle"]) == 2
    assert desk.pixels.deleted == [pixels]


def test_response_keys_are_java_names(desk: Any, mia: Any) -> None:
    image = desk.image(mia)
    request = omero.cmd.Delete2(targetObjects={"omero.model.Image": [image.id.val]})
    handle = desk.submit(mia, request)
    found = handle.getResponse(mia).deletedObjects
    assert found["ome.model.core.Image"] == [image.id.val]
    assert "ome.model.stats.StatsInfo" in found


def test_settings_of_others_go_regardless(desk: Any, mia: Any, ned: Any) -> None:
    image = desk.image(mia)
    desk.settings(ned, image)
    desk.delete(mia, {"Image": [image]})
    assert desk.count("RenderingDef", "QuantumDef", "Thumbnail", "Image") == 0


def test_regions_of_others_stay_without_image(desk: Any, mia: Any, ned: Any) -> None:
    image = desk.image(mia)
    roi_on(desk, ned, image)
    roi_on(desk, mia, image)
    gone = desk.delete(mia, {"Image": [image]})
    assert len(gone["Roi"]) == 1
    assert desk.count("Image") == 0
    assert desk.count("Roi") == 1


def test_shared_channels_stay_while_an_image_uses_them(desk: Any, mia: Any) -> None:
    one = desk.image(mia, channels=1)
    (channel,) = one.getPrimaryPixels().copyChannels()
    two = desk.image(mia, channels=0)
    copy = omero.model.ChannelI()
    copy.logicalChannel = omero.model.LogicalChannelI(channel.logicalChannel.id.val, 0)
    copy.pixels = omero.model.PixelsI(two.getPrimaryPixels().id.val, False)
    desk.save(mia, copy)
    desk.delete(mia, {"Image": [one]})
    assert desk.count("LogicalChannel") == 1
    desk.delete(mia, {"Image": [two]})
    assert desk.count("LogicalChannel") == 0


def test_a_shared_instrument_goes_with_its_last_image(desk: Any, mia: Any) -> None:
    instrument = omero.model.InstrumentI()
    instrument.microscope = omero.model.MicroscopeI()
    instrument.microscope.type = omero.model.MicroscopeTypeI()
    instrument.microscope.type.value = rstring("Inverted")
    detector = omero.model.DetectorI()
    detector.type = omero.model.DetectorTypeI()
    detector.type.value = rstring("CCD")
    instrument.addDetector(detector)
    instrument = desk.save(mia, instrument)
    images = [
        desk.make(
            mia, "Image", instrument=omero.model.InstrumentI(instrument.id.val, False)
        )
        for _ in range(2)
    ]
    desk.delete(mia, {"Image": images[:1]})
    assert desk.count("Instrument", "Microscope", "Detector") == 3
    desk.delete(mia, {"Image": images[1:]})
    assert desk.count("Instrument", "Microscope", "Detector") == 0


def test_an_image_in_a_well_stays(desk: Any, mia: Any) -> None:
    plate = desk.make(mia, "Plate")
    image = desk.image(mia)
    well = desk.make(
        mia,
        "Well",
        plate=omero.model.PlateI(plate.id.val, False),
        row=rint(0),
        column=rint(0),
    )
    field = desk.make(
        mia,
        "WellSample",
        well=omero.model.WellI(well.id.val, False),
        image=omero.model.ImageI(image.id.val, False),
    )
    failure = desk.delete(mia, {"Image": [image]})
    assert failure.message == (
        f"may not delete Image[{image.id.val}] while WellSample[{field.id.val}] remains"
    )
    desk.delete(mia, {"Plate": [plate]})
    assert desk.count("Plate", "Well", "WellSample", "Image", "Pixels") == 0


# --- containers -------------------------------------------------------------------


def tree(desk: Any, call: Any) -> tuple[Any, Any, Any]:
    project, dataset = desk.make(call, "Project"), desk.make(call, "Dataset")
    image = desk.image(call)
    desk.link(call, project, dataset)
    desk.link(call, dataset, image)
    return project, dataset, image


def test_containers_go_with_their_contents(desk: Any, mia: Any) -> None:
    project, _, _ = tree(desk, mia)
    gone = desk.delete(mia, {"Project": [project]})
    assert {"Project", "Dataset", "Image", "DatasetImageLink"} <= gone.keys()
    assert desk.count("Project", "Dataset", "Image", "ProjectDatasetLink") == 0


def test_what_is_in_another_container_stays(desk: Any, mia: Any) -> None:
    project, dataset, image = tree(desk, mia)
    other = desk.make(mia, "Dataset")
    desk.link(mia, other, image)
    gone = desk.delete(mia, {"Project": [project]})
    assert "Image" not in gone
    assert gone["Dataset"] == [dataset.id.val]
    assert desk.count("DatasetImageLink") == desk.count("Image") == 1
    gone = desk.delete(mia, {"Dataset": [other]})
    assert gone["Image"] == [image.id.val]


def test_two_containers_of_one_image_together(desk: Any, mia: Any) -> None:
    project, dataset, image = tree(desk, mia)
    other = desk.make(mia, "Dataset")
    desk.link(mia, other, image)
    gone = desk.delete(mia, {"Dataset": [dataset, other]})
    assert gone["Image"] == [image.id.val]
    assert desk.count("Project") == 1
    assert project


def test_contents_of_others_stay(desk: Any) -> None:
    lea, ned = desk.call("lea"), desk.call("ned")
    dataset, image = desk.make(ned, "Dataset"), desk.image(lea)
    desk.link(lea, dataset, image)
    gone = desk.delete(ned, {"Dataset": [dataset]})
    assert gone.keys() == {"Dataset", "DatasetImageLink"}
    assert desk.count("Image") == 1


def test_a_link_alone_takes_nothing_along(desk: Any, mia: Any) -> None:
    dataset, image = desk.make(mia, "Dataset"), desk.image(mia)
    link = desk.link(mia, dataset, image)
    gone = desk.delete(mia, {"DatasetImageLink": [link]})
    assert gone == {"DatasetImageLink": [link.id.val]}


def test_child_options(desk: Any, mia: Any) -> None:
    project, dataset, image = tree(desk, mia)
    gone = desk.delete(mia, {"Project": [project]}, excludeType=["Dataset", "Image"])
    assert gone.keys() == {"Project", "ProjectDatasetLink"}
    other = desk.make(mia, "Dataset")
    desk.link(mia, other, image)
    gone = desk.delete(mia, {"Dataset": [dataset]}, includeType=["Image"])
    assert gone["Image"] == [image.id.val]
    assert desk.count("DatasetImageLink", "Image") == 0


def test_folders(desk: Any, mia: Any, ned: Any) -> None:
    top = desk.make(mia, "Folder")
    below = desk.make(
        mia, "Folder", parentFolder=omero.model.FolderI(top.id.val, False)
    )
    image = desk.image(mia)
    desk.link(mia, below, image)
    desk.delete(mia, {"Folder": [top]})
    assert desk.count("Folder", "Image", "FolderImageLink") == 0


# --- annotations ------------------------------------------------------------------


def annotated(desk: Any, call: Any, kind: str, *, by: Any = None, **fields: Any) -> Any:
    project = desk.make(call, "Project")
    annotation = desk.make(by or call, kind, **fields)
    desk.link(by or call, project, annotation)
    return project, annotation


@pytest.mark.parametrize(
    "kind",
    ["CommentAnnotation", "LongAnnotation", "MapAnnotation", "TagAnnotation"],
)
def test_own_annotations_go_when_unused(desk: Any, mia: Any, kind: str) -> None:
    project, annotation = annotated(desk, mia, kind)
    gone = desk.delete(mia, {"Project": [project]})
    assert gone[kind] == [annotation.id.val]
    assert desk.count("Annotation", "ProjectAnnotationLink") == 0


@pytest.mark.parametrize("kind", ["TagAnnotation", "MapAnnotation"])
def test_used_annotations_stay(desk: Any, mia: Any, kind: str) -> None:
    project, annotation = annotated(desk, mia, kind)
    desk.link(mia, desk.image(mia), annotation)
    gone = desk.delete(mia, {"Project": [project]})
    assert gone.keys() == {"Project", "ProjectAnnotationLink"}
    assert desk.count("Annotation") == 1


@pytest.mark.parametrize(
    ("kind", "goes"),
    [
        ("CommentAnnotation", True),
        ("LongAnnotation", True),
        ("MapAnnotation", False),
        ("TagAnnotation", False),
    ],
)
def test_annotations_by_others(
    desk: Any, mia: Any, ned: Any, kind: str, goes: bool
) -> None:
    project, _ = annotated(desk, mia, kind, by=ned)
    gone = desk.delete(mia, {"Project": [project]})
    assert (kind in gone) == goes
    assert desk.count("ProjectAnnotationLink") == 0


def test_a_leader_takes_maps_but_not_tags_of_others(desk: Any, mia: Any) -> None:
    lea = desk.call("lea")
    project, _ = annotated(desk, lea, "TagAnnotation", by=mia)
    desk.link(mia, project, desk.make(mia, "MapAnnotation"))
    gone = desk.delete(lea, {"Project": [project]})
    assert "MapAnnotation" in gone
    assert "TagAnnotation" not in gone  # its owner is not the project's


def test_the_file_of_an_attachment_goes_with_it(desk: Any, mia: Any) -> None:
    file = desk.make(mia, "OriginalFile", path=rstring("/"))
    project, _ = annotated(
        desk, mia, "FileAnnotation", file=omero.model.OriginalFileI(file.id.val, False)
    )
    gone = desk.delete(mia, {"Project": [project]})
    assert gone["OriginalFile"] == [file.id.val]
    assert desk.files.deleted == [file.id.val]


def test_excluded_annotations_stay(desk: Any, mia: Any) -> None:
    project, tag = annotated(desk, mia, "TagAnnotation")
    gone = desk.delete(
        mia, {"Project": [project]}, excludeType=["TagAnnotation", "FileAnnotation"]
    )
    assert "TagAnnotation" not in gone
    assert desk.count("Annotation") == 1
    assert tag


def test_options_leave_companion_files_alone(desk: Any, mia: Any) -> None:
    file = desk.make(mia, "OriginalFile", path=rstring("/"))
    project, note = annotated(
        desk,
        mia,
        "FileAnnotation",
        file=omero.model.OriginalFileI(file.id.val, False),
        ns=rstring("openmicroscopy.org/omero/import/companionFile"),
    )
    gone = desk.delete(mia, {"Project": [project]}, excludeType=["FileAnnotation"])
    assert gone["FileAnnotation"] == [note.id.val]


def test_options_by_namespace(desk: Any, mia: Any) -> None:
    project, mine = annotated(desk, mia, "CommentAnnotation", ns=rstring("mine"))
    desk.link(mia, project, desk.make(mia, "CommentAnnotation", ns=rstring("yours")))
    gone = desk.delete(
        mia, {"Project": [project]}, excludeType=["Annotation"], includeNs=["mine"]
    )
    assert mine.id.val not in gone["CommentAnnotation"]
    assert len(gone["CommentAnnotation"]) == 1


@pytest.mark.parametrize(
    ("kind", "goes"), [("CommentAnnotation", True), ("TagAnnotation", False)]
)
def test_unlinking_an_annotation(desk: Any, mia: Any, kind: str, goes: bool) -> None:
    project, annotation = desk.make(mia, "Project"), desk.make(mia, kind)
    link = desk.link(mia, project, annotation)
    gone = desk.delete(mia, {"IAnnotationLink": [link]})
    assert (kind in gone) == goes
    assert desk.count("Project") == 1


def test_deleting_an_annotation_takes_its_links(desk: Any, mia: Any) -> None:
    project, tag = annotated(desk, mia, "TagAnnotation")
    gone = desk.delete(mia, {"Annotation": [tag]})
    assert gone.keys() == {"TagAnnotation", "ProjectAnnotationLink"}
    assert desk.count("Project") == 1
    assert project


def test_a_tag_on_others_data(desk: Any, mia: Any, ned: Any) -> None:
    project, tag = annotated(desk, mia, "TagAnnotation", by=ned)
    failure = desk.delete(ned, {"Annotation": [tag]})
    assert failure.message == (
        f"may not delete TagAnnotation[{tag.id.val}] "
        f"while Project[{project.id.val}] remains"
    )


def test_a_tag_in_a_set_stays_with_the_set(desk: Any, mia: Any) -> None:
    project, tag = annotated(desk, mia, "TagAnnotation")
    tags = desk.make(mia, "TagAnnotation")
    desk.link(mia, tags, tag, "AnnotationAnnotationLink")
    assert "TagAnnotation" not in desk.delete(mia, {"Project": [project]})
    gone = desk.delete(mia, {"TagAnnotation": [tags]})
    assert gone["TagAnnotation"] == sorted([tag.id.val, tags.id.val])


def test_external_info_goes_along(desk: Any, mia: Any) -> None:
    project = omero.model.ProjectI()
    project.name = rstring("p")
    info = omero.model.ExternalInfoI()
    info.entityId, info.entityType = rlong(1), rstring("x")
    project.details.externalInfo = info
    gone = desk.delete(mia, {"Project": [desk.save(mia, project)]})
    assert gone.keys() == {"Project", "ExternalInfo"}


# --- filesets ---------------------------------------------------------------------


def test_images_of_a_fileset_go_all_or_none(desk: Any, mia: Any) -> None:
    shared = fileset(desk, mia)
    one, two = (desk.image(mia, fileset=shared) for _ in range(2))
    failure = desk.delete(mia, {"Image": [one]})
    assert failure.name == "graph-fail"
    assert failure.message == (
        f"within Fileset[{shared.id.val}] may not delete Image[{one.id.val}] "
        f"while Image[{two.id.val}] remains"
    )
    assert desk.count("Image") == 2
    gone = desk.delete(mia, {"Image": [one, two]})
    assert gone["Fileset"] == [shared.id.val]
    assert desk.count("Fileset", "FilesetEntry", "OriginalFile", "Job") == 0
    assert desk.files.deleted == gone["OriginalFile"]


def test_images_stay_where_only_part_of_their_fileset_was_in_a_dataset(
    desk: Any, mia: Any
) -> None:
    shared = fileset(desk, mia)
    images = [desk.image(mia, fileset=shared) for _ in range(2)]
    datasets = []
    for image in images:
        dataset = omero.model.DatasetI()
        dataset.name = rstring("d")
        datasets.append(desk.save(mia, dataset))
        desk.link(mia, datasets[-1], image)
    gone = desk.delete(mia, {"Dataset": datasets[:1]})
    assert "Image" not in gone
    assert desk.count("Image") == 2
    again = omero.model.DatasetI()
    again.name = rstring("again")
    again = desk.save(mia, again)
    desk.link(mia, again, images[0])
    gone = desk.delete(mia, {"Dataset": [again, datasets[1]]})
    assert sorted(gone["Image"]) == [image.id.val for image in images]
    assert gone["Fileset"] == [shared.id.val]


def test_a_fileset_goes_with_all_its_images(desk: Any, mia: Any) -> None:
    shared = fileset(desk, mia)
    desk.image(mia, fileset=shared)
    desk.delete(mia, {"Fileset": [shared]})
    assert desk.count("Fileset", "Image", "Pixels", "OriginalFile") == 0


def test_a_file_of_a_fileset_stays(desk: Any, mia: Any) -> None:
    shared = fileset(desk, mia)
    (entry,) = shared.copyUsedFiles()
    file = entry.originalFile
    failure = desk.delete(mia, {"OriginalFile": [file]})
    assert failure.message == (
        f"may not delete OriginalFile[{file.id.val}] "
        f"while FilesetEntry[{entry.id.val}] remains"
    )


# --- regions ----------------------------------------------------------------------


def test_regions_and_shapes(desk: Any, mia: Any) -> None:
    image = desk.image(mia)
    roi = roi_on(desk, mia, image)
    first, second = (shape.id.val for shape in roi.copyShapes())
    assert desk.delete(mia, {"Shape": [first]}) == {"Rectangle": [first]}
    gone = desk.delete(mia, {"Roi": [roi]})
    assert gone == {"Roi": [roi.id.val], "Rectangle": [second]}
    assert desk.count("Image") == 1


# --- how it is asked for ----------------------------------------------------------


def test_a_dry_run_only_tells(desk: Any, mia: Any) -> None:
    image = desk.image(mia)
    told = desk.delete(mia, {"Image": [image]}, dry=True)
    assert desk.count("Image") == 1
    assert desk.pixels.deleted == []
    assert told == desk.delete(mia, {"Image": [image]})


def test_missing_and_hidden_objects_are_passed_over(desk: Any, mia: Any) -> None:
    hidden = desk.image(desk.call("ned", "secret"))
    assert desk.delete(mia, {"Image": [999, hidden]}) == {}
    assert desk.count("Image") == 1


def test_all_groups_are_searched(desk: Any) -> None:
    image = desk.image(desk.call("mia", "secret"))
    desk.delete(desk.call("mia", "lab"), {"Image": [image]})
    assert desk.count("Image") == 0


def test_others_objects_may_not_be_deleted(desk: Any, mia: Any, ned: Any) -> None:
    image = desk.image(mia)
    failure = desk.delete(ned, {"Image": [image]})
    assert failure.message == f"not permitted to delete Image[{image.id.val}]"
    assert isinstance(failure, omero.cmd.GraphException)
    assert desk.count("Image") == 1
    desk.delete(desk.call("lea"), {"Image": [image]})
    assert desk.count("Image") == 0


@pytest.mark.parametrize(
    ("targets", "code"),
    [
        ({"Picture": [1]}, "bad-class"),
        ({"Pixels": [1]}, "bad-target"),
        ({"Experimenter": [1]}, "bad-target"),
    ],
)
def test_bad_targets(desk: Any, mia: Any, targets: Any, code: str) -> None:
    failure = desk.delete(mia, targets)
    assert (failure.name, failure.category) == (code, "::omero::cmd::Delete2")
    assert failure.parameters["message"]


def test_bad_options(desk: Any, mia: Any) -> None:
    image = desk.image(mia)
    assert desk.delete(mia, {"Image": [image]}, includeNs=["x"]).name == "bad-options"
    both = {"excludeType": ["Tag"], "includeNs": ["x"], "excludeNs": ["y"]}
    assert desk.delete(mia, {"Image": [image]}, **both).name == "bad-class"
    both["excludeType"] = ["TagAnnotation"]
    assert desk.delete(mia, {"Image": [image]}, **both).name == "bad-options"


def test_ignored_types_are_left_alone(desk: Any, mia: Any) -> None:
    project, _ = annotated(desk, mia, "CommentAnnotation")
    desk.delete(mia, {"Project": [project]}, ignore=("Annotation",))
    assert desk.count("Annotation") == 1
    assert desk.count("Project", "ProjectAnnotationLink") == 0


def test_data_that_cannot_be_removed_is_no_failure(desk: Any, mia: Any) -> None:
    desk.pixels.broken = True
    image = desk.image(mia)
    assert "Image" in desk.delete(mia, {"Image": [image]})
    assert desk.count("Image") == 0


def test_the_history_tells_of_every_object(desk: Any, mia: Any) -> None:
    image = desk.image(mia)
    desk.delete(mia, {"Image": [image]})
    with desk.society.core.database.read() as connection:
        text = "SELECT entityType FROM EventLog WHERE action = 'DELETE'"
        told = list(connection.exec_driver_sql(text).scalars())
    assert told.count("ome.model.core.Channel") == 2
    assert told.count("ome.model.core.Image") == 1
