"""One login, from an endpoint to a `Link`: the checks, the client, the session."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from napari_omero_io.errors import CertificateRefused
from napari_omero_io.records import UserRecord

from .certificates import check_ice, check_pinned, make_fingerprint
from .ice import Ice, omero
from .link import Link, discard
from .probe import probe
from .translate import translated_login

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_omero_io.refs import ServerAddress

logger = logging.getLogger(__name__)

#: How the server's list of sessions names this program.
AGENT = "napari-omero-io"

#: Milliseconds for any call that has no time of its own; a server that accepts a call
#: and never answers it must not hold a thread for ever.
_CALL_TIMEOUT = 60_000
_LOGIN_TIMEOUT = 30_000
#: Milliseconds that leaving waits for the server to hang up.
_CLOSE_TIMEOUT = 2_000

_constructing = threading.Lock()


@dataclass(frozen=True, slots=True)
class Account:
    """Who wants in.

    Attributes
    ----------
    name, secret
        User and password; or twice the key of a session.
    """

    name: str = field(repr=False)
    secret: str = field(repr=False)
    is_key: bool = False

    @classmethod
    def join(cls, key: str) -> Account:
        """Make the account of whoever knows the key of a session."""
        return cls(key, key, is_key=True)


class _Client(omero.clients.BaseClient):  # type: ignore[misc]
    """OMERO's client, whose login does not wait for ever."""

    def getRouter(self, communicator: Any) -> Any:
        router = super().getRouter(communicator)
        return router.ice_invocationTimeout(_LOGIN_TIMEOUT)


def begin(
    where: ServerAddress,
    account: Account,
    *,
    group: str | None = None,
    pinned: str | None = None,
    verify: bool = False,
) -> Link:
    """Log in, or join a session.

    Parameters
    ----------
    account
        User and password, or the key of a session.
    group
        Name of the group to work in; None for the user's default.
    pinned
        Fingerprint of the certificate that is trusted; None takes any.
    verify
        Whether authorities must vouch for the certificate, whatever is pinned.

    Raises
    ------
    CannotConnect
        Nobody answers there, or it is no OMERO server.
    CertificateRefused
        Nothing was sent.
    LoginRefused
        The server does not accept the account, the group or the key.
    """
    certificate = probe(where, verify=verify)
    fingerprint = None if certificate is None else make_fingerprint(certificate)
    if fingerprint is not None and not verify:
        check_pinned(where, fingerprint, pinned)
    elif fingerprint is None and where.transport in ("ssl", "wss") and verify:
        raise CertificateRefused(f"{where} shows no certificate that can be verified.")
    client = _make_client(where, group)
    try:
        with translated_login(str(where), None if account.is_key else account.name):
            router = client.getRouter(client.getCommunicator())
            # `ice_getConnection` would hold all of Python up until the server answers.
            router.ice_ping()
            check_ice(where, router.ice_getCachedConnection(), fingerprint)
            session = client.createSession(account.name, account.secret)
            client.getImplicitContext().remove("omero.group")  # a name only at login
            # Otherwise the session would end with its connection, and none could be
            # joined again after a loss.
            session.detachOnDestroy()
            user = _read_user(session)
    except BaseException:
        discard(client)
        raise
    logger.info("Logged in to %s as %s", where, user.name)
    return Link(
        client, session, user, is_owner=not account.is_key, certificate=fingerprint
    )


def _make_client(where: ServerAddress, group: str | None) -> Any:
    data = Ice.InitializationData()
    data.properties = Ice.createProperties()
    for name, value in _properties(where, group):
        data.properties.setProperty(name, value)
    with translated_login(str(where), None), _unconfigured_logging():
        client = _Client(id=data)
    client.setAgent(AGENT)
    return client


@contextmanager
def _unconfigured_logging() -> Iterator[None]:
    """Keep OMERO's client from configuring the logging of the program it is part of.

    Its constructor calls `logging.basicConfig`, which adds a handler to the root logger
    unless there is one.
    """
    with _constructing:
        root, keeper = logging.getLogger(), logging.NullHandler()
        root.addHandler(keeper)
        try:
            yield
        finally:
            root.removeHandler(keeper)


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
