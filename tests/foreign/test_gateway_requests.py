"""BlitzGateway moving, giving, and opening groups, as its documentation shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import omero
import omero.all
import omero.callbacks
import omero.model
import pytest
from omero.gateway import BlitzGateway
from omero.rtypes import rbool, rstring

# The client's own code, which nobody here can change.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def make_group(conn: BlitzGateway, name: str, permissions: str) -> int:
    group = omero.model.ExperimenterGroupI()
    group.name, group.ldap = rstring(name), rbool(False)
    group.details.permissions = omero.model.PermissionsI(permissions)
    return int(conn.getAdminService().createGroup(group))


def make_user(conn: BlitzGateway, name: str, *groups: int) -> int:
    user = omero.model.ExperimenterI()
    user.omeName, user.firstName, user.lastName = map(rstring, (name, name, "G"))
    user.ldap = rbool(False)
    first, *others = [omero.model.ExperimenterGroupI(id_, False) for id_ in groups]
    return int(
        conn.getAdminService().createExperimenterWithPassword(
            user, rstring("pw"), first, [*others, omero.model.ExperimenterGroupI(1, 0)]
        )
    )


def wait_for(conn: BlitzGateway, handle: Any) -> Any:
    callback = omero.callbacks.CmdCallbackI(conn.c, handle)
    try:
        callback.loop(600, 500)
        response = handle.getResponse()
        assert not isinstance(response, omero.cmd.ERR), response
        return response
    finally:
        callback.close(True)


@pytest.fixture(scope="module")
def groups(sandbox: Any) -> dict[str, int]:
    conn = BlitzGateway("root", "omero", host=sandbox.host, port=sandbox.port)
    assert conn.connect()
    made = {
        "open": make_group(conn, "gateway open", "rwrw--"),
        "closed": make_group(conn, "gateway closed", "rw----"),
    }
    for name in ("gina", "gustav"):
        made[name] = make_user(conn, name, made["open"], made["closed"])
    conn.close()
    return made


@pytest.fixture
def gina(sandbox: Any, groups: dict[str, int]) -> Iterator[BlitzGateway]:
    conn = BlitzGateway("gina", "pw", host=sandbox.host, port=sandbox.port)
    assert conn.connect()
    yield conn
    conn.close()


def make_dataset(conn: BlitzGateway, name: str) -> Any:
    dataset = omero.gateway.DatasetWrapper(conn, omero.model.DatasetI())
    dataset.setName(name)
    dataset.save()
    return dataset


def test_moving_into_a_container(gina: BlitzGateway, groups: dict[str, int]) -> None:
    dataset = make_dataset(gina, "moved")
    project = omero.model.ProjectI()
    project.name = rstring("goal")
    update = gina.getUpdateService()
    context = {"omero.group": str(groups["closed"])}
    project = update.saveAndReturnObject(project, context)
    handle = gina.chgrpObjects(
        "Dataset", [dataset.getId()], groups["closed"], project.id.val
    )
    wait_for(gina, handle)
    gina.SERVICE_OPTS.setOmeroGroup("-1")
    moved = gina.getObject("Dataset", dataset.getId())
    assert moved.getDetails().getGroup().getId() == groups["closed"]
    assert moved.getParent().getId() == project.id.val


def test_giving_and_changing_a_group(
    conn: BlitzGateway, gina: BlitzGateway, groups: dict[str, int]
) -> None:
    dataset = make_dataset(gina, "given")
    handle = conn.chownObjects("Dataset", [dataset.getId()], groups["gustav"])
    wait_for(conn, handle)
    conn.SERVICE_OPTS.setOmeroGroup("-1")
    given = conn.getObject("Dataset", dataset.getId())
    assert given.getOwnerOmeName() == "gustav"
    assert gina.getObject("Dataset", dataset.getId()).canEdit()
    wait_for(conn, conn.chmodGroup(groups["open"], "rwr---"))
    assert not gina.getObject("Dataset", dataset.getId()).canEdit()


def test_a_picture_of_oneself(gina: BlitzGateway, conn: BlitzGateway) -> None:
    admin = gina.getAdminService()
    assert admin.getMyUserPhotos() == []
    first = admin.uploadMyUserPhoto("me.png", "image/png", b"not really a picture")
    assert admin.uploadMyUserPhoto("me.jpg", "image/jpeg", b"another") == first
    (photo,) = admin.getMyUserPhotos()
    assert (photo.name.val, photo.mimetype.val, photo.size.val) == (
        "me.jpg",
        "image/jpeg",
        7,
    )
    for gateway in (gina, conn):  # everybody sees the group `user`
        store = gateway.createRawFileStore()
        store.setFileId(photo.id.val)
        assert store.read(0, store.size()) == b"another"
        store.close()


def test_there_are_no_shares(gina: BlitzGateway) -> None:
    service = gina.getShareService()
    assert service.getOwnShares(True) == []
    assert service.getMemberShares(True) == []


def test_a_failure_is_told_later_than_the_handle(sandbox: Any) -> None:
    conn = BlitzGateway("root", "omero", host=sandbox.host, port=sandbox.port)
    assert conn.connect()
    request = omero.cmd.Delete2(targetObjects={"Pixels": [2**40]})
    for _ in range(10):
        handle = conn.c.sf.submit(request)
        assert handle.getStatus().flags == []
        callback = omero.callbacks.CmdCallbackI(conn.c, handle)
        callback.loop(600, 500)
        assert isinstance(callback.getResponse(), omero.cmd.ERR)
        assert omero.cmd.State.FAILURE in handle.getStatus().flags
        callback.close(True)
    conn.close()
