"""The contracts of the widgets, fulfilled by real sessions and the user's settings.

Everything that loads Ice is imported when it is used, in a working thread.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from napari_omero_io.settings import (
    RememberedServer,
    load_settings,
    remember_server,
    save_settings,
)

from .login import Login
from .server import ExportTargets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from napari_omero_io.records import ImageRecord, ObjectRecord, UserRecord
    from napari_omero_io.save.plan import SavePlan
    from napari_omero_io.save.receipt import Receipt
    from napari_omero_io.session import Session

logger = logging.getLogger(__name__)


class LiveServer:
    """A `Server` over a session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def address(self) -> str:
        """``host:port``, as it stands in links and in the metadata of layers."""
        return self._session.server

    @property
    def user(self) -> UserRecord:
        """Who is logged in."""
        return self._session.user

    def is_at(self, server: str) -> bool:
        """Whether a link to that server means this one."""
        return self._session.is_at(server)

    def make_link(self, kind: str, object_id: int) -> str:
        """Give the canonical link of an object; asks nobody."""
        return self._session.link(kind, object_id)

    def list_roots(self) -> Sequence[ObjectRecord]:
        """Read the first rows of the tree."""
        from napari_omero_io.client.browse import list_roots

        return list_roots(self._session.connection)

    def list_children(
        self, parent: ObjectRecord, first: int, limit: int
    ) -> Sequence[ObjectRecord]:
        """Read rows below another; fewer than `limit` means that these are the last."""
        from napari_omero_io.client.browse import list_children

        connection = self._session.connection
        return list_children(
            connection, parent.kind, parent.id, first, limit, parent.group_id
        )

    def read_thumbnails(
        self, image_ids: Sequence[int], size: int
    ) -> Mapping[int, bytes]:
        """Read pictures as JPEG; images that have none are left out."""
        from napari_omero_io.client.thumbnails import read_thumbnails

        return read_thumbnails(self._session.connection, image_ids, size)

    def read_image(self, image_id: int) -> ImageRecord:
        """Read all there is to say about an image, no pixels."""
        return self._session.read_image(image_id)

    def open_layers(self, reference: str) -> Sequence[Any]:
        """Read what a link points to, as napari's layer data; pixels come later."""
        return self._session.open_layers(reference)

    def list_targets(self) -> ExportTargets:
        """Read the datasets and projects that the user may put something into."""
        from napari_omero_io.client.browse import list_writable

        connection = self._session.connection
        return ExportTargets(
            tuple(list_writable(connection, "dataset")),
            tuple(list_writable(connection, "project")),
        )

    def carry_out(
        self,
        plan: SavePlan,
        progress: Callable[[int, int, str], None],
        cancelled: Callable[[], bool],
    ) -> Receipt:
        """Save, and say what was made."""
        from napari_omero_io.save.upload import carry_out

        return carry_out(
            plan, self._session.connection, progress=progress, cancelled=cancelled
        )

    def close(self) -> None:
        """End the session."""
        self._session.close()


class RememberedLogins:
    """The servers in the user's settings."""

    def recall(self) -> Sequence[Login]:
        """Give the logins, the last one first."""
        return [
            Login(known.address, known.user, group=known.group)
            for known in load_settings().servers
        ]

    def remember(self, login: Login) -> None:
        """Put one to the front."""
        server = RememberedServer(
            address=login.address, user=login.user, group=login.group
        )
        try:
            save_settings(remember_server(load_settings(), server))
        except OSError as error:
            # Worth a line in the log, not worth refusing a login that went well.
            logger.warning("The server cannot be remembered: %s", error)


def log_in(login: Login) -> LiveServer:
    """Open a session.

    Raises
    ------
    OmeroIOError
        With one sentence for the user.
    """
    from napari_omero_io.session import connect

    return LiveServer(
        connect(
            login.address,
            login.user,
            login.password or None,
            group=login.group or None,
        )
    )


def start_trial_server() -> Login:
    """Start a server on this computer, and say how to log in to it."""
    from napari_omero_io.trial import start_trial

    trial = start_trial()
    return Login(trial.address, trial.user, trial.password)
