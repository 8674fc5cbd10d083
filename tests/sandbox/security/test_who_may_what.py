"""Who sees what and may do what: every role in every kind of group, over the wire.

What is expected is written out by hand, role by role; nothing of it is taken from
the program.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import omero
import omero.all
import omero.cmd
import omero.model
import pytest
from omero.rtypes import rbool, rlong, rstring, unwrap
from omero.sys import ParametersI

from ..answers import answer_of

LEVELS = {
    "private": "rw----",
    "read": "rwr---",
    "annotate": "rwra--",
    "write": "rwrw--",
}
BITS = ("Link", "Edit", "Delete", "Annotate", "Chgrp", "Chown")
#: As letters: link, edit, delete, annotate, move (chgrp), give (chown).
LETTERS = "LEDAMG"
PASSWORD = "secret"

#: What each role may do with what `owner` owns; None: it is not to be seen.
ALLOWED = {
    "owner": dict.fromkeys(LEVELS, "LEDAM"),
    "member": {"private": None, "read": "", "annotate": "A", "write": "LEDA"},
    "leader": {
        "private": "EDG",
        "read": "LEDAG",
        "annotate": "LEDAG",
        "write": "LEDAG",
    },
    "root": {
        "private": "EDMG",
        "read": "LEDAMG",
        "annotate": "LEDAMG",
        "write": "LEDAMG",
    },
    # privileges: WriteOwned and Chgrp
    "writer": {
        "private": "EM",
        "read": "LEAM",
        "annotate": "LEAM",
        "write": "LEAM",
    },
    # privileges: DeleteOwned and Chown
    "deleter": dict.fromkeys(LEVELS, "DG"),
    # an administrator without any privilege sees, and is else like anybody outside
    "reader": dict.fromkeys(LEVELS, ""),
    "outsider": dict.fromkeys(LEVELS, None),
}


@dataclass
class Town:
    """A server with groups of every kind, people of every kind, and their clients."""

    sandbox: Any
    groups: dict[str, int] = field(default_factory=dict)
    projects: dict[str, int] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)
    clients: dict[str, Any] = field(default_factory=dict)

    def services(self, user: str) -> Any:
        if user not in self.clients:
            client = omero.client(self.sandbox.host, self.sandbox.port)
            client.createSession(user, "omero" if user == "root" else PASSWORD)
            self.clients[user] = client
        return self.clients[user].getSession()

    def context(self, group: str) -> dict[str, str]:
        return {"omero.group": str(self.groups[group])}


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    from napari_omero_io import Sandbox

    with Sandbox() as sandbox:
        town = Town(sandbox)
        _settle(town)
        yield town
        for client in town.clients.values():
            client.closeSession()


def _settle(town: Town) -> None:
    admin = town.services("root").getAdminService()
    for name, text in {**LEVELS, "elsewhere": "rwrw--"}.items():
        group = omero.model.ExperimenterGroupI()
        group.name, group.ldap = rstring(name), rbool(False)
        group.details.permissions = omero.model.PermissionsI(text)
        town.groups[name] = admin.createGroup(group)

    def groups(*names: str) -> list[Any]:
        ids = [1 if name == "user" else town.groups[name] for name in names]
        return [omero.model.ExperimenterGroupI(id_, False) for id_ in ids]

    def person(name: str) -> Any:
        made = omero.model.ExperimenterI()
        made.omeName, made.firstName, made.lastName = map(rstring, (name, name, "T"))
        made.ldap = rbool(False)
        return made

    for name in ("owner", "member", "leader", "outsider"):
        where = ("elsewhere",) if name == "outsider" else tuple(LEVELS)
        first, *others = groups(*where, "user")
        town.users[name] = admin.createExperimenterWithPassword(
            person(name), rstring(PASSWORD), first, others
        )
    for group in groups(*LEVELS):
        leader = omero.model.ExperimenterI(town.users["leader"], False)
        admin.setGroupOwner(group, leader)
    for name, privileges in {
        "writer": ("WriteOwned", "Chgrp"),
        "deleter": ("DeleteOwned", "Chown"),
        "reader": (),
    }.items():
        wanted = []
        for privilege in privileges:
            one = omero.model.AdminPrivilegeI()
            one.value = rstring(privilege)
            wanted.append(one)
        town.users[name] = admin.createRestrictedSystemUserWithPassword(
            person(name), wanted, rstring(PASSWORD)
        )
    update = town.services("owner").getUpdateService()
    for level in LEVELS:
        project = omero.model.ProjectI()
        project.name = rstring(level)
        saved = update.saveAndReturnObject(project, town.context(level))
        town.projects[level] = saved.id.val


def letters(permissions: Any) -> str:
    """Return what permissions allow, as they say it of themselves."""
    asked = [getattr(permissions, f"can{bit}")() for bit in BITS]
    return "".join(one for one, may in zip(LETTERS, asked, strict=True) if may)


CASES = [(role, level) for role in ALLOWED for level in LEVELS]


@pytest.mark.parametrize(("role", "level"), CASES)
def test_the_bits_of_every_answer(town: Town, role: str, level: str) -> None:
    expected = ALLOWED[role][level]
    query = town.services(role).getQueryService()
    id_ = town.projects[level]
    parameters = ParametersI().addId(id_)
    hql = "select p from Project p where p.id = :id"
    for context in ({"omero.group": "-1"}, town.context(level)):
        if role == "outsider" and context != {"omero.group": "-1"}:
            with pytest.raises(omero.SecurityViolation, match="not a member of group"):
                query.findByQuery(hql, parameters, context)
            continue
        found = query.findByQuery(hql, parameters, context)
        rows = query.projection(
            "select p, p.details.permissions from Project p where p.id = :id",
            parameters,
            context,
        )
        if expected is None:
            assert found is None
            assert rows == []
            with pytest.raises(omero.SecurityViolation, match=f"Project:Id_{id_}"):
                query.get("Project", id_, context)
            continue
        assert letters(found.details.permissions) == expected
        ((object_, map_),) = rows
        assert letters(object_.val.details.permissions) == expected
        told = unwrap(map_)
        assert told["perm"] == LEVELS[level]
        for bit, letter in zip(BITS, LETTERS, strict=True):
            assert told[f"can{bit}"] == (letter in expected), bit
        assert letters(query.get("Project", id_, context).details.permissions) == (
            expected
        )


@pytest.mark.parametrize(("role", "level"), CASES)
def test_what_is_allowed_is_done_and_nothing_else(
    town: Town, role: str, level: str
) -> None:
    expected = ALLOWED[role][level]
    services, context = town.services(role), town.context(level)
    id_ = town.projects[level]
    if role == "outsider":
        note = omero.model.ProjectAnnotationLinkI()
        note.parent = omero.model.ProjectI(id_, False)
        note.child = omero.model.CommentAnnotationI()
        for where in (context, town.context("elsewhere")):
            with pytest.raises(omero.SecurityViolation):
                services.getUpdateService().saveObject(note, where)
        return
    if expected is None:
        found = services.getQueryService().find("Project", id_ + 99999, context)
        assert found is None
        return
    query, update = services.getQueryService(), services.getUpdateService()
    project = query.get("Project", id_, context)
    project.description = rstring(role)
    _attempt("E" in expected, lambda: update.saveObject(project, context))

    note = omero.model.ProjectAnnotationLinkI()
    note.parent = omero.model.ProjectI(id_, False)
    note.child = omero.model.CommentAnnotationI()
    note.child.textValue = rstring(role)
    is_member = role not in ("writer", "deleter", "reader")
    if is_member:  # others may not create anything of their own in the group
        _attempt("A" in expected, lambda: update.saveObject(note, context))
    link = omero.model.ProjectDatasetLinkI()
    link.parent = omero.model.ProjectI(id_, False)
    link.child = omero.model.DatasetI()
    link.child.name = rstring(role)
    if is_member:
        _attempt("L" in expected, lambda: update.saveObject(link, context))

    for letter, request in (
        ("D", omero.cmd.Delete2()),
        ("M", omero.cmd.Chgrp2(groupId=town.groups["elsewhere"])),
        ("G", omero.cmd.Chown2(userId=town.users["leader"])),
    ):
        request.targetObjects, request.dryRun = {"Project": [id_]}, True
        handle = services.submit(request)
        response = answer_of(handle)
        handle.close()
        is_refused = isinstance(response, omero.cmd.ERR)
        may = letter in expected
        if letter == "M" and "Chgrp" not in _privileges(role):
            may = False  # into a group where one is no member
        assert is_refused == (not may), (letter, response)


def _privileges(role: str) -> tuple[str, ...]:
    return ("Chgrp",) if role in ("root", "writer") else ()


def _attempt(may: bool, save: Any) -> None:
    if may:
        save()
        return
    with pytest.raises(omero.SecurityViolation):
        save()


# --- groups -----------------------------------------------------------------------


def test_all_groups_are_for_reading_only(town: Town) -> None:
    services = town.services("owner")
    everywhere = {"omero.group": "-1"}
    rows = services.getQueryService().projection(
        "select p.name from Project p", None, everywhere
    )
    assert {unwrap(row)[0] for row in rows} == set(LEVELS)
    update = services.getUpdateService()
    project = omero.model.ProjectI()
    project.name = rstring("nowhere")
    with pytest.raises(omero.ApiUsageException, match="DUMMY"):
        update.saveObject(project, everywhere)
    query = services.getQueryService()
    known = query.get("Project", town.projects["read"], everywhere)
    known.description = rstring("from everywhere")
    with pytest.raises(omero.SecurityViolation, match="Cannot alter object in group"):
        update.saveObject(known, everywhere)


def test_even_administrators_see_one_group_at_a_time(town: Town) -> None:
    query = town.services("root").getQueryService()
    hql = "select p.name from Project p"
    rows = query.projection(hql, None, town.context("read"))
    assert {unwrap(row)[0] for row in rows} == {"read"}
    rows = query.projection(hql, None, {"omero.group": "-1"})
    assert {unwrap(row)[0] for row in rows} == set(LEVELS)


def test_what_lies_in_another_group_stays_as_it_is(town: Town) -> None:
    services = town.services("owner")
    query, update = services.getQueryService(), services.getUpdateService()
    project = query.get("Project", town.projects["read"], town.context("read"))
    project.description = rstring("x")
    with pytest.raises(omero.SecurityViolation, match="Currently logged into group"):
        update.saveObject(project, town.context("write"))
    link = omero.model.ProjectDatasetLinkI()
    link.parent = omero.model.ProjectI(town.projects["read"], False)
    link.child = omero.model.DatasetI()
    link.child.name = rstring("d")
    with pytest.raises(omero.GroupSecurityViolation, match="MIXED GROUP"):
        update.saveObject(link, town.context("write"))


def test_hidden_members_of_collections_are_dropped(town: Town) -> None:
    owner, member = town.services("owner"), town.services("member")
    context = town.context("private")
    link = omero.model.ProjectDatasetLinkI()
    link.parent = omero.model.ProjectI(town.projects["private"], False)
    link.child = omero.model.DatasetI()
    link.child.name = rstring("hidden")
    owner.getUpdateService().saveObject(link, context)
    for hql in (
        "select d from Dataset d where d.name = 'hidden'",
        "select l from ProjectDatasetLink l join fetch l.child d"
        " where d.name = 'hidden'",
        "select p from Project p join fetch p.datasetLinks l join fetch l.child d"
        " where d.name = 'hidden'",
    ):
        assert owner.getQueryService().findAllByQuery(hql, None, context)
        assert member.getQueryService().findAllByQuery(hql, None, context) == []
    ((count,),) = member.getQueryService().projection(
        "select count(d) from Dataset d where d.name = 'hidden'", None, context
    )
    assert count == rlong(0)


# --- special people ---------------------------------------------------------------


def test_a_leader_on_behalf_of_a_member_has_the_members_rights(town: Town) -> None:
    sessions = town.services("leader").getSessionService()
    principal = omero.sys.Principal("member", "private", "User", None)
    session = sessions.createSessionWithTimeouts(principal, 0, 60000)
    client = omero.client(town.sandbox.host, town.sandbox.port)
    services = client.joinSession(session.uuid.val)
    context = services.getAdminService().getEventContext()
    assert (context.userName, context.sudoerName.val) == ("member", "leader")
    hql = "select p from Project p where p.name = 'private'"
    assert services.getQueryService().findAllByQuery(hql, None) == []
    client.closeSession()
    principal = omero.sys.Principal("outsider", "elsewhere", "User", None)
    with pytest.raises(omero.SecurityViolation):
        sessions.createSessionWithTimeouts(principal, 0, 60000)


def test_speaking_for_others_is_for_administrators(town: Town) -> None:
    context = town.context("read") | {"omero.user": str(town.users["owner"])}
    project = omero.model.ProjectI()
    project.name = rstring("on behalf")
    update = town.services("root").getUpdateService()
    saved = update.saveAndReturnObject(project, context)
    assert saved.details.owner.id.val == town.users["owner"]
    answer_of(
        town.services("root").submit(omero.cmd.Delete2({"Project": [saved.id.val]}))
    )
    with pytest.raises(omero.SecurityViolation, match="not an admin"):
        town.services("member").getUpdateService().saveObject(project, context)


def test_names_and_groups_are_for_administrators_to_make(town: Town) -> None:
    admin = town.services("member").getAdminService()
    group = omero.model.ExperimenterGroupI()
    group.name, group.ldap = rstring("mine"), rbool(False)
    with pytest.raises(omero.SecurityViolation, match="No matching roles found"):
        admin.createGroup(group)
    update = town.services("member").getUpdateService()
    for object_ in (group, omero.model.ImmersionI()):
        if isinstance(object_, omero.model.ImmersionI):
            object_.value = rstring("Honey")
        with pytest.raises(omero.SecurityViolation):
            update.saveObject(object_)


def test_events_do_not_tell_the_sessions_of_others(town: Town) -> None:
    hql = (
        "select p from Project p join fetch p.details.creationEvent e"
        " join fetch e.session where p.name = 'read'"
    )
    query = town.services("member").getQueryService()
    found = query.findByQuery(hql, None, town.context("read"))
    assert not found.details.creationEvent.session.loaded
    rows = query.projection(
        "select s.uuid from Project p join p.details.creationEvent e"
        " join e.session s where p.name = 'read'",
        None,
        town.context("read"),
    )
    assert unwrap(rows) == [["********-****-****-****-*************"]]


def test_a_handle_as_text_is_good_for_another_login(town: Town) -> None:
    services = town.services("owner")
    request = omero.cmd.Delete2({"Project": [987654321]})
    text = str(services.submit(request))
    client = omero.client(town.sandbox.host, town.sandbox.port)
    uuid = town.clients["owner"].getSessionId()
    client.joinSession(uuid)
    handle = omero.cmd.HandlePrx.checkedCast(client.ic.stringToProxy(text))
    assert answer_of(handle).deletedObjects == {}
    assert handle.getStatus().flags == []
    handle.close()
    with pytest.raises(omero.clients.Ice.ObjectNotExistException):
        handle.getResponse()
    client.closeSession()
