"""ILdap: the sandbox asks no directory of people, so all of it is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.sessions import SessionState


class LdapService:
    """Tells clients that there is no LDAP."""

    def __init__(self, _core: Core, _session: SessionState) -> None:
        pass

    def getSetting(self, call: Call) -> bool:
        """Tell whether people are looked up in LDAP: they are not."""
        return False

    def searchAll(self, call: Call) -> list[Any]:
        """Return everybody in LDAP: nobody."""
        return []

    def searchDnInGroups(self, call: Call, attribute: str, value: str) -> list[str]:
        """Return who belongs to a group of LDAP: nobody."""
        return []

    def searchByAttribute(
        self, call: Call, name: str, attribute: str, value: str
    ) -> list[Any]:
        """Return who has an attribute in LDAP: nobody."""
        return []

    def searchByAttributes(
        self, call: Call, name: str, attributes: Sequence[str], values: Sequence[str]
    ) -> list[Any]:
        """Return who has some attributes in LDAP: nobody."""
        return []

    def discover(self, call: Call) -> list[Any]:
        """Return the users whose entry in LDAP has moved: none."""
        return []

    def discoverGroups(self, call: Call) -> list[Any]:
        """Return the groups whose entry in LDAP has moved: none."""
        return []
