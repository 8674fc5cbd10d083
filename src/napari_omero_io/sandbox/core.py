"""The stores that every service shares, and one call as a service sees it.

A service is a plain class.  It knows nothing of Ice's dispatch: `wire.servant`
gives it the asynchronous face that OMERO's interfaces are called through,
refuses the operations it does not have, and translates its errors::

    class QueryService:
        def __init__(self, core: Core, session: SessionState) -> None: ...
        def find(self, call: Call, class_name: str, id_: int) -> IObject | None: ...

Methods carry the operation's name and take the call first, then the operation's
arguments in the order of the Slice definition.  `services.SERVICES` says which
class serves which interface.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .errors import NotAllowed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .config import Config
    from .processor import Processor
    from .rules.caller import Caller
    from .schema.model import Model
    from .sessions import Sessions, SessionState
    from .store.database import Database
    from .store.file_store import FileStore
    from .store.pixel_store import PixelStore


@dataclass(frozen=True, slots=True)
class Core:
    """What all services of one sandbox share.

    Attributes
    ----------
    processor
        Runs scripts; None where none are run.
    """

    config: Config
    model: Model
    database: Database
    pixels: PixelStore
    files: FileStore
    sessions: Sessions
    processor: Processor | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call: whose, with which context, over which connection.

    Attributes
    ----------
    context
        The Ice call context as the client sent it.
    connection
        The Ice connection, for calls back to the client; None for calls that
        the sandbox makes itself (seeding, importing).
    publish
        Makes a servant of an interface and a service that lives in the session, and
        returns its proxy: ``call.publish(omero.grid.Table, table)``.  None for calls
        that the sandbox makes itself.
    """

    core: Core
    caller: Caller
    session: SessionState | None = None
    context: Mapping[str, str] = field(default_factory=dict)
    connection: Any = None
    publish: Callable[[type, object], Any] | None = None

    def require_password(self) -> None:
        """Refuse callers who joined their session without showing the password."""
        proven = () if self.session is None else self.session.proven
        if self.connection is None or self.connection.toString() not in proven:
            raise NotAllowed("Bad authentication credentials for this action.")
