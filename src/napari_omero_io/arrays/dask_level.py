"""A level as a dask array that is read straight into its place.

dask reads chunk by chunk and puts the pixels together afterwards, in memory of another
size as large.  Where nothing is computed of the pixels, none of that is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dask.array as da
from dask.callbacks import Callback

from napari_omero_io.arrays.selection import is_basic

if TYPE_CHECKING:
    from napari_omero_io.arrays.level import RemoteLevel


class DaskLevel(da.Array):  # type: ignore[misc]
    """A dask array of a level or of a part of it; what is computed of it is plain.

    It is pickled as a plain one.
    """

    def __new__(cls, array: da.Array, level: RemoteLevel) -> DaskLevel:
        """Take a dask array of a level."""
        made: DaskLevel = super().__new__(
            cls, array.dask, array.name, array.chunks, meta=array._meta
        )
        made._level = level
        return made

    def __getitem__(self, index: Any) -> Any:
        part = super().__getitem__(index)
        if part.ndim and is_basic(index):
            return DaskLevel(part, self._level[index])
        return part

    def compute(self, **options: Any) -> Any:
        """Return the true pixels, waiting for them.

        Where dask is told how to compute, or is watched at it, it does so.

        Raises
        ------
        OmeroIOError
            They cannot be had.
        """
        if options or Callback.active:
            return super().compute(**options)
        return self._level.read()
