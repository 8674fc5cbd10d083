"""Which images a sandbox is seeded with.

Real microscopy images from a folder beside the checkout where there is one, else
what comes inside scikit-image.  Both give a field of three channels, a time-lapse, a
stack with labels, stained tissue and a slide.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_omero_io.sandbox.importing.arrays import describe_array
from napari_omero_io.sandbox.importing.imported import ImportedChannel, ImportedImage
from napari_omero_io.sandbox.importing.reading import read_images

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Names the folder with the sample images.
FOLDER_VARIABLE = "NAPARI_OMERO_IO_SEED_DATA"

#: (Y, X) of the slide.
SLIDE = (24576, 32768)

_BLUE = (0, 0, 255, 255)
_GREEN = (0, 255, 0, 255)
_RED = (255, 0, 0, 255)
_GREY = (255, 255, 255, 255)


@dataclass(frozen=True, slots=True)
class Sample:
    """An image to be stored, and what is said of it.

    Attributes
    ----------
    path
        The file it came from, which is stored with it.
    labels
        (Z, Y, X), stored as mask regions.
    slide_size
        (Y, X) of the slide that the picture becomes.
    """

    dataset: str
    image: ImportedImage
    path: Path | None = None
    labels: np.ndarray | None = None
    tags: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    slide_size: tuple[int, int] | None = None


def choose_samples(folder: Path | None = None) -> Iterator[Sample]:
    """Go through the samples; each can be read until the next is asked for.

    Parameters
    ----------
    folder
        Of the sample images; None: the one that the environment names, if any.
    """
    if folder is None and os.environ.get(FOLDER_VARIABLE):
        folder = Path(os.environ[FOLDER_VARIABLE])
    is_there = folder is not None and (folder / "bpae_nuclei.tif").exists()
    samples = _microscopy(folder) if folder and is_there else _bundled()
    for sample in chain(samples, _tissue()):
        try:
            yield sample
        finally:
            sample.image.source.close()


def _microscopy(folder: Path) -> Iterator[Sample]:
    yield _endothelial_cells(folder)
    yield _file(
        "Cells",
        folder / "hela.tif",
        "HeLa cells",
        (("Red", _RED), ("Green", _GREEN), ("Blue", _BLUE)),
        tags=("fluorescence", "HeLa"),
        pairs=(("Cell line", "HeLa"), ("Source", "ImageJ sample")),
    )
    yield _file(
        "Nuclei with labels",
        folder / "nuclei.tif",
        "Nuclei",
        (("DNA", _GREY),),
        labels=_read(folder / "nuclei_labels.tif"),
        tags=("fluorescence", "labels"),
        pairs=(("Source", "2018 Data Science Bowl, StarDist"),),
    )
    yield _file(
        "Nuclei with labels",
        folder / "nuclei_stack.tif",
        "Nuclei, 3-D stack",
        (("DNA", _GREY),),
        labels=_read(folder / "nuclei_stack_labels.tif"),
        tags=("fluorescence", "labels", "3-D"),
    )
    yield _migration(folder / "migration_time_lapse.tif")


def _endothelial_cells(folder: Path) -> Sample:
    names = ("nuclei", "actin", "mito")
    planes = [_read(folder / f"bpae_{name}.tif")[0] for name in names]
    # Whole numbers that were stored as floats: nothing is lost.
    pixels = np.stack(planes).astype(np.uint16)[np.newaxis, :, np.newaxis]
    channels = [
        ImportedChannel("Nuclei (DAPI)", _BLUE, fluor="DAPI"),
        ImportedChannel("Actin (FITC)", _GREEN, fluor="FITC"),
        ImportedChannel("Mitochondria (TRITC)", _RED, fluor="TRITC"),
    ]
    image = describe_array(
        "Bovine endothelial cells",
        pixels,
        channels,
        description="BPAE cells in three channels, CC BY 4.0.",
    )
    return Sample(
        "Cells",
        image,
        tags=("fluorescence",),
        pairs=(("Cell line", "BPAE"), ("Organism", "Bos taurus")),
    )


def _migration(path: Path) -> Sample:
    # The file holds its time points as plain pages.
    pixels = _read(path)[:, np.newaxis, np.newaxis]
    image = describe_array(
        "Cell migration, time-lapse",
        pixels,
        [ImportedChannel("Cells", _GREY)],
        description="Cancer cells migrating; zenodo record 5206107, CC BY 4.0.",
    )
    return Sample("Time-lapse", image, tags=("time-lapse",))


def _bundled() -> Iterator[Sample]:
    """Make the samples from what scikit-image brings."""
    from skimage import data, filters, measure

    pixels, channels = stain_apart()
    yield Sample(
        "Cells",
        describe_array(
            "Colon, stains apart", pixels[np.newaxis, :, np.newaxis], channels
        ),
        tags=("stains",),
        pairs=(("Source", "scikit-image, ihc.png, unmixed"),),
    )
    cell = _bundled_file("cell.png")
    frames = np.stack(
        [cell[8 * t : 8 * t + 400, 6 * t : 6 * t + 400] for t in range(20)]
    )
    yield Sample(
        "Time-lapse",
        describe_array(
            "Cell, drifting field",
            frames[:, np.newaxis, np.newaxis],
            [ImportedChannel("Phase", _GREY)],
        ),
        tags=("time-lapse",),
    )
    blobs = data.binary_blobs(96, n_dim=3, volume_fraction=0.15, rng=1)[:32]
    labels = measure.label(blobs).astype(np.uint16)
    soft = (filters.gaussian(blobs.astype(float), 1) * 4000).astype(np.uint16)
    yield Sample(
        "Nuclei with labels",
        describe_array(
            "Blobs, 3-D stack",
            soft[np.newaxis, np.newaxis],
            [ImportedChannel("Blobs", _GREY)],
            pixel_size=(0.2, 0.2, 0.5),
        ),
        labels=labels,
        tags=("labels", "3-D"),
    )


def stain_apart() -> tuple[np.ndarray, list[ImportedChannel]]:
    """Return a picture of tissue by its stains, (3, 512, 512) of uint16."""
    from skimage import color

    stains = color.rgb2hed(_bundled_file("ihc.png"))
    scaled = np.clip(stains / stains.max(axis=(0, 1)), 0, 1) * 65535
    channels = [
        ImportedChannel("Hematoxylin", _BLUE),
        ImportedChannel("Eosin", _RED),
        ImportedChannel("DAB", _GREEN),
    ]
    return np.moveaxis(scaled.astype(np.uint16), -1, 0), channels


def make_slide(edge: int) -> Sample:
    """Return a slide of three stains with that many pixels to a side."""
    pixels, channels = stain_apart()
    image = describe_array(
        f"Slide of {edge:,} x {edge:,}",
        pixels[np.newaxis, :, np.newaxis],
        channels,
        pixel_size=(0.25, 0.25, None),
        description="A small picture of tissue, mirrored without end.",
    )
    return Sample("Slides", image, slide_size=(edge, edge))


def _tissue() -> Iterator[Sample]:
    picture = np.moveaxis(_bundled_file("ihc.png"), -1, 0)[np.newaxis, :, np.newaxis]
    channels = [
        ImportedChannel("Red", _RED),
        ImportedChannel("Green", _GREEN),
        ImportedChannel("Blue", _BLUE),
    ]
    tissue = describe_array(
        "Colon, stained",
        picture,
        channels,
        description="Immunohistochemistry, from scikit-image.",
        is_rgb=True,
    )
    pairs = (("Stain", "Hematoxylin, DAB"), ("Tissue", "Colon"))
    yield Sample("Tissue", tissue, tags=("tissue", "RGB"), pairs=pairs)
    slide = replace(
        tissue,
        name="Colon, whole slide",
        pixel_size=(0.5, 0.5, None),
        description=(
            "The picture beside it, mirrored to the size of a slide that a scanner "
            "would take at 0.5 µm a pixel."
        ),
    )
    yield Sample("Tissue", slide, tags=("tissue", "slide"), slide_size=SLIDE)


def _file(
    dataset: str,
    path: Path,
    name: str,
    channels: tuple[tuple[str, tuple[int, int, int, int]], ...],
    *,
    labels: np.ndarray | None = None,
    tags: tuple[str, ...] = (),
    pairs: tuple[tuple[str, str], ...] = (),
) -> Sample:
    (image,) = read_images(path)
    named = tuple(
        replace(old, name=new, color=color)
        for old, (new, color) in zip(image.channels, channels, strict=True)
    )
    image = replace(image, name=name, channels=named)
    return Sample(dataset, image, path=path, labels=labels, tags=tags, pairs=pairs)


def _read(path: Path) -> np.ndarray:
    """Return the planes of a file with one channel and one time, (Z, Y, X)."""
    (image,) = read_images(path)
    try:
        return np.stack([image.source.read(0, 0, 0, z) for z in range(image.shape[2])])
    finally:
        image.source.close()


def _bundled_file(name: str) -> np.ndarray:
    """Return a picture that lies inside scikit-image's wheel, (Y, X[, 3])."""
    import skimage
    from PIL import Image

    with Image.open(Path(skimage.__file__).parent / "data" / name) as opened:
        return np.asarray(opened)
