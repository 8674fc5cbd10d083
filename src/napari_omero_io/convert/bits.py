"""The bytes of OMERO's masks: one bit a pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_omero_io.errors import OmeroIOError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_omero_io.records import MaskRecord


def pack_bits(mask: NDArray[np.bool_]) -> bytes:
    """Pack Booleans (Y, X) as OMERO keeps masks.

    Row by row, the first pixel in the highest bit, rows not padded.
    """
    return np.packbits(mask.ravel()).tobytes()


def unpack_bits(mask: MaskRecord) -> NDArray[np.bool_]:
    """Unpack a mask to Booleans (Y, X).

    Raises
    ------
    OmeroIOError
        If there are too few or too many bytes.
    """
    size = mask.width * mask.height
    raw = np.frombuffer(mask.bits, np.uint8)
    if len(raw) == -(-size // 8):
        pixels = np.unpackbits(raw, count=size).astype(bool)
    elif len(raw) == size:  # some older tools wrote a byte for each pixel
        pixels = raw != 0
    else:
        raise OmeroIOError(
            f"Mask {mask.id} has {len(raw)} bytes, which do not fit its size of "
            f"{mask.width} x {mask.height} pixels; it cannot be shown."
        )
    return pixels.reshape(mask.height, mask.width)
