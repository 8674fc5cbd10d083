"""Who may create, change, link and delete what, through IUpdate."""

from __future__ import annotations

from typing import Any

import omero.all
import omero.model
import pytest
from omero.rtypes import rbool, rint, rstring

from napari_omero_io.sandbox.errors import (
    ApiUsage,
    Invalid,
    MixedGroups,
    NotAllowed,
    PermissionMismatch,
    ReadOnlyGroup,
)


def dataset(clerk: Any, call: Any) -> Any:
    made = omero.model.DatasetI()
    made.name = rstring("d")
    return clerk.save(call, made)


def link(parent: Any, child: Any) -> Any:
    made = omero.model.DatasetImageLinkI()
    made.parent = omero.model.DatasetI(parent.id.val, False)
    made.child = omero.model.ImageI(child.id.val, False)
    return made


def tagging(parent: Any, child: Any) -> Any:
    made = omero.model.ImageAnnotationLinkI()
    made.parent = omero.model.ImageI(parent.id.val, False)
    made.child = omero.model.TagAnnotationI(child.id.val, False)
    return made


# --- creating ---------------------------------------------------------------------


def test_nothing_is_created_over_all_groups(clerk: Any, society: Any) -> None:
    with pytest.raises(ApiUsage, match="DUMMY"):
        clerk.project(society.call("mia", -1))


def test_nothing_is_created_in_another_group(clerk: Any, society: Any) -> None:
    project = omero.model.ProjectI()
    project.name = rstring("p")
    other = omero.model.ExperimenterGroupI(society.groups["secret"], False)
    project.details.group = other
    with pytest.raises(NotAllowed, match="Cannot create object in group"):
        clerk.save(society.call("mia"), project)
    assert (
        clerk.save(society.call("mia", "secret"), project).details.group.id.val
        == (society.groups["secret"])
    )


@pytest.mark.parametrize("user", ["mia", "guest"])
def test_a_group_that_one_may_only_read(clerk: Any, society: Any, user: str) -> None:
    public = society.core.database.tables["ExperimenterGroup"]
    with society.core.database.write() as connection:
        bench = society.groups["bench"]
        statement = public.update().where(public.c.id == bench)
        connection.execute(statement.values(permissions=-52))  # rwr-r-
    with pytest.raises(NotAllowed, match="may not create"):
        clerk.project(society.call(user, "bench"))


def test_only_leaders_and_administrators_name_another_owner(
    clerk: Any, society: Any
) -> None:
    project = omero.model.ProjectI()
    project.name = rstring("p")
    project.details.owner = omero.model.ExperimenterI(society.users["ned"], False)
    with pytest.raises(NotAllowed, match="set the owner"):
        clerk.save(society.call("mia"), project)
    for user in ("lea", "root"):
        saved = clerk.save(society.call(user), project)
        assert saved.details.owner.omeName.val == "ned"


def test_an_administrator_may_act_for_another(clerk: Any, society: Any) -> None:
    call = society.call("root", "lab", user=str(society.users["mia"]))
    assert clerk.project(call).details.owner.omeName.val == "mia"


def test_permissions_are_those_of_the_group(clerk: Any, mia: Any) -> None:
    project = omero.model.ProjectI()
    project.name = rstring("p")
    project.details.permissions = omero.model.PermissionsI("rw----")
    with pytest.raises(PermissionMismatch, match="rw----"):
        clerk.save(mia, project)
    project.details.permissions = omero.model.PermissionsI("rwra--")
    assert clerk.save(mia, project)


# --- changing ---------------------------------------------------------------------


def test_others_objects_may_not_be_changed(
    clerk: Any, mia: Any, ned: Any, lea: Any, root: Any
) -> None:
    project = clerk.project(mia)
    clerk.save(ned, clerk.get(ned, "Project", project.id))  # nothing differs
    for call in (lea, root):
        found = clerk.get(call, "Project", project.id)
        found.name = rstring(call.caller.user_name)
        assert clerk.save(call, found).details.owner.omeName.val == "mia"
    found = clerk.get(ned, "Project", project.id)
    found.name = rstring("mine")
    with pytest.raises(NotAllowed, match="Cannot modify"):
        clerk.save(ned, found)


def test_in_a_read_write_group_they_may(clerk: Any, society: Any) -> None:
    ned, lea = society.call("ned", "bench"), society.call("lea", "bench")
    project = clerk.project(ned)
    project.name = rstring("ours")
    assert clerk.save(lea, project).details.owner.omeName.val == "ned"


@pytest.mark.parametrize("elsewhere", [-1, "secret"])
def test_only_objects_of_the_current_group_change(
    clerk: Any, society: Any, elsewhere: Any
) -> None:
    project = clerk.project(society.call("mia"))
    project.name = rstring("q")
    call = society.call("mia", elsewhere)
    with pytest.raises(NotAllowed, match="Cannot alter object in group"):
        clerk.save(call, project)


def test_hidden_objects_do_not_come_back(clerk: Any, society: Any) -> None:
    project = clerk.project(society.call("mia", "secret"))
    with pytest.raises(NotAllowed, match="Cannot read"):
        clerk.save(society.call("ned", "secret"), project)


def test_owner_group_and_creation_stay(clerk: Any, society: Any, mia: Any) -> None:
    project = clerk.project(mia)
    project.details.owner = omero.model.ExperimenterI(society.users["ned"], False)
    with pytest.raises(NotAllowed, match="owner"):
        clerk.save(mia, project)
    given = clerk.save(society.call("root"), project)
    assert given.details.owner.omeName.val == "ned"
    project = clerk.project(mia)
    group = omero.model.ExperimenterGroupI(society.groups["secret"], False)
    project.details.group = group
    with pytest.raises(NotAllowed, match="group"):
        clerk.save(mia, project)
    project = clerk.project(mia)
    project.name = rstring("q")
    project.details.creationEvent = omero.model.EventI(0, False)
    with pytest.raises(NotAllowed, match="creation event"):
        clerk.save(mia, project)


def test_system_types_are_for_administrators(
    clerk: Any, society: Any, mia: Any, root: Any
) -> None:
    group = omero.model.ExperimenterGroupI()
    group.name, group.ldap = rstring("new"), rbool(False)
    with pytest.raises(NotAllowed, match="system type"):
        clerk.save(mia, group)
    saved = clerk.save(root, group)
    assert str(saved.details.permissions) == "rw----"
    user = clerk.get(mia, "Experimenter", society.users["mia"])
    user.institution = rstring("x")
    with pytest.raises(NotAllowed, match="system type"):
        clerk.save(mia, user)
    assert clerk.save(root, user).institution.val == "x"


def test_clients_make_no_repositories(clerk: Any, mia: Any) -> None:
    file = omero.model.OriginalFileI()
    file.name, file.path, file.repo = rstring("f"), rstring("/"), rstring("uuid")
    with pytest.raises(NotAllowed, match="repository"):
        clerk.save(mia, file)
    file.repo = None
    file.mimetype = rstring("text/plain")
    saved = clerk.save(mia, file)
    saved.mimetype = rstring("Directory")
    with pytest.raises(Invalid, match="mimetype"):
        clerk.save(mia, saved)


# --- linking ----------------------------------------------------------------------


def test_linking_needs_the_right_to_write(clerk: Any, mia: Any, ned: Any) -> None:
    mine, image = dataset(clerk, ned), clerk.image(mia)
    with pytest.raises(NotAllowed, match=r"Group is rwra--\. Cannot link to object"):
        clerk.save(ned, link(mine, image))


def test_annotating_needs_the_right_to_annotate(clerk: Any, society: Any) -> None:
    image = clerk.image(society.call("mia"))
    ned = society.call("ned")
    tag = clerk.save(ned, omero.model.TagAnnotationI())
    assert clerk.save(ned, tagging(image, tag))
    roi = omero.model.RoiI()
    roi.image = omero.model.ImageI(image.id.val, False)
    assert clerk.save(ned, roi)
    readable = clerk.image(society.call("root", "other"))
    ned = society.call("ned", "other")
    tag = clerk.save(ned, omero.model.TagAnnotationI())
    with pytest.raises(NotAllowed, match="rwr---"):
        clerk.save(ned, tagging(readable, tag))


def test_rendering_needs_only_to_be_seen(clerk: Any, society: Any) -> None:
    owner, reader = society.call("root", "other"), society.call("ned", "other")
    pixels = _pixels()
    image = clerk.image(owner)
    pixels.image = omero.model.ImageI(image.id.val, False)
    pixels = clerk.save(owner, pixels)
    thumbnail = omero.model.ThumbnailI()
    thumbnail.pixels = omero.model.PixelsI(pixels.id.val, False)
    thumbnail.mimeType = rstring("image/jpeg")
    thumbnail.sizeX = thumbnail.sizeY = rint(96)
    assert clerk.save(reader, thumbnail).details.owner.omeName.val == "ned"


def test_groups_do_not_mix(clerk: Any, society: Any) -> None:
    image = clerk.image(society.call("mia", "secret"))
    mine = dataset(clerk, society.call("mia"))
    with pytest.raises(MixedGroups, match="MIXED GROUP"):
        clerk.save(society.call("mia"), link(mine, image))


@pytest.mark.parametrize("user", ["lea", "root"])
def test_nobody_links_others_private_data(clerk: Any, society: Any, user: str) -> None:
    image = clerk.image(society.call("mia", "secret"))
    call = society.call(user, "secret")
    with pytest.raises(ReadOnlyGroup, match="rw----"):
        clerk.save(call, link(dataset(clerk, call), image))


def test_objects_of_the_common_groups_may_be_linked(clerk: Any, society: Any) -> None:
    tag = clerk.save(society.call("root", "user"), omero.model.TagAnnotationI())
    mia = society.call("mia")
    image = clerk.image(mia)
    saved = clerk.save(mia, tagging(image, tag))
    assert saved.child.id.val == tag.id.val


# --- deleting ---------------------------------------------------------------------


def test_delete_an_object_with_its_links(clerk: Any, mia: Any) -> None:
    mine, image = dataset(clerk, mia), clerk.image(mia)
    clerk.save(mia, link(mine, image))
    clerk.delete(mia, omero.model.DatasetI(mine.id.val, False))
    assert clerk.count("DatasetImageLink") == clerk.count("Dataset") == 0
    assert clerk.count("Image") == 1


def test_delete_a_link(clerk: Any, mia: Any) -> None:
    made = clerk.save(mia, link(dataset(clerk, mia), clerk.image(mia)))
    clerk.delete(mia, made)
    assert clerk.count("DatasetImageLink") == 0


def test_what_is_referred_to_is_not_deleted(clerk: Any, mia: Any) -> None:
    image = clerk.image(mia)
    roi = omero.model.RoiI()
    roi.image = omero.model.ImageI(image.id.val, False)
    clerk.save(mia, roi)
    with pytest.raises(Invalid, match="foreign key"):
        clerk.delete(mia, image)
    assert clerk.count("Image") == 1


def test_delete_with_the_pairs_of_its_map(clerk: Any, mia: Any) -> None:
    sent = omero.model.MapAnnotationI()
    sent.mapValue = [omero.model.NamedValue("a", "1")]
    clerk.delete(mia, clerk.save(mia, sent))
    assert clerk.count("MapAnnotation_mapValue") == 0


def test_deleting_needs_the_right(clerk: Any, mia: Any, ned: Any, lea: Any) -> None:
    project = clerk.project(mia)
    with pytest.raises(NotAllowed, match="Cannot delete"):
        clerk.delete(ned, project)
    clerk.delete(lea, project)
    assert clerk.count("Project") == 0


def test_deleting_nothing_and_what_is_gone(clerk: Any, mia: Any) -> None:
    clerk.delete(mia, None)
    with pytest.raises(ApiUsage, match="without id"):
        clerk.delete(mia, omero.model.ProjectI())
    with pytest.raises(Invalid, match="no longer exists"):
        clerk.delete(mia, omero.model.ProjectI(99, False))


def test_only_administrators_index(clerk: Any, mia: Any, root: Any) -> None:
    project = clerk.project(mia)
    with pytest.raises(NotAllowed):
        clerk.update.indexObject(mia, project)
    clerk.update.indexObject(root, project)
    with pytest.raises(Invalid):
        clerk.update.indexObject(root, None)


def _pixels() -> Any:
    pixels = omero.model.PixelsI()
    for axis in "XYZCT":
        setattr(pixels, f"size{axis}", rint(1))
    pixels.sha1 = rstring("Pending...")
    pixels.pixelsType = omero.model.PixelsTypeI()
    pixels.pixelsType.value = rstring("uint8")
    pixels.dimensionOrder = omero.model.DimensionOrderI()
    pixels.dimensionOrder.value = rstring("XYZCT")
    pixels.significantBits = rint(8)
    return pixels
