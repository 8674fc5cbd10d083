"""Chgrp2, Chown2 and Chmod2: what comes along, what is parted, what is refused."""

from __future__ import annotations

from typing import Any

import omero.all
import omero.cmd
import omero.model
import pytest
from omero.rtypes import rstring

from napari_omero_io.sandbox.hql import find


def ids(*objects: Any) -> list[int]:
    return [one.id.val for one in objects]


def move(desk: Any, call: Any, group: str, dry: bool = False, **targets: Any) -> Any:
    request = omero.cmd.Chgrp2()
    request.targetObjects = {name: ids(one) for name, one in targets.items()}
    request.groupId, request.dryRun = desk.society.groups[group], dry
    return desk.submit(call, request).getResponse(call)


def give(desk: Any, call: Any, user: str, dry: bool = False, **targets: Any) -> Any:
    request = omero.cmd.Chown2()
    request.targetObjects = {name: ids(one) for name, one in targets.items()}
    request.userId, request.dryRun = desk.society.users[user], dry
    return desk.submit(call, request).getResponse(call)


def place(desk: Any, kind: str, id_: int) -> tuple[str, str]:
    """Return owner and group of an object, by name."""
    root = desk.society.core.model[kind].root.name
    with desk.society.core.database.read() as connection:
        row = connection.exec_driver_sql(
            f'SELECT owner_id, group_id FROM "{root}" WHERE id = {id_}'
        ).one()
    users = {id_: name for name, id_ in desk.society.users.items()}
    groups = {id_: name for name, id_ in desk.society.groups.items()}
    return users[row.owner_id], groups[row.group_id]


def comment(desk: Any, call: Any, on: Any, text: str = "well") -> Any:
    note = desk.make(call, "CommentAnnotation", textValue=rstring(text))
    desk.link(call, on, note)
    return note


@pytest.fixture
def lea(desk: Any) -> Any:
    return desk.call("lea")


@pytest.fixture
def root(desk: Any) -> Any:
    return desk.call("root")


# --- moving -----------------------------------------------------------------------


def test_a_project_moves_with_all_below(desk: Any, mia: Any) -> None:
    project, dataset = desk.make(mia, "Project"), desk.make(mia, "Dataset")
    image = desk.image(mia)
    link = desk.link(mia, project, dataset)
    desk.link(mia, dataset, image)
    note = comment(desk, mia, image)
    response = move(desk, mia, "secret", Project=project)
    assert response.includedObjects["ome.model.core.Image"] == ids(image)
    assert response.deletedObjects == {}
    for kind, one in (
        ("Project", project),
        ("Dataset", dataset),
        ("Image", image),
        ("Pixels", image.getPrimaryPixels()),
        ("ProjectDatasetLink", link),
        ("CommentAnnotation", note),
    ):
        assert place(desk, kind, one.id.val) == ("mia", "secret"), kind


def test_a_dry_run_moves_nothing(desk: Any, mia: Any) -> None:
    image = desk.image(mia)
    request_ = move(desk, mia, "secret", dry=True, Image=image)
    assert request_.includedObjects["ome.model.core.Image"] == ids(image)
    assert place(desk, "Image", image.id.val) == ("mia", "lab")


def test_links_to_what_stays_are_cut(desk: Any, mia: Any) -> None:
    dataset, image = desk.make(mia, "Dataset"), desk.image(mia)
    link = desk.link(mia, dataset, image)
    response = move(desk, mia, "secret", Image=image)
    assert response.deletedObjects == {
        "ome.model.containers.DatasetImageLink": ids(link)
    }
    assert place(desk, "Dataset", dataset.id.val) == ("mia", "lab")
    assert desk.count("DatasetImageLink") == 0


def test_images_of_other_datasets_stay(desk: Any, mia: Any) -> None:
    one, other = desk.make(mia, "Dataset"), desk.make(mia, "Dataset")
    image = desk.image(mia)
    desk.link(mia, one, image)
    desk.link(mia, other, image)
    move(desk, mia, "secret", Dataset=one)
    assert place(desk, "Image", image.id.val) == ("mia", "lab")
    assert desk.count("DatasetImageLink") == 1


def test_settings_of_others_do_not_come_to_a_private_group(
    desk: Any, mia: Any, ned: Any
) -> None:
    image = desk.image(mia)
    desk.settings(mia, image)
    desk.settings(ned, image)
    response = move(desk, mia, "secret", Image=image)
    assert len(response.deletedObjects["ome.model.display.RenderingDef"]) == 1
    assert len(response.includedObjects["ome.model.display.RenderingDef"]) == 1
    assert desk.count("RenderingDef") == desk.count("Thumbnail") == 1


def test_notes_of_others_do_not_come_to_a_private_group(
    desk: Any, mia: Any, ned: Any
) -> None:
    image = desk.image(mia)
    comment(desk, ned, image)
    tag = desk.make(ned, "TagAnnotation", textValue=rstring("mitosis"))
    desk.link(ned, image, tag)
    response = move(desk, mia, "secret", Image=image)
    assert len(response.deletedObjects["ome.model.annotations.CommentAnnotation"]) == 1
    assert place(desk, "TagAnnotation", tag.id.val) == ("ned", "lab")
    assert desk.count("ImageAnnotationLink") == 0


def test_notes_of_others_come_to_an_open_group(desk: Any, ned: Any, lea: Any) -> None:
    image = desk.image(ned)
    note = comment(desk, lea, image)
    move(desk, ned, "bench", Image=image)
    assert place(desk, "CommentAnnotation", note.id.val) == ("lea", "bench")


def test_images_that_share_an_instrument_move_together(desk: Any, mia: Any) -> None:
    instrument = desk.make(mia, "Instrument")
    shared = omero.model.InstrumentI(instrument.id.val, False)
    one, other = (desk.make(mia, "Image", instrument=shared) for _ in range(2))
    failed = move(desk, mia, "secret", Image=one)
    assert isinstance(failed, omero.cmd.GraphException)
    assert failed.name == "graph-fail"
    assert failed.message == (
        f"may not move Image[{one.id.val}] while Image[{other.id.val}] remains "
        f"as they share Instrument[{instrument.id.val}]"
    )
    request = omero.cmd.Chgrp2({"Image": ids(one, other)})
    request.groupId = desk.society.groups["secret"]
    desk.submit(mia, request)
    assert place(desk, "Instrument", instrument.id.val) == ("mia", "secret")


def test_a_fileset_moves_as_a_whole(desk: Any, mia: Any) -> None:
    fileset = desk.make(mia, "Fileset", templatePrefix=rstring("x/"))
    one, other = (desk.image(mia, fileset=fileset) for _ in range(2))
    failed = move(desk, mia, "secret", Image=one)
    assert failed.message == (
        f"within Fileset[{fileset.id.val}] may not move Image[{one.id.val}] "
        f"while Image[{other.id.val}] remains"
    )
    request = omero.cmd.Chgrp2({"Image": ids(one, other)})
    request.groupId = desk.society.groups["secret"]
    desk.submit(mia, request)
    assert place(desk, "Fileset", fileset.id.val) == ("mia", "secret")


def test_nobody_moves_to_where_they_are_no_member(desk: Any, mia: Any) -> None:
    image = desk.image(mia)
    assert move(desk, mia, "other", Image=image).name == "not-in-group"


def test_nobody_moves_what_is_anothers(desk: Any, mia: Any, lea: Any) -> None:
    image = desk.image(mia)
    assert move(desk, lea, "secret", Image=image).name == "graph-fail"
    assert place(desk, "Image", image.id.val) == ("mia", "lab")


def test_an_administrator_moves_anywhere(desk: Any, mia: Any, root: Any) -> None:
    image = desk.image(mia)
    move(desk, root, "other", Image=image)
    assert place(desk, "Image", image.id.val) == ("mia", "other")


def test_what_may_not_be_moved(desk: Any, mia: Any) -> None:
    image = desk.image(mia)
    failed = move(desk, mia, "secret", Pixels=image.getPrimaryPixels())
    assert failed.name == "bad-target"


def test_moving_and_linking_as_the_gateway_does(desk: Any, mia: Any) -> None:
    image = desk.image(mia)
    secret = desk.call("mia", "secret")
    dataset = desk.make(secret, "Dataset")
    link = omero.model.DatasetImageLinkI()
    link.parent = omero.model.DatasetI(dataset.id.val, False)
    link.child = omero.model.ImageI(image.id.val, False)
    move_ = omero.cmd.Chgrp2({"Image": ids(image)})
    move_.groupId = desk.society.groups["secret"]
    request = omero.cmd.DoAll([move_, omero.api.Save(link)], [])
    response = desk.submit(secret, request).getResponse(secret)
    assert isinstance(response, omero.cmd.DoAllRsp)
    assert desk.count("DatasetImageLink") == 1


# --- giving -----------------------------------------------------------------------


def test_a_leader_gives_with_all_below(desk: Any, mia: Any, lea: Any) -> None:
    dataset, image = desk.make(mia, "Dataset"), desk.image(mia)
    link = desk.link(mia, dataset, image)
    tag = desk.make(mia, "TagAnnotation", textValue=rstring("t"))
    desk.link(mia, image, tag)
    response = give(desk, lea, "ned", Dataset=dataset)
    assert response.includedObjects["ome.model.core.Image"] == ids(image)
    for kind, one in (
        ("Dataset", dataset),
        ("DatasetImageLink", link),
        ("Pixels", image.getPrimaryPixels()),
        ("TagAnnotation", tag),
    ):
        assert place(desk, kind, one.id.val) == ("ned", "lab"), kind


def test_what_others_added_stays_theirs(desk: Any, mia: Any, ned: Any) -> None:
    lea = desk.call("lea")
    image = desk.image(mia)
    note = comment(desk, ned, image)
    desk.settings(ned, image)
    give(desk, lea, "lea", Image=image)
    assert place(desk, "CommentAnnotation", note.id.val) == ("ned", "lab")
    assert desk.count("ImageAnnotationLink") == desk.count("RenderingDef") == 1


def test_only_leaders_give_away(desk: Any, mia: Any) -> None:
    image = desk.image(mia)
    assert give(desk, mia, "ned", Image=image).name == "graph-fail"


def test_nobody_gets_what_lies_in_a_strange_group(
    desk: Any, ned: Any, root: Any
) -> None:
    image = desk.image(desk.call("ned", "other"))
    assert give(desk, root, "mia", Image=image).name == "not-in-group"
    assert place(desk, "Image", image.id.val) == ("ned", "other")


def test_everything_of_a_user(desk: Any, mia: Any, ned: Any, root: Any) -> None:
    mine = [desk.image(mia), desk.make(desk.call("mia", "secret"), "Dataset")]
    other = desk.image(ned)
    users = desk.society.users
    request = omero.cmd.Chown2(userId=users["lea"], targetUsers=[users["mia"]])
    response = desk.submit(root, request).getResponse(root)
    assert response.includedObjects["ome.model.core.Image"] == ids(mine[0])
    assert place(desk, "Dataset", mine[1].id.val) == ("lea", "secret")
    assert place(desk, "Image", other.id.val) == ("ned", "lab")


def test_a_link_that_the_new_owner_has_already(desk: Any, mia: Any, ned: Any) -> None:
    dataset, image = desk.make(mia, "Dataset"), desk.image(mia)
    tag = desk.make(ned, "TagAnnotation", textValue=rstring("t"))
    desk.link(mia, dataset, image)
    kept = desk.link(ned, image, tag)
    double = desk.link(mia, image, tag)
    response = give(desk, desk.call("lea"), "ned", Image=image)
    name = "ome.model.annotations.ImageAnnotationLink"
    assert response.deletedObjects[name] == ids(double)
    assert place(desk, "ImageAnnotationLink", kept.id.val) == ("ned", "lab")


# --- permissions ------------------------------------------------------------------


def chmod(desk: Any, call: Any, group: str, text: str, dry: bool = False) -> Any:
    request = omero.cmd.Chmod2({"ExperimenterGroup": [desk.society.groups[group]]})
    request.permissions, request.dryRun = text, dry
    return desk.submit(call, request).getResponse(call)


def permissions(desk: Any, group: str) -> int:
    with desk.society.core.database.read() as connection:
        query = f"SELECT permissions FROM ExperimenterGroup WHERE name = '{group}'"
        return int(connection.exec_driver_sql(query).scalar())


def test_more_permissions(desk: Any, lea: Any) -> None:
    response = chmod(desk, lea, "lab", "rwrw--")
    assert response.includedObjects == {
        "ome.model.meta.ExperimenterGroup": [desk.society.groups["lab"]]
    }
    assert permissions(desk, "lab") == -8


def test_only_leaders_and_administrators(desk: Any, mia: Any, root: Any) -> None:
    assert chmod(desk, mia, "lab", "rwrw--").name == "graph-fail"
    assert chmod(desk, root, "lab", "rwr---").includedObjects
    assert chmod(desk, root, "lab", "nonsense").name == "bad-options"
    assert permissions(desk, "lab") == -56


def test_a_group_becomes_private(desk: Any, mia: Any, ned: Any, lea: Any) -> None:
    image = desk.image(mia)
    comment(desk, mia, image)
    comment(desk, ned, image)
    desk.settings(mia, image)
    desk.settings(ned, image)
    assert chmod(desk, lea, "lab", "rw----", dry=True).deletedObjects
    assert desk.count("ImageAnnotationLink") == 2
    chmod(desk, lea, "lab", "rw----")
    assert desk.count("ImageAnnotationLink") == 1
    assert desk.count("RenderingDef") == desk.count("Thumbnail") == 1
    assert permissions(desk, "lab") == -120


def test_a_shared_instrument_keeps_a_group_open(desk: Any, root: Any) -> None:
    ned, lea = desk.call("ned", "bench"), desk.call("lea", "bench")
    instrument = desk.make(ned, "Instrument")
    shared = omero.model.InstrumentI(instrument.id.val, False)
    desk.make(lea, "Image", instrument=shared)
    failed = chmod(desk, root, "bench", "rw----")
    assert failed.message.startswith("cannot downgrade to private as ")
    assert permissions(desk, "bench") == -8


def test_the_log_tells_of_it(desk: Any, mia: Any, root: Any) -> None:
    image = desk.image(mia)
    move(desk, mia, "secret", Image=image)
    give(desk, root, "ned", Image=image)
    chmod(desk, root, "lab", "rwrw--")
    query = (
        "select l from EventLog l where l.action in ('CHGRP', 'CHOWN', 'CHMOD')"
        " and l.entityType in"
        " ('ome.model.core.Image', 'ome.model.meta.ExperimenterGroup') order by l.id"
    )
    with desk.society.core.database.read() as connection:
        logs = find(connection, root, query)
    assert [log.action.val for log in logs] == ["CHGRP", "CHOWN", "CHMOD"]
