"""Making projects and datasets, and putting things into them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .browse import read_object
from .ice import omero
from .translate import translated
from .wire import refer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .connection import Connection


def create_dataset(
    connection: Connection,
    name: str,
    project_id: int | None = None,
    description: str = "",
) -> int:
    """Make a dataset, in a project if one is given; gives its id.

    It belongs to the project's group, else to the one that the session is in.
    """
    group_id = connection.user.group_id
    dataset = omero.model.DatasetI()
    dataset.name = omero.rtypes.rstring(name)
    if description:
        dataset.description = omero.rtypes.rstring(description)
    if project_id is not None:
        group_id = read_object(connection, "project", project_id).group_id
        link = omero.model.ProjectDatasetLinkI()
        link.parent = refer("Project", project_id)
        dataset.addProjectDatasetLink(link, False)
        link.child = dataset
    return _save(connection, dataset, f"make dataset “{name}”", group_id)


def create_project(connection: Connection, name: str, description: str = "") -> int:
    """Make a project in the session's group; gives its id."""
    project = omero.model.ProjectI()
    project.name = omero.rtypes.rstring(name)
    if description:
        project.description = omero.rtypes.rstring(description)
    group_id = connection.user.group_id
    return _save(connection, project, f"make project “{name}”", group_id)


def link_images(
    connection: Connection, dataset_id: int, image_ids: Sequence[int]
) -> None:
    """Put images into a dataset of their group, all or none."""
    group_id = read_object(connection, "dataset", dataset_id).group_id
    links = []
    for image_id in image_ids:
        link = omero.model.DatasetImageLinkI()
        link.parent = refer("Dataset", dataset_id)
        link.child = refer("Image", image_id)
        links.append(link)
    with translated(f"put images into dataset {dataset_id}"):
        connection.service("update").saveCollection(links, connection.context(group_id))


def _save(connection: Connection, made: Any, operation: str, group_id: int) -> int:
    with translated(operation):
        saved = connection.service("update").saveAndReturnObject(
            made, connection.context(group_id)
        )
    return int(saved.id.val)
