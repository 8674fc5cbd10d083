"""Texts of the queries behind the details panel, in our own words."""

from __future__ import annotations

#: ``{type}`` is one of OMERO's classes.
OBJECT = """
    select found from {type} found
    join fetch found.details.owner join fetch found.details.group
    join fetch found.details.creationEvent
    where found.id = :id
"""
#: Attached files apart, whose file is fetched with them.
ANNOTATIONS = """
    select link from {type}AnnotationLink link
    join fetch link.child annotation
    join fetch annotation.details.owner
    join fetch annotation.details.creationEvent
    where link.parent.id = :id
    and annotation.id not in (select attached.id from FileAnnotation attached)
    order by annotation.id
"""
ATTACHMENTS = """
    select link from {type}AnnotationLink link
    join fetch link.child annotation
    join fetch annotation.file
    join fetch annotation.details.owner
    join fetch annotation.details.creationEvent
    where link.parent.id = :id and annotation.class = FileAnnotation
    order by annotation.id
"""
PIXELS = """
    select pixels from Pixels pixels join fetch pixels.pixelsType
    where pixels.image.id = :id
    order by pixels.id
"""
CHANNELS = """
    select channel from Channel channel join fetch channel.logicalChannel
    where channel.pixels.image.id = :id
    order by channel.id
"""
ROI_COUNT = "select count(roi.id) from Roi roi where roi.image.id = :id"
FILES = """
    select file.id, file.name, file.path, file.size, file.hash, hasher.value
    from OriginalFile file left join file.hasher hasher
    where exists (select entry.id from FilesetEntry entry, Image image
                  where entry.originalFile.id = file.id
                  and entry.fileset.id = image.fileset.id and image.id = :id)
    order by file.id
"""
