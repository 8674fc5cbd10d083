"""Reading the chunks of our own arrays straight from their files.

zarr reads every array through an event loop in a thread of its own.  That takes a
millisecond a call, whatever is read: five times as long as all that a small tile needs
else.  What is stored here is plain: one file a chunk, packed by Blosc.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from numcodecs import blosc

from napari_omero_io.sandbox.errors import ResourceFault

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from .types import Place, Region

_CODECS = ["bytes", "blosc"]
#: Where Blosc's header says how long a chunk is, the header included.
_PACKED_LENGTH = slice(12, 16)


class ChunkFiles:
    """An array (T, C, Z, Y, X) whose chunks are parts of one plane, for reading.

    Parameters
    ----------
    chunk
        Height and width of a chunk; the last ones are as large as the others.
    """

    def __init__(
        self, folder: Path, chunk: tuple[int, int], dtype: np.dtype[Any]
    ) -> None:
        self._folder = folder
        self._chunk = chunk
        self._dtype = dtype

    @classmethod
    def open(cls, folder: Path) -> ChunkFiles | None:
        """Open an array; None where it is stored in another way than ours.

        Raises
        ------
        OSError, ValueError, KeyError
            It is missing or damaged.
        """
        about = json.loads((folder / "zarr.json").read_text(encoding="utf-8"))
        chunk = about["chunk_grid"]["configuration"].get("chunk_shape", ())
        endian = about["codecs"][0].get("configuration", {}).get("endian", "little")
        if (
            [codec["name"] for codec in about["codecs"]] != _CODECS
            or endian != "little"
            or list(chunk[:3]) != [1, 1, 1]
            or about["fill_value"] != 0
            or about["chunk_key_encoding"]
            != {"name": "default", "configuration": {"separator": "/"}}
        ):
            return None
        dtype = np.dtype(about["data_type"]).newbyteorder("<")
        return cls(folder, (chunk[3], chunk[4]), dtype)

    def read(self, place: Place, region: Region) -> NDArray[Any]:
        """Return a rectangle of a plane, shape (height, width), perhaps read-only.

        Raises
        ------
        ResourceFault
            A chunk is damaged.
        """
        height, width = self._chunk
        top, left = region.y, region.x
        bottom, right = top + region.height, left + region.width
        rows = range(top // height, -(-bottom // height))
        columns = range(left // width, -(-right // width))
        if len(rows) == len(columns) == 1:
            chunk = self._read_chunk(place, rows[0], columns[0])
            y, x = top - rows[0] * height, left - columns[0] * width
            return chunk[y : y + region.height, x : x + region.width]
        found = np.empty((region.height, region.width), self._dtype)
        for row in rows:
            y0, y1 = max(top, row * height), min(bottom, (row + 1) * height)
            for column in columns:
                x0, x1 = max(left, column * width), min(right, (column + 1) * width)
                found[y0 - top : y1 - top, x0 - left : x1 - left] = self._read_chunk(
                    place, row, column
                )[
                    y0 - row * height : y1 - row * height,
                    x0 - column * width : x1 - column * width,
                ]
        return found

    def _read_chunk(self, place: Place, row: int, column: int) -> NDArray[Any]:
        name = f"c/{place.t}/{place.c}/{place.z}/{row}/{column}"
        try:
            packed = (self._folder / name).read_bytes()
        except FileNotFoundError:
            return np.zeros(self._chunk, self._dtype)  # it was never written
        except OSError as error:
            raise ResourceFault(f"The pixels cannot be read: {error}") from error
        try:
            _check_length(packed)
            pixels = np.frombuffer(blosc.decompress(packed), self._dtype)
            return pixels.reshape(self._chunk)
        except (RuntimeError, ValueError) as error:
            raise ResourceFault(
                f"Pixels are damaged: {self._folder / name}: {error}"
            ) from error


def _check_length(packed: bytes) -> None:
    """Refuse what is not as long as it says: Blosc believes it, and reads beyond."""
    said = int.from_bytes(packed[_PACKED_LENGTH], "little")
    if said != len(packed):
        raise ValueError(f"{len(packed)} bytes are there of {said}")
