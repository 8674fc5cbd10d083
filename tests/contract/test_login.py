"""Who gets in, and what a session is."""

from __future__ import annotations

import Glacier2
import omero.all
import pytest


def test_a_wrong_password_is_refused(server) -> None:
    client = omero.client(server.url)
    with pytest.raises(Glacier2.PermissionDeniedException, match=server.user):
        client.createSession(server.user, "not the password")
    client.__del__()


def test_an_unknown_user_is_refused(server) -> None:
    client = omero.client(server.url)
    with pytest.raises(Glacier2.PermissionDeniedException):
        client.createSession("nobody-of-this-name", "x")
    client.__del__()


def test_a_session_can_be_joined_and_outlives_the_guest(server, client) -> None:
    guest = omero.client(server.url)
    joined = guest.joinSession(client.getSessionId())
    joined.detachOnDestroy()
    assert (
        joined.getAdminService().getEventContext().sessionUuid == client.getSessionId()
    )
    guest.__del__()
    assert client.getSession().getAdminService().getEventContext().userName


def test_event_context_says_who(server, services) -> None:
    context = services.getAdminService().getEventContext()
    assert context.userName == server.user
    assert context.groupId in context.memberOfGroups
    assert context.shareId == -1


def test_fixed_ids(services) -> None:
    roles = services.getAdminService().getSecurityRoles()
    assert (roles.rootId, roles.rootName) == (0, "root")
    assert (roles.systemGroupId, roles.systemGroupName) == (0, "system")
    assert (roles.userGroupId, roles.userGroupName) == (1, "user")


def test_an_unknown_service_is_refused(services) -> None:
    with pytest.raises(omero.ApiUsageException, match="unknown service"):
        services.getByName("omero.api.INothing")


def test_keep_alive_tells_missing_services(services) -> None:
    store = services.createRawPixelsStore()
    assert services.keepAllAlive([store]) == 0
    store.close()
    assert services.keepAllAlive([store]) == 1


def test_a_service_cannot_be_used_after_close(services) -> None:
    import Ice

    store = services.createRawPixelsStore()
    store.close()
    with pytest.raises(Ice.ObjectNotExistException):
        store.getByteWidth()
