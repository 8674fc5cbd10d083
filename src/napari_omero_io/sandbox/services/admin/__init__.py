"""IAdmin: users, groups, memberships, passwords, and who the caller is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .credentials import Credentials
from .groups import Groups
from .lookup import Lookup
from .memberships import Memberships
from .photos import Photos
from .possession import Possession
from .users import Users

if TYPE_CHECKING:
    from napari_omero_io.sandbox.core import Core
    from napari_omero_io.sandbox.sessions import SessionState


class AdminService(Lookup, Users, Groups, Memberships, Credentials, Photos, Possession):
    """What clients ask about people, and what administrators do for them."""

    def __init__(self, core: Core, _session: SessionState | None) -> None:
        self._core = core
