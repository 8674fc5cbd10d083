"""Logging in: an address and an account → a `Connection`, or one clear sentence."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from napari_omero_io.errors import LoginRefused
from napari_omero_io.records import UserRecord
from napari_omero_io.refs import ServerAddress

from .connection import Connection, discard
from .ice import Ice, omero
from .probe import probe
from .translate import translated_login

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)

#: How the server's list of sessions names this program.
AGENT = "napari-omero-io"

#: Milliseconds for any call that has no time of its own; a server that accepts a call
#: and never answers it must not hold a thread for ever.
_CALL_TIMEOUT = 60_000
_LOGIN_TIMEOUT = 30_000
#: Milliseconds that leaving waits for the server to hang up.
_CLOSE_TIMEOUT = 2_000


class _Client(omero.clients.BaseClient):  # type: ignore[misc]
    """OMERO's client, whose login does not wait for ever."""

    def getRouter(self, communicator: Any) -> Any:
        router = super().getRouter(communicator)
        return router.ice_invocationTimeout(_LOGIN_TIMEOUT)


def connect(
    address: str | ServerAddress,
    user: str | None = None,
    password: str | None = None,
    *,
    group: str | None = None,
    session_key: str | None = None,
) -> Connection:
    """Begin a session, or join one.

    Parameters
    ----------
    address
        ``host``, ``host:port`` or ``ssl|tcp|ws|wss://host[:port][/path]``.
    user, password
        An account of the server; not needed with a session key.
    group
        Name of the group to work in; None for the user's default.
    session_key
        Of a session that runs, which is joined and outlives the connection.

    Raises
    ------
    CannotConnect
        Nobody answers there within about five seconds, or it is no OMERO server.
    LoginRefused
        The server does not accept the account, the group or the key.
    """
    where = (
        address if isinstance(address, ServerAddress) else ServerAddress.parse(address)
    )
    name, secret = _credentials(where, user, password, session_key)
    probe(where)
    logger.info("Connecting to %s", where)
    client = _make_client(where, group)
    try:
        with translated_login(str(where), None if session_key else user):
            session = client.createSession(name, secret)
            client.getImplicitContext().remove("omero.group")  # a name only at login
            if session_key:
                session.detachOnDestroy()
            account = _read_user(session)
    except BaseException:
        discard(client)
        raise
    logger.info("Logged in to %s as %s", where, account.name)
    return Connection(client, session, where, account)


def _credentials(
    where: ServerAddress,
    user: str | None,
    password: str | None,
    session_key: str | None,
) -> tuple[str, str]:
    """Give what the router is told: a joined session is its own name and password."""
    if session_key:
        return session_key, session_key
    if not user:
        raise LoginRefused(f"Give the name of your account at {where}.")
    if not password:
        raise LoginRefused(f"Give the password of “{user}” at {where}.")
    return user, password


def _make_client(where: ServerAddress, group: str | None) -> Any:
    data = Ice.InitializationData()
    data.properties = Ice.createProperties()
    for name, value in _properties(where, group):
        data.properties.setProperty(name, value)
    with translated_login(str(where), None):
        client = _Client(id=data)
    client.setAgent(AGENT)
    return client


def _properties(where: ServerAddress, group: str | None) -> Iterator[tuple[str, str]]:
    host = where.host.strip("[]")
    resource = f" -r {where.path}" if where.path else ""
    yield (
        "Ice.Default.Router",
        f"OMERO.Glacier2/router:{where.transport} -p {where.port}"
        f' -h "{host}"{resource}',
    )
    yield "Ice.Default.InvocationTimeout", str(_CALL_TIMEOUT)
    yield "Ice.Override.CloseTimeout", str(_CLOSE_TIMEOUT)
    yield "omero.host", host
    yield "omero.port", str(where.port)
    if group:
        yield "omero.group", group


def _read_user(session: Any) -> UserRecord:
    context = session.getAdminService().getEventContext()
    return UserRecord(
        id=context.userId,
        name=context.userName,
        group_id=context.groupId,
        group_name=context.groupName,
        is_admin=context.isAdmin,
    )
