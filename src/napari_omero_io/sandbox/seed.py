"""Fill an empty sandbox with people, containers and real images, to try it with.

Where the images come from is `seeding.samples`' business; what is made of them is
here.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import omero.cmd
import omero.model
from omero.rtypes import rbool, rstring
from sqlalchemy import func, select

from .errors import Internal
from .importing.command import call_as
from .importing.storing import store_images
from .requests import submit
from .rules.caller import USER_GROUP_ID
from .seeding.choice import DEMO, Choice, Content
from .seeding.many import store_many
from .seeding.regions import build_label_rois
from .seeding.samples import Sample, choose_samples, make_slide
from .seeding.slide import store_slide
from .services.admin import AdminService
from .store.saving import save

if TYPE_CHECKING:
    from pathlib import Path

    from .core import Call, Core
    from .importing.storing import StoredImage

log = logging.getLogger(__name__)

GROUP = "Demo lab"
#: Name, first name, last name; all have the same documented password.
USERS = (("demo", "Demo", "User"), ("colleague", "Kind", "Colleague"))
PASSWORD = "omero"

_PROJECT = "napari-omero-io demo"
#: The setting that tells how far seeding came.
_STATE = "napari-omero-io.seed"
_BEGUN, _DONE = "begun", "done"
#: Key-value pairs in this namespace can be edited by OMERO's clients.
_CLIENT_PAIRS = "openmicroscopy.org/omero/client/mapAnnotation"


def seed(core: Core, choice: Choice = DEMO, images: Path | None = None) -> bool:
    """Fill a sandbox, unless there is an image or a project in it already.

    Parameters
    ----------
    choice
        What with.
    images
        A folder with the project's sample images; without it, images that come with
        scikit-image are used.

    Returns
    -------
    Whether anything was made.
    """
    state = core.config.get(_STATE)
    if state == _DONE or (state is None and not _is_empty(core)):
        return False
    core.config.set(_STATE, _BEGUN)
    _make_people(core)
    call = call_as(core, USERS[0][0])
    if state == _BEGUN:
        _remove_leftovers(call)
    project_id = _make(call, omero.model.ProjectI, _PROJECT)
    match choice.content:
        case Content.DEMO:
            _store_samples(call, project_id, images)
        case Content.MANY:
            name = f"{choice.size:,} images"
            store_many(call, _make_dataset(call, name, project_id), choice.size)
        case Content.SLIDE:
            slide = make_slide(choice.size)
            store_slide(call, slide, _make_dataset(call, slide.dataset, project_id))
    core.config.set(_STATE, _DONE)
    return True


def _store_samples(call: Call, project_id: int, images: Path | None) -> None:
    datasets: dict[str, int] = {}
    tags: dict[str, int] = {}
    for sample in choose_samples(images):
        if sample.dataset not in datasets:
            datasets[sample.dataset] = _make_dataset(call, sample.dataset, project_id)
        stored = _store(call, sample, datasets[sample.dataset])
        _annotate(call, sample, stored, tags)
        log.info("seeded %s", sample.image.name)


def _is_empty(core: Core) -> bool:
    with core.database.read() as connection:
        counts = [
            connection.execute(
                select(func.count()).select_from(core.database.tables[name])
            ).scalar_one()
            for name in ("Image", "Project", "Dataset")
        ]
    return not any(counts)


def _remove_leftovers(call: Call) -> None:
    """Delete what a seeding made that was killed before its end."""
    classes = ("Project", "Dataset", "Image", "Annotation")
    targets = {}
    with call.core.database.read() as connection:
        for name in classes:
            table = call.core.database.tables[name]
            own = select(table.c.id).where(table.c.owner_id == call.caller.user_id)
            targets[name] = list(connection.execute(own).scalars())
    for name, ids in targets.items():
        handle = submit(call, omero.cmd.Delete2(targetObjects={name: ids}))
        response = handle.getResponse(call) if handle else None
        if isinstance(response, omero.cmd.ERR):
            raise Internal(f"An interrupted seeding could not be undone: {response}")


def _make_people(core: Core) -> None:
    call = call_as(core, "root")
    admin = AdminService(core, None)
    group_id = _find_id(core, "ExperimenterGroup", "name", GROUP)
    if group_id is None:
        group = omero.model.ExperimenterGroupI()
        group.name, group.ldap = rstring(GROUP), rbool(False)
        group.details.permissions = omero.model.PermissionsI("rwra--")
        group_id = admin.createGroup(call, group)
    for name, first, last in USERS:
        if _find_id(core, "Experimenter", "omeName", name) is not None:
            continue
        user = omero.model.ExperimenterI()
        user.omeName, user.firstName, user.lastName = map(rstring, (name, first, last))
        user.ldap = rbool(False)
        admin.createExperimenterWithPassword(
            call,
            user,
            rstring(PASSWORD),
            omero.model.ExperimenterGroupI(group_id, False),
            [omero.model.ExperimenterGroupI(USER_GROUP_ID, False)],
        )


def _find_id(core: Core, class_name: str, column: str, value: str) -> int | None:
    table = core.database.tables[class_name]
    with core.database.read() as connection:
        return connection.execute(
            select(table.c.id).where(table.c[column] == value)
        ).scalar()


def _store(call: Call, sample: Sample, dataset_id: int) -> StoredImage:
    if sample.slide_size is not None:
        return store_slide(call, sample, dataset_id)
    (stored,) = store_images(
        call, [sample.image], sample.path, dataset_id=dataset_id, name=sample.image.name
    )
    if sample.labels is not None:
        rois = build_label_rois(stored.image_id, sample.labels)
        with call.core.database.write() as connection:
            save(connection, call, rois)
    return stored


def _annotate(
    call: Call, sample: Sample, stored: StoredImage, tags: dict[str, int]
) -> None:
    links = []
    for text in sample.tags:
        if text not in tags:
            tags[text] = _make(call, omero.model.TagAnnotationI, text, "textValue")
        links.append(_link(stored, omero.model.TagAnnotationI(tags[text], False)))
    if sample.pairs:
        pairs = omero.model.MapAnnotationI()
        pairs.ns = rstring(_CLIENT_PAIRS)
        pairs.mapValue = [omero.model.NamedValue(*pair) for pair in sample.pairs]
        links.append(_link(stored, pairs))
    if links:
        with call.core.database.write() as connection:
            save(connection, call, links)


def _link(stored: StoredImage, annotation: Any) -> Any:
    link = omero.model.ImageAnnotationLinkI()
    link.parent = omero.model.ImageI(stored.image_id, False)
    link.child = annotation
    return link


def _make(call: Call, kind: Any, name: str, field: str = "name") -> int:
    made = kind()
    setattr(made, field, rstring(name))
    with call.core.database.write() as connection:
        (saved,) = save(connection, call, [made])
    return int(saved.id.val)


def _make_dataset(call: Call, name: str, project_id: int) -> int:
    link = omero.model.ProjectDatasetLinkI()
    link.parent = omero.model.ProjectI(project_id, False)
    link.child = omero.model.DatasetI()
    link.child.name = rstring(name)
    with call.core.database.write() as connection:
        (saved,) = save(connection, call, [link])
    return int(saved.child.id.val)
