"""From an interface of OMERO and a plain service to the servant that Ice calls.

All operations are dispatched asynchronously: Ice calls ``getTile_async(callback, …,
current)`` and the client waits until the callback is answered.  The generated base
class has an empty method for most of them, so an operation that nobody wrote would
leave its client waiting for ever, without an error.  Therefore every operation is found
in the generated class and given a face here; what the service lacks is refused at once.
"""

from __future__ import annotations

import keyword
import threading
from contextlib import nullcontext
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Protocol

from napari_omero_io.sandbox.errors import Internal, SandboxError

from .arguments import Arguments, CarefulObject, describe_operation
from .faults import as_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from napari_omero_io.sandbox.core import Call
    from napari_omero_io.sandbox.simulate import Network

_MARK = "_op_"


class Desk(Protocol):
    """Where a servant learns whose call it serves."""

    #: Between the servant and its clients.
    network: Network

    def admit(self, current: Any, interface: str) -> Call:
        """Return the call; raise when its session is over or it may not be made."""


class Servant:
    """One service of one session, as Ice sees it.

    Parameters
    ----------
    service
        Has a method for each operation that is done; None refuses all of them.
    desk
        Says whose call it is.
    extra
        Operations that are not the service's own, such as `close` of a stateful
        service; they go before the service's.
    one_at_a_time
        Calls wait for each other, as stateful services of OMERO do.

    Attributes
    ----------
    turn
        Held while a call is served.
    """

    interface: str

    def __init__(
        self,
        service: object | None,
        desk: Desk,
        extra: Mapping[str, Callable[..., Any]],
        *,
        one_at_a_time: bool,
    ) -> None:
        self._service = service
        self._desk = desk
        self.network = desk.network
        self._methods = {
            name: extra.get(name) or find_method(service, name)
            for name in operations_of(type(self))
        }
        self.turn: AbstractContextManager[Any] = (
            threading.Lock() if one_at_a_time else nullcontext()
        )

    def serve(self, operation: str, arguments: tuple[Any, ...]) -> Any:
        """Carry an operation out; the last argument is Ice's `Current`."""
        call = self._desk.admit(arguments[-1], self.interface)
        method = self._methods[operation]
        if method is None:
            raise Internal(refusal_of(self.interface, operation))
        self.network.check(self.interface, operation)
        with self.turn:
            return method(call, *arguments[:-1])

    def finish(self, call: Call) -> None:
        """Let the service give back what it holds."""
        close = getattr(self._service, "close", None)
        if close is not None:
            close(call)


def operations_of(interface: type) -> tuple[str, ...]:
    """Return the names of all operations of an interface, inherited ones too."""
    return tuple(
        sorted(
            name.removeprefix(_MARK)
            for name in dir(interface)
            if name.startswith(_MARK) and not name.startswith(f"{_MARK}ice_")
        )
    )


def find_method(service: object | None, operation: str) -> Callable[..., Any] | None:
    """Return what carries an operation out; `and_` is the method of ``and``."""
    name = f"{operation}_" if keyword.iskeyword(operation) else operation
    return getattr(service, name, None)


def refusal_of(interface: str, operation: str) -> str:
    """Return what a client is told of an operation that no service has."""
    return f"{interface}.{operation} is not available in the sandbox."


def make_servant(
    interface: type,
    service: object | None,
    desk: Desk,
    *,
    extra: Mapping[str, Callable[..., Any]] | None = None,
    one_at_a_time: bool = False,
) -> Any:
    """Make the servant of an interface.

    Parameters
    ----------
    interface
        A generated class, such as `omero.api.IQuery`.
    """
    made = _servant_class(interface)
    return made(service, desk, extra or {}, one_at_a_time=one_at_a_time)


@cache
def _servant_class(interface: type) -> type[Servant]:
    faces: dict[str, Any] = {"interface": interface.__name__}
    for operation in operations_of(interface):
        faces[f"_op_{operation}"] = describe_operation(interface, operation)
        faces[f"{operation}_async"] = _face(interface, operation)
    bases = (Servant, CarefulObject, interface)
    return type(f"{interface.__name__}Servant", bases, faces)


def _face(interface: type, operation: str) -> Callable[..., None]:
    where = f"{interface.__name__}.{operation}"

    def answer(self: Servant, callback: Any, *arguments: Any) -> None:
        try:
            arguments = _unpack(arguments, where)
            result = self.serve(operation, arguments)
        except Exception as error:  # noqa: BLE001 - an unanswered callback hangs the client
            fault = as_fault(error, where, arguments[:-1])
            refuse = partial(callback.ice_exception, fault)
            held = error.delay if isinstance(error, SandboxError) else 0.0
            _send(self, arguments, None, refuse, held)
        else:
            _send(self, arguments, result, partial(callback.ice_response, result))

    return answer


def _unpack(arguments: tuple[Any, ...], where: str) -> tuple[Any, ...]:
    """Return the arguments of an operation, and Ice's `Current`, one by one."""
    first = arguments[0]
    if isinstance(first, Arguments):
        return (*first.values(where), *arguments[1:])
    return arguments


def _send(
    servant: Servant,
    arguments: tuple[Any, ...],
    result: Any,
    answer: Callable[[], Any],
    held: float = 0.0,
) -> None:
    """Send an answer, now or when the network would have brought it.

    Parameters
    ----------
    held
        Seconds by which it is held back; no thread waits meanwhile.
    """
    network = servant.network
    if network.is_perfect and not held:
        answer()
        return
    arrival = network.arrival(servant.interface, arguments[:-1], result)
    network.deliver(arrival + held, answer)
