"""All our queries, by name.

HQL is OMERO's query language: objects and their relations instead of tables.  What is
joined with ``fetch`` comes back loaded.  Parameters begin with a colon.  ``object``
is a word of the language and cannot be an alias.
"""

from __future__ import annotations

IMAGE = """
    select image from Image image
    join fetch image.pixels pixels
    join fetch pixels.pixelsType
    left join fetch pixels.channels channel
    left join fetch channel.logicalChannel logical
    left join fetch logical.photometricInterpretation
    left join fetch channel.statsInfo
    left join fetch image.details.owner
    where image.id = :id
"""

#: The user's own settings of an image, and those of its owner.
RENDERING = """
    select settings from RenderingDef settings
    join fetch settings.model
    left join fetch settings.waveRendering binding
    left join fetch binding.family
    left join fetch binding.spatialDomainEnhancement
    join settings.pixels pixels
    where pixels.image.id = :id
    and (settings.details.owner.id = :user
         or settings.details.owner.id = pixels.details.owner.id)
    order by settings.id
"""

#: Everybody's settings of an image.
SAVED_SETTINGS = """
    select settings from RenderingDef settings
    join fetch settings.details.owner
    where settings.pixels.image.id = :id
    order by settings.id
"""
#: One of them, in place of those that would be chosen.
RENDERING_BY_ID = """
    select settings from RenderingDef settings
    join fetch settings.model
    left join fetch settings.waveRendering binding
    left join fetch binding.family
    left join fetch binding.spatialDomainEnhancement
    join settings.pixels pixels
    where pixels.image.id = :id and settings.id = :settings
    order by settings.id
"""

#: Rows of the browser: the object with its owner, and how many children it has.
PROJECTS = """
    select project,
           (select count(link.id) from ProjectDatasetLink link
            where link.parent.id = project.id)
    from Project project join fetch project.details.owner
    where project.details.group.id = :group
    order by lower(project.name), project.id
"""
DATASETS_OF_PROJECT = """
    select dataset,
           (select count(content.id) from DatasetImageLink content
            where content.parent.id = dataset.id)
    from Dataset dataset join fetch dataset.details.owner
    where exists (select link.id from ProjectDatasetLink link
                  where link.child.id = dataset.id and link.parent.id = :id)
    order by lower(dataset.name), dataset.id
"""
DATASETS = """
    select dataset,
           (select count(content.id) from DatasetImageLink content
            where content.parent.id = dataset.id)
    from Dataset dataset join fetch dataset.details.owner
    where dataset.details.group.id = :group
    order by lower(dataset.name), dataset.id
"""
PLATES_OF_SCREEN = """
    select plate,
           (select count(well.id) from Well well where well.plate.id = plate.id)
    from Plate plate join fetch plate.details.owner
    where exists (select link.id from ScreenPlateLink link
                  where link.child.id = plate.id and link.parent.id = :id)
    order by lower(plate.name), plate.id
"""
WELLS_OF_PLATE = """
    select well,
           (select count(sample.id) from WellSample sample
            where sample.well.id = well.id)
    from Well well join fetch well.details.owner
    where well.plate.id = :id
    order by well.row, well.column, well.id
"""
IMAGES_OF_DATASET = """
    select image from Image image join fetch image.details.owner
    where exists (select link.id from DatasetImageLink link
                  where link.child.id = image.id and link.parent.id = :id)
    order by lower(image.name), image.id
"""
IMAGES_OF_WELL = """
    select image from Image image join fetch image.details.owner
    where exists (select sample.id from WellSample sample
                  where sample.image.id = image.id and sample.well.id = :id)
    order by image.id
"""
IMAGES_OF_RUN = """
    select image from Image image join fetch image.details.owner
    where exists (select sample.id from WellSample sample
                  where sample.image.id = image.id
                  and sample.plateAcquisition.id = :id)
    order by image.id
"""
IMAGES_OF_FILESET = """
    select image from Image image join fetch image.details.owner
    where image.fileset.id = :id
    order by image.series, image.id
"""
IMAGES_OF_TAG = """
    select image from Image image join fetch image.details.owner
    where exists (select link.id from ImageAnnotationLink link
                  where link.parent.id = image.id and link.child.id = :id)
    order by lower(image.name), image.id
"""

#: ``{type}`` is one of OMERO's classes.
OBJECT = """
    select found from {type} found left join fetch found.details.owner
    where found.id = :id
"""
OBJECTS_BY_NAME = """
    select found from {type} found left join fetch found.details.owner
    where found.name = :name
    order by found.id
"""
OBJECTS_LIKE = """
    select found from {type} found left join fetch found.details.owner
    where lower(found.name) like :pattern
    order by lower(found.name), found.id
"""

IMAGE_OF_ROI = "select roi.image.id from Roi roi where roi.id = :id"
IMAGE_OF_SHAPE = "select shape.roi.image.id from Shape shape where shape.id = :id"
FILE_OF_ANNOTATION = """
    select file.id, file.size, file.details.group.id
    from FileAnnotation a join a.file file where a.id = :id
"""
IMAGE_OF_PIXELS = "select pixels.image.id from Pixels pixels where pixels.id = :id"

ROIS_OF_SHAPES_BY_ID = """
    select shape.id, shape.roi.id from Shape shape where shape.id in (:ids)
    order by shape.id
"""

#: The regions of an image, and how many shapes each has.
ROI_SIZES = """
    select roi.id,
           (select count(shape.id) from Shape shape where shape.roi.id = roi.id)
    from Roi roi where roi.image.id = :id
    order by roi.id
"""
#: ``{conditions}`` are those of `roi_conditions`.
ROI_SIZES_WHERE = """
    select roi.id,
           (select count(every.id) from Shape every where every.roi.id = roi.id)
    from Roi roi where roi.image.id = :id and {conditions}
    order by roi.id
"""
ROIS = """
    select distinct roi from Roi roi
    left join fetch roi.shapes shape
    left join fetch shape.transform
    where roi.id in (:ids)
    order by roi.id
"""
#: Whole regions, since OMERO takes a list that is saved for the complete one.
ROIS_OF_SHAPES = """
    select distinct roi from Roi roi
    left join fetch roi.shapes shape
    left join fetch shape.transform
    where roi.image.id = :image
    and exists (select one.id from Shape one
                where one.roi.id = roi.id and one.id in (:ids))
    order by roi.id
"""
#: Regions of which nothing is left without some shapes.
ROIS_EMPTIED = """
    select roi.id from Roi roi
    where exists (select one.id from Shape one
                  where one.roi.id = roi.id and one.id in (:ids))
    and not exists (select other.id from Shape other
                    where other.roi.id = roi.id and other.id not in (:ids))
    order by roi.id
"""
OWN_ROIS = """
    select roi.id from Roi roi
    where roi.image.id = :image and roi.details.owner.id = :user and roi.id in (:ids)
    and (select count(shape.id) from Shape shape where shape.roi.id = roi.id)
        = (select count(mask.id) from Mask mask where mask.roi.id = roi.id)
    order by roi.id
"""

OWN_TAG = """
    select tag from TagAnnotation tag
    where tag.textValue = :text and tag.ns is null and tag.details.owner.id = :user
    and tag.details.group.id = :group
    order by tag.id
"""
KEY_VALUES = """
    select annotation from MapAnnotation annotation
    where exists (select link.id from {type}AnnotationLink link
                  where link.parent.id = :id and link.child.id = annotation.id)
    order by annotation.id
"""
TAGS = """
    select tag from TagAnnotation tag
    where exists (select link.id from {type}AnnotationLink link
                  where link.parent.id = :id and link.child.id = tag.id)
    order by tag.id
"""
TAGGED = """
    select link.parent.id from {type}AnnotationLink link
    where link.parent.id in (:ids) and link.child.id = :tag
    and link.details.owner.id = :user
"""
