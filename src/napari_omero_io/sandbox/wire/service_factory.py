"""What a client holds after login: the door to all services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox import hql, requests
from napari_omero_io.sandbox.errors import ApiUsage, NotAllowed, WrongPassword
from napari_omero_io.sandbox.rules.caller import ALL_GROUPS
from napari_omero_io.sandbox.rules.membership import caller_for
from napari_omero_io.sandbox.services.shared_resources import SharedResources

from .ice import omero
from .registry import interface_named, is_stateful

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_omero_io.sandbox.core import Call

    from .registry import Registry
    from .visit import Visit

_PUBLIC_TOPICS = "/public/"


def _stateless(interface: str) -> Callable[[ServiceFactory, Call], Any]:
    def get(self: ServiceFactory, _call: Call) -> Any:
        return self._registry.get(self._visit.session, self._visit.client, interface)

    return get


def _stateful(interface: str) -> Callable[[ServiceFactory, Call], Any]:
    def create(self: ServiceFactory, _call: Call) -> Any:
        return self._registry.create(self._visit.session, interface)

    return create


class ServiceFactory:
    """Serves one login.

    Parameters
    ----------
    visit
        Which session, by which client, over which connection.
    """

    def __init__(self, registry: Registry, visit: Visit) -> None:
        self._registry = registry
        self._visit = visit

    getAdminService = _stateless("IAdmin")
    getConfigService = _stateless("IConfig")
    getContainerService = _stateless("IContainer")
    getLdapService = _stateless("ILdap")
    getMetadataService = _stateless("IMetadata")
    getPixelsService = _stateless("IPixels")
    getProjectionService = _stateless("IProjection")
    getQueryService = _stateless("IQuery")
    getRenderingSettingsService = _stateless("IRenderingSettings")
    getRepositoryInfoService = _stateless("IRepositoryInfo")
    getRoiService = _stateless("IRoi")
    getScriptService = _stateless("IScript")
    getSessionService = _stateless("ISession")
    getShareService = _stateless("IShare")
    getTimelineService = _stateless("ITimeline")
    getTypesService = _stateless("ITypes")
    getUpdateService = _stateless("IUpdate")

    createExporter = _stateful("Exporter")
    createJobHandle = _stateful("JobHandle")
    createRawFileStore = _stateful("RawFileStore")
    createRawPixelsStore = _stateful("RawPixelsStore")
    createRenderingEngine = _stateful("RenderingEngine")
    createSearchService = _stateful("Search")
    createThumbnailStore = _stateful("ThumbnailStore")

    def getByName(self, _call: Call, name: str) -> Any:
        """Return a stateless service, or any active one by its full name."""
        session = self._visit.session
        active = self._registry.find(session, name)
        if active is not None:
            # A handle is no service: Ice refuses to send its proxy as one uncast.
            return omero.api.ServiceInterfacePrx.uncheckedCast(active)
        interface = interface_named(name)
        if is_stateful(interface):
            raise ApiUsage(f"{name} is stateful: use createByName.")
        return self._registry.get(session, self._visit.client, interface)

    def createByName(self, _call: Call, name: str) -> Any:
        """Return a new stateful service."""
        interface = interface_named(name)
        if not is_stateful(interface):
            raise ApiUsage(f"{name} is stateless: use getByName.")
        return self._registry.create(self._visit.session, interface)

    def sharedResources(self, _call: Call) -> Any:
        """Return the session's door to repositories, tables and processors."""
        return self._registry.get_resources(
            self._visit.session, self._visit.client, SharedResources()
        )

    def submit(self, call: Call, request: Any) -> Any:
        """Begin a request and return its handle; null when it is not supported."""
        handle = requests.begin(call, request)
        if handle is None:
            return None
        return self._registry.add_handle(self._visit.session, handle)

    def activeServices(self, _call: Call) -> list[str]:
        """Return the names of all active services of the session."""
        return self._registry.names(self._visit.session)

    def keepAlive(self, _call: Call, proxy: Any) -> bool:
        """Tell whether a service is active; any call keeps the session alive."""
        return proxy is not None and self._registry.holds(self._visit.session, proxy)

    def keepAllAlive(self, _call: Call, proxies: Sequence[Any]) -> int:
        """Return a mask with a bit for every service that is *not* active."""
        if not proxies:
            return -1
        return sum(
            1 << place
            for place, proxy in enumerate(proxies)
            if proxy is not None
            and not self._registry.holds(self._visit.session, proxy)
        )

    def setCallback(self, _call: Call, _callback: Any) -> None:
        """Do nothing: the router knows how to reach the client."""

    def subscribe(self, _call: Call, topic: str, _proxy: Any) -> None:
        """Accept public topics; nothing is published on them."""
        if not topic.startswith(_PUBLIC_TOPICS):
            raise ApiUsage(f"Only topics below {_PUBLIC_TOPICS} are allowed: {topic}")

    def closeOnDestroy(self, _call: Call) -> None:
        """End the session with its last login."""
        self._visit.closes_session = True

    def detachOnDestroy(self, _call: Call) -> None:
        """Keep the session after its last login, until it was idle too long."""
        self._visit.closes_session = False

    def destroy(self, _call: Call) -> None:
        """End this login."""
        self._visit.end()

    def getSecurityContexts(self, call: Call) -> list[Any]:
        """Return the groups in which the user may work."""
        with call.core.database.read() as connection:
            groups: list[Any] = hql.find(
                connection,
                call,
                "select g from ExperimenterGroup g where g.id in (:ids) order by g.id",
                {"ids": list(call.caller.member_of)},
            )
        return groups

    def setSecurityContext(self, call: Call, wanted: Any) -> Any:
        """Change the group of the session; return the previous one, unloaded."""
        session = self._visit.session
        group_id = _read_group_id(wanted)
        stateful = self._registry.stateful_names(session)
        if stateful:
            raise NotAllowed(
                "SecurityContext change cancelled:\n"
                f"{session.uuid} has active stateful services:\n" + "\n".join(stateful)
            )
        database = call.core.database
        with database.read() as connection:
            caller = caller_for(connection, database.tables, session.user_id, group_id)
        if group_id not in caller.member_of and not caller.is_admin:
            raise NotAllowed(
                f"User {session.user_name} is not a member of group {group_id}"
            )
        allowed = session.login.only_groups
        if allowed is not None and group_id not in allowed:
            raise NotAllowed("Group-sudo session cannot change context!")
        previous = session.group_id
        session.group_id = group_id
        session.forget_callers()
        return omero.model.ExperimenterGroupI(previous, False)

    def setSecurityPassword(self, _call: Call, password: str) -> None:
        """Prove that one knows the password, also in a session that was joined."""
        session = self._visit.session
        try:
            self._visit.accounts.check_password(session.user_name, password)
        except WrongPassword as wrong:
            reason = f"Bad password for {session.user_name}"
            raise WrongPassword(reason, wrong.delay) from None
        self._visit.prove_password()


def _read_group_id(wanted: Any) -> int:
    if isinstance(wanted, omero.model.Share):
        raise ApiUsage("Shares are not available in the sandbox.")
    if not isinstance(wanted, omero.model.ExperimenterGroup):
        raise ApiUsage(f"Not a security context: {type(wanted).__name__}")
    if wanted.id is None:
        raise ApiUsage("Security context must be managed!")
    group_id = int(wanted.id.val)
    if group_id == ALL_GROUPS:
        raise ApiUsage("The context of a session is one group, not all of them.")
    return group_id
