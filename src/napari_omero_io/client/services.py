"""Stateless services that outlive the connection over which they were reached.

A call that fails because the session is gone is repeated after the session was joined
again: always, where the server cannot have carried it out, and else where it only
reads.  A write that may have arrived is never sent twice.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from .ice import Ice
from .link import CallContext
from .translate import Loss, find_loss

if TYPE_CHECKING:
    from collections.abc import Callable

    from .lifeline import Lifeline
    from .link import Link

#: How the names of operations begin that change nothing.
_READING = (
    *("find", "get", "projection", "retrieve", "load", "lookup", "all", "count"),
    *("contains", "is", "keepAlive"),
    # A store that nobody opens ends with its session.
    *("createRawPixelsStore", "createThumbnailStore", "createRenderingEngine"),
)


class Service:
    """A service of whichever login is current; has all operations of its proxy.

    Parameters
    ----------
    name
        As `Link.service` takes it.
    """

    def __init__(
        self, lifeline: Lifeline[Link], name: str, suspect: Callable[[], None]
    ) -> None:
        self._lifeline = lifeline
        self._name = name
        self._suspect = suspect

    def __getattr__(self, operation: str) -> Any:
        if operation.startswith("begin_"):
            return partial(self._begin, operation.removeprefix("begin_"))
        if operation.startswith("end_"):
            return self._end
        return partial(self._call, operation)

    def _call(self, operation: str, *arguments: Any, **named: Any) -> Any:
        def work(link: Link) -> Any:
            proxy = link.service(self._name)
            renewed = [_renew(link, value) for value in arguments]
            others = {key: _renew(link, value) for key, value in named.items()}
            return getattr(proxy, operation)(*renewed, **others)

        return outlive(
            self._lifeline, work, self._suspect, is_repeatable=is_reading(operation)
        )

    def _begin(self, operation: str, *arguments: Any, **named: Any) -> _Pending:
        repeat = partial(self._call, operation, *arguments, **named)
        generation, link = self._lifeline.current()
        if link.is_cut:
            return _Pending(None, repeat, generation)
        try:
            proxy = link.service(self._name)
            renewed = [_renew(link, value) for value in arguments]
            others = {key: _renew(link, value) for key, value in named.items()}
            asked = getattr(proxy, f"begin_{operation}")(*renewed, **others)
        except Ice.Exception as error:
            if find_loss(error) is None:
                raise
            return _Pending(None, repeat, generation)
        return _Pending(
            partial(getattr(proxy, f"end_{operation}"), asked), repeat, generation
        )

    def _end(self, pending: _Pending) -> Any:
        """Wait for the answer of what was begun; only for operations that read."""
        if pending.answer is None:
            return pending.repeat()
        try:
            return pending.answer()
        except Ice.Exception as error:
            loss = find_loss(error)
            if loss is Loss.LATE:
                self._suspect()
            if loss is None or loss is Loss.LATE:
                raise
        self._lifeline.report_loss(pending.generation)
        return pending.repeat()


class _Pending:
    """A call that is under way."""

    def __init__(
        self,
        answer: Callable[[], Any] | None,
        repeat: Callable[[], Any],
        generation: int,
    ) -> None:
        self.answer = answer
        self.repeat = repeat
        self.generation = generation


def is_reading(operation: str) -> bool:
    """Whether an operation may be carried out twice without harm."""
    return operation.startswith(_READING)


def outlive(
    lifeline: Lifeline[Link],
    work: Callable[[Link], Any],
    suspect: Callable[[], None],
    *,
    is_repeatable: bool,
) -> Any:
    """Do something with the current login, and once more after its loss.

    Parameters
    ----------
    suspect
        Called when the server does not answer in time.
    is_repeatable
        Whether it may be done twice.

    Raises
    ------
    SessionLost
        The session does not come back.
    """
    generation, link = lifeline.current()
    if link.is_cut:  # Ice would open another connection for it, unseen
        generation, link = lifeline.renew(generation)
    try:
        return work(link)
    except Ice.Exception as error:
        loss = find_loss(error)
        if loss is Loss.LATE:
            suspect()
        if loss is None or loss is Loss.LATE:
            raise
        if loss is Loss.BROKEN and not is_repeatable:
            lifeline.report_loss(generation)
            raise
    _, link = lifeline.renew(generation)
    return work(link)


def _renew(link: Link, value: Any) -> Any:
    return link.renew_context(value) if isinstance(value, CallContext) else value
