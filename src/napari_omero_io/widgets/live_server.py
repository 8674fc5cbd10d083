"""The contracts of the widgets, fulfilled by real sessions and the user's settings.

Everything that loads Ice is imported when it is used, in a working thread.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_omero_io.client.facts import EVERYBODY, Scope
from napari_omero_io.client.thumbnail_cache import ThumbnailCache
from napari_omero_io.records import ObjectRecord
from napari_omero_io.settings import (
    RememberedServer,
    add_alias,
    change_settings,
    load_settings,
    remember_server,
    trust_certificate,
)

from .login import Login
from .server import ExportTargets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from napari_omero_io.client.download import DownloadReceipt
    from napari_omero_io.client.facts import Details, Membership
    from napari_omero_io.client.lifeline import State
    from napari_omero_io.records import (
        GroupRecord,
        ImageRecord,
        PlateRecord,
        RunChoice,
        SettingsRecord,
        TableRecord,
        UserRecord,
    )
    from napari_omero_io.save.plan import SavePlan
    from napari_omero_io.save.receipt import Receipt
    from napari_omero_io.session import Arrangement, Session

    from .server import Plane, Table


#: What OMERO.web shows by a link.
_SHOWN_BY_WEB = ("project", "dataset", "image", "screen", "plate", "run", "well", "tag")


class LiveServer:
    """A `Server` over a session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._shows_all = False
        self._owner_id = EVERYBODY
        self._thumbnails = ThumbnailCache()

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

    @property
    def certificate(self) -> str | None:
        """SHA-256 of the server's certificate."""
        return self._session.connection.certificate

    @property
    def is_first(self) -> bool:
        """Whether this is the first time that the certificate is seen."""
        return self._session.connection.is_first

    def on_state(self, listener: Callable[[str, str], None]) -> Callable[[], None]:
        """Have a function told how the session stands, from any thread."""
        changed = self._session.connection.state_changed

        def tell(state: State, text: str) -> None:
            listener(state.value, text)

        changed.connect(tell)
        return lambda: changed.disconnect(tell)

    def resume(self, password: str) -> None:
        """Log the same user in again, for all that is open."""
        self._session.connection.resume(password)

    def list_groups(self) -> Sequence[GroupRecord]:
        """Read the groups whose data the user may look at."""
        from napari_omero_io.client.groups import read_groups

        return read_groups(self._session.connection)

    def show_group(self, group: GroupRecord | None) -> None:
        """List another group's data and put new objects there; asks nobody."""
        self._shows_all = group is None
        if group is not None:
            self._session.connection.work_in(group.id, group.name)

    def make_link(self, kind: str, object_id: int) -> str:
        """Give the canonical link of an object; asks nobody."""
        return self._session.link(kind, object_id)

    @property
    def owner_id(self) -> int:
        """Whose rows are listed; `EVERYBODY` for all members'."""
        return self._owner_id

    def list_members(self) -> Sequence[Membership]:
        """Read the groups that the user may look at, with their members."""
        from napari_omero_io.client.members import list_members

        return list_members(self._session.connection)

    def show_owner(self, owner_id: int) -> None:
        """List another member's rows; asks nobody."""
        self._owner_id = owner_id

    def search(self, text: str) -> Sequence[ObjectRecord]:
        """Read the objects that a question is about."""
        from napari_omero_io.client.search import find_objects

        scope = None
        if not self._shows_all:
            user = self._session.user
            scope = Scope(user.group_id, user.group_name, self._owner_id)
        return find_objects(self._session.connection, text, scope)

    def read_details(self, kind: str, object_id: int) -> Details:
        """Read all that the metadata say of an object; no pixels."""
        from napari_omero_io.client.details import read_details

        return read_details(self._session.connection, kind, object_id)

    def find_images(
        self, kind: str, object_id: int, limit: int, run_id: int | None = None
    ) -> Sequence[int]:
        """Give the ids of the images that something is or contains."""
        from napari_omero_io.client.browse import find_images

        return find_images(self._session.connection, kind, object_id, limit, run_id)

    def make_web_link(self, kind: str, object_id: int) -> str:
        """Give the address at which OMERO.web shows it, or ''; asks nobody."""
        for host, address in load_settings().aliases.items():
            if kind in _SHOWN_BY_WEB and self._session.is_at(address):
                return f"https://{host}/webclient/?show={kind}-{object_id}"
        return ""

    def list_roots(self) -> Sequence[ObjectRecord]:
        """Read the first rows of the tree."""
        from napari_omero_io.client.browse import list_roots

        connection = self._session.connection
        connection.thumbnail_stores.prepare()
        if not self._shows_all:
            return list_roots(connection, owner_id=self._owner_id)
        return [
            ObjectRecord("group", group.id, group.name, group_id=group.id)
            for group in self.list_groups()
        ]

    def list_children(
        self, parent: ObjectRecord, first: int, limit: int
    ) -> Sequence[ObjectRecord]:
        """Read rows below another; fewer than `limit` means that these are the last."""
        from napari_omero_io.client.browse import list_children, list_roots

        connection = self._session.connection
        if parent.kind == "group":
            # All of them at once: there are none behind.
            rows = list_roots(connection, parent.id, self._owner_id)
            return rows if first == 0 else []
        return list_children(
            connection,
            parent.kind,
            parent.id,
            first,
            limit,
            parent.group_id,
            parent.run_id,
        )

    def read_thumbnails(
        self, image_ids: Sequence[int], size: int
    ) -> Mapping[int, bytes]:
        """Read pictures as JPEG; images that have none are left out."""
        from napari_omero_io.client.thumbnails import read_thumbnails

        return read_thumbnails(
            self._session.connection, image_ids, size, self._thumbnails
        )

    def read_image(self, image_id: int) -> ImageRecord:
        """Read all there is to say about an image, no pixels."""
        return self._session.read_image(image_id)

    def open_layers(
        self,
        reference: str | Sequence[str],
        arrangement: Arrangement = "apart",
        *,
        run: RunChoice = None,
        field: int | None = None,
    ) -> Iterator[Sequence[Any]]:
        """Yield what links point to: images, then what is drawn on them."""
        settings = load_settings()
        return self._session.iterate_layers(
            reference,
            arrangement,
            rendered=settings.rendered,
            keep_axes=settings.keep_axes,
            run=run,
            field=field,
        )

    def read_plate(self, kind: str, object_id: int) -> PlateRecord:
        """Read the plate that something is, or is a part of."""
        from napari_omero_io.client.plates import find_plate, read_plate

        connection = self._session.connection
        return read_plate(connection, find_plate(connection, kind, object_id))

    def list_tables(self, kind: str, object_id: int) -> Sequence[TableRecord]:
        """Find the tables about an object."""
        from napari_omero_io.client.tables import find_tables

        return find_tables(self._session.connection, kind, object_id)

    def open_table(self, table_id: int) -> Table:
        """Open one of them; the caller closes it."""
        return self._session.open_table(table_id)

    def list_settings(self, image_id: int) -> Sequence[SettingsRecord]:
        """Read whose rendering settings are saved for an image."""
        return self._session.list_settings(image_id)

    def open_with_settings(self, image_id: int, settings_id: int) -> Sequence[Any]:
        """Read an image as somebody's rendering settings show it."""
        from napari_omero_io.convert.layers import image_layers

        keep_axes = load_settings().keep_axes
        image = self._session.open(image_id, settings_id, keep_axes=keep_axes)
        return image_layers(image)

    def read_regions(self, image_id: int, plane: Plane | None = None) -> Sequence[Any]:
        """Read the regions of an image, or those on a part of a plane."""
        image = replace(
            self._session.read_image(image_id), keeps_axes=load_settings().keep_axes
        )
        if plane is None:
            return self._session.region_layers(image)
        return self._session.region_layers(image, z=plane.z, t=plane.t, box=plane.box)

    def download(
        self,
        references: Sequence[str],
        folder: Path,
        progress: Callable[[int, int, str], None],
        cancelled: Callable[[], bool],
    ) -> DownloadReceipt:
        """Fetch the original files of what links name."""
        return self._session.download(
            references, folder, progress=progress, cancelled=cancelled
        )

    def list_targets(self) -> ExportTargets:
        """Read the datasets and projects that the user may put something into."""
        from napari_omero_io.client.browse import list_writable

        connection = self._session.connection
        return ExportTargets(
            tuple(list_writable(connection, "dataset")),
            tuple(list_writable(connection, "project")),
        )

    def compare(self, plan: SavePlan) -> SavePlan:
        """Complete a plan with what is on the server now; waits."""
        return self._session.compare(plan)

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
        """Give the logins, the last one first, then sessions of the command line."""
        from napari_omero_io.client.cli_sessions import find_sessions

        remembered = [
            Login(known.address, known.user, group=known.group, verify=known.verify)
            for known in load_settings().servers
        ]
        sessions = [
            Login(str(found.address), found.user, session_key=found.key)
            for found in find_sessions()
        ]
        return [*remembered, *sessions]

    def remember(self, login: Login) -> None:
        """Put one to the front."""
        server = RememberedServer(
            address=login.address,
            user=login.user,
            group=login.group,
            verify=login.verify,
        )
        change_settings(lambda settings: remember_server(settings, server))

    def add_alias(self, web_host: str, address: str) -> None:
        """Remember where the server is whose web client is at `web_host`."""
        change_settings(lambda settings: add_alias(settings, web_host, address))

    def trust(self, server: str, fingerprint: str) -> None:
        """Take a new certificate of a server for its own."""
        change_settings(
            lambda settings: trust_certificate(settings, server, fingerprint)
        )

    def can_keep_passwords(self) -> bool:
        """Whether this machine has a keyring."""
        from napari_omero_io.client.credentials import has_keyring

        return has_keyring()


def log_in(login: Login) -> LiveServer:
    """Open a session.

    Raises
    ------
    OmeroIOError
        With one sentence for the user.
    """
    from napari_omero_io.client.credentials import keep_password
    from napari_omero_io.entry import connect

    session = connect(
        login.address,
        login.user,
        login.password or None,
        group=login.group or None,
        session=login.session_key or None,
        verify=login.verify,
    )
    if login.keeps_password and login.password:
        keep_password(session.server, session.user.name, login.password)
    return LiveServer(session)


def start_trial_server() -> Login:
    """Start a server on this computer, and say how to log in to it."""
    from napari_omero_io.trial import start_trial

    trial = start_trial()
    return Login(trial.address, trial.user, trial.password)
