"""What the program remembers between runs: servers, their certificates and aliases.

One JSON file in the user's configuration folder.  Passwords and session keys are
never in it: see `client.credentials`.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

#: Names another folder for the settings, for tests and for shared computers.
FOLDER_VARIABLE = "NAPARI_OMERO_IO_CONFIG"

_LIMIT = 10
#: Certificates that are remembered, the last seen last.
_CERTIFICATES = 200

_changing = threading.Lock()


class RememberedServer(BaseModel):
    """A server that was used, and as whom.

    Attributes
    ----------
    address
        As the user wrote it: ``host``, ``host:port``, ``wss://…``.
    group
        '' for the user's default group.
    verify
        Whether its certificate is verified fully: issued for this host by an
        authority that the system trusts.  Otherwise it must be the one of last time.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    address: str = Field(min_length=1)
    user: str = ""
    group: str = ""
    verify: bool = False


class Settings(BaseModel):
    """All settings; a newer version's are kept when an older one saves.

    Attributes
    ----------
    servers
        The last used first.
    certificates
        SHA-256 fingerprints of the certificates that are trusted, by ``host:port``.
    aliases
        Addresses of OMERO servers whose web client is on another host, by that host.
    share_sessions
        Whether the ``omero`` command line is told of sessions that begin here.
    memory_cache, disk_cache
        Bytes of pixels kept in memory, and on the disk between runs; 0 on the disk
        keeps nothing there.
    quality
        How sharp images are shown that have several resolutions; see
        `arrays.quality`.
    rendered
        Whether images open as the server renders them, which slow lines need.
    keep_axes
        Whether layers have axes for time and depth also where these have one step only.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    servers: tuple[RememberedServer, ...] = ()
    certificates: dict[str, str] = Field(default_factory=dict)
    aliases: dict[str, str] = Field(default_factory=dict)
    share_sessions: bool = True
    memory_cache: int = Field(default=192 << 20, ge=16 << 20)
    disk_cache: int = Field(default=4 << 30, ge=0)
    quality: Literal["fast", "balanced", "exact"] = "balanced"
    rendered: bool = False
    keep_axes: bool = False


def find_settings_file() -> Path:
    """Say where the settings are, whether or not they exist."""
    folder = os.environ.get(FOLDER_VARIABLE)
    if folder is None:
        folder = platformdirs.user_config_dir("napari-omero-io", appauthor=False)
    return Path(folder) / "settings.json"


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings; a damaged file is put aside, and the defaults are taken.

    Parameters
    ----------
    path
        None for the user's file.
    """
    path = find_settings_file() if path is None else path
    try:
        return Settings.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        logger.warning("The settings in %s cannot be read: %s", path, error)
        return Settings()
    except ValidationError as error:
        aside = path.with_suffix(".damaged.json")
        logger.warning("%s is damaged and was moved to %s", path, aside)
        logger.debug("What is wrong with it: %s", error)
        path.replace(aside)
        return Settings()


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Write the settings, whole or not at all.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    path = find_settings_file() if path is None else path
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(settings.model_dump(mode="json"), indent=2, ensure_ascii=False)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def change_settings(
    change: Callable[[Settings], Settings], path: Path | None = None
) -> None:
    """Read, change and write the settings; a folder that cannot be written is logged.

    What is remembered is a convenience, and no reason to refuse a login.
    """
    with _changing:
        before = load_settings(path)
        after = change(before)
        if after == before:
            return
        try:
            save_settings(after, path)
        except OSError as error:
            logger.warning("This cannot be remembered: %s", error)


def trust_certificate(settings: Settings, server: str, fingerprint: str) -> Settings:
    """Pin the certificate of a server, which was seen now.

    Parameters
    ----------
    server
        ``host:port``.
    """
    known = {k: v for k, v in settings.certificates.items() if k != server}
    kept = list(known.items())[-(_CERTIFICATES - 1) :]
    return settings.model_copy(
        update={"certificates": {**dict(kept), server: fingerprint}}
    )


def forget_certificate(settings: Settings, server: str) -> Settings:
    """Take whatever certificate a server shows next."""
    known = {k: v for k, v in settings.certificates.items() if k != server}
    return settings.model_copy(update={"certificates": known})


def add_alias(settings: Settings, web_host: str, address: str) -> Settings:
    """Remember where the server is whose web client is at `web_host`."""
    return settings.model_copy(
        update={"aliases": {**settings.aliases, web_host.lower(): address}}
    )


def remember_server(settings: Settings, server: RememberedServer) -> Settings:
    """Put a server to the front, once for each address and user."""
    others = [
        known
        for known in settings.servers
        if (known.address, known.user) != (server.address, server.user)
    ]
    servers = (server, *others[: _LIMIT - 1])
    return settings.model_copy(update={"servers": servers})


def recall_server(settings: Settings, address: str) -> RememberedServer | None:
    """Give what was last used at an address, or None."""
    return next((known for known in settings.servers if known.address == address), None)
