"""What the window needs of a server, as one small contract.

The pages and their controllers know a server only through `Server`; `live_server`
fulfils it with a real session, tests with a double.  Every method may take long and
is called in a working thread, never in the window's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from napari_omero_io.client.download import DownloadReceipt
    from napari_omero_io.client.facts import Details, Membership
    from napari_omero_io.records import (
        ColumnRecord,
        GroupRecord,
        ImageRecord,
        ObjectRecord,
        PlateRecord,
        RunChoice,
        SettingsRecord,
        TableRecord,
        UserRecord,
    )
    from napari_omero_io.save.plan import SavePlan
    from napari_omero_io.save.receipt import Receipt
    from napari_omero_io.session import Arrangement

    #: Told the bytes that are done, the bytes in all, and what is being sent.
    Progress = Callable[[int, int, str], None]

#: Rows that are read first; the most that are read at once.
PAGE_SIZE = 200
_LARGEST_PAGE = 1000


def size_page(first: int) -> int:
    """Choose how many rows to read from number `first` on.

    As many again as are there: the first ones come soon, and the end of ten thousand
    is thirteen pages away.  Not more, since Ice keeps Python's lock while it unpacks a
    page: a thousand rows for some 30 ms.
    """
    return min(max(first, PAGE_SIZE), _LARGEST_PAGE)


@dataclass(frozen=True, slots=True)
class ExportTargets:
    """What the user may put new images into."""

    datasets: tuple[ObjectRecord, ...]
    projects: tuple[ObjectRecord, ...]


@dataclass(frozen=True, slots=True)
class Plane:
    """A plane of an image, or a part of it.

    Attributes
    ----------
    box
        Left, top, right and bottom in pixels; None for all of the plane.
    """

    z: int
    t: int
    box: tuple[float, float, float, float] | None = None


class Table(Protocol):
    """A table that is open; see `client.tables.TableReader`."""

    @property
    def columns(self) -> tuple[ColumnRecord, ...]:
        """Its columns."""

    @property
    def row_count(self) -> int:
        """How many rows it has."""

    def read(
        self,
        columns: Sequence[str] | None = None,
        start: int = 0,
        stop: int | None = None,
    ) -> dict[str, NDArray[Any]]:
        """Read consecutive rows."""

    def read_rows(
        self, rows: Sequence[int] | NDArray[Any], columns: Sequence[str] | None = None
    ) -> dict[str, NDArray[Any]]:
        """Read some rows."""

    def find_rows(self, condition: str) -> NDArray[np.int64]:
        """Give the numbers of the rows that meet a condition."""

    def close(self) -> None:
        """Let go of it."""


class Server(Protocol):
    """One user's session on one server."""

    @property
    def address(self) -> str:
        """``host:port``, as it stands in links and in the metadata of layers."""

    @property
    def user(self) -> UserRecord:
        """Who is logged in."""

    def is_at(self, server: str) -> bool:
        """Whether a link to that server means this one; asks nobody."""

    @property
    def certificate(self) -> str | None:
        """SHA-256 of the server's certificate; None without encryption."""

    @property
    def is_first(self) -> bool:
        """Whether this is the first time that the certificate is seen."""

    def on_state(self, listener: Callable[[str, str], None]) -> Callable[[], None]:
        """Have a function told how the session stands, from any thread.

        Parameters
        ----------
        listener
            Given ``connected``, ``reconnecting``, ``lost`` or ``closed``, and a
            sentence for the user or ''.

        Returns
        -------
        callable
            Ends it.
        """

    def resume(self, password: str) -> None:
        """Log the same user in again, for all that is open."""

    def list_groups(self) -> Sequence[GroupRecord]:
        """Read the groups whose data the user may look at."""

    def show_group(self, group: GroupRecord | None) -> None:
        """List another group's data and put new objects there; asks nobody.

        Parameters
        ----------
        group
            None lists the data of all groups; new objects go where they went.
        """

    @property
    def owner_id(self) -> int:
        """Whose rows are listed; `client.facts.EVERYBODY` for all members'."""

    def list_members(self) -> Sequence[Membership]:
        """Read the groups that the user may look at, with their members."""

    def show_owner(self, owner_id: int) -> None:
        """List another member's rows; asks nobody."""

    def search(self, text: str) -> Sequence[ObjectRecord]:
        """Read the objects that a question is about."""

    def read_details(self, kind: str, object_id: int) -> Details:
        """Read all that the metadata say of an object; no pixels."""

    def find_images(
        self, kind: str, object_id: int, limit: int, run_id: int | None = None
    ) -> Sequence[int]:
        """Give the ids of the images that something is or contains.

        Parameters
        ----------
        run_id
            For a well: the run whose fields are wanted; None for those of all.
        """

    def make_web_link(self, kind: str, object_id: int) -> str:
        """Give the address at which OMERO.web shows it, or ''; asks nobody."""

    def list_roots(self) -> Sequence[ObjectRecord]:
        """Read the first rows of the tree."""

    def list_children(
        self, parent: ObjectRecord, first: int, limit: int
    ) -> Sequence[ObjectRecord]:
        """Read rows below another; fewer than `limit` means that these are the last."""

    def read_thumbnails(
        self, image_ids: Sequence[int], size: int
    ) -> Mapping[int, bytes]:
        """Read pictures as JPEG or PNG; images that have none are left out."""

    def read_image(self, image_id: int) -> ImageRecord:
        """Read all there is to say about an image, no pixels."""

    def make_link(self, kind: str, object_id: int) -> str:
        """Give the canonical link of an object; asks nobody."""

    def open_layers(
        self,
        reference: str | Sequence[str],
        arrangement: Arrangement = "apart",
        *,
        run: RunChoice = None,
        field: int | None = None,
    ) -> Iterator[Sequence[Any]]:
        """Yield what links point to, as napari's layer data; pixels come later.

        Images come first, what is drawn on them afterwards; each part takes a while.

        Parameters
        ----------
        arrangement
            ``apart`` makes layers for each image, ``stack`` and ``mosaic`` one of all.
        run, field
            Of a mosaic: the id of the run or ``all``, and the number of the one field,
            from 0.
        """

    def read_plate(self, kind: str, object_id: int) -> PlateRecord:
        """Read the plate that something is, or is a part of: wells, runs, fields."""

    def list_tables(self, kind: str, object_id: int) -> Sequence[TableRecord]:
        """Find the tables about an object."""

    def open_table(self, table_id: int) -> Table:
        """Open one of them; the caller closes it."""

    def list_settings(self, image_id: int) -> Sequence[SettingsRecord]:
        """Read whose rendering settings are saved for an image."""

    def open_with_settings(self, image_id: int, settings_id: int) -> Sequence[Any]:
        """Read an image as somebody's rendering settings show it; pixels come later."""

    def read_regions(self, image_id: int, plane: Plane | None = None) -> Sequence[Any]:
        """Read the regions of an image as napari's layer data.

        Parameters
        ----------
        plane
            Only those that are on it, and in its box; None for all.
        """

    def download(
        self,
        references: Sequence[str],
        folder: Path,
        progress: Progress,
        cancelled: Callable[[], bool],
    ) -> DownloadReceipt:
        """Fetch the original files of what links name; see `Session.download`."""

    def list_targets(self) -> ExportTargets:
        """Read the datasets and projects that the user may put something into."""

    def compare(self, plan: SavePlan) -> SavePlan:
        """Complete a plan with what is on the server now; waits."""

    def carry_out(
        self, plan: SavePlan, progress: Progress, cancelled: Callable[[], bool]
    ) -> Receipt:
        """Save, and say what was made."""

    def close(self) -> None:
        """End the session."""
