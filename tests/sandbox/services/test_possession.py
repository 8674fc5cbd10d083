"""IAdmin's old ways to give and move single objects, and forgotten passwords."""

from __future__ import annotations

from typing import Any

import omero.all
import omero.model
import pytest
from omero.rtypes import rstring
from sqlalchemy import select, update

from napari_omero_io.sandbox.errors import ApiUsage, Internal, NotAllowed
from napari_omero_io.sandbox.services.admin import AdminService
from napari_omero_io.sandbox.services.types import TypesService
from napari_omero_io.sandbox.store.founding import original_enumerations
from napari_omero_io.sandbox.store.saving import save

ABSENT: Any = None


@pytest.fixture
def admin(society: Any) -> AdminService:
    return AdminService(society.core, None)


@pytest.fixture
def types(society: Any) -> TypesService:
    return TypesService(society.core, ABSENT)


def make(call: Any, kind: str = "Dataset") -> Any:
    made = getattr(omero.model, f"{kind}I")()
    made.name = rstring("made")
    with call.core.database.write() as connection:
        return save(connection, call, [made])[0]


def row_of(call: Any, one: Any) -> Any:
    table = call.core.database.tables[type(one).__name__.removesuffix("I")]
    query = select(table).where(table.c.id == one.id.val)
    with call.core.database.read() as connection:
        return connection.execute(query).one()


def test_an_object_moves_between_ones_own_groups(society: Any, admin: Any) -> None:
    mia = society.call("mia", "lab")
    dataset = make(mia)
    target = society.groups["secret"]
    admin.changeGroup(mia, dataset, "secret")
    assert row_of(mia, dataset).group_id == target
    with pytest.raises(NotAllowed, match="not a member"):
        admin.changeGroup(society.call("mia", "secret"), dataset, "other")
    with pytest.raises(NotAllowed, match="moveToCommonSpace"):
        admin.changeGroup(society.call("mia", "secret"), dataset, "user")


def test_an_object_that_others_refer_to_stays(society: Any, admin: Any) -> None:
    mia = society.call("mia", "lab")
    dataset, project = make(mia), make(mia, "Project")
    link = omero.model.ProjectDatasetLinkI()
    link.parent = omero.model.ProjectI(project.id.val, False)
    link.child = omero.model.DatasetI(dataset.id.val, False)
    with mia.core.database.write() as connection:
        save(connection, mia, [link])
    with pytest.raises(NotAllowed, match=r"Locks: {'ProjectDatasetLink.child': 1}"):
        admin.changeGroup(mia, dataset, "secret")
    assert row_of(mia, dataset).group_id == society.groups["lab"]


def test_what_is_not_ones_own_stays(society: Any, admin: Any) -> None:
    dataset = make(society.call("mia", "lab"))
    ned = society.call("ned", "lab")
    with pytest.raises(NotAllowed, match="Cannot change group"):
        admin.changeGroup(ned, dataset, "lab")
    with pytest.raises(NotAllowed):
        admin.changeOwner(ned, dataset, "ned")


def test_an_administrator_gives_an_object_away(society: Any, admin: Any) -> None:
    dataset = make(society.call("mia", "lab"))
    root = society.call("root", "lab")
    admin.changeOwner(root, dataset, "ned")
    assert row_of(root, dataset).owner_id == society.users["ned"]
    with pytest.raises(ApiUsage, match="No such experimenter: nobody"):
        admin.changeOwner(root, dataset, "nobody")


def test_leaders_put_objects_where_all_may_read_them(society: Any, admin: Any) -> None:
    mia = society.call("mia", "lab")
    dataset = make(mia)
    with pytest.raises(NotAllowed):
        admin.moveToCommonSpace(mia, [dataset])
    admin.moveToCommonSpace(society.call("lea", "lab"), [None, dataset])
    assert row_of(mia, dataset).group_id == 1


def test_permissions_are_changed_of_groups_only(society: Any, admin: Any) -> None:
    root = society.call("root", "lab")
    group = omero.model.ExperimenterGroupI(society.groups["lab"], False)
    admin.changePermissions(root, group, omero.model.PermissionsI("rwrw--"))
    assert row_of(root, group).permissions == -8
    with pytest.raises(ApiUsage, match="use a group"):
        dataset = make(root)
        admin.changePermissions(root, dataset, omero.model.PermissionsI("rwrw--"))


def test_a_forgotten_password_cannot_be_sent(society: Any, admin: Any) -> None:
    guest = society.call("guest", "guest")
    people = society.core.database.tables["Experimenter"]
    for name in ("mia", "root"):
        with society.core.database.write() as connection:
            statement = update(people).where(people.c.omeName == name)
            connection.execute(statement.values(email="x@y.org"))
    for name, address, kind in (
        ("nobody", "x@y.org", NotAllowed),
        ("ned", "x@y.org", NotAllowed),
        ("mia", "z@y.org", NotAllowed),
        ("root", "x@y.org", ApiUsage),
        ("mia", "x@y.org", Internal),
    ):
        with pytest.raises(kind):
            admin.reportForgottenPassword(guest, name, address)


def test_enumerations_go_back_to_what_they_were(society: Any, types: Any) -> None:
    root = society.call("root", "system")
    table = society.core.database.tables["Immersion"]
    extra = omero.model.ImmersionI()
    extra.value = rstring("Milk")
    types.createEnumeration(root, extra)
    with society.core.database.write() as connection:
        connection.execute(table.delete().where(table.c.value == "Oil"))
    types.resetEnumerations(root, "Immersion")
    found = {one.value.val for one in types.allEnumerations(root, "Immersion")}
    assert found == {row["value"] for row in original_enumerations()["Immersion"]}
    with pytest.raises(NotAllowed):
        types.resetEnumerations(society.call("mia", "lab"), "Immersion")
    bits = {
        one.value.val: one.bitSize.val
        for one in types.getOriginalEnumerations(root)
        if isinstance(one, omero.model.PixelsType)
    }
    assert bits["uint16"] == 16
