"""The server's settings, as clients read them through IConfig.

Shipped defaults stand here; what an administrator changes, and the identity of the
database, is kept in ``config.json`` in the data folder.
"""

from __future__ import annotations

import json
import os
import re
import threading
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import ResourceFault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: What the sandbox says it is: clients want a server of at least 5.5.
SERVER_VERSION = "5.6.14"

_CLIENT = "omero.client."
_HIDDEN = re.compile(r"^omero\.db\.(?!authority$|uuid$)")
_DEFAULTS = {
    "omero.version": SERVER_VERSION,
    "omero.sessions.timeout": "600000",
    "omero.sessions.maximum": "0",
    "omero.sessions.max_user_time_to_idle": "6000000",
    "omero.sessions.max_user_time_to_live": "0",
    "omero.sessions.sync_interval": "120000",
    "omero.throttling.servants_per_session": "10000",
    "omero.pixeldata.max_plane_width": "3192",
    "omero.pixeldata.max_plane_height": "3192",
    "omero.pixeldata.max_plane_float_override": "true",
    "omero.pixeldata.tile_width": "256",
    "omero.pixeldata.tile_height": "256",
    "omero.pixeldata.max_tile_length": "1024",
    "omero.pixeldata.max_projection_bytes": "268435456",
    "omero.pixeldata.cancel_pyramid_wait": "300000",
    "omero.client.viewer.roi_limit": "2000",
    "omero.client.viewer.initial_zoom_level": "0",
    "omero.client.viewer.interpolate_pixels": "true",
    "omero.client.download_as.max_size": "144000000",
    "omero.client.browser.thumb_default_size": "96",
    "omero.client.ui.tree.type_order": (
        "tagset,tag,project,dataset,screen,plate,acquisition,image"
    ),
    "omero.client.ui.tree.orphans.enabled": "true",
    "omero.client.ui.tree.orphans.name": "Orphaned Images",
    "omero.client.ui.tree.orphans.description": (
        "Images that are in no dataset, in a place of their own."
    ),
    "omero.client.ui.menu.dropdown.leaders.enabled": "true",
    "omero.client.ui.menu.dropdown.leaders.label": "Owners",
    "omero.client.ui.menu.dropdown.colleagues.enabled": "true",
    "omero.client.ui.menu.dropdown.colleagues.label": "Members",
    "omero.client.ui.menu.dropdown.everyone.enabled": "true",
    "omero.client.ui.menu.dropdown.everyone.label": "All Members",
    "omero.scripts.timeout": "3600000",
    "omero.client.scripts_to_ignore": "",
    "omero.client.web.host": "",
    "omero.cluster.read_only.runtime.db": "false",
    "omero.cluster.read_only.runtime.repo": "false",
    "omero.security.password_required": "true",
    "omero.upgrades.url": "",
    "omero.qa.feedback": "",
    "omero.db.authority": "export",
    "omero.mail.config": "false",
    "omero.server.nodedescriptors": "",
    "omero.fs.repo.path": "%user%_%userId%//%year%-%month%/%day%/%time%",
    "omero.fs.repo.path_rules": "Windows required, UNIX required",
    "omero.checksum.supported": (
        "SHA1-160, MD5-128, Murmur3-128, Murmur3-32, CRC-32, Adler-32, File-Size-64"
    ),
    "omero.policy.binary_access": "+read,+write,+image,+plate",
}
#: Readable by everybody, beside all `omero.client` keys.
_PUBLIC = frozenset(
    {
        "omero.version",
        "omero.router.insecure",
        "omero.sessions.timeout",
        "omero.sessions.maximum",
        "omero.sessions.max_user_time_to_idle",
        "omero.sessions.max_user_time_to_live",
        "omero.cluster.read_only.runtime.db",
        "omero.cluster.read_only.runtime.repo",
        "omero.security.password_required",
        "omero.upgrades.url",
        "omero.qa.feedback",
        "omero.db.authority",
        "omero.db.uuid",
        "omero.mail.config",
        "omero.server.nodedescriptors",
    }
    | {key for key in _DEFAULTS if key.startswith("omero.pixeldata.")}
)


@dataclass(frozen=True, slots=True)
class Options:
    """How a server is to be started.

    Attributes
    ----------
    folder
        Holds everything the server keeps.
    port, tcp_port
        For secure and for plain connections; 0 lets the system choose.
    ws_port, wss_port
        For websockets, plain and secure; None for none.
    latency
        Seconds by which every answer is delayed, to try out a distant server.
    bandwidth
        Bytes a second that all clients share; 0 is without limit.
    faults
        The owner of the folder may order faults: see `faults.give_order`.
    scripts
        Folder of the scripts that clients may run; None: no scripts are run.
    """

    folder: Path
    host: str = "127.0.0.1"
    port: int = 0
    tcp_port: int = 0
    ws_port: int | None = None
    wss_port: int | None = None
    root_password: str = "omero"
    latency: float = 0.0
    bandwidth: float = 0.0
    faults: bool = False
    scripts: Path | None = None


class Config:
    """The settings of one server.

    Parameters
    ----------
    path
        Where changed settings are kept; made when it is not there.
    known
        Settings that follow from how the server was started, such as its ports.
    """

    def __init__(self, path: Path, known: Mapping[str, str] | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._changed: dict[str, str] = {}
        self.database_uuid = str(uuid.uuid4())
        if path.exists():
            self._read()
        else:
            self._write()
        self.defaults = {**_DEFAULTS, "omero.db.uuid": self.database_uuid}
        self.defaults.update(known or {})

    def get(self, key: str) -> str | None:
        """Return a setting, or None when there is none of that name."""
        return self._changed.get(key, self.defaults.get(key))

    def number(self, key: str) -> int:
        """Return a setting that is a number."""
        text = self.get(key)
        try:
            return int(text or "")
        except ValueError:
            raise ResourceFault(f"The setting {key} is no number: {text!r}") from None

    def names(self) -> list[str]:
        """Return the names of all settings."""
        return sorted(self.defaults.keys() | self._changed.keys())

    def set(self, key: str, value: str) -> None:
        """Change a setting, and keep it; an empty value takes the change back."""
        with self._lock:
            if value:
                self._changed[key] = value
            else:
                self._changed.pop(key, None)
            self._write()

    def set_if_equal(self, key: str, value: str, expected: str) -> bool:
        """Change a setting if it has the expected value; tell whether it had."""
        with self._lock:
            if (self._changed.get(key, self.defaults.get(key)) or "") != expected:
                return False
            self._changed[key] = value
            self._write()
            return True

    def _read(self) -> None:
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
            self.database_uuid = str(content["database"])
            self._changed = {str(k): str(v) for k, v in content["settings"].items()}
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise ResourceFault(f"{self._path} cannot be read: {error!r}") from error

    def _write(self) -> None:
        content = {"database": self.database_uuid, "settings": self._changed}
        draft = self._path.with_suffix(".part")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as stream:
            json.dump(content, stream, indent=2)
        draft.replace(self._path)


def is_public(key: str) -> bool:
    """Tell whether everybody may read a setting."""
    return key.startswith(_CLIENT) or key in _PUBLIC


def is_secret(key: str) -> bool:
    """Tell whether nobody may read a setting over the wire."""
    return _HIDDEN.match(key) is not None


def is_for_clients(key: str) -> bool:
    """Tell whether a setting is meant for clients."""
    return key.startswith(_CLIENT)
