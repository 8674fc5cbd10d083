"""IAdmin: users, groups, memberships, privileges and passwords, over the wire."""

from __future__ import annotations

import itertools

import omero
import omero.all
import pytest
from omero.clients import Glacier2
from omero.model import ExperimenterGroupI, ExperimenterI, PermissionsI
from omero.rtypes import rbool, rstring

NUMBERS = itertools.count()
USER_GROUP = ExperimenterGroupI(1, False)
SYSTEM_GROUP = ExperimenterGroupI(0, False)


@pytest.fixture(scope="module")
def log_in(sandbox):
    clients = []

    def log_in(user="root", password="omero"):
        client = omero.client(sandbox.host, sandbox.port)
        clients.append(client)
        return client.createSession(user, password).getAdminService()

    yield log_in
    for client in clients:
        client.closeSession()


@pytest.fixture(scope="module")
def admin(log_in):
    return log_in()


def make_group(admin, permissions="rwr---", name=None):
    group = ExperimenterGroupI()
    group.name = rstring(name or f"group {next(NUMBERS)}")
    group.ldap = rbool(False)
    group.details.permissions = PermissionsI(permissions)
    return ExperimenterGroupI(admin.createGroup(group), False)


def make_user(name=None, first="Ada"):
    user = ExperimenterI()
    user.omeName = rstring(name or f"user{next(NUMBERS)}")
    user.firstName, user.lastName = rstring(first), rstring("Test")
    user.ldap = rbool(False)
    return user


@pytest.fixture
def group(admin):
    return make_group(admin)


@pytest.fixture
def member(admin, group):
    """Make a user of a group, with password `secret`."""
    user = make_user()
    id_ = admin.createExperimenterWithPassword(
        user, rstring("secret"), group, [USER_GROUP]
    )
    return admin.getExperimenter(id_)


def groups_of(user):
    return [one.parent.id.val for one in user.copyGroupExperimenterMap()]


def privileges(admin, *names):
    return [p for p in admin.getCurrentAdminPrivileges() if p.value.val in names]


def test_a_group_has_the_permissions_it_was_made_with(admin) -> None:
    for text in ("rw----", "rwr---", "rwra--", "rwrw--"):
        found = admin.getGroup(make_group(admin, text).id.val)
        assert str(found.details.permissions) == text
    unsaid = ExperimenterGroupI()
    unsaid.name, unsaid.ldap = rstring("unsaid"), rbool(False)
    found = admin.getGroup(admin.createGroup(unsaid))
    assert str(found.details.permissions) == "rw----"


def test_names_are_taken_once(admin, group, member) -> None:
    name = admin.getGroup(group.id.val).name.val
    with pytest.raises(omero.ValidationException):
        make_group(admin, name=name)
    with pytest.raises(omero.ValidationException):
        admin.createUser(make_user(member.omeName.val), name)


def test_required_fields_are_asked_for(admin, group) -> None:
    user = make_user()
    user.lastName = None
    with pytest.raises(omero.ValidationException, match="lastName"):
        admin.createExperimenter(user, group, [USER_GROUP])
    with pytest.raises(omero.ValidationException, match="name"):
        admin.createGroup(ExperimenterGroupI())


def test_a_user_comes_with_ordered_groups(admin, group, member) -> None:
    assert groups_of(member) == [group.id.val, 1]
    assert admin.getMemberOfGroupIds(member) == [group.id.val, 1]
    assert admin.getDefaultGroup(member.id.val).id.val == group.id.val
    again = admin.lookupExperimenter(member.omeName.val)
    assert groups_of(again) == [group.id.val, 1]
    assert member.id.val in [one.id.val for one in admin.lookupExperimenters()]


def test_a_group_comes_with_its_members(admin, group, member) -> None:
    found = admin.getGroup(group.id.val)
    (one,) = found.copyGroupExperimenterMap()
    assert one.child.omeName.val == member.omeName.val
    assert admin.lookupGroup(found.name.val).id.val == group.id.val
    listed = {one.id.val: one for one in admin.lookupGroups()}
    (one,) = listed[group.id.val].copyGroupExperimenterMap()
    assert groups_of(one.child) == [group.id.val, 1]
    (contained,) = admin.containedExperimenters(group.id.val)
    assert contained.id.val == member.id.val
    groups = admin.containedGroups(member.id.val)
    assert {one.id.val for one in groups} == {group.id.val, 1}


@pytest.mark.parametrize("operation", ["getExperimenter", "getGroup"])
def test_what_is_not_there_is_named(admin, operation) -> None:
    with pytest.raises(omero.ApiUsageException, match=r"No such .*: 98765"):
        getattr(admin, operation)(98765)


def test_memberships_come_and_go(admin, group, member) -> None:
    second, third = make_group(admin), make_group(admin)
    admin.addGroups(member, [second, third, group])
    wanted = [group.id.val, 1, second.id.val, third.id.val]
    assert admin.getMemberOfGroupIds(member) == wanted
    admin.setDefaultGroup(member, third)
    assert admin.getMemberOfGroupIds(member)[0] == third.id.val
    admin.removeGroups(member, [third, second])
    assert admin.getMemberOfGroupIds(member) == [group.id.val, 1]


def test_nobody_is_left_without_a_group(admin, group, member) -> None:
    with pytest.raises(omero.ValidationException, match='no group but "user"'):
        admin.removeGroups(member, [group])
    with pytest.raises(omero.ValidationException, match="no group"):
        admin.removeGroups(member, [group, USER_GROUP])
    for built_in in (SYSTEM_GROUP, USER_GROUP):
        with pytest.raises(omero.ValidationException, match="Root"):
            admin.removeGroups(ExperimenterI(0, False), [built_in])
    with pytest.raises(omero.ValidationException):
        admin.addGroups(member, [])
    with pytest.raises(omero.ApiUsageException):
        admin.setDefaultGroup(member, USER_GROUP)


def test_leaders_look_after_their_group(admin, log_in, group, member) -> None:
    own = log_in(member.omeName.val, "secret")
    other = admin.getExperimenter(
        admin.createUser(make_user(), admin.getGroup(make_group(admin).id.val).name.val)
    )
    with pytest.raises(omero.SecurityViolation):
        own.addGroups(other, [group])
    with pytest.raises(omero.SecurityViolation):
        own.changeUserPassword(other.omeName.val, rstring("new"))
    admin.addGroupOwners(group, [member])
    assert admin.getLeaderOfGroupIds(member) == [group.id.val]
    assert own.getEventContext().leaderOfGroups == [group.id.val]
    own.addGroups(other, [group])
    own.changeUserPassword(other.omeName.val, rstring("new"))
    own.setGroupOwner(group, other)
    own.unsetGroupOwner(group, other)
    own.removeGroups(other, [group])
    new = own.createExperimenter(make_user(), group, [USER_GROUP])
    assert admin.getMemberOfGroupIds(ExperimenterI(new, False)) == [group.id.val, 1]
    for not_theirs in (SYSTEM_GROUP, make_group(admin)):
        with pytest.raises(omero.SecurityViolation):
            own.addGroups(member, [not_theirs])
        with pytest.raises(omero.SecurityViolation):
            own.createExperimenter(make_user(), not_theirs, [group])
    with pytest.raises(omero.ApiUsageException, match="not a member"):
        admin.setGroupOwner(group, ExperimenterI(0, False))


def test_ordinary_users_change_only_themselves(admin, log_in, group, member) -> None:
    own = log_in(member.omeName.val, "secret")
    changed = own.getExperimenter(member.id.val)
    changed.firstName = rstring("Grace")
    changed.omeName = rstring("somebody-else")
    own.updateSelf(changed)
    found = admin.getExperimenter(member.id.val)
    assert found.firstName.val == "Grace"
    assert found.omeName.val == member.omeName.val
    other = ExperimenterI(0, False)
    for refused in (
        lambda: own.updateExperimenter(changed),
        lambda: own.createGroup(group),
        lambda: own.updateGroup(own.getGroup(group.id.val)),
        lambda: own.deleteExperimenter(other),
        lambda: own.deleteGroup(group),
        lambda: own.changeUserPassword("root", rstring("x")),
        lambda: own.setAdminPrivileges(member, []),
        lambda: own.createSystemUser(make_user()),
        lambda: own.setDefaultGroup(other, group),
    ):
        with pytest.raises(omero.SecurityViolation):
            refused()


def test_a_user_and_a_group_can_be_changed(admin, group, member) -> None:
    member.omeName, member.email = rstring(f"renamed{next(NUMBERS)}"), rstring("a@b")
    member.setConfig([omero.model.NamedValue("k", "v")])
    admin.updateExperimenter(member)
    found = admin.getExperimenter(member.id.val)
    assert (found.omeName.val, found.email.val) == (member.omeName.val, "a@b")
    assert found.getConfigAsMap() == {"k": "v"}
    found = admin.getGroup(group.id.val)
    found.description = rstring("what it is for")
    found.details.permissions = PermissionsI("rwrw--")
    admin.updateGroup(found)
    found = admin.getGroup(group.id.val)
    assert found.description.val == "what it is for"
    assert str(found.details.permissions) == "rwrw--"


def test_the_built_in_cannot_be_renamed_or_deleted(admin) -> None:
    root = admin.getExperimenter(0)
    root.omeName = rstring("king")
    with pytest.raises(omero.ValidationException):
        admin.updateExperimenter(root)
    system = admin.getGroup(0)
    system.name = rstring("cabinet")
    with pytest.raises(omero.ValidationException):
        admin.updateGroup(system)
    with pytest.raises(omero.ValidationException):
        admin.deleteExperimenter(root)
    with pytest.raises(omero.ValidationException):
        admin.deleteGroup(system)


def test_who_is_used_cannot_be_deleted(admin, log_in) -> None:
    group = make_group(admin)
    name = admin.getGroup(group.id.val).name.val
    unused = ExperimenterI(admin.createUser(make_user(), name), False)
    admin.deleteExperimenter(unused)
    with pytest.raises(omero.ApiUsageException):
        admin.getExperimenter(unused.id.val)
    used = make_user()
    used_id = admin.createExperimenterWithPassword(
        used, rstring("secret"), group, [USER_GROUP]
    )
    log_in(used.omeName.val, "secret")
    with pytest.raises(omero.ValidationException, match="Session"):
        admin.deleteExperimenter(ExperimenterI(used_id, False))
    empty = make_group(admin)
    admin.deleteGroup(empty)
    with pytest.raises(omero.ApiUsageException):
        admin.getGroup(empty.id.val)


def test_permissions_that_links_depend_on_stay(admin, sandbox) -> None:
    group = make_group(admin, "rwra--")
    name = admin.getGroup(group.id.val).name.val
    clients = []
    for _ in range(2):
        user = make_user()
        admin.createExperimenterWithPassword(
            user, rstring("secret"), group, [USER_GROUP]
        )
        client = omero.client(sandbox.host, sandbox.port)
        client.createSession(user.omeName.val, "secret")
        clients.append(client)
    owner, annotator = (one.getSession().getUpdateService() for one in clients)
    project = omero.model.ProjectI()
    project.name = rstring("shared")
    project = owner.saveAndReturnObject(project)
    link = omero.model.ProjectAnnotationLinkI()
    link.parent = omero.model.ProjectI(project.id.val, False)
    link.child = omero.model.CommentAnnotationI()
    link.child.textValue = rstring("well done")
    annotator.saveAndReturnObject(link)
    found = admin.lookupGroup(name)
    found.details.permissions = PermissionsI("rw----")
    with pytest.raises(omero.SecurityViolation, match="due to locks"):
        admin.updateGroup(found)
    found.details.permissions = PermissionsI("rwrw--")
    admin.updateGroup(found)
    for client in clients:
        client.closeSession()


def test_an_administrator_with_fewer_privileges_stays_below(admin, log_in) -> None:
    few = privileges(admin, "ModifyUser", "ModifyGroupMembership", "Sudo")
    user = make_user()
    id_ = admin.createRestrictedSystemUserWithPassword(user, few, rstring("secret"))
    light = log_in(user.omeName.val, "secret")
    names = {p.value.val for p in light.getCurrentAdminPrivileges()}
    assert names == {"ModifyUser", "ModifyGroupMembership", "Sudo"}
    assert light.getEventContext().adminPrivileges == sorted(names)
    group = make_group(admin)
    new = light.createExperimenter(make_user(), group, [USER_GROUP])
    for escalation in (
        lambda: light.createSystemUser(make_user()),
        lambda: light.addGroups(ExperimenterI(new, False), [SYSTEM_GROUP]),
        lambda: light.changeUserPassword("root", rstring("mine now")),
        lambda: light.setAdminPrivileges(
            ExperimenterI(id_, False), admin.getCurrentAdminPrivileges()
        ),
        lambda: light.createGroup(ExperimenterGroupI()),
    ):
        with pytest.raises(omero.SecurityViolation, match="lacks the privilege"):
            escalation()
    admins = admin.getAdminsWithPrivileges(privileges(admin, "Sudo"))
    assert {0, id_} <= {one.id.val for one in admins}
    admins = admin.getAdminsWithPrivileges(privileges(admin, "Chown"))
    assert id_ not in {one.id.val for one in admins}
    admin.setAdminPrivileges(ExperimenterI(id_, False), few[:1])
    assert len(light.getCurrentAdminPrivileges()) == 1


def test_passwords_change(admin, log_in, member) -> None:
    name = member.omeName.val
    own = log_in(name, "secret")
    with pytest.raises(omero.SecurityViolation, match="Old password is invalid"):
        own.changePasswordWithOldPassword(rstring("wrong"), rstring("new"))
    own.changePasswordWithOldPassword(rstring("secret"), rstring("second"))
    log_in(name, "second").changePassword(rstring("third"))
    admin.changeUserPassword(name, rstring("fourth"))
    log_in(name, "fourth")
    with pytest.raises(Glacier2.PermissionDeniedException):
        log_in(name, "third")
    with pytest.raises(omero.ValidationException):
        admin.changePassword(rstring(""))


def test_a_joined_session_may_not_change_the_password(sandbox, member) -> None:
    first = omero.client(sandbox.host, sandbox.port)
    first.createSession(member.omeName.val, "secret")
    second = omero.client(sandbox.host, sandbox.port)
    factory = second.joinSession(first.getSessionId())
    own = factory.getAdminService()
    with pytest.raises(omero.SecurityViolation, match="Bad authentication"):
        own.changePassword(rstring("mine"))
    with pytest.raises(omero.SecurityViolation, match="Bad password"):
        factory.setSecurityPassword("wrong")
    # Who logged in with the password is not taken for who joined, nor again later.
    first.getSession().getAdminService().changePassword(rstring("secret"))
    factory.setSecurityPassword("secret")
    own.changePassword(rstring("mine"))
    second.closeSession()
    first.getSession().getAdminService().changePassword(rstring("last"))
    first.closeSession()


def test_the_passwords_of_others_are_for_who_has_shown_ones_own(
    sandbox, admin, log_in, member
) -> None:
    first = omero.client(sandbox.host, sandbox.port)
    first.createSession("root", "omero")
    second = omero.client(sandbox.host, sandbox.port)
    factory = second.joinSession(first.getSessionId())
    joined = factory.getAdminService()
    with pytest.raises(omero.SecurityViolation, match="Bad authentication"):
        joined.changeUserPassword(member.omeName.val, rstring("new"))
    factory.setSecurityPassword("omero")
    joined.changeUserPassword(member.omeName.val, rstring("new"))
    log_in(member.omeName.val, "new")
    second.closeSession()
    first.closeSession()


def test_what_one_may_change_is_told(admin, log_in, member) -> None:
    own = log_in(member.omeName.val, "secret")
    assert admin.canUpdate(ExperimenterI(0, False))
    assert not own.canUpdate(ExperimenterI(0, False))
    with pytest.raises(omero.ApiUsageException):
        own.canUpdate(ExperimenterI())


def test_the_roles_are_the_well_known_ones(admin) -> None:
    roles = admin.getSecurityRoles()
    assert (roles.rootId, roles.rootName) == (0, "root")
    assert (roles.systemGroupId, roles.userGroupId, roles.guestGroupId) == (0, 1, 2)
    assert (roles.guestId, roles.guestName) == (1, "guest")
