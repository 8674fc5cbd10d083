"""Texts of the queries about plates, and about images that are put together."""

from __future__ import annotations

#: The plate, and where it is.
PLATE = """
    select plate.id, plate.name, plate.rowNamingConvention,
           plate.columnNamingConvention, plate.details.group.id
    from Plate plate where plate.id = :id
"""
RUNS = """
    select run.id, run.name from PlateAcquisition run
    where run.plate.id = :id order by run.id
"""
WELLS = """
    select well from Well well where well.plate.id = :id
    order by well.row, well.column, well.id
"""
#: Fields in the order of their well, which is what OMERO numbers them by.
FIELDS = """
    select well.id, sample.id, sample.plateAcquisition.id, sample.image.id
    from Well well join well.wellSamples sample
    where well.plate.id = :id
    order by well.id, index(sample)
"""
#: Well samples with their positions, which no projection gives with its unit.
POSITIONS = """
    select sample from WellSample sample where sample.well.plate.id = :id
"""
PLATE_OF_WELL = "select well.plate.id from Well well where well.id = :id"
PLATE_OF_RUN = "select run.plate.id from PlateAcquisition run where run.id = :id"

#: What matters of an image that becomes a part of something.
PARTS = """
    select pixels.image.id, pixels.image.name, pixels.id, pixels.details.group.id,
           pixels.pixelsType.value, pixels.sizeT, pixels.sizeC, pixels.sizeZ,
           pixels.sizeY, pixels.sizeX, pixels.sha1, pixels.details.updateEvent.id,
           pixels.image.fileset.id
    from Pixels pixels
    where pixels.image.id in (:ids)
    order by pixels.id
"""
