"""The ways in: from the name of a server, or from a link, to what it names.

::

    with connect("omero.example.org", "jo", password) as session:
        image = session.open("Image:314")
        plane = image.levels[0][0, 0, 0].compute()
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import LoginRefused
from .refs import gather
from .session import Session, find_session, parse_reference

if TYPE_CHECKING:
    from .convert.layers import LayerData
    from .refs import OmeroRef


def connect(
    server: str,
    user: str | None = None,
    password: str | None = None,
    *,
    group: str | None = None,
    session: str | None = None,
    verify: bool | None = None,
) -> Session:
    """Log in to a server.

    Parameters
    ----------
    server
        ``host``, ``host:port`` or ``ssl|tcp|ws|wss://host[:port][/path]``.
    user, password
        Where they are left out, the account that was last used there and the
        password in the system's keyring are taken.  The public accounts ``guest`` and
        ``public`` need no password.
    group
        Name of the group to work in; None for the user's default.
    session
        The key of a session that runs, instead of user and password; it outlives the
        one that is returned.
    verify
        Whether authorities must vouch for the server's certificate; None takes what
        was chosen last time.  Otherwise it must be the one of last time.

    Raises
    ------
    MissingIce
        Ice is not installed; the message carries the line to type.
    CannotConnect
        Nobody answers there, or it is not an OMERO server.
    CertificateRefused
        The server is not the one that it was; nothing was sent to it.
    LoginRefused
        The server does not accept the account, the group or the key.
    """
    from .client.connect import connect as begin  # loads Ice

    connection = begin(
        server, user, password, group=group, session_key=session, verify=verify
    )
    return Session(connection)


def open_layers(
    reference: str | OmeroRef,
    *,
    session: Session | None = None,
    password: str | None = None,
    rendered: bool = False,
    keep_axes: bool = False,
) -> list[LayerData]:
    """Read what a link names as napari's layer data; pixels come when they are shown.

    Parameters
    ----------
    reference
        Any link or text that `OmeroRef.parse_all` reads.
    session
        None takes the one that is open for the link's server, or the last one for a
        link that names none, or else logs in as `connect` does and stays open.
    rendered
        Whether to show the pictures that the server renders, in place of the pixels.
    keep_axes
        Whether layers have axes for time and depth also where these have one step only.

    Raises
    ------
    BadReference
        The text is no reference, or names no image.
    LoginRefused
        There is no session, and not enough is known to begin one.
    """
    refs = parse_reference(reference)
    layers: list[LayerData] = []
    for group in gather(refs):
        ref = group[0]
        used = session or find_session(ref.server)
        if used is None and ref.server is not None:
            used = connect(ref.server, ref.user, password)
        if used is None:
            raise LoginRefused(f"Log in to a server first: {ref} does not name one.")
        layers += used.open_layers(group, rendered=rendered, keep_axes=keep_axes)
    return layers
