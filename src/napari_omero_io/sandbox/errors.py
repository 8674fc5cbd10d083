"""What can go wrong inside the sandbox, as one small tree.

Services raise these; `wire.faults` holds the one table to the exceptions of
OMERO's protocol.  Anything else that a service raises is a fault of the sandbox
and reaches the client as `omero.InternalException`, with the traceback in the
server's log only.

::

    SandboxError
    ├── ApiUsage                 wrong argument, unknown class, wrong order of calls
    │   ├── IllegalQuery         HQL that cannot be parsed or resolved
    │   ├── Invalid              a required field, uniqueness or reference is violated
    │   └── Overuse              too many services in a session
    ├── NotAllowed               the caller lacks the right
    │   ├── MixedGroups          objects of two groups may not be linked
    │   ├── PermissionMismatch   permissions set by hand that differ from the group's
    │   ├── ReadOnlyGroup        linking other people's objects in a private group
    │   └── WrongPassword        name and password are nobody's; answered late
    ├── ResourceFault            pixels, files or processors that are not to be had
    │   └── NoProcessor          nothing runs this script; `responses` were asked
    ├── Internal                 what the real server reports as InternalException
    ├── Concurrent               try again later; `back_off` in milliseconds
    │   ├── StaleObject          optimistic locking
    │   ├── Locked               `seconds` as in omero.LockTimeout
    │   └── PyramidMissing       `pixels_id`
    ├── SessionGone              unknown or closed session
    └── SessionExpired           idle or lifetime exceeded
"""

from __future__ import annotations


class SandboxError(Exception):
    """Anything a service raises on purpose; `delay` are the seconds it is held back."""

    delay: float = 0.0

    @property
    def message(self) -> str:
        """The text that reaches the client."""
        return str(self.args[0]) if self.args else ""


class ApiUsage(SandboxError):
    """A wrong argument, an unknown class, calls in the wrong order."""


class IllegalQuery(ApiUsage):
    """HQL that cannot be parsed or resolved; `subject` are the words that are wrong."""

    def __init__(self, message: str, subject: str | None = None) -> None:
        super().__init__(message)
        self.subject = subject


class Invalid(ApiUsage):
    """A required field, a uniqueness or a reference is violated."""


class Overuse(ApiUsage):
    """Too many services in one session."""


class NotAllowed(SandboxError):
    """The caller lacks the right."""


class MixedGroups(NotAllowed):
    """Objects of two groups may not be linked."""


class PermissionMismatch(NotAllowed):
    """Permissions were set by hand and differ from the group's."""


class ReadOnlyGroup(NotAllowed):
    """Other people's objects may not be linked in a private group."""


class WrongPassword(NotAllowed):
    """The name and password are not accepted; `delay` slows guessing down."""

    def __init__(self, message: str, delay: float = 0.0) -> None:
        super().__init__(message)
        self.delay = delay


class ResourceFault(SandboxError):
    """Pixels, files or processors that are not to be had."""


class NoProcessor(ResourceFault):
    """Nothing runs this script; `responses` processors were asked."""

    def __init__(self, responses: int) -> None:
        super().__init__(f"No processor available! [{responses} response(s)]")
        self.responses = responses


class Internal(SandboxError):
    """What the real server reports as InternalException, on purpose."""


class Concurrent(SandboxError):
    """Somebody else is at it; `back_off` is in milliseconds."""

    def __init__(self, message: str, back_off: int = 0) -> None:
        super().__init__(message)
        self.back_off = back_off


class StaleObject(Concurrent):
    """The object was saved by somebody else in between."""


class Locked(Concurrent):
    """The pixels are being written."""

    def __init__(self, message: str, back_off: int = 15000, seconds: int = 0) -> None:
        super().__init__(message, back_off)
        self.seconds = seconds


class PyramidMissing(Concurrent):
    """The pyramid of these pixels is not there yet."""

    def __init__(self, message: str, back_off: int, pixels_id: int) -> None:
        super().__init__(message, back_off)
        self.pixels_id = pixels_id


class SessionGone(SandboxError):
    """The session is unknown or closed."""


class SessionExpired(SandboxError):
    """The session was idle for too long, or lived too long."""
