"""A small plate as OME-XML and TIFF files: 2 rows, 3 columns, 2 fields, 2 runs.

Well B2 is described and has no fields; every image holds its number.
"""

from __future__ import annotations

import uuid
from pathlib import Path

import numpy as np
import tifffile

OME = 'OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"'
WELLS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 2))
COMPANION = "plate.companion.ome"
SHAPE = (2, 16, 20)


def write_plate(folder: Path, *, without: int | None = None) -> list[Path]:
    """Write the description and the images; return all, the description first.

    Parameters
    ----------
    without
        The number of an image that is described and has no pixels.
    """
    wells, images, runs, paths = [], [], ([], []), []
    for well, (row, column) in enumerate(WELLS):
        fields = ""
        for field in range(2):
            number = 2 * well + field
            runs[field].append(f'<WellSampleRef ID="WellSample:{number}"/>')
            unit = 'PositionXUnit="mm"' if field else ""
            fields += (
                f'<WellSample ID="WellSample:{number}" Index="{number}" '
                f'PositionX="{field * 10.5}" {unit}>'
                f'<ImageRef ID="Image:{number}"/></WellSample>'
            )
            images.append(describe_image(number, has_pixels=number != without))
            if number != without:
                paths.append(write_image(folder, number))
        wells.append(
            f'<Well ID="Well:{well}" Row="{row}" Column="{column}" Type="sample" '
            f'Color="-16776961">{fields}</Well>'
        )
    acquisitions = "".join(
        f'<PlateAcquisition ID="PlateAcquisition:{n}" Name="Run {n}" '
        f'StartTime="2020-01-0{n + 1}T00:00:00">{"".join(run)}</PlateAcquisition>'
        for n, run in enumerate(runs)
    )
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><{OME} UUID="{name_of(COMPANION)}">'
        '<Screen ID="Screen:0" Name="of the file"><PlateRef ID="Plate:0"/></Screen>'
        '<Plate ID="Plate:0" Name="a plate" Rows="2" Columns="3" '
        'RowNamingConvention="letter" WellOriginX="1.5" WellOriginXUnit="mm">'
        f"{''.join(wells)}"
        '<Well ID="Well:99" Row="1" Column="1"/>'
        f"{acquisitions}</Plate>{''.join(images)}</OME>"
    )
    companion = folder / COMPANION
    companion.write_text(text, encoding="utf-8")
    return [companion, *paths]


def name_of(file: str) -> str:
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, file)}"


def describe_image(number: int, *, has_pixels: bool) -> str:
    file = f"field{number}.ome.tif"
    data = (
        f'<TiffData IFD="0" PlaneCount="2"><UUID FileName="{file}">{name_of(file)}'
        "</UUID></TiffData>"
    )
    channels = "".join(
        f'<Channel ID="Channel:{number}:{c}" SamplesPerPixel="1"/>' for c in range(2)
    )
    return (
        f'<Image ID="Image:{number}" Name="field {number}"><Pixels '
        f'ID="Pixels:{number}" DimensionOrder="XYZCT" Type="uint16" SizeX="20" '
        f'SizeY="16" SizeZ="1" SizeC="2" SizeT="1" PhysicalSizeX="0.5">{channels}'
        f"{data if has_pixels else '<MetadataOnly/>'}</Pixels></Image>"
    )


def write_image(folder: Path, number: int) -> Path:
    path = folder / f"field{number}.ome.tif"
    only = (
        f'<?xml version="1.0" encoding="UTF-8"?><{OME} UUID="{name_of(path.name)}">'
        f'<BinaryOnly MetadataFile="{COMPANION}" UUID="{name_of(COMPANION)}"/></OME>'
    )
    pixels = np.full(SHAPE, number, "uint16")
    tifffile.imwrite(
        path, pixels, photometric="minisblack", description=only, metadata=None
    )
    return path
