"""The errors a caller may meet, as one tree.

::

    OmeroIOError
    ├── BadReference                the text is no OMERO reference (also a ValueError)
    ├── MissingIce                  Ice cannot be imported; carries the line to type
    ├── CannotConnect               nobody answers, wrong port, not an OMERO server
    │   ├── CertificateRefused
    │   ├── OnlyWebFound            a web address, whose OMERO server is elsewhere
    │   └── ServerTooOld
    ├── LoginRefused                the server answered: no
    ├── SessionLost                 was connected, is not any more
    ├── ServerRefused               the server understood and declined
    │   ├── NotFound
    │   ├── NotPermitted
    │   ├── Conflict                somebody else changed it in between
    │   └── BadQuery                our fault: a query of ours was rejected
    ├── PixelsUnavailable           pyramid not ready, or a plane is missing
    └── SaveError
        ├── CannotRepresent         raised by the plan, before anything is sent
        ├── SaveCancelled           stopped by the user; nothing is left on the server
        └── UploadIncomplete        says what is left on the server

`client.translate` is the only place that makes these from errors of Ice and
OMERO.  Widgets show ``str(error)``: every message is a sentence that says what
happened to what, and what to do.
"""

from __future__ import annotations


class OmeroIOError(Exception):
    """Anything this package raises on purpose."""


class BadReference(OmeroIOError, ValueError):
    """The text is not a link or name of an OMERO object."""


class MissingIce(OmeroIOError):
    """Ice 3.6.5 cannot be imported; the message carries the line to type."""


class CannotConnect(OmeroIOError):
    """Nobody answers there, or it is not an OMERO server."""


class CertificateRefused(CannotConnect):
    """The server's certificate is not the one that is trusted.

    Parameters
    ----------
    server
        ``host:port``, or '' where trusting another certificate would not help.
    fingerprint
        SHA-256 of the certificate that it shows now.
    """

    def __init__(self, message: str, server: str = "", fingerprint: str = "") -> None:
        super().__init__(message)
        self.server = server
        self.fingerprint = fingerprint


class OnlyWebFound(CannotConnect):
    """The host of a web address has no OMERO server; it may have another address.

    Parameters
    ----------
    web_host
        For which an address can be remembered: see `settings.add_alias`.
    """

    def __init__(self, message: str, web_host: str) -> None:
        super().__init__(message)
        self.web_host = web_host


class ServerTooOld(CannotConnect):
    """The server speaks an older protocol than this program."""


class LoginRefused(OmeroIOError):
    """The server does not accept the user name and password."""


class SessionLost(OmeroIOError):
    """The session ended while it was in use; open work is safe."""


class ServerRefused(OmeroIOError):
    """The server understood the request and declined it."""


class NotFound(ServerRefused):
    """The object does not exist, or may not be seen."""


class NotPermitted(ServerRefused):
    """The user lacks the right."""


class Conflict(ServerRefused):
    """Somebody else changed the object in between."""


class BadQuery(ServerRefused):
    """The server rejected a query of ours; a fault of this program."""


class PixelsUnavailable(OmeroIOError):
    """The pixels cannot be read now.

    Parameters
    ----------
    message
        What the user is told.
    retry_after
        Seconds after which the server suggests another try, or None.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class CannotCombine(OmeroIOError):
    """Images do not fit together; the message says which, and in what they differ."""


class DownloadError(OmeroIOError):
    """Files could not be downloaded; what has arrived is kept."""


class DownloadCancelled(DownloadError):
    """The user stopped it; what has arrived is kept, and the next try goes on."""


class SaveError(OmeroIOError):
    """Something could not be saved."""


class CannotRepresent(SaveError):
    """OMERO has no form for it; nothing was sent."""


class SaveCancelled(SaveError):
    """The user stopped it; nothing is left on the server."""


class UploadIncomplete(SaveError):
    """The upload ended early; the message says what is left on the server.

    Parameters
    ----------
    message
        What the user is told.
    left
        Links of the objects that could not be removed again.
    """

    def __init__(self, message: str, left: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.left = left
