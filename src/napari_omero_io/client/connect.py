"""Logging in: an address and an account → a `Connection`, or one clear sentence."""

from __future__ import annotations

import logging
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_omero_io.errors import (
    CannotConnect,
    CertificateRefused,
    LoginRefused,
    OmeroIOError,
    OnlyWebFound,
)
from napari_omero_io.refs import DEFAULT_PORTS, ServerAddress, resolve_alias
from napari_omero_io.settings import (
    change_settings,
    load_settings,
    recall_server,
    trust_certificate,
)

from . import cli_sessions
from .certificates import name_endpoint
from .cli_sessions import CliSession
from .connection import Connection
from .credentials import hold_password, recall_password
from .login import Account, begin

if TYPE_CHECKING:
    from .link import Link

logger = logging.getLogger(__name__)


def connect(
    address: str | ServerAddress,
    user: str | None = None,
    password: str | None = None,
    *,
    group: str | None = None,
    session_key: str | None = None,
    verify: bool | None = None,
) -> Connection:
    """Begin a session, or join one.

    Parameters
    ----------
    address
        ``host``, ``host:port``, ``ssl|tcp|ws|wss://host[:port][/path]``, or the web
        address of a server whose own address is known: see `settings.add_alias`.
    user, password
        An account of the server; not needed with a session key.  Where they are left
        out, the account that was last used there and the password of this run or of
        the system's keyring are taken.  The public accounts ``guest`` and ``public``
        need no password.
    group
        Name of the group to work in; None for the user's default.
    session_key
        Of a session that runs, which is joined and outlives the connection.
    verify
        Whether authorities must vouch for the server's certificate; None takes what
        was chosen last time.  Otherwise it must be the one of last time.

    Raises
    ------
    CannotConnect
        Nobody answers there within about five seconds, or it is no OMERO server.
    CertificateRefused
        The server is not the one that it was; nothing was sent to it.
    OnlyWebFound
        It is the host of a web client, and the server may be elsewhere.
    LoginRefused
        The server does not accept the account, the group or the key.
    """
    settings = load_settings()
    where = _find_address(address)
    known = recall_server(settings, str(address)) or recall_server(settings, str(where))
    if verify is None:
        verify = known is not None and known.verify
    if not user and known is not None:
        user = known.user
    way = _Way(where, user or "", group, verify)
    try:
        link = way.begin(_complete(where, user, password, session_key))
    except (CertificateRefused, LoginRefused):
        raise
    except CannotConnect as error:
        raise _explain_web(address, where, error) from error
    return Connection(link, where, way.rejoin, way.log_in_again, way.end)


def _find_address(address: str | ServerAddress) -> ServerAddress:
    if isinstance(address, ServerAddress):
        return address
    return ServerAddress.parse(resolve_alias(address, load_settings().aliases))


def _complete(
    where: ServerAddress,
    user: str | None,
    password: str | None,
    session_key: str | None,
) -> Account:
    if session_key:
        return Account.join(session_key)
    if not user:
        raise LoginRefused(f"Give the name of your account at {where}.")
    password = password or recall_password(str(where), user)
    if not password:
        raise LoginRefused(f"Give the password of “{user}” at {where}.")
    return Account(user, password)


@dataclass(slots=True)
class _Way:
    """How a session was begun, and so how it is joined again."""

    where: ServerAddress
    user: str
    group: str | None
    verify: bool
    shared: CliSession | None = None

    def begin(self, account: Account) -> Link:
        """Log in; what went well is remembered."""
        endpoint = name_endpoint(self.where)
        logger.info("Connecting to %s", self.where)
        pinned = load_settings().certificates.get(endpoint)
        link = begin(
            self.where,
            account,
            group=self.group,
            pinned=pinned,
            verify=self.verify,
        )
        link.is_first = pinned is None and link.certificate is not None
        self.user = link.user.name
        shown = link.certificate
        if shown is not None:
            change_settings(lambda known: trust_certificate(known, endpoint, shown))
        if not account.is_key:
            hold_password(str(self.where), self.user, account.secret)
        if link.is_owner:
            self._share(link)
        return link

    def rejoin(self, lost: Link) -> Link:
        """Join the session again; begin another if it has ended and that is possible.

        Raises
        ------
        LoginRefused
            The session has ended, and the password is not known.
        """
        if not lost.is_cut and _is_alive(lost):
            lost.forget_services()
            return lost
        lost.sever()
        try:
            link = self.begin(Account.join(lost.key))
        except LoginRefused as refusal:
            password = recall_password(str(self.where), self.user)
            if password is None:
                raise LoginRefused(
                    f"Your session at {self.where} has ended. Give the password of "
                    f"“{self.user}” to go on; what is open stays open."
                ) from refusal
            return self.begin(Account(self.user, password))
        link.is_owner = lost.is_owner
        return link

    def log_in_again(self, lost: Link, password: str) -> Link:
        """Begin another session for the same user."""
        return self.begin(Account(self.user, password))

    def end(self) -> None:
        """Let the command line forget a session that has ended."""
        if self.shared is not None:
            cli_sessions.remove_session(self.shared)
            self.shared = None

    def _share(self, link: Link) -> None:
        """Let the command line find the session."""
        if not load_settings().share_sessions:
            return
        self.end()
        self.shared = CliSession(
            self.where, link.user.name, link.key, link.user.group_name
        )
        cli_sessions.keep_session(self.shared)


def _is_alive(link: Link) -> bool:
    try:
        link.touch(5.0)
    except OmeroIOError as error:
        logger.info("The session does not answer: %s", error)
        return False
    return True


def _explain_web(
    address: str | ServerAddress, where: ServerAddress, error: CannotConnect
) -> CannotConnect:
    """Say so where only a web client answers, whose server may be elsewhere."""
    text = str(address).strip().lower()
    is_web = text.startswith(("http://", "https://"))
    is_bare = isinstance(address, str) and text == where.host
    if not is_web and not (is_bare and _has_web(where.host)):
        return error
    return OnlyWebFound(
        f"{where.host} is a web address, and no OMERO server answers there at port "
        f"{DEFAULT_PORTS['ssl']}. If the server has another address, log in with that "
        f"one, which is then remembered for links to {where.host}.",
        where.host,
    )


def _has_web(host: str) -> bool:
    for port in (443, 80):
        try:
            socket.create_connection((host.strip("[]"), port), timeout=2.0).close()
        except (OSError, UnicodeError):
            continue
        return True
    return False
