"""What hangs together in OMERO's graph, as a table.

References are named ``Class.field``.  A `Part` cannot be without what it refers to;
a `Use` leads to something that is kept only as long as anybody uses it.  The table
is that of OMERO.server's deletion, and of moving and giving away, which follow the
same ties.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Terms(Enum):
    """On which terms something goes along."""

    PERMITTED = auto()  #: the caller may delete it; parts must go, so else it fails
    REGARDLESS = auto()  #: whatever the caller may do
    IF_PERMITTED = auto()  #: it is kept where the caller may not delete it
    SAME_OWNER = auto()  #: kept also where its owner is another than the user's


@dataclass(frozen=True, slots=True)
class Part:
    """Rows that go when what they refer to goes."""

    reference: str
    terms: Terms = Terms.PERMITTED


@dataclass(frozen=True, slots=True)
class Use:
    """What a row refers to goes with the last row that does.

    Attributes
    ----------
    with_
        Of a link: the end that must go; a link alone takes nothing with it.
    """

    reference: str
    terms: Terms = Terms.IF_PERMITTED
    with_: str | None = None


PARTS = (
    Part("Pixels.image"),
    Part("Roi.image", Terms.IF_PERMITTED),
    Part("Channel.pixels"),
    Part("PlaneInfo.pixels"),
    Part("RenderingDef.pixels", Terms.REGARDLESS),
    Part("ChannelBinding.renderingDef", Terms.REGARDLESS),
    Part("CodomainMapContext.channelBinding", Terms.REGARDLESS),
    Part("ProjectionDef.renderingDef", Terms.REGARDLESS),
    Part("Thumbnail.pixels", Terms.REGARDLESS),
    Part("Shape.roi"),
    Part("Image.fileset"),
    Part("FilesetEntry.fileset"),
    Part("FileAnnotation.file", Terms.REGARDLESS),
    Part("Reagent.screen"),
    Part("Well.plate"),
    Part("PlateAcquisition.plate"),
    Part("WellSample.plateAcquisition"),
    Part("WellSample.well"),
    Part("MicrobeamManipulation.experiment"),
    Part("Detector.instrument"),
    Part("Dichroic.instrument"),
    Part("Filter.instrument"),
    Part("FilterSet.instrument"),
    Part("LightSource.instrument"),
    Part("Objective.instrument"),
    Part("OTF.instrument"),
    Part("OTF.objective"),
    Part("DetectorSettings.detector"),
    Part("LightSettings.lightSource"),
    Part("ObjectiveSettings.objective"),
    # folders in a folder come to the top where the caller may not delete them
    Part("Folder.parentFolder", Terms.IF_PERMITTED),
)

USES = (
    # containers
    Use("ProjectDatasetLink.child", with_="parent"),
    Use("DatasetImageLink.child", with_="parent"),
    Use("FolderImageLink.child", with_="parent"),
    Use("FolderRoiLink.child", with_="parent"),
    Use("ScreenPlateLink.child", with_="parent"),
    Use("WellSample.image"),
    # what images and channels share
    Use("Image.experiment"),
    Use("Image.imagingEnvironment"),
    Use("Image.instrument"),
    Use("Image.objectiveSettings"),
    Use("Image.stageLabel"),
    Use("Instrument.microscope"),
    Use("Filter.transmittanceRange"),
    Use("Channel.logicalChannel"),
    Use("Channel.statsInfo", Terms.REGARDLESS),
    Use("LogicalChannel.detectorSettings"),
    Use("LogicalChannel.lightPath"),
    Use("LogicalChannel.lightSourceSettings"),
    Use("RenderingDef.quantization", Terms.REGARDLESS),
    Use("Shape.transform"),
    # files
    Use("FileAnnotation.file", Terms.REGARDLESS),
    Use("FilesetEntry.originalFile", Terms.REGARDLESS),
    Use("PixelsOriginalFileMap.parent", Terms.REGARDLESS, with_="child"),
    Use("Roi.source", Terms.REGARDLESS),
    Use("JobOriginalFileLink.child", Terms.SAME_OWNER, with_="parent"),
    Use("FilesetJobLink.child", with_="parent"),
)

#: Terms on which annotations go with the last object that has them.
ANNOTATION_TERMS = {
    "BasicAnnotation": Terms.REGARDLESS,
    "CommentAnnotation": Terms.REGARDLESS,
    "FileAnnotation": Terms.SAME_OWNER,
    "TagAnnotation": Terms.SAME_OWNER,
}

#: Annotations that stay when merely the link to them is deleted.
KEPT_WITHOUT_LINK = frozenset({"FileAnnotation", "TagAnnotation"})

#: What a request for deletion may name: these, what extends them, and links.
DELETE_TARGETS = frozenset(
    {
        "AffineTransform",
        "Annotation",
        "Channel",
        "Dataset",
        "DetectorSettings",
        "Experiment",
        "ExternalInfo",
        "Fileset",
        "Folder",
        "GroupExperimenterMap",
        "Image",
        "ImagingEnvironment",
        "Instrument",
        "Job",
        "LightSettings",
        "LogicalChannel",
        "MicrobeamManipulation",
        "Microscope",
        "Namespace",
        "ObjectiveSettings",
        "OriginalFile",
        "Plate",
        "PlateAcquisition",
        "Project",
        "ProjectionDef",
        "Reagent",
        "RenderingDef",
        "Roi",
        "Screen",
        "Shape",
        "ShareMember",
        "StageLabel",
        "StatsInfo",
        "Thumbnail",
        "TransmittanceRange",
        "Well",
        "WellSample",
    }
)
