"""Logging in, joining, leaving: unmodified clients against a server process."""

from __future__ import annotations

import time

import Ice
import omero
import omero.all
import pytest
from omero.clients import Glacier2
from omero.gateway import BlitzGateway
from omero.rtypes import rbool, rlong, rstring

from ..answers import answer_of


def connect(sandbox, user="root", password="omero", port=None):
    client = omero.client(sandbox.host, port or sandbox.port)
    client.createSession(user, password)
    return client


@pytest.fixture
def client(sandbox):
    client = connect(sandbox)
    yield client
    client.closeSession()


@pytest.fixture(scope="module")
def people(sandbox):
    """Make a group with a leader and a member; password `secret`."""
    client = connect(sandbox)
    admin = client.getSession().getAdminService()
    group = omero.model.ExperimenterGroupI()
    group.name, group.ldap = rstring("login tests"), rbool(False)
    group.details.permissions = omero.model.PermissionsI("rwra--")
    group_id = admin.createGroup(group)
    group = omero.model.ExperimenterGroupI(group_id, False)
    user_group = omero.model.ExperimenterGroupI(1, False)
    ids = {"group": group_id}
    for name in ("leader", "member", "idle"):
        user = omero.model.ExperimenterI()
        user.omeName, user.firstName, user.lastName = map(rstring, (name, name, "T"))
        user.ldap = rbool(False)
        ids[name] = admin.createExperimenterWithPassword(
            user, rstring("secret"), group, [user_group]
        )
    admin.setGroupOwner(group, omero.model.ExperimenterI(ids["leader"], False))
    client.closeSession()
    return ids


def test_the_right_password_gets_in_over_both_ports(sandbox) -> None:
    for url in (sandbox.url, f"tcp://{sandbox.host}:{sandbox.tcp_port}"):
        client = omero.client(url)
        factory = client.createSession("root", "omero")
        assert factory.getAdminService().getEventContext().userName == "root"
        client.closeSession()


@pytest.mark.parametrize("user", ["root", "nobody-of-this-name"])
def test_a_wrong_password_is_refused(sandbox, user) -> None:
    client = omero.client(sandbox.host, sandbox.port)
    with pytest.raises(Glacier2.PermissionDeniedException, match=user):
        client.createSession(user, "wrong")
    client.closeSession()


def test_the_second_wrong_password_is_answered_late(sandbox, people) -> None:
    waits = []
    for _ in range(2):
        client = omero.client(sandbox.host, sandbox.port)
        began = time.monotonic()
        with pytest.raises(Glacier2.PermissionDeniedException):
            client.createSession("member", "wrong")
        waits.append(time.monotonic() - began)
        client.closeSession()
    assert waits[1] >= 3


def test_an_unknown_group_is_refused_with_its_name(sandbox, people) -> None:
    client = omero.client(sandbox.host, sandbox.port)
    client.getImplicitContext().put("omero.group", "no such group")
    with pytest.raises(omero.WrappedCreateSessionException) as caught:
        client.createSession("leader", "secret")
    assert "no such group" in caught.value.reason
    client.closeSession()


def test_a_session_is_named_by_the_identity_of_its_factory(client) -> None:
    context = client.getSession().getAdminService().getEventContext()
    assert context.sessionUuid == client.getSessionId()
    session = client.getSession().getSessionService().getSession(client.getSessionId())
    assert session.uuid.val == client.getSessionId()
    assert session.timeToIdle.val == 600_000
    assert session.timeToLive.val == 0
    assert session.id.val == context.sessionId


def test_a_session_is_shared_until_its_last_login_ends(sandbox) -> None:
    first = connect(sandbox)
    uuid = first.getSessionId()
    second = connect(sandbox, uuid, uuid)
    assert second.getSessionId() == uuid
    service = second.getSession().getSessionService()
    assert service.getReferenceCount(uuid) == 2
    first.closeSession()
    assert service.getReferenceCount(uuid) == 1
    second.closeSession()
    third = omero.client(sandbox.host, sandbox.port)
    with pytest.raises(Glacier2.PermissionDeniedException):
        third.joinSession(uuid)
    third.closeSession()


def test_a_detached_session_can_be_joined_again(sandbox) -> None:
    first = connect(sandbox)
    uuid = first.getSessionId()
    first.getSession().detachOnDestroy()
    first.closeSession()
    for _ in range(3):
        again = connect(sandbox, uuid, uuid)
        again.getSession().detachOnDestroy()
        assert again.getSession().getAdminService().getEventContext()
        again.closeSession()
    last = connect(sandbox, uuid, uuid)
    assert last.killSession() == 1


def test_closing_a_session_counts_down(client, sandbox) -> None:
    uuid = client.getSessionId()
    other = connect(sandbox, uuid, uuid)
    service = other.getSession().getSessionService()
    session = omero.model.SessionI()
    session.uuid = rstring(uuid)
    assert service.closeSession(session) == 1
    assert service.closeSession(session) == -2
    with pytest.raises((omero.RemovedSessionException, Ice.ObjectNotExistException)):
        service.getReferenceCount(uuid)
    other.closeSession()


def test_a_client_that_vanishes_gives_its_reference_back(sandbox) -> None:
    first = connect(sandbox)
    uuid = first.getSessionId()
    second = connect(sandbox, uuid, uuid)
    second.getCommunicator().destroy()
    service = first.getSession().getSessionService()
    for _ in range(1200):
        if service.getReferenceCount(uuid) == 1:
            break
        time.sleep(0.05)
    assert service.getReferenceCount(uuid) == 1
    first.closeSession()


def test_a_gateway_switches_to_the_plain_port_by_itself(sandbox) -> None:
    gateway = BlitzGateway("root", "omero", host=sandbox.host, port=sandbox.port)
    assert gateway.connect()
    assert not gateway.isSecure()
    endpoint = str(gateway.c.getRouter(gateway.c.getCommunicator()))
    assert f"-p {sandbox.tcp_port}" in endpoint
    assert gateway.getUser().getName() == "root"
    assert gateway.keepAlive()
    gateway.close()


def test_a_soft_close_leaves_the_session_to_others(sandbox) -> None:
    first = BlitzGateway(
        "root", "omero", host=sandbox.host, port=sandbox.port, secure=True
    )
    assert first.connect()
    uuid = first._getSessionId()
    first.close(hard=False)
    second = BlitzGateway(host=sandbox.host, port=sandbox.port, secure=True)
    assert second.connect(sUuid=uuid)
    second.close(hard=True)
    third = BlitzGateway(host=sandbox.host, port=sandbox.port, secure=True)
    assert not third.connect(sUuid=uuid)
    third.close()


def test_keep_alive_knows_what_is_active(client) -> None:
    factory = client.getSession()
    assert not factory.keepAlive(None)
    query, store = factory.getQueryService(), factory.createByName("omero.api.Search")
    assert factory.keepAlive(query)
    assert factory.keepAllAlive([query, store]) == 0
    omero.api.StatefulServiceInterfacePrx.uncheckedCast(store).close()
    assert not factory.keepAlive(store)
    assert factory.keepAllAlive([query, store, None, store]) == 0b1010
    assert factory.keepAllAlive([]) == -1
    with pytest.raises(Ice.ObjectNotExistException):
        store.ice_ping()


def test_services_have_the_names_that_clients_expect(client) -> None:
    factory = client.getSession()
    query = factory.getQueryService()
    identity = query.ice_getIdentity()
    client_uuid = client.getImplicitContext().get("omero.client.uuid")
    assert identity.category == client.getSessionId()
    assert identity.name == f"{client_uuid}omero.api.IQuery"
    assert factory.getQueryService() == query
    assert factory.getByName("omero.api.IQuery").ice_getIdentity() == identity
    assert factory.getByName(identity.name).ice_getIdentity() == identity
    assert factory.activeServices() == [identity.name]
    first, second = (factory.createByName("omero.api.Search") for _ in range(2))
    assert first != second
    assert client.getStatefulServices()
    with pytest.raises(omero.ApiUsageException, match="unknown service"):
        factory.getByName("omero.api.INothing")


def test_a_proxy_as_text_is_good_for_another_login(client, sandbox) -> None:
    factory = client.getSession()
    handle = factory.submit(omero.cmd.Delete2(targetObjects={"Image": [987654]}))
    other = connect(sandbox, client.getSessionId(), client.getSessionId())
    found = omero.cmd.HandlePrx.checkedCast(
        other.getCommunicator().stringToProxy(str(handle))
    )
    assert isinstance(answer_of(found), omero.cmd.Response)
    other.closeSession()
    handle.close()
    with pytest.raises(Ice.ObjectNotExistException):
        handle.getStatus()


def test_a_client_without_a_uuid_is_refused(client) -> None:
    router = client.getRouter(client.getCommunicator())
    with pytest.raises(Glacier2.CannotCreateSessionException) as caught:
        router.createSession("root", "omero", {})
    assert "omero.client.uuid" in caught.value.reason


def test_no_service_seems_to_be_at_home_with_a_client(client) -> None:
    # Clients in Java and C++ answer themselves what is addressed to a place of their
    # own adapter, which has the places of the router's server proxy.
    router = client.getRouter(client.getCommunicator())
    own = places_of(router.getServerProxy())
    assert own
    factory = client.getSession()
    for proxy in (factory, factory.getQueryService(), factory.createRawFileStore()):
        assert places_of(proxy)
        assert places_of(proxy).isdisjoint(own)


def places_of(proxy) -> set[tuple[str, int]]:
    """Return hosts and ports; Ice takes no account of the rest of an endpoint."""
    found = (endpoint.getInfo() for endpoint in proxy.ice_getEndpoints())
    return {(info.host, info.port) for info in found}


def test_the_group_of_a_session_can_be_changed(sandbox, people) -> None:
    client = connect(sandbox, "leader", "secret")
    factory = client.getSession()
    admin = factory.getAdminService()
    contexts = factory.getSecurityContexts()
    assert {one.id.val for one in contexts} == {people["group"], 1}
    user_group = omero.model.ExperimenterGroupI(1, False)
    previous = factory.setSecurityContext(user_group)
    assert previous.id.val == people["group"]
    assert admin.getEventContext().groupId == 1
    with pytest.raises(omero.SecurityViolation, match="not a member"):
        factory.setSecurityContext(omero.model.ExperimenterGroupI(0, False))
    search = factory.createSearchService()
    with pytest.raises(omero.SecurityViolation, match="active stateful services"):
        factory.setSecurityContext(previous)
    search.close()
    client.closeSession()


def test_the_context_of_a_call_decides(sandbox, people) -> None:
    client = connect(sandbox, "member", "secret")
    admin = client.getSession().getAdminService()
    assert admin.getEventContext({"omero.group": "1"}).groupId == 1
    assert admin.getEventContext({"omero.group": "-1"}).groupId == -1
    with pytest.raises(omero.SecurityViolation, match="is not a member of group 0"):
        admin.getEventContext({"omero.group": "0"})
    with pytest.raises(omero.SecurityViolation, match="is not an admin"):
        admin.getEventContext({"omero.user": "0"})
    client.closeSession()


def test_membership_counts_at_once(sandbox, people, client) -> None:
    """Rights are cached for each session: a change must be seen by the next call."""
    member = connect(sandbox, "member", "secret")
    admin = client.getSession().getAdminService()
    member_admin = member.getSession().getAdminService()
    group = omero.model.ExperimenterGroupI()
    group.name, group.ldap = rstring("joined later"), rbool(False)
    group = omero.model.ExperimenterGroupI(admin.createGroup(group), False)
    user = omero.model.ExperimenterI(people["member"], False)
    before = member_admin.getEventContext().memberOfGroups
    admin.addGroups(user, [group])
    assert member_admin.getEventContext().memberOfGroups == [*before, group.id.val]
    admin.removeGroups(user, [group])
    assert member_admin.getEventContext().memberOfGroups == before
    member.closeSession()


def test_an_administrator_begins_sessions_for_others(sandbox, people, gateway) -> None:
    other = gateway.suConn("member")
    context = other.getEventContext()
    assert (context.userName, context.sudoerName.val) == ("member", "root")
    assert other.getUser().getName() == "member"
    other.close()


def test_a_leader_begins_sessions_for_members_within_the_group(sandbox, people) -> None:
    client = connect(sandbox, "leader", "secret")
    service = client.getSession().getSessionService()
    principal = omero.sys.Principal("member", "login tests", "User", None)
    session = service.createSessionWithTimeouts(principal, 0, 60_000)
    joined = connect(sandbox, session.uuid.val, session.uuid.val)
    admin = joined.getSession().getAdminService()
    assert admin.getEventContext().sudoerId.val == people["leader"]
    with pytest.raises(omero.SecurityViolation, match="Group-sudo"):
        admin.getEventContext({"omero.group": "1"})
    joined.closeSession()
    with pytest.raises(omero.SecurityViolation):
        service.createSessionWithTimeouts(
            omero.sys.Principal("root", "system", "User", None), 0, 60_000
        )
    client.closeSession()


def test_a_member_begins_no_sessions_for_others(sandbox, people) -> None:
    client = connect(sandbox, "member", "secret")
    service = client.getSession().getSessionService()
    with pytest.raises(omero.SecurityViolation):
        service.createSessionWithTimeout(
            omero.sys.Principal("leader", "login tests", "User", None), 60_000
        )
    client.closeSession()


def test_a_session_ends_when_its_time_is_over(sandbox, people, gateway) -> None:
    service = gateway.c.getSession().getSessionService()
    principal = omero.sys.Principal("member", "login tests", "User", None)
    session = service.createSessionWithTimeouts(principal, 0, 600_000)
    client = connect(sandbox, session.uuid.val, session.uuid.val)
    admin = client.getSession().getAdminService()
    assert admin.getEventContext().userName == "member"
    shorten = omero.cmd.UpdateSessionTimeoutRequest(session.uuid.val, None, rlong(1))
    handle = gateway.c.getSession().submit(shorten)
    assert isinstance(answer_of(handle), omero.cmd.OK)
    time.sleep(0.05)
    with pytest.raises(omero.SessionTimeoutException, match="timeToIdle"):
        admin.getEventContext()
    client.closeSession()


def test_a_guest_may_ask_what_server_this_is_and_no_more(sandbox) -> None:
    client = connect(sandbox, "guest", "guest")
    factory = client.getSession()
    assert factory.getConfigService().getVersion().startswith("5.")
    with pytest.raises(omero.SecurityViolation, match="Access denied to guest"):
        factory.getQueryService()
    with pytest.raises(omero.SecurityViolation, match="Access denied to guest"):
        factory.createRawPixelsStore()
    client.closeSession()


def test_values_are_left_for_scripts(client) -> None:
    client.setInput("number", rlong(3))
    assert client.getInput("number").val == 3
    assert client.getInputKeys() == ["number"]
    client.setInput("number", None)
    assert client.getInputs() == {}
    assert client.getOutput("nothing") is None


def test_settings_are_for_those_who_may_see_them(sandbox, people, client) -> None:
    config = client.getSession().getConfigService()
    insecure = config.getConfigValue("omero.router.insecure")
    assert insecure.endswith(f"-p {sandbox.tcp_port} -h @omero.host@")
    assert config.getConfigValue("no.such.key") == ""
    assert config.getConfigValue("omero.throttling.servants_per_session") == "10000"
    pattern = r"^omero\.cluster\.read_only\.runtime\."
    assert set(config.getConfigValues(pattern).values()) == {"false"}
    with pytest.raises(omero.ApiUsageException):
        config.getConfigValues("(")
    member = connect(sandbox, "member", "secret")
    config = member.getSession().getConfigService()
    assert config.getConfigValue("omero.router.insecure") == insecure
    with pytest.raises(omero.SecurityViolation, match="Cannot read configuration"):
        config.getConfigValue("omero.throttling.servants_per_session")
    with pytest.raises(omero.SecurityViolation):
        config.setConfigValue("omero.client.web.host", "x")
    assert "omero.client.ui.tree.type_order" in config.getClientConfigValues()
    member.closeSession()


def test_stateful_services_stay_until_the_session_ends(sandbox) -> None:
    first = connect(sandbox)
    uuid = first.getSessionId()
    second = connect(sandbox, uuid, uuid)
    store = first.getSession().createRawPixelsStore()
    query = first.getSession().getQueryService()
    first.closeSession()
    factory = second.getSession()
    assert factory.keepAllAlive([store, query]) == 0b10
    again = second.getCommunicator().stringToProxy(str(store))
    again.ice_ping()
    second.killSession()
    third = connect(sandbox)
    gone = third.getCommunicator().stringToProxy(str(store))
    with pytest.raises(Ice.ObjectNotExistException):
        gone.ice_ping()
    third.closeSession()


def test_there_are_not_endless_services_in_a_session(client) -> None:
    factory = client.getSession()
    config = factory.getConfigService()
    config.setConfigValue("omero.throttling.servants_per_session", "4")
    try:
        services = [factory.createRawPixelsStore() for _ in range(3)]
        with pytest.raises(omero.OverUsageException, match="servantsPerSession"):
            factory.createRawPixelsStore()
        services[0].close()
        factory.createRawPixelsStore().close()
    finally:
        config.setConfigValue("omero.throttling.servants_per_session", "")


def test_who_is_no_longer_a_user_may_do_nothing(sandbox, client, people) -> None:
    """OMERO.web makes people inactive so; they log in, and every call is refused."""
    admin = client.getSession().getAdminService()
    person = admin.lookupExperimenter("idle")
    everybody = omero.model.ExperimenterGroupI(1, False)
    idle = connect(sandbox, "idle", "secret")
    try:
        service = idle.getSession().getQueryService()
        assert service.find("Experimenter", person.id.val) is not None
        admin.removeGroups(person, [everybody])
        with pytest.raises(omero.SecurityViolation, match="No matching roles found"):
            service.find("Experimenter", person.id.val)
        late = connect(sandbox, "idle", "secret")
        own = late.getSession().getAdminService()
        assert own.getEventContext().userName == "idle"
        with pytest.raises(omero.SecurityViolation, match=r"allowed: \[user\]"):
            own.lookupExperimenter("idle")
        late.closeSession()
        admin.addGroups(person, [everybody])
        assert service.find("Experimenter", person.id.val) is not None
    finally:
        idle.closeSession()
