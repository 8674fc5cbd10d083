"""TIFF files: OME-TIFF, ImageJ's, and plain ones.

tifffile finds the series, their axes and their resolutions; what is read here is
what it leaves as text: names, colours, sizes and times in the three dialects.
"""

from __future__ import annotations

import contextlib
import logging
import struct
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

import numpy as np
import tifffile

from napari_omero_io.sandbox.store.pixels.tiff_series import TiffSeries

from .imagej import read_imagej
from .imported import (
    PIXEL_TYPES,
    RGB,
    ImportedChannel,
    ImportedFile,
    ImportedImage,
    MissingDecoder,
    UnreadableFile,
)
from .ome_xml import find_file_names, find_metadata_file, read_ome
from .plate_xml import read_plates
from .resolution import read_resolution

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .facts import Facts

#: Axes of tifffile that count planes and have no better place, by where they go.
_AXES = {"T": "T", "C": "C", "Z": "Z", "Y": "Y", "X": "X", "S": "C"}
_SPARE = "QIRHEPAMVL"
#: In tifffile's messages about pages and tags that lie behind the end of the file.
_CUT_OFF = ("invalid page offset", "<TiffTag.fromfile> raised")


def read_companion(path: Path) -> ImportedFile:
    """Describe what an OME-XML text does; the planes lie in TIFF files beside it.

    Raises
    ------
    UnreadableFile
        As `read_tiff`; or the text names no file, or one elsewhere.
    """
    try:
        text = path.read_text(encoding="utf-8")
        names = find_file_names(text)
    except (OSError, UnicodeDecodeError, ParseError) as error:
        raise UnreadableFile(f"{path.name} is damaged: {error}.") from error
    if not names:
        raise UnreadableFile(f"{path.name} names no TIFF files beside it.")
    beside = _find_beside(path, names)
    return replace(read_tiff(beside[0], text), others=beside)


def _find_beside(path: Path, names: Sequence[str]) -> tuple[Path, ...]:
    """Return the files that a text names, which lie beside its own."""
    if any(Path(name).name != name for name in names):
        raise UnreadableFile(f"{path.name} names files that do not lie beside it.")
    missing = [name for name in names if not (path.parent / name).exists()]
    if missing:
        raise UnreadableFile(f"{path.name} needs {', '.join(missing)} beside it.")
    return tuple(path.parent / name for name in names)


def read_tiff(path: Path, omexml: str | None = None) -> ImportedFile:
    """Describe every series of a TIFF file, and the plates that its text describes.

    Parameters
    ----------
    omexml
        A text that goes before the one in the file.

    Raises
    ------
    UnreadableFile
        The file is damaged, holds no image, or one of a pixel type or of axes that
        cannot be stored.
    """
    with _listen_to_tifffile() as complaints:
        try:
            file = tifffile.TiffFile(path, omexml=omexml)
        except (tifffile.TiffFileError, OSError, ValueError, struct.error) as error:
            raise UnreadableFile(f"{path.name} is damaged: {error}.") from error
        if omexml is not None:
            # tifffile decides by the first page alone, whatever it was given.
            file.is_shaped = file.is_lsm = file.is_mmstack = file.is_imagej = False
            file.is_ome = True
        try:
            if omexml is None and (described := _find_description(path, file)):
                file.close()
                return described
            others = _find_others(path, file) if omexml is None else ()
            images = _describe(path, file)
            plates = read_plates(file.ome_metadata) if file.is_ome else ()
        except (UnreadableFile, MissingDecoder):
            file.close()
            raise
        except (
            tifffile.TiffFileError,
            OSError,
            ValueError,
            KeyError,
            IndexError,
            struct.error,
            ParseError,
        ) as error:
            file.close()
            raise UnreadableFile(f"{path.name} is damaged: {error}.") from error
        except BaseException:
            file.close()
            raise
    if complaints:
        file.close()
        raise UnreadableFile(f"{path.name} is damaged: it ends early.")
    if not images:
        file.close()
        raise UnreadableFile(f"{path.name} holds no image.")
    return ImportedFile(tuple(images), plates, others)


def _find_description(path: Path, file: tifffile.TiffFile) -> ImportedFile | None:
    """Read the companion of a file that holds nothing but planes."""
    name = find_metadata_file(str(file.ome_metadata)) if file.is_ome else None
    if name is None:
        return None
    (companion,) = _find_beside(path, [name])
    described = read_companion(companion)
    others = dict.fromkeys((companion, *described.others))
    return replace(described, others=tuple(one for one in others if one != path))


def _find_others(path: Path, file: tifffile.TiffFile) -> tuple[Path, ...]:
    """Return the other files in which planes of an OME-TIFF file lie."""
    if not file.is_ome:
        return ()
    names = find_file_names(str(file.ome_metadata))
    # alone, a file is itself whatever it was called when it was written
    if len(names) < 2:
        return ()
    return tuple(one for one in _find_beside(path, names) if one.name != path.name)


@contextlib.contextmanager
def _listen_to_tifffile() -> Iterator[list[str]]:
    """Collect what tifffile says of pages that are cut off.

    It reads what is left of such a file, and tells of the rest in its log only.
    """
    complaints: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            text = record.getMessage()
            if any(sign in text for sign in _CUT_OFF):
                complaints.append(text)

    logger, listener = logging.getLogger("tifffile"), Listener()
    logger.addHandler(listener)
    try:
        yield complaints
    finally:
        logger.removeHandler(listener)


def _describe(path: Path, file: tifffile.TiffFile) -> list[ImportedImage]:
    series = [one for one in file.series if one.size and len(one.levels[0].pages)]
    described = read_ome(file.ome_metadata) if file.is_ome else []
    if not described:
        imagej = read_imagej(file) if file.is_imagej else None
        described = [imagej] if imagej else []
    images = []
    for index, (one, facts) in enumerate(_pair(series, described)):
        images.append(_describe_series(path, file, one, facts, index, len(series)))
    return images


def _pair(series: Sequence[Any], facts: Sequence[Facts]) -> Iterator[tuple[Any, Any]]:
    """Go through series, each with what is said of it; tifffile skips empty images."""
    if len(facts) != len(series):
        facts = [one for one in facts if one.has_planes]
    if len(facts) == len(series):
        yield from zip(series, facts, strict=True)
        return
    left = iter(facts)
    for one in series:
        yield one, next((fact for fact in left if (fact.name or "") == one.name), None)


def _describe_series(
    path: Path, file: tifffile.TiffFile, series: Any, facts: Any, index: int, count: int
) -> ImportedImage:
    dtype = np.dtype(series.dtype)
    if dtype == np.bool_:
        dtype = np.dtype(np.uint8)
    if dtype.name not in PIXEL_TYPES:
        raise UnreadableFile(
            f"{path.name} has pixels of type {dtype.name}, which OMERO does not store."
        )
    counts = {} if facts is None else facts.counts
    places = _place_axes(path, series.axes, series.shape, counts)
    sizes = [int(np.prod([series.shape[i] for i in places[axis]])) for axis in "TCZYX"]
    source = TiffSeries(file, file.series.index(series), places)
    page = series.keyframe  # the first page may be missing, or share its tags
    samples = "S" in series.axes and series.shape[series.axes.index("S")] > 1
    is_rgb = bool(samples and sizes[1] == 3 and dtype == np.uint8)
    if samples and sizes[1] == 4 and dtype == np.uint8:  # red, green, blue, alpha
        sizes[1], is_rgb = 3, True
    facts = facts or read_resolution(page)
    name = facts.name or (path.name if count == 1 else f"{path.name} [{index}]")
    channels = list(facts.channels[: sizes[1]])
    channels += [ImportedChannel()] * (sizes[1] - len(channels))
    if is_rgb:
        channels = [ImportedChannel(color=color) for color in RGB]
    return ImportedImage(
        name=name,
        dtype=dtype.name,
        shape=(sizes[0], sizes[1], sizes[2], sizes[3], sizes[4]),
        channels=tuple(channels),
        source=source,
        levels=tuple(source.sizes),
        pixel_size=facts.pixel_size,
        time_increment=facts.time_increment,
        acquired=facts.acquired or _find_date(page),
        description=facts.description,
        significant_bits=facts.significant_bits,
        is_rgb=is_rgb,
        planes=facts.planes,
        key=facts.key,
    )


def _place_axes(
    path: Path, axes: str, shape: tuple[int, ...], counts: Mapping[str, int]
) -> dict[str, tuple[int, ...]]:
    """Say which axes of the series make T, C, Z, Y and X.

    Parameters
    ----------
    counts
        How many planes there are along T, C and Z, as far as the file says.
    """
    places: dict[str, list[int]] = {axis: [] for axis in "TCZYX"}
    for index, axis in enumerate(axes):
        if axis in _AXES:
            places[_AXES[axis]].append(index)
        elif parent := _find_divided(axes, shape, index, counts):
            places[parent].append(index)
        elif shape[index] == 1 or axis in _SPARE:
            free = [a for a in "ZTC" if not places[a] and a not in axes]
            if not free and shape[index] > 1:
                raise UnreadableFile(
                    f"{path.name} has axes {axes}; only T, C, Z, Y, X can be stored."
                )
            if shape[index] > 1:
                places[free[0]].append(index)
        else:
            raise UnreadableFile(
                f"{path.name} has axes {axes}; only T, C, Z, Y, X can be stored."
            )
    if not places["Y"] or not places["X"]:
        raise UnreadableFile(f"{path.name} has no planes: its axes are {axes}.")
    return {axis: tuple(indices) for axis, indices in places.items()}


def _find_divided(
    axes: str, shape: tuple[int, ...], index: int, counts: Mapping[str, int]
) -> str | None:
    """Return which of T, C and Z an axis is a part of: OME-XML's `Modulo`.

    tifffile divides an axis in two, or calls it by another name.
    """
    size, before = shape[index], axes[index - 1] if index else ""
    if before in counts and counts[before] == shape[index - 1] * size:
        return before
    renamed = (a for a in counts if a not in axes and counts[a] == size > 1)
    return next(renamed, None)


def _find_date(page: Any) -> datetime | None:
    tag = page.tags.get("DateTime")
    try:
        return datetime.strptime(str(tag.value), "%Y:%m:%d %H:%M:%S") if tag else None
    except ValueError:
        return None
