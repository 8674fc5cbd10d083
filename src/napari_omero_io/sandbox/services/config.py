"""IConfig: the server's version and settings."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from omero.rtypes import rtime

from napari_omero_io.sandbox.config import (
    SERVER_VERSION,
    is_for_clients,
    is_public,
    is_secret,
)
from napari_omero_io.sandbox.errors import ApiUsage, NotAllowed
from napari_omero_io.sandbox.rules.roles import require_admin

if TYPE_CHECKING:
    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.sessions import SessionState


class ConfigService:
    """What clients ask before they decide how to talk to a server."""

    def __init__(self, core: Core, _session: SessionState) -> None:
        self._config = core.config

    def getVersion(self, _call: Call) -> str:
        """Return the version of the server that the sandbox stands for."""
        return SERVER_VERSION

    def getDatabaseUuid(self, _call: Call) -> str:
        """Return what tells this server's data from another's."""
        return self._config.database_uuid

    def getServerTime(self, _call: Call) -> Any:
        """Return the time, in milliseconds."""
        return rtime(time.time_ns() // 1_000_000)

    def getDatabaseTime(self, call: Call) -> Any:
        """Return the time; the database has the server's clock."""
        return self.getServerTime(call)

    def getConfigValue(self, call: Call, key: str) -> str:
        """Return a setting; an unknown one is empty.

        Raises
        ------
        NotAllowed
            The setting is for administrators only.
        """
        if key and not _may_read(call, key):
            raise NotAllowed(f"Cannot read configuration: {key}")
        return self._config.get(key) or ""

    def getConfigValues(self, call: Call, pattern: str) -> dict[str, str]:
        """Return the settings whose names a regular expression finds."""
        try:
            wanted = re.compile(pattern)
        except (re.error, RecursionError) as error:
            raise ApiUsage(f"Bad regular expression {pattern!r}: {error}") from error
        return {
            key: self._config.get(key) or ""
            for key in self._config.names()
            if wanted.search(key) and _may_read(call, key)
        }

    def getConfigDefaults(self, call: Call) -> dict[str, str]:
        """Return the settings as they are shipped."""
        require_admin(call.caller)
        defaults = self._config.defaults
        return {key: value for key, value in defaults.items() if not is_secret(key)}

    def getClientConfigValues(self, _call: Call) -> dict[str, str]:
        """Return the settings meant for clients."""
        return {
            key: self._config.get(key) or ""
            for key in self._config.names()
            if is_for_clients(key)
        }

    def getClientConfigDefaults(self, _call: Call) -> dict[str, str]:
        """Return the settings meant for clients, as they are shipped."""
        defaults = self._config.defaults
        return {key: value for key, value in defaults.items() if is_for_clients(key)}

    def setConfigValue(self, call: Call, key: str, value: str) -> None:
        """Change a setting; an empty value takes the change back."""
        require_admin(call.caller)
        self._config.set(key, value)

    def setConfigValueIfEquals(
        self, call: Call, key: str, value: str, test: str
    ) -> bool:
        """Change a setting if it has a value; tell whether it had."""
        require_admin(call.caller)
        return self._config.set_if_equal(key, value, test)


def _may_read(call: Call, key: str) -> bool:
    return is_public(key) or (call.caller.is_admin and not is_secret(key))
