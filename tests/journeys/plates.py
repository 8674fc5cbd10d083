"""Plates for the tests, made with OMERO's own objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import omero.model
from omero.rtypes import rint, rstring

from napari_omero_io.client.upload import create_image
from napari_omero_io.records import NewChannel, NewImage

if TYPE_CHECKING:
    from napari_omero_io.client.connection import Connection

#: Micrometres of a pixel.
PIXEL = 0.5


def make_pixels(index: int, shape=(1, 2, 1, 32, 48), dtype="uint16") -> np.ndarray:
    """Return pixels that differ from image to image, nowhere 0."""
    rng = np.random.default_rng(index)
    return rng.integers(1, 250, shape).astype(dtype)


def store_image(connection: Connection, name: str, pixels: np.ndarray) -> int:
    """Make an image of an array (T, C, Z, Y, X)."""
    new = NewImage(
        name,
        pixels.dtype.name,
        pixels.shape,
        tuple(NewChannel(f"channel {c}") for c in range(pixels.shape[1])),
        pixel_size_x=PIXEL,
        pixel_size_y=PIXEL,
    )
    planes = [(t, c, z, pixels[t, c, z]) for t, c, z in np.ndindex(pixels.shape[:3])]
    return create_image(connection, new, planes)


def length(value: float, unit: str = "MICROMETER") -> Any:
    return omero.model.LengthI(value, getattr(omero.model.enums.UnitsLength, unit))


def make_plate(connection: Connection, name: str, wells: dict, runs=()) -> Any:
    """Make a plate.

    Parameters
    ----------
    wells
        (row, column) -> list of (image id, index of its run or None, x, y); positions
        are lengths, or None.
    runs
        Their names.

    Returns
    -------
    The plate's id, those of the runs, and those of the wells by (row, column).
    """
    context = connection.context(connection.user.group_id)
    update = connection.service("update")
    plate = omero.model.PlateI()
    plate.name = rstring(name)
    plate = update.saveAndReturnObject(plate, context)
    ids = []
    for run_name in runs:
        run = omero.model.PlateAcquisitionI()
        run.name = rstring(run_name)
        run.plate = omero.model.PlateI(plate.id.val, False)
        ids.append(update.saveAndReturnObject(run, context).id.val)
    made = []
    for (row, column), fields in wells.items():
        well = omero.model.WellI()
        well.plate = omero.model.PlateI(plate.id.val, False)
        well.row, well.column = rint(row), rint(column)
        for image_id, run_index, x, y in fields:
            sample = omero.model.WellSampleI()
            sample.image = omero.model.ImageI(image_id, False)
            if run_index is not None:
                sample.plateAcquisition = omero.model.PlateAcquisitionI(
                    ids[run_index], False
                )
            sample.posX, sample.posY = x, y
            well.addWellSample(sample)
        made.append(well)
    saved = update.saveAndReturnArray(made, context)
    return (
        plate.id.val,
        ids,
        {(well.row.val, well.column.val): well.id.val for well in saved},
    )
