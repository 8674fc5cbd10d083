"""Whose call is it: from the session and the context of a call to a `Call`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox.core import Call
from napari_omero_io.sandbox.errors import ApiUsage, NotAllowed
from napari_omero_io.sandbox.rules.caller import GUEST_ID, ROOT_ID, USER_GROUP_ID
from napari_omero_io.sandbox.rules.membership import caller_for, in_context

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from napari_omero_io.sandbox.core import Core
    from napari_omero_io.sandbox.rules.caller import Caller
    from napari_omero_io.sandbox.sessions import SessionState
    from napari_omero_io.sandbox.simulate import Network


#: What everybody may do who has logged in, beside all that a `ServiceFactory` does.
_FOR_ALL = {
    "IAdmin": {
        *("getEventContext", "getSecurityRoles"),
        *("reportForgottenPassword", "changeExpiredCredentials"),
    },
    "IConfig": {
        *("getVersion", "getServerTime", "getDatabaseTime", "getDatabaseUuid"),
        *("getConfigValue", "getConfigValues"),
        *("getClientConfigValues", "getClientConfigDefaults"),
    },
}


class SessionDesk:
    """Admits the calls of one session.

    Rights are read from the store once for each context and again after the store
    has changed: a call for pixels costs no look into the database.
    """

    def __init__(
        self,
        core: Core,
        session: SessionState,
        network: Network,
        publish: Callable[[type, object], Any] | None = None,
    ) -> None:
        self._core = core
        self._session = session
        self._publish = publish
        self.network = network

    def admit(self, current: Any, interface: str) -> Call:
        """Return the call that Ice describes; raise when it may not be made."""
        self._session.touch()
        call = self.call(current.ctx, current.con)
        if not _is_for_all(interface, current.operation):
            _check_active(call.caller)
        return call

    def call(
        self, context: Mapping[str, str] | None = None, connection: Any = None
    ) -> Call:
        """Return a call of this session."""
        context = {} if context is None else context
        caller = self._session.cached_caller(
            context,
            self._core.database.commits,
            lambda: _derive_caller(self._core, self._session, context),
        )
        return Call(
            self._core, caller, self._session, context, connection, self._publish
        )


def _is_for_all(interface: str, operation: str) -> bool:
    return interface == "ServiceFactory" or operation in _FOR_ALL.get(interface, ())


def _check_active(caller: Caller) -> None:
    """Refuse everything to whom administrators have made inactive.

    Membership of the group `user` is the role that nearly all operations of
    OMERO.server's services ask for; who is without it logs in and may do nothing.
    """
    if USER_GROUP_ID in caller.member_of or caller.user_id in (ROOT_ID, GUEST_ID):
        return
    groups = list(caller.member_of)
    raise NotAllowed(
        f"No matching roles found in {groups} for session {caller.session_uuid} "
        "(allowed: [user])"
    )


def _derive_caller(
    core: Core, session: SessionState, context: Mapping[str, str]
) -> Caller:
    share = context.get("omero.share", "")
    if share.isdecimal():
        raise ApiUsage(f"Shares are not available in the sandbox: {share}")
    tables = core.database.tables
    with core.database.read() as connection:
        own = caller_for(
            connection,
            tables,
            session.user_id,
            session.group_id,
            session_id=session.id,
            session_uuid=session.uuid,
            event_type=session.login.event_type,
        )
        caller = in_context(connection, tables, own, context)
    allowed = session.login.only_groups
    if allowed is not None and caller.group_id not in allowed:
        raise NotAllowed("Group-sudo session cannot change context!")
    return caller
