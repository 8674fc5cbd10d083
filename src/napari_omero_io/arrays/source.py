"""Where tiles come from: the seam between arrays and a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_omero_io.records import ImageRecord


class TileReader(Protocol):
    """Reads tiles of one image; used by the one thread that opened it."""

    def read_tile(
        self, level: int, z: int, c: int, t: int, x: int, y: int, w: int, h: int
    ) -> NDArray[Any]:
        """Read `h` rows of `w` pixels, in any byte order; perhaps read-only.

        Parameters
        ----------
        level
            Index into the record's levels; 0 is the full size.
        x, y, w, h
            In pixels of that level, inside of it.

        Raises
        ------
        OmeroIOError
            The pixels cannot be had.
        """
        ...

    def close(self) -> None:
        """Give back what the server holds for this reader."""
        ...


class TileSource(Protocol):
    """One image on one server, as far as its pixels matter.

    A source that can be read from other processes can be pickled.
    """

    def __hash__(self) -> int:
        """Tell sources apart."""
        ...

    @property
    def record(self) -> ImageRecord:
        """What the image is like."""
        ...

    @property
    def server(self) -> str:
        """The server as it stands in links, such as ``host:4064``."""
        ...

    def open_reader(self) -> TileReader:
        """Open a reader for the calling thread."""
        ...

    def close(self) -> None:
        """Give back what the server holds apart from open readers."""
        ...
