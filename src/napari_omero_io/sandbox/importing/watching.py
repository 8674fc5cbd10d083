"""Looking at pixels while they are copied: digest, smallest and largest values."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from napari_omero_io.sandbox.store.pixels.types import Size

from .imported import MissingDecoder, UnreadableFile

if TYPE_CHECKING:
    from napari_omero_io.sandbox.store.pixels.types import PixelsFacts, Place

    from .imported import ImportedImage

#: Bytes that are read at a time where nothing is copied.
_BAND = 64_000_000


class WatchedSource:
    """The pixels of a file on their way into the store, looked at once.

    The store copies the full size first, plane by plane in the order in which
    OMERO's digest is taken.
    """

    def __init__(self, image: ImportedImage, facts: PixelsFacts, name: str) -> None:
        self._source = image.source
        self._name = name
        self._facts = facts
        self._digest = hashlib.sha1(usedforsecurity=False)
        self._lows = [np.inf] * facts.size_c
        self._highs = [-np.inf] * facts.size_c
        self.sizes = tuple(Size(x, y) for y, x in image.levels)

    def read_rows(self, level: int, place: Place, rows: range) -> np.ndarray:
        """Return rows of a plane, shape (len(rows), width)."""
        z, c, t = place
        band = slice(rows.start, rows.stop)
        try:
            part = self._source.read_region(level, t, c, z, band, slice(None))
        except Exception as error:
            # Every decoder has errors of its own for data that end early.
            if "imagecodecs" in str(error):
                raise MissingDecoder(
                    f"{self._name} is compressed in a way that needs the Python "
                    f"package imagecodecs: {error}."
                ) from error
            raise UnreadableFile(f"{self._name} is damaged: {error}.") from error
        if level == 0:
            self._look_at(c, part)
        return part

    def read_all(self) -> None:
        """Look at the full size, band by band, without keeping it."""
        facts = self._facts
        rows = max(1, _BAND // facts.row_bytes)
        for place in map(facts.place, range(facts.planes)):
            for start in range(0, facts.size_y, rows):
                part = range(start, min(start + rows, facts.size_y))
                self.read_rows(0, place, part)

    @property
    def digest(self) -> str:
        """SHA-1 of all pixels in OMERO's byte order, in hexadecimal."""
        return self._digest.hexdigest()

    @property
    def extremes(self) -> list[tuple[float, float]]:
        """Smallest and largest value of each channel."""
        pairs = zip(self._lows, self._highs, strict=True)
        return [(low, high) if low <= high else (0.0, 0.0) for low, high in pairs]

    def _look_at(self, c: int, part: np.ndarray) -> None:
        self._digest.update(part.astype(self._facts.type.wire).tobytes())
        finite = part[np.isfinite(part)] if part.dtype.kind == "f" else part
        if finite.size:
            self._lows[c] = min(self._lows[c], float(finite.min()))
            self._highs[c] = max(self._highs[c], float(finite.max()))
