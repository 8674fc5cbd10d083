"""An image as the server renders it: one picture of red, green and blue.

The pixels travel and are cached packed, the three colours of a pixel in one number of
32 bits, since they come in one call.  They are unpacked for whoever reads them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from napari_omero_io.arrays.lazy import make_dask_levels
from napari_omero_io.arrays.level import RemoteLevel
from napari_omero_io.arrays.remote import RemoteImage
from napari_omero_io.arrays.source import TileSource
from napari_omero_io.arrays.viewpoint import Viewpoint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_omero_io.arrays.fetch import Fetcher
    from napari_omero_io.arrays.selection import Selection
    from napari_omero_io.records import ImageRecord
    from napari_omero_io.refs import View

#: Red, green and blue; the letter of their axis is B, for bands.
_BANDS = range(3)


class PictureSource(TileSource, Protocol):
    """A source of packed pixels; see `client.rendering.RenderedSource`."""

    @property
    def shown(self) -> ImageRecord:
        """The image with its own channels, as they are shown."""
        ...

    @property
    def looks(self) -> str:
        """Tell these colours from any others of the same pixels."""
        ...


class PictureImage(RemoteImage):
    """One rendered image of a server, at all its resolutions.

    Attributes
    ----------
    shown
        The image's own channels, as they are shown.
    """

    def __init__(
        self, source: PictureSource, fetcher: Fetcher, view: View | None = None
    ) -> None:
        super().__init__(source, fetcher, view=view)
        self.shown = source.shown
        self._identity = f"{self._identity}-{source.looks}"

    @property
    def shape(self) -> tuple[int, int, int, int, int]:
        """(T, C, Z, Y, X) of the full size; the three channels are colours."""
        record = self.record
        sizes = (record.size_z, record.size_y, record.size_x)
        return (record.size_t, len(_BANDS), *sizes)

    @property
    def levels(self) -> list[Any]:
        """The resolutions as dask arrays (T, C, Z, Y, X) of uint8, full size first."""
        return make_dask_levels(self, self._identity, len(_BANDS))

    def picture_levels(self) -> list[RemoteLevel]:
        """Return the resolutions for one layer.

        The axes are (T, Z, Y, X, colours), T and Z as in `channel_levels`.
        """
        viewpoint = Viewpoint(self)
        return [
            PictureLevel(
                self, number, "TZYXBC", self._select(number, "TZYXBC"), viewpoint
            )
            for number in range(len(self.grids))
        ]

    def full_level(self, level: int) -> RemoteLevel:
        """Return one resolution with all axes (T, colours, Z, Y, X), always exact."""
        axes = "TBZYXC"
        return PictureLevel(self, level, axes, self._select(level, axes, keep="TZ"))

    def _select(self, level: int, axes: str, keep: str = "") -> Selection:
        grid, record = self.grids[level], self.record
        sizes = {"T": record.size_t, "Z": record.size_z}
        sizes |= {"Y": grid.height, "X": grid.width, "B": len(_BANDS)}
        has = {"T": record.has_time_axis, "Z": record.has_depth_axis}
        dropped = {axis for axis in "TZ" if not has[axis] and axis not in keep}
        return tuple(
            0 if axis == "C" or axis in dropped else range(sizes[axis]) for axis in axes
        )


class PictureLevel(RemoteLevel):
    """One resolution of a picture, or a part of it; B is the axis of its colours."""

    def __init__(
        self,
        image: RemoteImage,
        level: int,
        axes: str,
        selection: Selection,
        viewpoint: Viewpoint | None = None,
    ) -> None:
        super().__init__(image, level, axes, selection, viewpoint)
        self.dtype = np.dtype(np.uint8)

    @property
    def axes(self) -> str:
        """Letters of the axes that are left."""
        return super().axes.replace("B", "C")

    @property
    def channel(self) -> int | None:
        """None: a picture shows all channels."""
        return None

    @property
    def chunks(self) -> tuple[int, ...]:
        """Shape of what is fetched at once."""
        bands = [number for number, axis in enumerate(super().axes) if axis == "B"]
        return tuple(
            length if number in bands else chunk
            for number, (length, chunk) in enumerate(
                zip(self.shape, super().chunks, strict=True)
            )
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by reference: another process lets the server render, too."""
        from napari_omero_io.arrays.restoring import restore_picture

        return restore_picture, (
            self.image.source,
            self.level,
            self._axes,
            self._selection,
        )

    def read(self) -> NDArray[Any]:
        """Return the picture, waiting for it."""
        return self._unpack(self._packed().read())

    def _part(self, selection: Selection) -> RemoteLevel:
        return PictureLevel(
            self.image, self.level, self._axes, selection, self.viewpoint
        )

    def _peek(self, viewpoint: Viewpoint) -> NDArray[Any]:
        return self._unpack(self._packed()._peek(viewpoint))

    def _packed(self) -> RemoteLevel:
        """Return the same part of the packed pixels."""
        place = self._axes.index("B")
        return RemoteLevel(
            self.image,
            self.level,
            self._axes.replace("B", ""),
            self._selection[:place] + self._selection[place + 1 :],
            self.viewpoint,
        )

    def _unpack(self, packed: NDArray[Any]) -> NDArray[Any]:
        place = self._axes.index("B")
        pick = self._selection[place]
        ahead = sum(isinstance(each, range) for each in self._selection[:place])
        little = np.ascontiguousarray(packed, "<u4")
        colors = little.reshape(*packed.shape, 1).view(np.uint8)
        if isinstance(pick, int):
            return colors[..., pick]
        return np.moveaxis(colors[..., list(pick)], -1, ahead)
