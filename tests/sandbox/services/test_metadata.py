"""IMetadata and ITypes."""

from __future__ import annotations

from typing import Any

import omero.all
import omero.model
import omero.sys
import pytest
from omero.rtypes import rlong, rstring

from napari_omero_io.sandbox.errors import ApiUsage, Invalid, NotAllowed

from .conftest import enum

TAG = "ome.model.annotations.TagAnnotation"
SET = "openmicroscopy.org/omero/insight/tagset"


def ids(objects: Any) -> list[int]:
    return [one.id.val for one in objects]


@pytest.fixture
def annotated(lab: Any, mia: Any, ned: Any) -> dict[str, Any]:
    images = [lab.image(mia), lab.image(mia)]
    tag = lab.make(mia, "TagAnnotation", textValue=rstring("tag"))
    note = lab.make(ned, "CommentAnnotation", textValue=rstring("nice"))
    file = lab.make(mia, "OriginalFile", path=rstring("/"))
    attachment = lab.make(
        mia,
        "FileAnnotation",
        ns=rstring("ns"),
        file=omero.model.OriginalFileI(file.id.val, False),
    )
    for call, annotation in ((mia, tag), (ned, note), (mia, attachment)):
        lab.link(call, "ImageAnnotationLink", images[0], annotation)
    return {"images": images, "tag": tag, "note": note, "file": attachment}


def test_annotations_of_objects(lab: Any, mia: Any, annotated: Any) -> None:
    first, second = ids(annotated["images"])
    found = lab.metadata.loadAnnotations(
        mia, "Image", [first, second, 999], [], [], None
    )
    assert found.keys() == {first, second}
    assert sorted(ids(found[first])) == sorted(
        annotated[key].id.val for key in ("tag", "note", "file")
    )
    assert found[second] == []
    loaded = {one.id.val: one for one in found[first]}
    attachment = loaded[annotated["file"].id.val]
    assert attachment.file.name.val == "OriginalFile"
    assert attachment.details.owner.omeName.val == "mia"
    assert attachment.details.creationEvent.isLoaded()
    assert lab.metadata.loadAnnotations(mia, "Image", [], [], [], None) == {}
    with pytest.raises(ApiUsage):
        lab.metadata.loadAnnotations(mia, "Pixels", [1], [], [], None)


def test_by_type_and_annotator(lab: Any, mia: Any, ned: Any, annotated: Any) -> None:
    first = annotated["images"][0].id.val
    load = lab.metadata.loadAnnotations
    found = load(mia, "ome.model.core.Image", [first], [TAG], [], None)
    assert ids(found[first]) == [annotated["tag"].id.val]
    found = load(mia, "Image", [first], [], [ned.caller.user_id], None)
    assert ids(found[first]) == [annotated["note"].id.val]


def test_by_namespace(lab: Any, mia: Any, annotated: Any) -> None:
    load = lab.metadata.loadSpecifiedAnnotations
    attachment = annotated["file"].id.val
    assert ids(load(mia, "FileAnnotation", ["ns"], [], None)) == [attachment]
    assert load(mia, "FileAnnotation", ["other"], [], None) == []
    assert load(mia, "FileAnnotation", [], ["ns"], None) == []
    assert ids(load(mia, TAG, [], ["ns"], None)) == [annotated["tag"].id.val]
    assert len(load(mia, "Annotation", [], [], None)) == 3
    assert lab.metadata.countSpecifiedAnnotations(
        mia, "Annotation", [], ["ns"], None
    ) == rlong(2)
    with pytest.raises(ApiUsage):
        load(mia, "Image", [], [], None)


def test_annotations_without_a_file_are_left_out(lab: Any, mia: Any) -> None:
    lab.make(mia, "FileAnnotation")
    assert (
        lab.metadata.loadSpecifiedAnnotations(mia, "FileAnnotation", [], [], None) == []
    )


def test_linked_annotations(lab: Any, mia: Any, annotated: Any) -> None:
    wanted = ids(annotated["images"])
    found = lab.metadata.loadSpecifiedAnnotationsLinkedTo(
        mia, TAG, [], ["ns"], "Image", wanted, None
    )
    assert {id_: ids(one) for id_, one in found.items()} == {
        wanted[0]: [annotated["tag"].id.val]
    }


def test_annotations_by_id(lab: Any, mia: Any, annotated: Any) -> None:
    (found,) = lab.metadata.loadAnnotation(mia, [annotated["file"].id.val])
    assert found.file.isLoaded()
    assert lab.metadata.loadAnnotation(mia, []) == []


def test_tags_and_sets(lab: Any, mia: Any, annotated: Any) -> None:
    tags = lab.make(mia, "TagAnnotation", ns=rstring(SET))
    member = lab.make(mia, "TagAnnotation", textValue=rstring("member"))
    lab.link(mia, "AnnotationAnnotationLink", tags, member)
    (found,) = lab.metadata.loadTagSets(mia, None)
    assert found.id.val == tags.id.val
    assert ids(found.linkedAnnotationList()) == [member.id.val]
    orphans = omero.sys.ParametersI()
    orphans.orphan()
    assert ids(lab.metadata.loadTagSets(mia, orphans)) == [
        tags.id.val,
        annotated["tag"].id.val,
    ]


def test_what_is_tagged(lab: Any, mia: Any, annotated: Any) -> None:
    project, tag = lab.make(mia, "Project"), annotated["tag"]
    lab.link(mia, "ProjectAnnotationLink", project, tag)
    content = lab.metadata.loadTagContent(mia, [tag.id.val], None)
    assert [type(one).__name__ for one in content[tag.id.val]] == ["ImageI", "ProjectI"]
    counts = lab.metadata.getTaggedObjectsCount(mia, [tag.id.val, 999], None)
    assert counts == {tag.id.val: 2, 999: 0}


def test_annotations_of_others_that_one_uses(
    lab: Any, mia: Any, ned: Any, annotated: Any
) -> None:
    lab.link(ned, "ImageAnnotationLink", annotated["images"][1], annotated["tag"])
    used = lab.metadata.loadAnnotationsUsedNotOwned
    assert ids(used(ned, TAG, ned.caller.user_id)) == [annotated["tag"].id.val]
    assert used(mia, TAG, mia.caller.user_id) == []
    counted = lab.metadata.countAnnotationsUsedNotOwned(ned, TAG, ned.caller.user_id)
    assert counted == rlong(1)


def test_an_instrument(lab: Any, mia: Any) -> None:
    instrument = omero.model.InstrumentI()
    instrument.microscope = omero.model.MicroscopeI()
    instrument.microscope.type = enum("MicroscopeType", "Inverted")
    for value in ("CCD", "PMT"):
        detector = omero.model.DetectorI()
        detector.type = enum("DetectorType", value)
        instrument.addDetector(detector)
    laser = omero.model.LaserI()
    laser.type, laser.laserMedium = enum("LaserType", "Gas"), enum("LaserMedium", "Ar")
    instrument.addLightSource(laser)
    instrument.addLightSource(omero.model.GenericExcitationSourceI())
    saved = lab.save(mia, instrument)
    found = lab.metadata.loadInstrument(mia, saved.id.val)
    assert found.microscope.type.value.val == "Inverted"
    assert [one.type.value.val for one in found.copyDetector()] == ["CCD", "PMT"]
    (source,) = found.copyLightSource()  # other kinds are dropped
    assert source.laserMedium.value.val == "Ar"
    assert found.sizeOfObjective() == 0
    assert lab.metadata.loadInstrument(mia, 999) is None


def test_the_acquisition_of_a_channel(lab: Any, mia: Any) -> None:
    instrument = lab.make(mia, "Instrument")
    reference = omero.model.InstrumentI(instrument.id.val, False)
    channel = omero.model.LogicalChannelI()
    channel.mode = enum("AcquisitionMode", "WideField")
    settings = channel.lightSourceSettings = omero.model.LightSettingsI()
    laser = settings.lightSource = omero.model.LaserI()
    laser.instrument = reference
    laser.type, laser.laserMedium = enum("LaserType", "Gas"), enum("LaserMedium", "Ar")
    saved = lab.save(mia, channel)
    (found,) = lab.metadata.loadChannelAcquisitionData(mia, [saved.id.val])
    assert found.mode.value.val == "WideField"
    assert found.lightSourceSettings.lightSource.type.value.val == "Gas"
    assert lab.metadata.loadChannelAcquisitionData(mia, []) == []


def test_logs_of_an_import(lab: Any, mia: Any) -> None:
    fileset = omero.model.FilesetI()
    fileset.templatePrefix = rstring("x")
    job = omero.model.UploadJobI()
    for name in ("username", "groupname", "type", "message"):
        setattr(job, name, rstring(name))
    job.submitted = job.scheduledFor = omero.rtypes.rtime(0)
    job.status = enum("JobStatus", "Finished")
    log = omero.model.OriginalFileI()
    log.name, log.path = rstring("log"), rstring("/")
    log.mimetype = rstring("application/omero-log-file")
    job.linkOriginalFile(log)
    fileset.linkJob(job)
    fileset = lab.save(mia, fileset)
    image = lab.image(mia, fileset=omero.model.FilesetI(fileset.id.val, False))
    load = lab.metadata.loadLogFiles
    for kind, id_ in (("Fileset", fileset.id.val), ("Image", image.id.val)):
        ((found,),) = load(mia, kind, [id_]).values()
        assert found.name.val == "log"
    assert load(mia, "Image", []) == {}
    with pytest.raises(ApiUsage):
        load(mia, "Project", [1])


# --- ITypes -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["Binning", "omero.model.Binning", "ome.model.enums.Binning"]
)
def test_enumerations(lab: Any, mia: Any, name: str) -> None:
    found = lab.types.allEnumerations(mia, name)
    assert [one.value.val for one in found] == ["1x1", "2x2", "4x4", "8x8"]


def test_one_value(lab: Any, mia: Any) -> None:
    assert lab.types.getEnumeration(mia, "PixelsType", "uint16").bitSize.val == 16
    with pytest.raises(ApiUsage, match="not found"):
        lab.types.getEnumeration(mia, "PixelsType", "uint17")
    for name in ("Image", "Picture"):
        with pytest.raises(ApiUsage):
            lab.types.allEnumerations(mia, name)


def test_all_types(lab: Any, mia: Any) -> None:
    names = lab.types.getEnumerationTypes(mia)
    assert "ome.model.enums.PixelsType" in names
    assert len(names) == 29
    entries = lab.types.getEnumerationsWithEntries(mia)
    assert entries.keys() == set(names)
    assert TAG in lab.types.getAnnotationTypes(mia)
    assert "ome.model.annotations.Annotation" not in lab.types.getAnnotationTypes(mia)


def test_administrators_change_enumerations(lab: Any, society: Any, mia: Any) -> None:
    root = society.call("root")
    with pytest.raises(NotAllowed):
        lab.types.createEnumeration(mia, enum("Binning", "16x16"))
    made = lab.types.createEnumeration(root, enum("Binning", "16x16"))
    made.value = rstring("3x3")
    with pytest.raises(NotAllowed):
        lab.types.updateEnumeration(mia, made)
    assert lab.types.updateEnumeration(root, made).id.val == made.id.val
    made.value = rstring("1x1")
    with pytest.raises(Invalid):
        lab.types.updateEnumeration(root, made)
    with pytest.raises(NotAllowed):
        lab.types.deleteEnumeration(mia, made)
    lab.types.deleteEnumeration(root, made)
    assert len(lab.types.allEnumerations(mia, "Binning")) == 4
    used = lab.types.getEnumeration(mia, "DimensionOrder", "XYZCT")
    lab.image(mia)
    with pytest.raises(Invalid):
        lab.types.deleteEnumeration(root, used)
